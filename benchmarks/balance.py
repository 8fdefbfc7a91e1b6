"""Does what was charged agree with what the simulator says it served?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from benchmarks.gateway import CAP_USD, Figures, Gateway
from interchange import wiring
from interchange.metering.ledger import Ledger
from interchange.metering.money import nano, usd
from interchange.metering.rows import UsageRow
from interchange.metering.store import day_of

BREAKS = "xai"
"""The provider whose streams break off: its count is an upper bound."""


def rows_of(found: Gateway) -> list[UsageRow]:
    """Rows of today and yesterday: a run may cross midnight."""
    import time

    now = time.time_ns() // 1_000_000
    ledger = Ledger(wiring.open_table({"INTERCHANGE_TABLE": found.table}))
    return [row for day in (day_of(now - 86_400_000), day_of(now)) for row in ledger.rows(found.account, day)]


def check(found: Gateway, audit: Mapping[str, object], counts: Mapping[str, int]) -> list[str]:
    """Lists what is wrong, line by line; nothing where the books balance."""
    rows = rows_of(found)
    return [*_audited(audit, rows), *_counted(rows, counts), *_capped(found, rows)]


def _audited(audit: Mapping[str, object], rows: list[UsageRow]) -> Iterator[str]:
    if not audit["balanced"] or audit["open_holds"] != 0:
        yield f"the audit: {audit}"
    charged = sum(row.charge_nano for row in rows)
    if usd(charged) != audit["charged_usd"]:
        yield f"charged {audit['charged_usd']} USD; the rows say {usd(charged)}"
    for row in rows:
        if row.outcome == "upstream_error" and row.charge_nano:
            yield f"request {row.request_id} failed and was charged {row.charge_nano}"


def _counted(rows: list[UsageRow], counts: Mapping[str, int]) -> Iterator[str]:
    """Tokens to the token, and money by the rows' own prices (whole nano-dollars a token, so that nothing rounds)."""
    for vendor in sorted({row.provider for row in rows}):
        mine = [row for row in rows if row.provider == vendor]
        tokens = Counter({"input": 0, "output": 0})
        for row in mine:
            tokens.update(input=row.usage.total_input, output=row.usage.total_output)
        owed = sum(_price(mine[0], side) * counts.get(f"{vendor}.{side}_tokens", 0) for side in ("input", "output"))
        charged = sum(row.charge_nano for row in mine)
        if vendor == BREAKS:
            if charged > owed:
                yield f"{vendor}: charged {charged} nano-dollars, served for {owed} at most"
            continue
        if charged != owed:
            yield f"{vendor}: charged {charged} nano-dollars, served for {owed}"
        for side in ("input", "output"):
            if tokens[side] != counts.get(f"{vendor}.{side}_tokens", 0):
                yield f"{vendor}: {tokens[side]} {side} tokens in rows, {counts.get(f'{vendor}.{side}_tokens')} served"


def _price(row: UsageRow, side: str) -> int:
    """Nano-dollars a token: USD per million tokens is a thousandth of that."""
    per_million = nano(str(row.prices[side]))
    assert per_million % 1_000_000 == 0
    return per_million // 1_000_000


def _capped(found: Gateway, rows: list[UsageRow]) -> Iterator[str]:
    listed = found.operator("key", "list", "--account", found.account)["keys"]
    assert isinstance(listed, list)
    for key in listed:
        spent = sum(row.charge_nano for row in rows if row.key_id == key["key_id"])
        if key["name"] == "capped" and spent > nano(CAP_USD):
            yield f"the capped key spent {usd(spent)} USD of {CAP_USD}"


def report(found: Gateway, figures: Figures, counts: Mapping[str, int]) -> Iterator[str]:
    rows = rows_of(found)
    outcomes = Counter(row.outcome for row in rows)
    statuses = Counter[int]()
    for (_, status), number in figures.statuses.items():
        statuses[status] += number
    charged = sum(row.charge_nano for row in rows)
    yield "| load | figure |\n|---|---|"
    yield f"| requests, by {figures.clients} clients with {figures.keys} keys of one account | {figures.requests} |"
    yield f"| duration | {figures.seconds:.0f} s ({figures.requests / figures.seconds:.0f} requests/s) |"
    yield f"| callers who left | {figures.count('leaves', 'leaves at once')} |"
    yield f"| failures at the provider | {figures.count('error 500', 'error 429', 'cut', 'error frame')} |"
    yield f"| refused for the key's cap or the balance (402) | {statuses[402]} |"
    yield f"| answers by status | {', '.join(f'{status}: {number}' for status, number in sorted(statuses.items()))} |"
    yield f"| rows by outcome | {', '.join(f'{word}: {number}' for word, number in sorted(outcomes.items()))} |"
    yield f"| served, by the simulator's count | {sum(n for name, n in counts.items() if 'requests' in name)} |"
    yield f"| charged | {usd(charged)} USD |"
