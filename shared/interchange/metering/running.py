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
from .reports import (
    ITEM_BYTES,
    OTHER,
    Group,
    Line,
    Reports,
    Sums,
    add,
    read_lines,
    sum_rows,
    write_lines,
    written_lines,
)
from .rows import UsageRow
from .store import Store, row_place

SETTLED_MS = 20 * 60_000
"""A function runs for 15 minutes at most (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html); by
then the row of whatever began before is written, and seen by the index."""
WORTH_KEEPING = 200
"""Rows that must have been read anew before their sums are kept: below it a write costs more than it saves."""
KEPT_S = 3 * 86_400


@dataclass(frozen=True, slots=True)
class _Kept:
    """`upto` is the place of the first row that is not in `lines`."""

    lines: list[Line]
    upto: str = ""


class Running:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._ledger = Ledger(store)
        self._reports = Reports(store)

    def between(self, account_id: str, since: str, until: str, now_ms: int, label: str = "") -> list[Line]:
        """Lines of the days `since` to `until`, both included: closed ones as they were kept, in one query, others
        summed. By the values of `label` too, where it is given."""
        lines: list[Line] = []
        missing = set(range(date.fromisoformat(since).toordinal(), date.fromisoformat(until).toordinal() + 1))
        for day, kept in self._reports.kept_between(account_id, since, until, label):
            missing.discard(date.fromisoformat(day).toordinal())
            lines += kept
        for number in sorted(missing):
            lines += self.day(account_id, date.fromordinal(number).isoformat(), now_ms, label)
        return lines

    def day(self, account_id: str, day: str, now_ms: int, label: str = "") -> list[Line]:
        """A day that is not closed."""
        kept = self._read(account_id, day, label)
        border = row_place(now_ms - SETTLED_MS)
        fresh = list(self._ledger.rows(account_id, day, after=kept.upto))
        settled = [row for row in fresh if row_place(row.created_ms, row.request_id) < border]
        lines = _joined(account_id, day, kept.lines, settled, label)
        if len(settled) >= WORTH_KEEPING:
            self._keep(account_id, day, _Kept(lines, border), now_ms, label)
        return _joined(account_id, day, lines, fresh[len(settled) :], label)

    def _read(self, account_id: str, day: str, label: str) -> _Kept:
        item = self._store.get(f"ACCOUNT#{account_id}", _place(day, label))
        if item is None:
            return _Kept([])
        return _Kept(read_lines(account_id, day, item["lines"]), str(item["upto"]))

    def _keep(self, account_id: str, day: str, kept: _Kept, now_ms: int, label: str) -> None:
        text = write_lines(kept.lines)
        if len(text.encode()) > ITEM_BYTES:
            return
        self._store.put(
            {
                "pk": f"ACCOUNT#{account_id}",
                "sk": _place(day, label),
                "upto": kept.upto,
                "lines": text,
                "expires_at": now_ms // 1000 + KEPT_S,
            }
        )


def _place(day: str, label: str) -> str:
    return f"RUNNING#{label}#{day}" if label else f"RUNNING#{day}"


def _joined(account_id: str, day: str, lines: Iterable[Line], rows: Iterable[UsageRow], label: str) -> list[Line]:
    groups: dict[Group, Sums] = {(line.key_id, line.model, line.value, line.vendor): line.sums for line in lines}
    for line in sorted(sum_rows(account_id, day, rows, label), key=lambda line: line.value == OTHER):
        add(groups, (line.key_id, line.model, line.value, line.vendor), line.sums)
    return written_lines(account_id, day, groups)
