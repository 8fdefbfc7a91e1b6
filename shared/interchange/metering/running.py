"""An open day's usage without reading all of its rows each time.

What is complete of the day is summed once and kept beside the place that it reaches to; whoever asks next reads only
the rows behind that place. A request writes its row when it ends, under the time at which it began, so the last minutes
are never kept. Whoever writes last wins: each kept sum is right by itself. A row that an operator enters late is in the
sums once the day is closed, which reads every row again (`reports`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from interchange.dataclass import dataclass

from .ledger import Ledger
from .reports import ITEM_BYTES, Group, Line, Reports, add_row, read_lines, write_lines, written_lines
from .store import Store, row_place
from .sums import Sums

SETTLED_MS = 20 * 60_000
"""A function runs for 15 minutes at most (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html); by
then the row of whatever began before is written, and seen by the index."""
WORTH_KEEPING = 200
"""Rows that must have been read anew before their sums are kept: below it a write costs more than it saves."""
KEPT_S = 3 * 86_400


@dataclass(slots=True)
class _Summed:
    """Sums of one open day by one label. `upto` is the place of the first row that is not in `groups`, `settled` how
    many rows behind it were added that are old enough to be kept, and `lines` the sums up to there."""

    label: str
    groups: dict[Group, Sums]
    upto: str = ""
    settled: int = 0
    lines: list[Line] | None = None


class Running:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._ledger = Ledger(store)
        self._reports = Reports(store)

    def between(self, account_id: str, since: str, until: str, now_ms: int, label: str = "") -> list[Line]:
        """Lines of the days `since` to `until`, both included: closed ones as they were kept, in one query, others
        summed. By the values of `label` too, where it is given."""
        return self.each(account_id, since, until, now_ms, (label,))[label]

    def each(
        self, account_id: str, since: str, until: str, now_ms: int, labels: tuple[str, ...]
    ) -> dict[str, list[Line]]:
        """Lines by each of the labels, like `between`; the rows are read once for all of them."""
        whole = range(date.fromisoformat(since).toordinal(), date.fromisoformat(until).toordinal() + 1)
        found: dict[str, list[Line]] = {label: [] for label in labels}
        missing: dict[int, list[str]] = {number: list(found) for number in whole}
        for label, lines in found.items():
            for day, kept in self._reports.kept_between(account_id, since, until, label):
                number = date.fromisoformat(day).toordinal()
                missing[number] = [other for other in missing[number] if other != label]
                lines += kept
        for number, wanted in missing.items():
            for label, lines in self._open(account_id, date.fromordinal(number).isoformat(), now_ms, wanted).items():
                found[label] += lines
        return found

    def day(self, account_id: str, day: str, now_ms: int, label: str = "") -> list[Line]:
        """A day that is not closed."""
        return self._open(account_id, day, now_ms, [label])[label]

    def _open(self, account_id: str, day: str, now_ms: int, labels: Iterable[str]) -> dict[str, list[Line]]:
        """One row is read after another, and none kept: a busy day has tens of thousands."""
        sums = [self._read(account_id, day, label) for label in labels]
        if not sums:
            return {}
        border = row_place(now_ms - SETTLED_MS)
        for row in self._ledger.rows(account_id, day, after=min(one.upto for one in sums)):
            place = row_place(row.created_ms, row.request_id)
            for one in sums:
                if place <= one.upto:
                    continue
                if place >= border and one.lines is None:
                    one.lines = written_lines(account_id, day, one.groups)
                one.settled += one.lines is None
                add_row(one.groups, row, one.label)
        for one in sums:
            if one.settled >= WORTH_KEEPING:
                self._keep(account_id, day, one, border, now_ms)
        return {one.label: written_lines(account_id, day, one.groups) for one in sums}

    def _read(self, account_id: str, day: str, label: str) -> _Summed:
        item = self._store.get(f"ACCOUNT#{account_id}", _place(day, label))
        if item is None:
            return _Summed(label, {})
        lines = read_lines(account_id, day, item["lines"])
        groups = {(line.key_id, line.model, line.value, line.vendor): line.sums for line in lines}
        return _Summed(label, groups, str(item["upto"]))

    def _keep(self, account_id: str, day: str, summed: _Summed, border: str, now_ms: int) -> None:
        lines = written_lines(account_id, day, summed.groups) if summed.lines is None else summed.lines
        text = write_lines(lines)
        if len(text.encode()) > ITEM_BYTES:
            return
        self._store.put(
            {
                "pk": f"ACCOUNT#{account_id}",
                "sk": _place(day, summed.label),
                "upto": border,
                "lines": text,
                "expires_at": now_ms // 1000 + KEPT_S,
            }
        )


def _place(day: str, label: str) -> str:
    return f"RUNNING#{label}#{day}" if label else f"RUNNING#{day}"
