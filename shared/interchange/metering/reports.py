"""Usage by day, key and model. A day that is over is summed once from its rows and kept; today is summed when asked.

A day is closed an hour after its midnight (UTC): no request lives longer than the function that serves it, so by then
every row of the day is written and seen by the index.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, field, fields
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from typing import Any

from interchange.dataclass import dataclass, replace

from .ledger import Ledger
from .rows import UsageRow
from .store import ConditionFailed, Insert, Item, Store
from .sums import LATER, Sums, by_vendor

GRACE = timedelta(hours=1)
ITEM_BYTES = 300_000
"""An item holds 400 KB. A line is about 200 bytes, and up to 1,300 with a long label."""
LABELS = ("user", "tag", "metadata")
"""What lines can be by beside key and model: what callers say of their requests."""
MOST_GROUPS = 1_000
"""Of a day by one label: a transaction holds 4 MB."""
OTHER = "(other)"
Group = tuple[str, str, str, str]
"""Key, model, the label's value ("" where lines are by none) and the vendor."""


@dataclass(frozen=True, slots=True)
class Line:
    """One key's use of one model of one vendor on one day; `value` is the label's, where lines are by a label too.
    `vendor` is "" in days that an earlier release closed."""

    account_id: str
    day: str
    key_id: str
    model: str
    sums: Sums = field(default_factory=Sums)
    value: str = ""
    vendor: str = ""


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

    def live(self, account_id: str, day: str, label: str = "") -> list[Line]:
        return sum_rows(account_id, day, self._ledger.rows(account_id, day), label)

    def kept(self, account_id: str, day: str) -> list[Line] | None:
        """None where the day is not closed."""
        items = list(self._store.query(f"ACCOUNT#{account_id}", f"DAY#{day}#"))
        if not items:
            return None
        return [line for item in items for line in _read_lines(account_id, day, item)]

    def kept_between(
        self, account_id: str, since: str, until: str, label: str = ""
    ) -> Iterator[tuple[str, list[Line]]]:
        """(day, lines) of each item of the closed days between, both included; a large day is in several. With `label`
        (one of `LABELS`) by its values too."""
        labelled: set[str] = set()
        for day, item in self._items(account_id, "DAY", since, until):
            if label in (item.get("labels") or ()):
                labelled.add(day)
            else:
                yield day, _read_lines(account_id, day, item)
        if labelled:
            for day, item in self._items(account_id, f"LABEL#{label}", since, until):
                yield day, _read_lines(account_id, day, item)

    def _items(self, account_id: str, kind: str, since: str, until: str) -> Iterator[tuple[str, Item]]:
        alike = "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(since, until, strict=True)))
        for item in self._store.query(f"ACCOUNT#{account_id}", f"{kind}#{alike}"):
            day = str(item["sk"]).split("#")[-2]
            if since <= day <= until:
                yield day, item

    def between(self, account_id: str, since: str, until: str, label: str = "") -> Iterator[Line]:
        """Reads the lines of the days `since` to `until`, both included; with `label` by its values too."""
        if not label:
            for day in days(since, until):
                yield from self.day(account_id, day)
            return
        closed: set[str] = set()
        for day, lines in self.kept_between(account_id, since, until, label):
            closed.add(day)
            yield from lines
        for day in days(since, until):
            if day not in closed:
                yield from self.live(account_id, day, label)

    def close(self, account_id: str, day: str, now_ms: int) -> list[Line] | None:
        """Keeps the day's sums. None where it was closed before. Raises ValueError while the day may still change."""
        if not over(day, now_ms):
            raise ValueError(f"{day} is not over yet")
        rows = list(self._ledger.rows(account_id, day))
        lines = sum_rows(account_id, day, rows)
        said = [name for name in LABELS if any(_values(row, name) for row in rows)]
        labels = {name: sum_rows(account_id, day, rows, name) for name in said}
        items = [_item("DAY", day, number, part, labels) for number, part in enumerate(_parts(lines))]
        for name, found in labels.items():
            items += [_item(f"LABEL#{name}", day, number, part) for number, part in enumerate(_parts(found))]
        kept = {"pk": f"ACCOUNT#{account_id}", "closed_ms": now_ms}
        try:
            self._store.transact([Insert({**kept, **item}) for item in items])
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
            if kept != _as_kept(live, kept):
                yield Mismatch(account_id, day, total(kept).charge_nano, total(live).charge_nano)


def over(day: str, now_ms: int) -> bool:
    return closing_ms(day) <= now_ms


def closing_ms(day: str) -> int:
    """When the day can be closed."""
    end = datetime.combine(date.fromisoformat(day) + timedelta(days=1), datetime.min.time(), UTC)
    return int((end + GRACE).timestamp() * 1000)


def days(since: str, until: str) -> Iterator[str]:
    """Both included. Raises ValueError for what is no day."""
    for day in range(date.fromisoformat(since).toordinal(), date.fromisoformat(until).toordinal() + 1):
        yield date.fromordinal(day).isoformat()


