"""The books where clocks differ, answers are lost, and requests come between two steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from interchange.identity.keys import Limits
from interchange.metering import key_uses
from interchange.metering.accounts import Accounts
from interchange.metering.credit_shares import left
from interchange.metering.ledger import AccountRef, AllowanceExceeded, Ledger, LimitExceeded
from interchange.metering.money import nano
from interchange.metering.store import DAY_MS, Store
from interchange.tables.dynamodb import DynamoTable

MIDNIGHT = 20_454 * DAY_MS
"""2026-01-01T00:00Z: a minute, a day and a month begin."""


def opened(store: Store, shards: int = 1) -> tuple[Ledger, Accounts]:
    accounts = Accounts(store)
    accounts.create("a", "test", 0, shards)
    return Ledger(store), accounts


def between(store: Store, monkeypatch: pytest.MonkeyPatch, act: Callable[[], Any], times: int = 1) -> None:
    """`act` happens before the next `times` transactions, as another process would do it."""
    transact, runs = store.transact, iter(range(times))

    def later(steps: Any) -> None:
        if next(runs, None) is not None:
            with monkeypatch.context() as patch:
                patch.setattr(Store, "transact", Store.transact)
                act()
        transact(steps)

    monkeypatch.setattr(store, "transact", later)


@pytest.mark.parametrize("shards", [1, 3])
@pytest.mark.parametrize(("spent", "held"), [(6000, 0), (0, 6000), (2000, 4000)])
def test_what_is_spent_while_a_credit_expires_is_not_taken_twice(
    store: Store, monkeypatch: pytest.MonkeyPatch, shards: int, spent: int, held: int
) -> None:
    ledger, accounts = opened(store, shards)
    accounts.credit("a", 10_000, "gift", "old", 1, expires_ms=1000)
    accounts.credit("a", 5_000, "paid", "kept", 1)
    account = AccountRef("a", "k", Limits(), shards)

    def use() -> None:
        if spent:
            ledger.settle(ledger.hold(account, "r1", spent, 2000, 9000), spent, 2001)
        if held:
            ledger.hold(account, "r2", held, 2000, 9000)

    between(store, monkeypatch, use)
    (expired,) = accounts.credits.expire("a", 2000)
    assert expired.nano == 4000
    balance = ledger.balance("a")
    assert (balance.available_nano, balance.charged_nano, balance.held_nano) == (5000, spent, held)
    assert accounts.audit_of("a").sound
    remaining = left(accounts.credits.book("a"), balance.charged_nano, balance.held_nano)
    assert remaining == {"old": 0, "kept": 5000}


def test_a_credit_entered_while_another_expires_is_reckoned_with(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger, accounts = opened(store)
    accounts.credit("a", 10_000, "gift", "old", 1, expires_ms=1000)
    between(store, monkeypatch, lambda: store_credit(accounts, -3000))
    (expired,) = accounts.credits.expire("a", 2000)
    assert expired.nano == 7000
    assert ledger.balance("a").available_nano == 0
    assert accounts.audit_of("a").sound


def store_credit(accounts: Accounts, nano: int) -> None:
    accounts.credit("a", nano, "correction", "c2", 1500)


def test_an_account_that_gives_no_pause_keeps_its_credit_until_it_does(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, accounts = opened(store)
    accounts.credit("a", 10_000, "gift", "old", 1, expires_ms=1000)
    account, numbers = AccountRef("a", "k", Limits()), iter(range(1000))

    def spend() -> None:
        ledger.settle(ledger.hold(account, f"r{next(numbers)}", 10, 2000, 9000), 10, 2001)

    between(store, monkeypatch, spend, times=100)
    assert accounts.credits.expire("a", 2000) == []
    monkeypatch.undo()
    (expired,) = accounts.credits.expire("a", 2001)
    balance = ledger.balance("a")
    assert expired.nano == 10_000 - balance.charged_nano
    assert balance.available_nano == 0


@pytest.mark.parametrize("limit", ["spend_per_day_nano", "spend_per_month_nano"])
def test_a_request_from_before_midnight_counts_in_the_day_that_has_begun(store: Store, limit: str) -> None:
    """A late one must neither begin yesterday anew, whose cap is used up, nor forget what today has used."""
    ledger, accounts = opened(store)
    accounts.credit("a", 10**6, "test", "first", 0)
    limited: dict[str, Any] = {limit: 1000}
    account = AccountRef("a", "k", Limits(**limited))
    expires = MIDNIGHT + 10**6
    before = ledger.hold(account, "r0", 1000, MIDNIGHT - 10, expires)
    first = ledger.hold(account, "r1", 900, MIDNIGHT, expires)
    with pytest.raises(AllowanceExceeded):
        ledger.hold(account, "r2", 1000, MIDNIGHT - 5, expires)
    late = ledger.hold(account, "r3", 100, MIDNIGHT - 5, expires)
    with pytest.raises(AllowanceExceeded):
        ledger.hold(account, "r4", 1, MIDNIGHT + 1, expires)
    for hold in (before, first, late):
        ledger.settle(hold, 0, MIDNIGHT + 5)
    assert counters(store) == {"dn": 0, "mn": 0, "c": 0}
    ledger.hold(account, "r5", 1000, MIDNIGHT + 6, expires)


def test_a_slow_clock_does_not_begin_a_minute_again(store: Store) -> None:
    ledger, accounts = opened(store)
    accounts.credit("a", 10**6, "test", "first", 0)
    account = AccountRef("a", "k", Limits(requests_per_minute=3, tokens_per_minute=100))
    for number, now in enumerate((MIDNIGHT, MIDNIGHT - 1, MIDNIGHT)):
        rates = ledger.hold(account, f"r{number}", 1, now, MIDNIGHT + 9000, 10).rates
        assert rates is not None
        assert (rates.requests_left, rates.tokens_left) == (2 - number, 90 - 10 * number)
    with pytest.raises(LimitExceeded):
        ledger.hold(account, "r3", 1, MIDNIGHT - 1, MIDNIGHT + 9000, 10)


def counters(store: Store) -> dict[str, int]:
    item = store.get(*key_uses.place("a", "k"))
    assert item is not None
    return {name: int(item[name]) for name in ("dn", "mn", "c")}


def test_a_transaction_is_known_by_its_token(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that tries again because the answer was lost on the way must not move the money twice."""
    if not isinstance(store, DynamoTable):
        pytest.skip("an engine in the same process loses no answer on the way: it has no tokens")
    ledger, accounts = opened(store, 2)
    accounts.credit("a", 1000, "test", "first", 0)
    tokens: list[str] = []
    client = store._client
    call = client.transact_write_items

    def twice(**parameters: Any) -> Any:
        tokens.append(parameters["ClientRequestToken"])
        return call(**parameters)

    class Client:
        transact_write_items = staticmethod(twice)

        def __getattr__(self, name: str) -> Any:
            return getattr(client, name)

    monkeypatch.setattr(store, "_client", Client())
    assert ledger.move("a", 0, 1, 100)
    assert ledger.move("a", 0, 1, 100)
    assert len(set(tokens)) == 2 and all(len(token) <= 36 for token in tokens)


