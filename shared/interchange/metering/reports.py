"""Usage by day, key and model. A day that is over is summed once from its rows and kept; today is summed when asked.

A day is closed an hour after its midnight (UTC): no request lives longer than the function that serves it, so by then
every row of the day is written and seen by the index.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, field
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.usage import Usage

from .ledger import Ledger
from .rows import UsageRow
from .store import ConditionFailed, Insert, Item, Store

GRACE = timedelta(hours=1)
LINES_AN_ITEM = 1000
"""About 200 bytes a line; an item holds 400 KB."""


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

    def __add__(self, other: Sums) -> Sums:
        mine, theirs = asdict(self), asdict(other)
        return Sums(**{name: mine[name] + theirs[name] for name in mine})


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
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One key's use of one model on one day."""

    account_id: str
    day: str
    key_id: str
    model: str
    sums: Sums = field(default_factory=Sums)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A closed day whose kept sums are not those of its rows."""

    account_id: str
    day: str
    kept_nano: int
    rows_nano: int


class Reports:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._ledger = Ledger(store)

    def day(self, account_id: str, day: str) -> list[Line]:
        """A closed day as it was kept, any other from its rows."""
        kept = self.kept(account_id, day)
        return self.live(account_id, day) if kept is None else kept

    def live(self, account_id: str, day: str) -> list[Line]:
        return sum_rows(account_id, day, self._ledger.rows(account_id, day))

    def kept(self, account_id: str, day: str) -> list[Line] | None:
        """None where the day is not closed."""
        items = list(self._store.query(f"ACCOUNT#{account_id}", f"DAY#{day}#"))
        if not items:
            return None
        return [line for item in items for line in _read_lines(account_id, day, item)]

    def kept_between(self, account_id: str, since: str, until: str) -> Iterator[tuple[str, list[Line]]]:
        """(day, lines) of each item of the closed days between, both included; a large day is in several."""
        alike = "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(since, until, strict=True)))
        for item in self._store.query(f"ACCOUNT#{account_id}", f"DAY#{alike}"):
            day = str(item["sk"]).split("#")[1]
            if since <= day <= until:
                yield day, list(_read_lines(account_id, day, item))

    def between(self, account_id: str, since: str, until: str) -> Iterator[Line]:
        """Of the days `since` to `until`, both included."""
        for day in days(since, until):
            yield from self.day(account_id, day)

    def close(self, account_id: str, day: str, now_ms: int) -> list[Line] | None:
        """Keeps the day's sums. None where it was closed before. Raises ValueError while the day may still change."""
        if not over(day, now_ms):
            raise ValueError(f"{day} is not over yet")
        lines = self.live(account_id, day)
        parts = [lines[at : at + LINES_AN_ITEM] for at in range(0, len(lines), LINES_AN_ITEM)] or [[]]
        inserts = [Insert(_item(account_id, day, number, part, now_ms)) for number, part in enumerate(parts)]
        try:
            self._store.transact(inserts)
        except ConditionFailed:
            return None
        return lines

    def reconcile(self, account_id: str, since: str, until: str) -> Iterator[Mismatch]:
        """The closed days between whose sums differ from their rows."""
        for day in days(since, until):
            kept = self.kept(account_id, day)
            if kept is None:
                continue
            live = self.live(account_id, day)
            if kept != live:
                yield Mismatch(account_id, day, total(kept).charge_nano, total(live).charge_nano)


def over(day: str, now_ms: int) -> bool:
    end = datetime.combine(date.fromisoformat(day) + timedelta(days=1), datetime.min.time(), UTC)
    return end + GRACE <= datetime.fromtimestamp(now_ms / 1000, UTC)


def days(since: str, until: str) -> Iterator[str]:
    """Both included. Raises ValueError for what is no day."""
    for day in range(date.fromisoformat(since).toordinal(), date.fromisoformat(until).toordinal() + 1):
        yield date.fromordinal(day).isoformat()


def sum_rows(account_id: str, day: str, rows: Iterable[UsageRow]) -> list[Line]:
    groups: dict[tuple[str, str], Sums] = {}
    for row in rows:
        group = (row.key_id, row.model)
        groups[group] = groups.get(group, Sums()) + sum_row(row)
    return [Line(account_id, day, key, model, sums) for (key, model), sums in sorted(groups.items())]


def total(lines: Iterable[Line]) -> Sums:
    return sum((line.sums for line in lines), Sums())


def grouped(lines: Iterable[Line], by: tuple[str, ...]) -> Mapping[tuple[str, ...], Sums]:
    """Sums by any of "day", "account", "key" and "model", in order."""
    groups: dict[tuple[str, ...], Sums] = {}
    for line in lines:
        words = {"day": line.day, "account": line.account_id, "key": line.key_id, "model": line.model}
        group = tuple(words[name] for name in by)
        groups[group] = groups.get(group, Sums()) + line.sums
    return dict(sorted(groups.items()))


def _item(account_id: str, day: str, number: int, lines: list[Line], now_ms: int) -> Item:
    written = [[line.key_id, line.model, asdict(line.sums)] for line in lines]
    return {
        "pk": f"ACCOUNT#{account_id}",
        "sk": f"DAY#{day}#{number:04d}",
        "closed_ms": now_ms,
        "lines": json.dumps(written, separators=(",", ":")),
    }


def _read_lines(account_id: str, day: str, item: Item) -> Iterator[Line]:
    written: list[Any] = json.loads(item["lines"])
    for key_id, model, sums in written:
        yield Line(account_id, day, key_id, model, Sums(**sums))
