"""Prints what a month costs on AWS, vendors' charges apart: `python scripts/cost.py [--requests N] [--seconds S] ...`;
with `--open N`, what the balance of one account with so many open requests costs; with `--instances`, ordinary Lambda
beside Managed Instances.

One line of formula a service, from what one request was measured to use. docs/cost.md explains it and holds the table
that this prints without arguments. Prices are AWS's list prices of us-east-1 in USD, without the free tier.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

PRICES: Mapping[str, float] = {
    "lambda request": 0.20e-6,
    "lambda GB-second, arm64": 0.0000133334,
    "api request": 3.50e-6,
    "table write unit": 0.625e-6,
    "table read unit": 0.125e-6,
    "table GB-month": 0.25,
    "backup GB-month": 0.20,
    "log GB": 0.50,
    "data out GB": 0.09,
    "trace": 5.00e-6,
    "secret": 0.40,
    "alarm": 0.10,
    "instance hour": 0.0816,
    "instance management": 0.15,
    "secret read": 5.00e-6,
}
"""`instance hour` is an m7g.large, two processors of arm64, on demand in June 2026 (https://aws.amazon.com/ec2/pricing/);
`instance management` the part of it that Lambda adds (https://aws.amazon.com/lambda/pricing/, September 2026)."""
WRITE_UNITS = 4
"""Hold 1, settle 1, the usage row 1, and its copy in the index 1: each under 1 KB."""
READ_UNITS = 1
"""The key; strongly consistent, under 4 KB."""
ROW_KB = 1.0
ALARM_METRICS = 74
"""Metrics that the template's alarms look at: each is billed, several to an alarm of an expression."""
SECRETS = 2
SWEEPS = 12 * 24 * 30
"""Every five minutes; a second at 512 MB each with few accounts."""
TRACED = 0.05
"""X-Ray's default sampling."""


HOURS = 730
"""Of a month."""
READS_AN_HOUR = 12
"""Of the vendors' keys, by each environment that is busy."""
FEWEST_INSTANCES = 3
"""https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-scaling.html"""
PROCESSORS = 2
"""Of an instance; an environment has one."""
AT_ONCE = 128
"""Answers that an environment streams at once (`InvocationsAtOnce`); 15 ms of CPU each (benchmarks/at_once.py)."""
PEAK = 4
"""Times the mean: what instances must be there for, since they come slowly."""
HOLD_BYTES, ITEM_BYTES = 54, 200
"""Of one open request in a balance item, and of the item without any (tests/metering/test_item_sizes.py)."""
SHARDS, SPLIT_OVER = (1, 4, 16, 64), 12
"""As shared/interchange/metering/spread.py splits."""
ITEM_UNITS = 1_000
"""Write units a second that DynamoDB takes of one item."""


@dataclass(frozen=True, slots=True)
class Hot:
    """One account with so many open requests at once."""

    open: int
    seconds: float

    @property
    def shards(self) -> int:
        return next((n for n in SHARDS if self.open / n <= SPLIT_OVER), SHARDS[-1])

    @property
    def units(self) -> int:
        """Write units of one update."""
        return math.ceil((ITEM_BYTES + HOLD_BYTES * self.open / self.shards) / 1024)

    @property
    def a_second(self) -> float:
        return self.open / self.seconds

    @property
    def load(self) -> float:
        """Load of what its items take, in parts of one: two updates a request."""
        return 2 * self.a_second / self.shards * self.units / ITEM_UNITS


def hot_table(accounts: Sequence[Hot]) -> str:
    """Markdown."""
    head = [
        "open at once",
        "requests a second",
        "items",
        "units an update",
        "USD a million requests",
        "of its items' limit",
    ]
    lines = [head, ["---:"] * len(head)]
    for one in accounts:
        price = 2 * one.units * PRICES["table write unit"] * 1e6
        lines.append(
            [
                f"{one.open:,}",
                f"{one.a_second:,.1f}",
                f"{one.shards}",
                f"{one.units}",
                f"{price:.2f}",
                f"{one.load:.1%}",
            ]
        )
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


HOT = tuple(Hot(number, 60.0) for number in (8, 100, 1_000, 5_000, 30_000))


@dataclass(frozen=True, slots=True)
class Month:
    """`seconds` is how long an answer takes, nearly all of it the vendor's; `kilobytes` is its size."""

    requests: int
    seconds: float = 8.0
    memory_mb: int = 1024
    kilobytes: float = 8.0
    log_kilobytes: float = 1.0


SIZES = (Month(10_000), Month(1_000_000), Month(30_000_000))


def cost(month: Month) -> dict[str, float]:
    """Service -> USD."""
    n, gb = month.requests, 1e-6
    environments = n * month.seconds / (HOURS * 3600)
    gb_seconds = n * month.seconds * month.memory_mb / 1024 + SWEEPS * 0.5
    return {
        "Lambda": n * PRICES["lambda request"] + gb_seconds * PRICES["lambda GB-second, arm64"],
        "API Gateway": n * PRICES["api request"],
        "DynamoDB": n * (WRITE_UNITS * PRICES["table write unit"] + READ_UNITS * PRICES["table read unit"])
        + n * 2 * ROW_KB * gb * (PRICES["table GB-month"] + PRICES["backup GB-month"]),
        "Logs and traces": n * month.log_kilobytes * gb * PRICES["log GB"] + n * TRACED * PRICES["trace"],
        "Data out": n * month.kilobytes * gb * PRICES["data out GB"],
        "Secrets and alarms": SECRETS * PRICES["secret"]
        + ALARM_METRICS * PRICES["alarm"]
        + environments * HOURS * READS_AN_HOUR * PRICES["secret read"],
    }


def on_lambda(month: Month) -> float:
    """USD of the streaming functions alone."""
    seconds = month.requests * month.seconds * month.memory_mb / 1024
    return month.requests * PRICES["lambda request"] + seconds * PRICES["lambda GB-second, arm64"]


def instances(month: Month) -> int:
    at_once = month.requests / (HOURS * 3600) * month.seconds * PEAK
    return max(FEWEST_INSTANCES, math.ceil(math.ceil(at_once / AT_ONCE) / PROCESSORS))


def on_instances(month: Month) -> float:
    """USD of the same; without the network's own price, a NAT gateway for example."""
    hour = PRICES["instance hour"] * (1 + PRICES["instance management"])
    return instances(month) * HOURS * hour + month.requests * PRICES["lambda request"]


def break_even(seconds: float) -> int:
    """Requests a month from which on instances are cheaper."""
    one = on_lambda(Month(1, seconds)) - PRICES["lambda request"]
    return math.ceil(on_instances(Month(0, seconds)) / one)


COMPARED = tuple(Month(n, s) for s in (8.0, 30.0, 60.0) for n in (1_000_000, 10_000_000, 30_000_000))


def instances_table(months: Sequence[Month] = COMPARED) -> str:
    """Markdown."""
    head = [
        "seconds an answer",
        "requests a month",
        "Lambda, USD",
        "instances",
        "Managed Instances, USD",
        "cheaper from",
    ]
    lines = [head, ["---:"] * len(head)]
    for one in months:
        figures = [f"{one.seconds:g}", f"{one.requests:,}", f"{on_lambda(one):,.0f}", f"{instances(one)}"]
        lines.append([*figures, f"{on_instances(one):,.0f}", f"{break_even(one.seconds):,}"])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def table(months: tuple[Month, ...]) -> str:
    """Markdown."""
    columns = [cost(month) for month in months]
    heads = [f"{month.requests:,} requests" for month in months]
    rows = [[name, *(f"{column[name]:,.2f}" for column in columns)] for name in columns[0]]
    totals = [sum(column.values()) for column in columns]
    rows.append(["**Total, USD**", *(f"**{total:,.2f}**" for total in totals)])
    rows.append(
        [
            "A thousand requests",
            *(f"{1000 * total / month.requests:.3f}" for total, month in zip(totals, months, strict=True)),
        ]
    )
    lines = [["", *heads], ["---", *("---:" for _ in heads)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for one in fields(Month):
        parser.add_argument(f"--{one.name.replace('_', '-')}", type=float)
    parser.add_argument("--open", type=int, help="open requests of one account at once: what its balance costs")
    parser.add_argument("--instances", action="store_true", default=None, help="Lambda beside Managed Instances")
    given = {name: value for name, value in vars(parser.parse_args()).items() if value is not None}
    if "open" in given:
        print(hot_table([Hot(given["open"], given.get("seconds", Month(1).seconds))]))
        return
    if given.pop("instances", False):
        print(instances_table())
        return
    if "requests" in given:
        given["requests"] = int(given["requests"])
        print(table((Month(**given),)))
    else:
        print(table(tuple(Month(**{**given, "requests": month.requests}) for month in SIZES)))


if __name__ == "__main__":
    main()
