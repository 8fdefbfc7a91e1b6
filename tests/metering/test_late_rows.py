"""A row that is entered by hand when its request is long over takes what is there, and no balance below zero."""

from __future__ import annotations

from dataclasses import replace

import pytest

from interchange.identity.keys import Limits
from interchange.metering.accounts import Accounts
from interchange.metering.late_rows import Late, NotCharged
from interchange.metering.ledger import AccountRef, Ledger
from interchange.metering.rows import UsageRow
from interchange.tables.sqlite import MEMORY, SqliteTable
from tests.metering.usage_rows import usage_row

NOW = 1_770_000_000_000


@pytest.fixture
def table() -> SqliteTable:
    table = SqliteTable(MEMORY)
    accounts = Accounts(table)
    accounts.create("acc", "test", NOW)
    accounts.credit("acc", 1000, "test", "c1", NOW)
    return table


def late(request_id: str, nano: int) -> UsageRow:
    return replace(usage_row(request_id, NOW), account_id="acc", charge_nano=nano)


@pytest.mark.parametrize(("cost", "charged"), [(400, 400), (1000, 1000), (2500, 1000)])
@pytest.mark.parametrize("shards", [1, 4])
def test_a_late_row_takes_no_balance_below_zero(table: SqliteTable, cost: int, charged: int, shards: int) -> None:
    if shards > 1:
        Accounts(table).split("acc", shards)
    written = Late(table).charge(late("r1", cost), NOW)
    balance = Ledger(table).balance("acc")
    assert (written.charge_nano, written.absorbed_nano) == (charged, cost - charged)
    assert (balance.available_nano, balance.charged_nano, balance.gap_nano) == (1000 - charged, charged, 0)
    assert Ledger(table).row("r1") == written
    with pytest.raises(NotCharged):
        Late(table).charge(late("r1", cost), NOW)


def test_a_late_row_of_an_account_in_debt_takes_nothing(table: SqliteTable) -> None:
    Accounts(table).credit("acc", -1500, "refund", "back", NOW)
    assert Late(table).charge(late("r1", 10), NOW).absorbed_nano == 10
    assert Ledger(table).balance("acc").available_nano == -500


def test_a_late_row_takes_no_more_than_its_hold(table: SqliteTable) -> None:
    ledger = Ledger(table)
    ledger.hold(AccountRef("acc", "key_1", Limits()), "r1", 300, NOW, NOW + 10_000)
    written = Late(table).charge(late("r1", 700), NOW)
    balance = ledger.balance("acc")
    assert (written.charge_nano, written.absorbed_nano) == (300, 400)
    assert (balance.available_nano, balance.held_nano, balance.gap_nano) == (700, 0, 0)