@pytest.mark.parametrize(
    "amount",
    ["1.0000000000000000000000000000000001", "1e-10", "1e-999999999", "1E+999999999", "-1E+999999999", "nan", "-inf",
     "sNaN", "1_0", "\u0661\u0662", "1000000000000.000000001", "0x1", "", "1,5"],
)  # fmt: skip
def test_an_amount_is_exact_or_refused(amount: str) -> None:
    with pytest.raises(ValueError, match=r"amount|places"):
        nano(amount)


@pytest.mark.parametrize(
    ("amount", "value"), [("1e12", 10**21), ("-0.000000001", -1), ("1.000000000000", 10**9), ("+2.5e-9", None)]
)
def test_what_an_amount_may_be(amount: str, value: int | None) -> None:
    if value is None:
        with pytest.raises(ValueError, match="places"):
            nano(amount)
    else:
        assert nano(amount) == value


def test_an_account_is_not_split_beyond_what_a_credit_can_reach(store: Store) -> None:
    _, accounts = opened(store)
    with pytest.raises(ValueError, match="at most 64"):
        accounts.split("a", 65)
    accounts.split("a", 64)
    accounts.credit("a", 64_000, "test", "first", 0)
    accounts.credit("a", -64_000, "test", "back", 0)
    assert accounts.audit_of("a").sound


@pytest.mark.parametrize("early", [True, False])
def test_a_shard_made_meanwhile_knows_who_is_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch, early: bool
) -> None:
    """A split beside a suspension and a revocation, in either order."""
    _, accounts = opened(store)
    accounts.credit("a", 1000, "test", "first", 0)
    name = "transact" if early else "change"
    done, call = iter([True]), getattr(store, name)

    def meanwhile(*given: Any) -> Any:
        if next(done, False):
            if early:
                accounts.suspend("a")
                accounts.revoke("a", "k")
            else:
                accounts.split("a", 3)
        return call(*given)

    monkeypatch.setattr(store, name, meanwhile)
    if early:
        accounts.split("a", 3)
    else:
        accounts.suspend("a")
        accounts.revoke("a", "k")
    items = list(store.query("ACCOUNT#a", "BALANCE#"))
    assert [(item["status"], item["revoked"]) for item in items] == [("suspended", {"k"})] * 3
