"""Top-ups, adjustments, expiry: the balance and the credit book move together."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from interchange.identity.keys import Limits
from interchange.metering.accounts import Accounts
from interchange.metering.credit_shares import Credit, left
from interchange.metering.credits import CreditConflict, Expired
from interchange.metering.ledger import AccountRef, Ledger, UnknownAccount
from interchange.metering.store import Store


@dataclass
class Books:
    store: Store
    shards: int = 1

    def __post_init__(self) -> None:
        self.accounts, self.ledger = Accounts(self.store), Ledger(self.store)
        self.accounts.create("a", "test", 0, self.shards)

    def spend(self, request_id: str, nano: int, charge: int) -> None:
        account = AccountRef("a", "k", Limits(), self.shards)
        self.ledger.settle(self.ledger.hold(account, request_id, nano, 0, 10**6), charge, 1)

    @property
    def figures(self) -> tuple[int, int, int, int]:
        """Available, held, charged, credited."""
        balance = self.ledger.balance("a")
        assert self.accounts.audit_of("a").sound
        return balance.available_nano, balance.held_nano, balance.charged_nano, balance.credited_nano


def test_a_credit_is_added_once_per_id(store: Store) -> None:
    books = Books(store)
    assert books.accounts.credit("a", 50, "top-up", "c1", 1)
    assert not books.accounts.credit("a", 50, "top-up", "c1", 2)
    assert books.figures == (50, 0, 0, 50)
    assert [(one.credit_id, one.nano, one.reason) for one in books.accounts.credits.book("a")] == [("c1", 50, "top-up")]


def test_the_same_id_for_another_amount_is_a_conflict(store: Store) -> None:
    books = Books(store)
    books.accounts.credit("a", 50, "top-up", "c1", 1)
    with pytest.raises(CreditConflict):
        books.accounts.credit("a", 51, "top-up", "c1", 1)
    assert books.figures == (50, 0, 0, 50)


def test_no_account_no_credit(store: Store) -> None:
    with pytest.raises(UnknownAccount):
        Accounts(store).credit("nobody", 50, "top-up", "c1", 1)


def test_J17_an_adjustment_may_leave_a_debt_that_the_next_top_up_repays(store: Store) -> None:
    books = Books(store)
    books.accounts.credit("a", 50, "top-up", "c1", 1)
    books.accounts.credit("a", -80, "chargeback", "c2", 2)
    assert books.figures == (-30, 0, 0, -30)
    books.accounts.credit("a", 100, "top-up", "c3", 3)
    assert books.figures == (70, 0, 0, 70)


def test_a_split_account_is_credited_over_its_shards(store: Store) -> None:
    books = Books(store, shards=3)
    books.accounts.credit("a", 100, "top-up", "c1", 1)
    shards = [int(item["available"]) for item in store.query("ACCOUNT#a", "BALANCE#")]
    assert shards == [34, 33, 33]
    books.accounts.credit("a", -90, "back", "c2", 2)
    assert sorted(int(item["available"]) for item in store.query("ACCOUNT#a", "BALANCE#")) == [0, 0, 10]
    books.accounts.credit("a", -30, "back", "c3", 3)
    assert books.figures == (-20, 0, 0, -20)


def test_credit_that_expires_gives_back_what_is_not_spent(store: Store) -> None:
    books = Books(store)
    books.accounts.credit("a", 100, "paid", "paid", 1)
    books.accounts.credit("a", 50, "welcome", "gift", 1, expires_ms=1000)
    books.spend("r", 60, 20)
    assert books.accounts.credits.expire("a", 999) == []
    assert books.accounts.credits.expire("a", 1000) == [Expired("a", "gift", 30)]
    assert books.accounts.credits.expire("a", 2000) == []
    assert books.figures == (100, 0, 20, 120)


def test_what_open_requests_hold_of_expired_credit_stays_theirs(store: Store) -> None:
    books = Books(store)
    books.accounts.credit("a", 50, "welcome", "gift", 1, expires_ms=1000)
    hold = books.ledger.hold(AccountRef("a", "k", Limits()), "r", 30, 0, 10**6)
    assert books.accounts.credits.expire("a", 1000) == [Expired("a", "gift", 20)]
    books.ledger.settle(hold, 10, 1001)
    assert books.figures == (20, 0, 10, 30)
    assert books.accounts.credits.expire("a", 1002) == [Expired("a", "gift", 20)]
    assert books.figures == (0, 0, 10, 10)


def credit(name: str, nano: int, at: int, expires: int | None = None, of: str | None = None) -> Credit:
    return Credit(name, nano, "", at, charged_nano=at, expires_ms=expires, of=of)


@pytest.mark.parametrize(
    ("credits", "charged", "expected"),
    [
        ([credit("a", 10, 0), credit("b", 10, 0, 99)], 4, {"a": 10, "b": 6}),
        ([credit("a", 10, 0, 50), credit("b", 10, 0, 99)], 14, {"a": 0, "b": 6}),
        # What was spent before a grant came is not spent from it.
        ([credit("a", 10, 0), credit("b", 10, 4, 99)], 6, {"a": 6, "b": 8}),
        # A debt is repaid by the next grant.
        ([credit("a", 10, 0), credit("b", 10, 13)], 13, {"a": 0, "b": 7}),
        # An adjustment downwards is spending; an expiry takes from its own grant only.
        ([credit("a", 10, 0), credit("b", 10, 0, 99), credit("c", -12, 1)], 1, {"a": 7, "b": 0}),
        ([credit("a", 10, 0), credit("b", 10, 0, 99), credit("x", -6, 4, of="b")], 9, {"a": 5, "b": 0}),
        ([credit("old", 10, 0), credit("new", 10, 2)], 11, {"old": 0, "new": 9}),
    ],
)  # fmt: skip
def test_spending_uses_the_grant_that_expires_first(
    credits: list[Credit], charged: int, expected: dict[str, int]
) -> None:
    assert left(credits, charged) == expected
