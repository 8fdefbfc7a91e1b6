"""A key's limits, decided in the one update that holds the money."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from interchange.identity.keys import Limits
from interchange.metering.accounts import Accounts
from interchange.metering.ledger import (
    AccountRef,
    AllowanceExceeded,
    Hold,
    InsufficientBalance,
    Ledger,
    LimitExceeded,
    open_holds,
)
from interchange.metering.refusals import LedgerError
from interchange.metering.store import Store

MINUTE = 60_000
SERIES = itertools.count()
NOON = 1_770_033_600_000 + 12 * 3_600_000
"""2026-02-02T12:00Z, at a minute's beginning."""


@pytest.fixture
def books(store: Store) -> tuple[Ledger, Accounts]:
    accounts = Accounts(store)
    accounts.create("a", "test", 0)
    accounts.credit("a", 10_000, "test", "first", 0)
    return Ledger(store), accounts


def holder(ledger: Ledger, **limits: Any) -> Callable[..., Hold]:
    account = AccountRef("a", "k", Limits(**limits))
    numbers = itertools.count(next(SERIES) * 1000)

    def hold(nano: int = 10, now: int = NOON, tokens: int = 0) -> Hold:
        return ledger.hold(account, f"r{next(numbers)}", nano, now, now + 1000, tokens)

    return hold


def test_requests_per_minute(books: tuple[Ledger, Accounts]) -> None:
    ledger, _ = books
    hold = holder(ledger, requests_per_minute=2)
    first = hold(now=NOON + 15_000)
    assert first.rates is not None
    assert (first.rates.requests, first.rates.requests_left, first.rates.reset_s) == (2, 1, 45.0)
    ledger.settle(first, 5, NOON)
    hold(now=NOON + 20_000)
    with pytest.raises(LimitExceeded) as caught:
        hold(now=NOON + 30_000)
    assert (caught.value.kind, caught.value.retry_after_s) == ("requests per minute", 30.0)
    assert caught.value.rates is not None and caught.value.rates.requests_left == 0
    hold(now=NOON + MINUTE)


def test_each_key_of_an_account_is_counted_by_itself(books: tuple[Ledger, Accounts]) -> None:
    ledger, _ = books
    for key in ("k1", "k2", "k3"):
        account = AccountRef("a", key, Limits(requests_per_minute=1))
        ledger.hold(account, f"{key}-first", 10, NOON, NOON + 1000, 0)
        with pytest.raises(LimitExceeded):
            ledger.hold(account, f"{key}-second", 10, NOON, NOON + 1000, 0)


def test_tokens_per_minute_count_what_was_used(books: tuple[Ledger, Accounts]) -> None:
    ledger, _ = books
    hold = holder(ledger, tokens_per_minute=100)
    with pytest.raises(LimitExceeded):
        hold(tokens=101)
    first = hold(tokens=90)
    with pytest.raises(LimitExceeded) as caught:
        hold(tokens=20)
    assert caught.value.remaining == 10
    ledger.settle(first, 5, NOON, tokens=30)
    assert hold(tokens=70).rates is not None


def test_tokens_of_a_minute_that_passed_are_not_given_back_to_the_next(books: tuple[Ledger, Accounts]) -> None:
    ledger, _ = books
    hold = holder(ledger, tokens_per_minute=100)
    old = hold(tokens=90)
    hold(tokens=50, now=NOON + MINUTE)
    assert ledger.settle(old, 1, NOON + MINUTE, tokens=0)
    with pytest.raises(LimitExceeded):
        hold(tokens=51, now=NOON + MINUTE)
    hold(tokens=50, now=NOON + MINUTE)


def test_concurrent_requests_are_the_keys_own(books: tuple[Ledger, Accounts]) -> None:
    ledger, _ = books
    hold = holder(ledger, concurrent=2)
    one, _two = hold(), hold()
    ledger.hold(AccountRef("a", "other", Limits()), "free", 10, NOON, NOON + 1000)
    with pytest.raises(LimitExceeded) as caught:
        hold()
    assert caught.value.kind == "concurrent requests"
    ledger.release(one, NOON)
    hold()


@pytest.mark.parametrize("limit", ["spend_per_day_nano", "spend_per_week_nano", "spend_per_month_nano"])
def test_spending_by_the_calendar(books: tuple[Ledger, Accounts], limit: str) -> None:
    ledger, _ = books
    hold = holder(ledger, **{limit: 100})
    ledger.settle(hold(nano=90), 40, NOON)
    with pytest.raises(AllowanceExceeded) as caught:
        hold(nano=61)
    assert caught.value.retry_after_s is not None
    later = NOON + int(caught.value.retry_after_s * 1000)
    hold(nano=60)
    assert hold(nano=100, now=later).nano == 100


def test_a_hold_that_the_day_outran_is_settled_all_the_same(books: tuple[Ledger, Accounts]) -> None:
    ledger, _ = books
    hold = holder(ledger, spend_per_day_nano=100)
    old = hold(nano=80)
    tomorrow = NOON + 24 * 3_600_000
    hold(nano=70, now=tomorrow)
    assert ledger.settle(old, 80, tomorrow)
    assert not ledger.settle(old, 80, tomorrow)
    with pytest.raises(AllowanceExceeded):
        hold(nano=31, now=tomorrow)
    hold(nano=30, now=tomorrow)


