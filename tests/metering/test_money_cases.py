"""The money cases that gateways get wrong, by number (tests/conformance.md): prices and the ledger. What concerns a
whole request stands with the exchange."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from interchange.hub.usage import Usage
from interchange.identity.keys import Limits
from interchange.metering.accounts import Accounts
from interchange.metering.ledger import AccountRef, AllowanceExceeded, InsufficientBalance, Ledger, LedgerError
from interchange.metering.money import NANO, usd
from interchange.metering.prices import PriceList, charge
from interchange.metering.store import Store
from tests.metering.usage_rows import usage_row

SONNET = PriceList.read({"input": "3", "cache_read": "0.3", "cache_write_5m": "3.75", "output": "15"})
LONG = PriceList.read(
    {"input": "1.25", "cache_read": "0.125", "output": "10",
     "tiers": [{"above": 200_000, "rates": {"input": "2.5", "cache_read": "0.25", "output": "15"}}]}
)  # fmt: skip


def funded(store: Store, nano: int) -> tuple[Ledger, AccountRef]:
    accounts = Accounts(store)
    accounts.create("a", "test", 0)
    if nano:
        accounts.credit("a", nano, "test", "first", 0)
    return Ledger(store), AccountRef("a", "k", Limits())


def test_I1_a_cache_write_is_not_also_input() -> None:
    assert usd(charge(Usage(input=3, cache_write_5m=12_304, output=550), SONNET).nano) == "0.054399"


def test_I2_reads_writes_and_input_are_charged_beside_each_other() -> None:
    assert usd(charge(Usage(input=100, cache_write_5m=700, cache_read=200), SONNET).nano) == "0.002985"


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (Usage(input=200_000, output=10), "0.2501"),
        (Usage(input=200_001, output=10), "0.5001525"),
        (Usage(input=100_000, cache_read=100_001, output=10), "0.27515025"),
    ],
)
def test_I10_the_whole_request_moves_to_the_long_tier(usage: Usage, expected: str) -> None:
    assert usd(charge(usage, LONG).nano) == expected


def test_I14_a_request_is_settled_and_recorded_once(store: Store) -> None:
    ledger, account = funded(store, 100)
    hold = ledger.hold(account, "r", 50, 0, 1000)
    for charged in (20, 30):
        ledger.record(usage_row("r", 0, charge_nano=charged))
    assert [ledger.settle(hold, 20, 1), ledger.settle(hold, 20, 1), ledger.release(hold, 1)] == [True, False, False]
    assert ledger.balance("a").charged_nano == 20
    row = ledger.row("r")
    assert row is not None
    assert row.charge_nano == 20


def test_I15_a_request_that_nobody_settled_is_found_by_the_sweep(store: Store) -> None:
    ledger, account = funded(store, 100)
    ledger.hold(account, "r", 50, 0, 1000)
    ledger.record(usage_row("r", 0, charge_nano=20))
    assert ledger.balance("a").held_nano == 50
    assert Accounts(store).sweep(999).settled == 0
    assert Accounts(store).sweep(1000).settled == 1
    assert ledger.balance("a").charged_nano == 20


def test_J1_a_request_that_may_cost_more_than_there_is_is_not_admitted(store: Store) -> None:
    ledger, account = funded(store, 100)
    with pytest.raises(InsufficientBalance) as refused:
        ledger.hold(account, "r", 101, 0, 1000)
    assert (refused.value.available_nano, refused.value.needed_nano) == (100, 101)
    assert ledger.balance("a").available_nano == 100


def test_J3_an_account_without_credit_bursts_into_nothing(real_store: Store) -> None:
    """The condition stands in the write itself: there is no moment between looking and taking."""
    ledger, account = funded(real_store, 0)

    def one(number: int) -> bool:
        try:
            ledger.hold(account, f"r{number}", 1, 0, 1000)
        except LedgerError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert not any(pool.map(one, range(32)))


def test_J4_balance_and_cap_are_one_admission(store: Store) -> None:
    ledger, _ = funded(store, 100)
    capped = AccountRef("a", "capped", Limits(spend_nano=30))
    Accounts(store).allow("a", "capped", 30)
    hold = ledger.hold(capped, "r1", 30, 0, 1000)
    with pytest.raises(AllowanceExceeded):
        ledger.hold(capped, "r2", 1, 0, 1000)
    ledger.settle(hold, 10, 1)
    ledger.hold(capped, "r3", 20, 0, 1000)
    with pytest.raises(AllowanceExceeded):
        ledger.hold(capped, "r4", 1, 0, 1000)


def test_J6_a_rich_account_is_held_like_a_poor_one(store: Store) -> None:
    ledger, account = funded(store, 10**6 * NANO)
    ledger.hold(account, "r", 5, 0, 1000)
    assert ledger.balance("a").available_nano == 10**6 * NANO - 5


def test_J16_an_expired_hold_is_resolved_by_its_row(store: Store) -> None:
    ledger, account = funded(store, 100)
    for name in ("with", "without", "running"):
        ledger.hold(account, name, 30, 0, 2000 if name == "running" else 1000)
    ledger.record(usage_row("with", 0, charge_nano=7))
    swept = Accounts(store).sweep(1000)
    assert (swept.settled, swept.settled_nano, swept.released, swept.released_nano) == (1, 7, 1, 30)
    balance = ledger.balance("a")
    assert (balance.available_nano, balance.held_nano, balance.charged_nano) == (63, 30, 7)
