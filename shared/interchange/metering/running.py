"""An open day's usage without reading all of its rows each time.

What is complete of the day is summed once and kept beside the place that it reaches to; whoever asks next reads only
the rows behind that place. A request writes its row when it ends, under the time at which it began, so the last minutes
are never kept. Whoever writes last wins: each kept sum is right by itself. A row that an operator enters late is in the
sums once the day is closed, which reads every row again (`reports`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date

from interchange.dataclass import dataclass

from .ledger import Ledger
from .reports import LINES_AN_ITEM, Line, Reports, Sums, sum_rows
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

    def between(self, account_id: str, since: str, until: str, now_ms: int) -> list[Line]:
        """Of the days `since` to `until`, both included: closed ones as they were kept, in one query, others summed."""
        lines: list[Line] = []
        missing = set(range(date.fromisoformat(since).toordinal(), date.fromisoformat(until).toordinal() + 1))
        for day, kept in self._reports.kept_between(account_id, since, until):
            missing.discard(date.fromisoformat(day).toordinal())
            lines += kept
        for number in sorted(missing):
            lines += self.day(account_id, date.fromordinal(number).isoformat(), now_ms)
        return lines

    def day(self, account_id: str, day: str, now_ms: int) -> list[Line]:
        """A day that is not closed."""
        kept = self._read(account_id, day)
        border = row_place(now_ms - SETTLED_MS)
        fresh = list(self._ledger.rows(account_id, day, after=kept.upto))
        settled = [row for row in fresh if row_place(row.created_ms, row.request_id) < border]
        lines = _joined(account_id, day, kept.lines, settled)
        if len(settled) >= WORTH_KEEPING and len(lines) <= LINES_AN_ITEM:
            self._keep(account_id, day, _Kept(lines, border), now_ms)
        return _joined(account_id, day, lines, fresh[len(settled) :])

    def _read(self, account_id: str, day: str) -> _Kept:
        item = self._store.get(f"ACCOUNT#{account_id}", f"RUNNING#{day}")
        if item is None:
            return _Kept([])
        lines = [Line(account_id, day, key, model, Sums(**sums)) for key, model, sums in json.loads(item["lines"])]
        return _Kept(lines, str(item["upto"]))

    def _keep(self, account_id: str, day: str, kept: _Kept, now_ms: int) -> None:
        written = [[line.key_id, line.model, asdict(line.sums)] for line in kept.lines]
        self._store.put(
            {
                "pk": f"ACCOUNT#{account_id}",
                "sk": f"RUNNING#{day}",
                "upto": kept.upto,
                "lines": json.dumps(written, separators=(",", ":")),
                "expires_at": now_ms // 1000 + KEPT_S,
            }
        )


def _joined(account_id: str, day: str, lines: Iterable[Line], rows: Iterable[UsageRow]) -> list[Line]:
    groups = {(line.key_id, line.model): line.sums for line in lines}
    for line in sum_rows(account_id, day, rows):
        group = (line.key_id, line.model)
        groups[group] = groups.get(group, Sums()) + line.sums
    return [Line(account_id, day, key, model, sums) for (key, model), sums in sorted(groups.items())]
