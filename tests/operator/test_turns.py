"""The scheduled sweep looks at what is due, and at all accounts once a week."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from interchange.metering import due
from interchange.metering.accounts import Accounts
from interchange.metering.money import NANO
from interchange.metering.store import Change
from interchange.operator import turns
from interchange.operator.books import Books, make_books
from interchange.operator.sweep import Round
from interchange.operator.turns import TOUR_MS, turn
from interchange.tables.port import DUE, LAST, ROWS, Item, Table
from interchange.tables.sqlite import SqliteTable
from tests.metering.tables import in_memory
from tests.metering.usage_rows import usage_row

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
NOON = 1_795_348_800_000  # 2026-11-22T12:00Z


class Counting:
    """A table that counts what is asked of it."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._table, name)
        if callable(found):
            self.asked.append(name)
        return found


class Desk:
    def __init__(self, table: Table) -> None:
        self.now = NOON
        self.table = Counting(table)
        self.books: Books = make_books(self.table, lambda: None, clock=lambda: self.now)  # type: ignore[arg-type, return-value]
        for name in ("a", "b"):
            self.books.accounts.create(name, name, NOON)
            self.books.accounts.credit(name, 10 * NANO, "opening", f"opening-{name}", NOON)

    def hold(self, account: str, request: str, seconds: float = 900) -> Any:
        from interchange.identity.keys import Limits
        from interchange.metering.ledger import AccountRef

        ref = AccountRef(account, "k", Limits())
        return self.books.ledger.hold(ref, request, NANO, self.now, self.now + int(seconds * 1000))

    def due(self) -> set[str]:
        return {f"{one.account_id} {one.sk}" for one in due.entries(self.books.table, self.now + 400 * DAY_MS)}

    def turn(self) -> Round:
        return turn(self.books)


