"""Many at once on one item: proven on DynamoDB Local and SQLite, since moto is not atomic between threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from interchange.identity.keys import Limits
from interchange.metering.accounts import Accounts
from interchange.metering.ledger import AccountRef, Hold, InsufficientBalance, Ledger
from interchange.metering.store import Store

AT_ONCE = 100


def together(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Runs `work` in as many threads, let go at one moment."""
    gate = Barrier(count)

    def one(number: int) -> Any:
        gate.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def opened(store: Store, nano: int, shards: int = 1) -> AccountRef:
    accounts = Accounts(store)
    accounts.create("a", "test", 0, shards)
    accounts.credit("a", nano, "test", "first", 0)
    return AccountRef("a", "k", Limits(), shards)


def held(store: Store, account: AccountRef, nano: int) -> list[Hold]:
    ledger = Ledger(store)

    def one(number: int) -> Hold | None:
        try:
            return ledger.hold(account, f"r{number}", nano, 0, 1000)
        except InsufficientBalance:
            return None

    return [hold for hold in together(AT_ONCE, one) if hold is not None]


def test_J2_of_100_holds_on_a_balance_for_one_exactly_one_is_admitted(shared_store: Store) -> None:
    account = opened(shared_store, 10)
    assert len(held(shared_store, account, 10)) == 1
    balance = Ledger(shared_store).balance("a")
    assert (balance.available_nano, balance.held_nano, balance.gap_nano) == (0, 10, 0)


def test_no_more_is_held_than_there_is(shared_store: Store) -> None:
    account = opened(shared_store, 1000)
    assert len(held(shared_store, account, 30)) == 33
    assert Ledger(shared_store).balance("a").available_nano == 10


def test_a_hold_is_settled_once_however_many_try(shared_store: Store) -> None:
    account = opened(shared_store, 100)
    ledger = Ledger(shared_store)
    hold = ledger.hold(account, "r", 50, 0, 1000)
    assert sum(together(32, lambda _: ledger.settle(hold, 20, 1))) == 1
    balance = ledger.balance("a")
    assert (balance.available_nano, balance.charged_nano, balance.gap_nano) == (80, 20, 0)


def test_the_same_credit_at_once_is_added_once(shared_store: Store) -> None:
    accounts = Accounts(shared_store)
    accounts.create("a", "test", 0)
    assert sum(together(16, lambda _: accounts.credit("a", 7, "test", "same", 1))) == 1
    assert Ledger(shared_store).balance("a").credited_nano == 7


def test_credits_and_requests_of_one_account_do_not_fail_each_other(shared_store: Store) -> None:
    account = opened(shared_store, 10_000)
    ledger, accounts = Ledger(shared_store), Accounts(shared_store)

    def one(number: int) -> None:
        if number % 4 == 0:
            accounts.credit("a", 5, "test", f"c{number}", 1)
            return
        ledger.settle(ledger.hold(account, f"r{number}", 100, 0, 1000), 1, 1)

    together(32, one)
    balance = ledger.balance("a")
    assert (balance.charged_nano, balance.credited_nano, balance.gap_nano) == (24, 10_040, 0)
