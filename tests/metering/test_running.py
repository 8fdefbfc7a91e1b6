"""Sums of a day that goes on: exact at every moment, and each row is read as seldom as can be."""

from __future__ import annotations

import random
from typing import Any

import pytest

from interchange.metering.ledger import Ledger
from interchange.metering.reports import LABELS, Line, Reports
from interchange.metering.running import SETTLED_MS, Running
from interchange.metering.store import day_of
from interchange.tables.sqlite import MEMORY, SqliteTable
from tests.metering.usage_rows import usage_row

NOON = 1_795_348_800_000
DAY = day_of(NOON)
ALL = ("", *LABELS)


class Counted(SqliteTable):
    """A table that tells how many rows of requests were read."""

    rows = 0

    def query_index(self, *given: Any, **named: Any) -> Any:
        for item in super().query_index(*given, **named):
            self.rows += 1
            yield item


@pytest.fixture
def table() -> Counted:
    return Counted(MEMORY, create=True)


def recorded(table: Counted, numbers: range, since_ms: int, step_ms: int) -> None:
    ledger = Ledger(table)
    for number in numbers:
        row = usage_row(
            f"r{number:06d}", since_ms + number * step_ms, key_id=f"k{number % 3}", model=f"m{number % 5}",
            user=f"u{number % 7}" if number % 2 else "", tags=("a", "b")[: number % 3],
            metadata={"job": str(number % 4)} if number % 5 else {}, first_byte_ms=number or None,
        )  # fmt: skip
        ledger.record(row)


def live(table: Counted) -> dict[str, list[Line]]:
    return {label: Reports(table).live("a", DAY, label) for label in ALL}


def test_rows_are_read_once_for_all_labels(table: Counted) -> None:
    recorded(table, range(600), NOON, 10)
    found = Running(table).each("a", DAY, DAY, NOON + 60_000, ALL)
    assert table.rows == 600
    assert found == live(table)


def test_rows_that_are_settled_are_read_once(table: Counted) -> None:
    recorded(table, range(600), NOON, 1_000)
    asked = NOON + 600_000 + SETTLED_MS
    running = Running(table)
    for _ in range(3):
        assert running.each("a", DAY, DAY, asked, ALL) == live(table)
    table.rows = 0
    running.each("a", DAY, DAY, asked, ALL)
    assert table.rows == 0


@pytest.mark.long
def test_labels_that_were_asked_for_at_different_times_agree(table: Counted) -> None:
    """Each has a place of its own that it was kept up to; a row that comes between counts once in each."""
    chance, running, begun = random.Random(7), Running(table), 0
    for turn in range(12):
        recorded(table, range(begun, begun + 250), NOON, 3_000)
        begun += 250
        now = NOON + begun * 3_000 + chance.randrange(SETTLED_MS)
        wanted = tuple(chance.sample(ALL, k=1 + turn % 4))
        assert running.each("a", DAY, DAY, now, wanted) == {label: live(table)[label] for label in wanted}


def test_an_empty_day_has_no_lines(table: Counted) -> None:
    assert Running(table).each("a", DAY, DAY, NOON, ALL) == {label: [] for label in ALL}
