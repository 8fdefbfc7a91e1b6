"""Sums of usage rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field, fields
from operator import add as add_up
from operator import attrgetter

from interchange.dataclass import dataclass
from interchange.hub.usage import Usage

from . import waits
from .caching import saved_by_caching
from .costs import Costs
from .prices import PriceList, charge
from .rows import UsageRow
from .waits import Waits


@dataclass(frozen=True, slots=True)
class Sums:
    """A sum of rows. Tokens as counted, money in nano-dollars. `free` counts answers that used something and cost
    nothing; `over` those whose charge was above their hold."""

    requests: int = 0
    failed: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    charge_nano: int = 0
    free: int = 0
    over: int = 0
    absorbed_nano: int = 0
    """What requests cost above their holds: the operator's."""
    cost_nano: int = 0
    """What the vendor charges the operator, for tries that served nobody too."""
    wasted_nano: int = 0
    """The part of it for those tries."""
    reasoning_tokens: int = 0
    written_tokens: int = 0
    """Written into caches. This, the one before and the one behind are in no day that an earlier release closed."""
    saved_nano: int = 0
    """What caching made the charges less by (`caching`)."""
    waits: Waits = field(default_factory=dict)
    """How long callers waited for the first byte; none in days that an earlier release closed."""
    took: Waits = field(default_factory=dict)
    """How long until the answer's end; likewise."""

    def __add__(self, other: Sums) -> Sums:
        times = waits.joined(self.waits, other.waits), waits.joined(self.took, other.took)
        values = *map(add_up, _numbers(self), _numbers(other)), *times
        return Sums(*values)


TIMES = ("waits", "took")
LATER = ("reasoning_tokens", "written_tokens", "saved_nano")
_numbers = attrgetter(*(item.name for item in fields(Sums) if item.name not in TIMES))
"""All but the last two fields, in their order: each of a day's rows is added by it."""


def sum_row(row: UsageRow) -> Sums:
    return Sums(
        requests=1,
        failed=int(row.outcome == "upstream_error"),
        input_tokens=row.usage.total_input,
        cached_tokens=row.usage.total_cache_read,
        output_tokens=row.usage.total_output,
        charge_nano=row.charge_nano,
        free=int(row.charge_nano == 0 and row.usage != Usage()),
        over=int(row.absorbed_nano > 0 or row.charge_nano > row.hold_nano),
        absorbed_nano=row.absorbed_nano,
        cost_nano=_cost(row),
        reasoning_tokens=row.usage.reasoning,
        written_tokens=row.usage.cache_write_5m + row.usage.cache_write_1h,
        saved_nano=saved_by_caching(row),
        waits=waits.of(row.first_byte_ms),
        took=waits.of(row.total_ms if row.first_byte_ms is not None else None),
    )


def _cost(row: UsageRow) -> int:
    """Cost of a row of an earlier release: at the prices of its own, without a markup."""
    if row.cost_nano is not None:
        return row.cost_nano
    prices = PriceList.read(row.prices)
    return Costs().served(row.provider, row.usage, charge(row.usage, prices), None)


def by_vendor(row: UsageRow) -> Iterator[tuple[str, Sums]]:
    """By vendor: who served it, and those whose tries failed and are billed."""
    yield row.provider, sum_row(row)
    for leg in row.legs:
        if leg.cost_nano:
            yield leg.provider, Sums(cost_nano=leg.cost_nano, wasted_nano=leg.cost_nano)