@pytest.fixture(params=["dynamodb", "sqlite"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    if request.param == "sqlite":
        yield Desk(SqliteTable(":memory:", create=True))
        return
    with in_memory() as table:
        yield Desk(table)


@pytest.fixture
def toured(desk: Desk) -> Desk:
    """The week's tour is done."""
    assert desk.turn().accounts == 2
    return desk


def test_idle_accounts_are_not_asked_for(toured: Desk) -> None:
    for number in range(20):
        toured.books.accounts.create(f"idle{number}", "idle", NOON)
    toured.table.asked.clear()
    assert toured.turn() == Round()
    assert toured.table.asked == ["query_index", "query_index", "get"]


def test_an_abandoned_hold_is_found_without_visiting_others(toured: Desk) -> None:
    toured.hold("a", "left", 60)
    assert toured.due() == {"a BALANCE#0"}
    assert toured.turn() == Round(accounts=1)
    toured.now += 61_000
    assert toured.turn() == Round(accounts=1, released=1, released_nano=NANO)
    assert toured.books.ledger.balance("a").held_nano == 0
    assert toured.turn().accounts == 0


def test_further_holds_leave_the_index_as_it_is(toured: Desk) -> None:
    toured.hold("a", "first")
    first = list(due.entries(toured.books.table, toured.now))
    toured.now += 60_000
    toured.hold("a", "second")
    assert list(due.entries(toured.books.table, toured.now)) == first


def test_what_is_charged_while_it_is_looked_at_is_looked_at_again(toured: Desk) -> None:
    held = toured.hold("a", "r")
    (entry,) = due.entries(toured.books.table, toured.now)
    toured.books.ledger.settle(held, NANO, toured.now)
    due.done(toured.books.table, entry, charged=0)
    assert toured.due() == {"a BALANCE#0"}
    due.done(toured.books.table, entry, charged=NANO)
    assert toured.due() == set()


def test_a_used_account_is_due_when_its_day_is_over(toured: Desk) -> None:
    toured.books.ledger.settle(toured.hold("a", "r"), NANO, toured.now)
    toured.books.ledger.record(usage_row("r", NOON, charge_nano=NANO))
    toured.turn()
    assert toured.due() == {"a ACCOUNT"}
    assert toured.turn().accounts == 0
    toured.now = NOON + 12 * HOUR_MS + 2 * HOUR_MS
    assert (toured.turn().closed, toured.due()) == (1, set())
    assert toured.books.accounts.get("a").closed == "2026-11-22"


def test_credit_is_taken_back_when_it_expires_though_nobody_uses_the_account(toured: Desk) -> None:
    toured.books.accounts.credit("b", 3 * NANO, "gift", "gift", NOON, NOON + DAY_MS)
    assert toured.turn().accounts == 0
    toured.now += DAY_MS
    assert toured.turn().expired_nano == 3 * NANO
    assert toured.books.ledger.balance("b").available_nano == 10 * NANO
    assert not any("CREDIT" in one for one in toured.due())


def test_what_is_not_in_order_is_looked_at_every_turn(desk: Desk) -> None:
    tampering = Change("SET available = available + :n", "attribute_exists(pk)", {}, {":n": 1})
    desk.books.table.change("ACCOUNT#b", "BALANCE#0", tampering)
    assert desk.turn().unbalanced == 1
    assert [(one.accounts, one.unbalanced) for one in (desk.turn(), desk.turn())] == [(1, 1), (1, 1)]


def test_the_tour_passes_over_what_the_turn_has_looked_at(desk: Desk) -> None:
    desk.hold("a", "left", 60)
    desk.now += 61_000
    assert desk.turn() == Round(accounts=2, released=1, released_nano=NANO)
    assert desk.turn().accounts == 0


def test_all_accounts_are_visited_once_a_week(desk: Desk) -> None:
    assert [desk.turn().accounts for _ in range(3)] == [2, 0, 0]
    desk.now += TOUR_MS
    assert [desk.turn().accounts for _ in range(3)] == [2, 0, 0]


def test_a_tour_goes_on_where_the_last_turn_came_to(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        desk.books.accounts.create(f"c{number}", "Cy", NOON)
    monkeypatch.setattr(turns, "TOUR_ACCOUNTS", 3)
    seen: list[str] = []

    def visit(_books: Books, account: Any) -> Round:
        seen.append(account.account_id)
        return Round(accounts=1)

    monkeypatch.setattr(turns, "visit", visit)
    assert [desk.turn().accounts for _ in range(4)] == [3, 3, 1, 0]
    assert seen == ["a", "b", "c0", "c1", "c2", "c3", "c4"]


def test_a_turn_without_time_leaves_what_is_due_to_the_next(toured: Desk) -> None:
    for account in ("a", "b"):
        toured.hold(account, account)
    assert turn(toured.books, 0) == Round(left=2)
    assert toured.turn().accounts == 2


def test_holds_that_an_earlier_release_made_are_found_by_the_tour(desk: Desk) -> None:
    desk.hold("a", "left", 60)
    desk.books.table.change("ACCOUNT#a", "BALANCE#0", Change("REMOVE gsi2pk, gsi2sk", "attribute_exists(pk)", {}, {}))
    desk.now += 61_000
    assert desk.turn().released == 1


def test_one_accounts_trouble_keeps_no_other_waiting(toured: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for account in ("a", "b"):
        toured.hold(account, account, 1)
    get = Accounts.get

    def broken(accounts: Accounts, account_id: str) -> Any:
        if account_id == "a":
            raise OSError("the table is away")
        return get(accounts, account_id)

    monkeypatch.setattr(Accounts, "get", broken)
    toured.now += 2_000
    done = toured.turn()
    assert (done.failed, done.released) == (1, 1)


def test_the_second_index_gives_back_keys_alone(desk: Desk) -> None:
    item: Item = {"pk": "x", "sk": "1", "gsi2pk": "D", "gsi2sk": "2", "gsi1pk": "r", "gsi1sk": "1", "more": "m"}
    desk.books.table.insert(item)
    (found,) = desk.books.table.query_index("D", index=DUE, after="1", before=LAST)
    assert {name: found[name] for name in ("pk", "sk", "gsi2pk", "gsi2sk")} == {
        "pk": "x", "sk": "1", "gsi2pk": "D", "gsi2sk": "2",
    }  # fmt: skip
    assert [one["more"] for one in desk.books.table.query_index("r", index=ROWS)] == ["m"]
    assert list(desk.books.table.query_index("D", index=DUE, before="2")) == []


def test_shards_of_an_account_are_one_visit(toured: Desk) -> None:
    toured.books.accounts.split("a", 4)
    for number in range(8):
        toured.hold("a", f"r{number}")
    assert len(toured.due()) > 1
    assert replace(toured.turn(), failed=0).accounts == 1
