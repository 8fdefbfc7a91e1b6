"""A table that an earlier release wrote: requests and sweeps go on, and nothing is lost on the way."""

from __future__ import annotations

from typing import Any

import pytest

from interchange.identity.keys import Limits
from interchange.metering import key_uses
from interchange.metering.accounts import Accounts
from interchange.metering.ledger import AccountRef, AllowanceExceeded, Ledger, LimitExceeded
from interchange.metering.money import nano
from interchange.metering.store import Store
from tests.metering.usage_rows import usage_row

NOW = 1_770_033_600_000
MINUTE = NOW // 60_000


def written_before(store: Store, shards: int = 1) -> Accounts:
    """Two open holds, one of a limited key; counters, a cap and a revoked key, all in the balance item."""
    accounts = Accounts(store)
    accounts.create("a", "test", NOW)
    accounts.credit("a", 10_000, "test", "first", NOW)
    item: dict[str, Any] = dict(store.get("ACCOUNT#a", "BALANCE#0") or {})
    plain = {"nano": 1000, "opened": NOW, "expires": NOW + 1000, "key": "free", "capped": False}
    limited = {**plain, "key": "k", "capped": True, "counted": [MINUTE, NOW // 86_400_000, 202602], "tokens": 50}
    uses = {"m": MINUTE, "r": 2, "t": 50, "d": NOW // 86_400_000, "dn": 1000, "mo": 202602, "mn": 1000, "c": 1}
    item |= {
        "name": "test", "available": 8000, "held": 2000, "holds": {"r1": plain, "r2": limited},
        "uses": {"k": uses}, "allowances": {"k": 500, "unused": 77}, "revoked": {"gone", "kept"},
    }  # fmt: skip
    item.pop("shards")
    store.put(item)
    return accounts


def account(**limits: Any) -> AccountRef:
    return AccountRef("a", "k", Limits(**limits))


def test_a_limited_key_goes_on_from_what_it_had_used(store: Store) -> None:
    written_before(store)
    ledger = Ledger(store)
    with pytest.raises(LimitExceeded):
        ledger.hold(account(requests_per_minute=2), "r3", 1, NOW, NOW + 1000)
    with pytest.raises(LimitExceeded):
        ledger.hold(account(concurrent=1), "r3", 1, NOW, NOW + 1000)
    with pytest.raises(AllowanceExceeded):
        ledger.hold(account(spend_nano=1500), "r3", 501, NOW, NOW + 1000)
    ledger.settle(ledger.hold(account(spend_nano=1500), "r3", 500, NOW, NOW + 1000), 400, NOW)
    item = store.get("ACCOUNT#a", "BALANCE#0") or {}
    assert "k" not in item["uses"] and item["allowances"] == {"unused": 77}
    assert Accounts(store).audit_of("a").sound


def test_the_sweep_brings_an_account_up_to_date(store: Store) -> None:
    accounts = written_before(store)
    accounts.sweep_of("a", NOW, lambda key: key == "gone")
    accounts.sweep_of("a", NOW, lambda key: key == "gone")
    item = store.get("ACCOUNT#a", "BALANCE#0") or {}
    assert not {"uses", "allowances", "name"} & set(item)
    assert item["revoked"] == {"kept"}
    moved, unused = (store.get(*key_uses.place("a", key)) or {} for key in ("k", "unused"))
    assert (int(moved["r"]), int(moved["c"]), int(moved["allowance"])) == (2, 1, 500)
    assert int(unused["allowance"]) == 77
    assert accounts.audit_of("a").sound


def test_holds_of_before_are_settled_and_released(store: Store) -> None:
    accounts, ledger = written_before(store), Ledger(store)
    assert {hold.request_id: hold.nano for hold in accounts.holds("a")} == {"r1": 1000, "r2": 1000}
    ledger.record(usage_row("r2", NOW, account_id="a", key_id="k", charge_nano=300, hold_nano=1000))
    done = accounts.sweep_of("a", NOW + 2000)
    assert (done.settled, done.released, done.failed) == (1, 1, 0)
    balance = ledger.balance("a")
    assert (balance.available_nano, balance.held_nano, balance.charged_nano) == (9700, 0, 300)
    moved = store.get(*key_uses.place("a", "k")) or {}
    assert (int(moved["c"]), int(moved["dn"]), int(moved["allowance"])) == (0, 300, 1200)
    assert accounts.audit_of("a").sound
    assert nano("0") == 0


def test_an_account_that_was_split_by_hand_tells_each_item(store: Store) -> None:
    accounts = Accounts(store)
    accounts.create("a", "test", NOW, shards=3)
    for number in range(3):
        item = dict(store.get("ACCOUNT#a", f"BALANCE#{number}") or {})
        item.pop("shards")
        store.put(item)
    accounts.sweep_of("a", NOW)
    assert [int(item["shards"]) for item in store.query("ACCOUNT#a", "BALANCE#")] == [3, 3, 3]
