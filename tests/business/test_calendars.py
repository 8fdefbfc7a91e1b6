"""A customer's own day and week: windows of limits in the account's time zone, a budget by the week."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from interchange.identity.keys import Limits, read_limits, write_limits
from interchange.metering import key_uses, zones
from interchange.metering.accounts import Accounts
from interchange.metering.key_left import left_of
from interchange.metering.ledger import AccountRef, AllowanceExceeded, Ledger
from interchange.metering.store import Change, Store
from interchange.tables.sqlite import MEMORY, SqliteTable
from tests.metering.tables import in_memory
from tests.operator.office import Office


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.fixture(params=["dynamodb", "sqlite"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "sqlite":
        yield SqliteTable(MEMORY)
        return
    with in_memory() as table:
        yield table


class Spender:
    """Holds and settles by a limited key; a refusal is how many seconds it lasts."""

    def __init__(self, store: Store, **limits: Any) -> None:
        self.store, self.ledger, self.limits = store, Ledger(store), Limits(**limits)
        self.number = 0
        accounts = Accounts(store)
        accounts.create("a", "Ada", 0)
        accounts.credit("a", 10**12, "x", "x", 0)

    def __call__(self, when: str, nano: int = 60, charge: int | None = None) -> float | None:
        self.number += 1
        now_ms = at(when)
        try:
            hold = self.ledger.hold(AccountRef("a", "k", self.limits), f"r{self.number}", nano, now_ms, now_ms + 1000)
        except AllowanceExceeded as refused:
            return refused.retry_after_s
        self.ledger.settle(hold, nano if charge is None else charge, now_ms)
        return None

    def left(self, when: str) -> int | None:
        return left_of(self.store, "a", "k", self.limits, at(when)).week_nano


def test_a_weekly_budget_begins_anew_on_monday(store: Store) -> None:
    spend = Spender(store, spend_per_week_nano=100)
    assert spend("2026-11-25T12:00") is None  # a Wednesday
    assert spend.left("2026-11-25T12:00") == 40
    assert spend("2026-11-29T23:00") == 3600
    assert spend("2026-11-30T00:00") is None
    assert spend("2026-12-01T00:00", 40) is None
    assert spend("2026-12-02T00:00", 1) == 5 * 86400
    assert (spend.left("2026-12-02T00:00"), spend.left("2026-12-07T00:00")) == (0, 100)


def test_what_a_hold_did_not_use_comes_back_to_its_week(store: Store) -> None:
    spend = Spender(store, spend_per_week_nano=100)
    assert spend("2026-11-25T12:00", 100, charge=10) is None
    assert spend("2026-11-26T12:00", 90) is None
    assert spend("2026-11-27T12:00", 1) is not None


def test_a_week_goes_on_where_an_earlier_release_counted_none(store: Store) -> None:
    spend = Spender(store, spend_per_week_nano=100, spend_per_day_nano=1000)
    assert spend("2026-11-25T12:00", 50) is None
    store.change(*key_uses.place("a", "k"), Change("REMOVE wn", "attribute_exists(pk)", {}, {}))
    assert spend("2026-11-25T13:00", 80) is None
    assert spend("2026-11-26T13:00", 80) is not None


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [("Europe/Berlin", "2026-11-25T22:59", "2026-11-25T23:00"),
     ("America/New_York", "2026-11-26T04:59", "2026-11-26T05:00"),
     ("Asia/Kolkata", "2026-11-25T18:29", "2026-11-25T18:30"), (None, "2026-11-25T23:59", "2026-11-26T00:00")],
)  # fmt: skip
def test_a_days_budget_begins_at_the_midnight_of_its_zone(
    store: Store, zone: str | None, before: str, after: str
) -> None:
    spend = Spender(store, spend_per_day_nano=100, zone=zone)
    assert spend(before) is None
    assert spend(before) == 60
    assert spend(after) is None


def test_a_month_and_a_week_are_the_zones_too(store: Store) -> None:
    spend = Spender(store, spend_per_month_nano=100, zone="Europe/Berlin")
    assert spend("2026-11-30T22:00") is None
    assert spend("2026-11-30T22:30") == 1800
    assert spend("2026-11-30T23:00") is None
    assert zones.week_of(zones.day_number(zones.local(at("2026-11-29T23:00"), "Europe/Berlin"))) == zones.week_of(
        zones.day_number(zones.local(at("2026-11-30T12:00"), None))
    )


def test_a_day_with_a_changed_clock_is_as_long_as_it_is() -> None:
    assert zones.until(zones.local(at("2027-03-27T23:00"), "Europe/Berlin"), 1) == 23 * 3600
    assert zones.until(zones.local(at("2026-10-24T22:00"), "Europe/Berlin"), 1) == 25 * 3600


def test_a_zone_is_found_where_the_machine_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    found = zones._bundled("Europe/Berlin")
    assert found is not None and datetime(2026, 7, 1, tzinfo=found).utcoffset() == datetime(
        2026, 7, 1, tzinfo=zones.zone_of("Europe/Berlin")
    ).utcoffset()  # fmt: skip
    with pytest.raises(ValueError, match="no time zone"):
        zones.zone_of("Middle/Earth")


def test_an_account_has_a_zone_that_its_keys_take(office: Office) -> None:
    made = office("account", "create", "--name", "Ada")
    office("account", "change", made["account"], "--zone", "Europe/Berlin")
    office("key", "create", "--account", made["account"], "--spend-per-week-usd", "5")
    shown = office("account", "show", made["account"])
    assert (shown["zone"], [key["limits"]["zone"] for key in shown["keys"]]) == ("Europe/Berlin", ["Europe/Berlin"] * 2)
    assert (
        shown["keys"][-1]["limits"].get("spend_per_week_usd") or shown["keys"][0]["limits"]["spend_per_week_usd"] == "5"
    )
    assert "zone" in office.refused("account", "change", made["account"], "--zone", "Middle/Earth")
    key_id = shown["keys"][0]["key_id"]
    assert "zone" not in office("key", "limit", key_id, "--zone", "none")["limits"]
    limits = Limits(zone="Asia/Kolkata", spend_per_week_nano=5, allowed_models=("a",))
    assert read_limits(write_limits(limits)) == limits