def test_the_sweep_gives_counters_back_too(books: tuple[Ledger, Accounts], store: Store) -> None:
    ledger, accounts = books
    hold = holder(ledger, concurrent=1, tokens_per_minute=100, spend_per_day_nano=100)
    made = hold(nano=90, tokens=90)
    (item,) = list(store.query("ACCOUNT#a", "BALANCE#"))
    assert list(open_holds(item)) == [made]
    accounts.sweep_of("a", NOON + 10_000)
    hold(nano=100, tokens=100)


def test_a_refusal_leaves_nothing_behind(books: tuple[Ledger, Accounts]) -> None:
    ledger, _ = books
    hold = holder(ledger, requests_per_minute=1)
    hold()
    before = ledger.balance("a")
    with pytest.raises(LimitExceeded):
        hold()
    assert ledger.balance("a") == before
    with pytest.raises(InsufficientBalance):
        holder(ledger, requests_per_minute=9)(nano=10**9)


def test_an_update_whose_answer_was_lost_is_found_done(books: tuple[Ledger, Accounts]) -> None:
    """The client library tries again what it had no answer to: the same hold twice is one."""
    ledger, _ = books
    account = AccountRef("a", "k", Limits(requests_per_minute=5))
    first = ledger.hold(account, "same", 10, NOON, NOON + 1000)
    assert ledger.hold(account, "same", 10, NOON, NOON + 1000) == first
    assert ledger.balance("a").held_nano == 10


@pytest.fixture
def split(store: Store) -> tuple[Ledger, Accounts]:
    accounts = Accounts(store)
    accounts.create("a", "test", 0)
    accounts.credit("a", 10_000, "test", "first", 0)
    accounts.revoke("a", "old")
    assert accounts.split("a", 4) == 4
    return Ledger(store), accounts


def test_splitting_spreads_the_money_and_keeps_the_books(split: tuple[Ledger, Accounts], store: Store) -> None:
    ledger, accounts = split
    items = list(store.query("ACCOUNT#a", "BALANCE#"))
    assert [int(item["available"]) for item in items] == [2500] * 4
    assert all("old" in item["revoked"] for item in items)
    assert (ledger.balance("a").available_nano, ledger.balance("a").shards) == (10_000, 4)
    assert accounts.audit_of("a").sound
    assert accounts.split("a", 4) == 4
    with pytest.raises(LedgerError, match="shards"):
        accounts.split("a", 2)


def test_requests_spread_over_the_shards(split: tuple[Ledger, Accounts], store: Store) -> None:
    ledger, accounts = split
    account = AccountRef("a", "k", Limits(), shards=4)
    holds = [ledger.hold(account, f"r{n}", 10, NOON, NOON + 1000) for n in range(40)]
    assert {hold.shard for hold in holds} == {0, 1, 2, 3}
    for hold in holds:
        ledger.settle(hold, 7, NOON)
    assert (ledger.balance("a").charged_nano, ledger.balance("a").available_nano) == (280, 9720)
    assert accounts.audit_of("a").sound


def test_money_is_brought_together_for_a_dear_request(split: tuple[Ledger, Accounts]) -> None:
    ledger, accounts = split
    account = AccountRef("a", "k", Limits(), shards=4)
    hold = ledger.hold(account, "dear", 9_000, NOON, NOON + 1000)
    assert ledger.balance("a").available_nano == 1_000
    with pytest.raises(InsufficientBalance) as caught:
        ledger.hold(account, "too dear", 1_001, NOON, NOON + 1000)
    assert caught.value.available_nano == 1_000
    ledger.settle(hold, 8_000, NOON)
    assert accounts.audit_of("a").sound


def test_limits_and_caps_count_over_the_whole_account(split: tuple[Ledger, Accounts]) -> None:
    """A limited key holds on one shard, and money comes to it."""
    ledger, accounts = split
    accounts.allow("a", "capped", 6_000)
    account = AccountRef("a", "capped", Limits(spend_nano=6_000), shards=4)
    ledger.settle(ledger.hold(account, "one", 5_000, NOON, NOON + 1000), 5_000, NOON)
    with pytest.raises(AllowanceExceeded):
        ledger.hold(account, "two", 1_001, NOON, NOON + 1000)
    paced = AccountRef("a", "paced", Limits(requests_per_minute=3), shards=4)
    for number in range(3):
        ledger.hold(paced, f"p{number}", 10, NOON, NOON + 1000)
    with pytest.raises(LimitExceeded):
        ledger.hold(paced, "p3", 10, NOON, NOON + 1000)
    assert accounts.audit_of("a").sound


def test_a_key_from_before_the_split_still_works(split: tuple[Ledger, Accounts]) -> None:
    ledger, _ = split
    hold = ledger.hold(AccountRef("a", "k", Limits(), shards=1), "r", 2_000, NOON, NOON + 1000)
    assert hold.shard == 0