def sum_rows(account_id: str, day: str, rows: Iterable[UsageRow], label: str = "") -> list[Line]:
    """Sums rows, by the values of `label` too: a row with several counts in each, and one without any under ""."""
    groups: dict[Group, Sums] = {}
    for row in rows:
        add_row(groups, row, label)
    return written_lines(account_id, day, groups)


def add_row(groups: dict[Group, Sums], row: UsageRow, label: str) -> None:
    for vendor, sums in by_vendor(row):
        for value in _values(row, label) or ("",):
            add(groups, (row.key_id, row.model, value, vendor), sums)


def add(groups: dict[Group, Sums], group: Group, sums: Sums) -> None:
    """Beyond as many groups as are kept of a label, all other values are one."""
    if group[2] and group not in groups and len(groups) >= MOST_GROUPS:
        group = (*group[:2], OTHER, group[3])
    groups[group] = groups.get(group, Sums()) + sums


def written_lines(account_id: str, day: str, groups: Mapping[Group, Sums]) -> list[Line]:
    return [
        Line(account_id, day, key, model, sums, value, vendor)
        for (key, model, value, vendor), sums in sorted(groups.items())
    ]


def _as_kept(live: list[Line], kept: list[Line]) -> list[Line]:
    """Reduces lines to what an earlier release kept when it closed the day: one knew neither what caching saved nor
    the tokens of `LATER`, one before it no time to the end, one before that none to the first byte, and the first
    neither vendors nor costs."""
    if not any(getattr(line.sums, name) for line in kept for name in LATER):
        live = [
            replace(line, sums=replace(line.sums, reasoning_tokens=0, written_tokens=0, saved_nano=0)) for line in live
        ]
    if not any(line.sums.took for line in kept):
        live = [replace(line, sums=replace(line.sums, took={})) for line in live]
    if not any(line.sums.waits for line in kept):
        live = [replace(line, sums=replace(line.sums, waits={})) for line in live]
    if not live or any(line.vendor for line in kept):
        return live
    groups: dict[Group, Sums] = {}
    for line in live:
        add(groups, (line.key_id, line.model, line.value, ""), replace(line.sums, cost_nano=0, wasted_nano=0))
    return written_lines(live[0].account_id, live[0].day, groups)


def _values(row: UsageRow, label: str) -> tuple[str, ...]:
    match label:
        case "user":
            return (row.user,) if row.user else ()
        case "tag":
            return row.tags
        case "metadata":
            return tuple(f"{name}={value}" for name, value in row.metadata.items())
        case _:
            return ()


def total(lines: Iterable[Line]) -> Sums:
    return sum((line.sums for line in lines), Sums())


def grouped(lines: Iterable[Line], by: tuple[str, ...]) -> Mapping[tuple[str, ...], Sums]:
    """Sums by any of "day", "account", "key", "model", "vendor" and the label that the lines are by, in order."""
    groups: dict[tuple[str, ...], Sums] = {}
    for line in lines:
        words = {"day": line.day, "account": line.account_id, "key": line.key_id, "model": line.model,
                 "vendor": line.vendor}  # fmt: skip
        group = tuple(words.get(name, line.value) for name in by)
        groups[group] = groups.get(group, Sums()) + line.sums
    return dict(sorted(groups.items()))


def _parts(lines: list[Line]) -> list[list[Line]]:
    """Splits lines into as many as an item holds; one part at least."""
    parts: list[list[Line]] = [[]]
    room = ITEM_BYTES
    for line in lines:
        size = len(write_lines([line]).encode())
        if size > room:
            parts.append([])
            room = ITEM_BYTES
        room -= size
        parts[-1].append(line)
    return parts


def _item(kind: str, day: str, number: int, lines: list[Line], labels: Iterable[str] = ()) -> Item:
    item = {"sk": f"{kind}#{day}#{number:04d}", "lines": write_lines(lines)}
    return {**item, "labels": list(labels)} if labels else item


def write_lines(lines: Iterable[Line]) -> str:
    written = [[line.key_id, line.model, _written(line.sums), *_by(line)] for line in lines]
    return json.dumps(written, separators=(",", ":"), ensure_ascii=False)


def _by(line: Line) -> list[str]:
    return [line.value, line.vendor] if line.vendor or line.value else []


def _written(sums: Sums) -> dict[str, Any]:
    """Writes sums, leaving out what is nothing."""
    return {name: value for name, value in asdict(sums).items() if value}


def read_lines(account_id: str, day: str, text: str) -> list[Line]:
    written: list[Any] = json.loads(text)
    return [
        Line(account_id, day, key, model, Sums(**{name: sums[name] for name in sums if name in _SUMS}), *more)
        for key, model, sums, *more in written
    ]


_SUMS = frozenset(item.name for item in fields(Sums))


def _read_lines(account_id: str, day: str, item: Item) -> list[Line]:
    return read_lines(account_id, day, item["lines"])
