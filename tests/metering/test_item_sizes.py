"""What an update of the balance costs: DynamoDB bills it by the whole item, in kilobytes.

Sizes follow https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html, on what the
marshalling of the table's client writes.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

import pytest

from interchange.aws.attributes import write_attributes
from interchange.catalog.load import load
from interchange.catalog.models import Model
from interchange.hub.usage import Usage
from interchange.identity.keys import Limits
from interchange.metering import spread
from interchange.metering.accounts import Accounts
from interchange.metering.hold import AccountRef, Hold
from interchange.metering.hold_records import find_hold, read_holds, record_name, write_record
from interchange.metering.key_limits import Windows
from interchange.metering.ledger import Ledger, LimitExceeded
from interchange.metering.prices import PriceList
from interchange.metering.rows import write_row
from interchange.metering.store import Item, Store, day_of, row_item
from interchange.tables.sqlite import MEMORY, SqliteTable
from tests.metering.usage_rows import usage_row

NOW = 1_795_348_800_000
LIFE = 900_000
UNITS_A_SECOND = 1_000
"""What DynamoDB takes of one item."""
ITEM_LIMIT = 400 * 1024


def size(item: Item) -> int:
    return sum(len(name.encode()) + _size(value) for name, value in write_attributes(item).items())


def _size(typed: Mapping[str, Any]) -> int:
    ((kind, value),) = typed.items()
    return int(_bytes_of(kind, value))


def _bytes_of(kind: str, value: Any) -> Any:
    match kind:
        case "S":
            return len(value.encode())
        case "B":
            return len(value)
        case "N":
            return (len(value.lstrip("-").strip("0")) + 1) // 2 + 1 + value.startswith("-")
        case "M":
            return 3 + sum(1 + len(name.encode()) + _size(one) for name, one in value.items())
        case "L":
            return 3 + sum(1 + _size(one) for one in value)
        case "SS":
            return sum(len(one.encode()) for one in value)
        case _:
            return 1


def units(item: Item) -> int:
    return -(-size(item) // 1024)


@pytest.fixture
def books() -> tuple[Store, Ledger, Accounts]:
    store: Store = SqliteTable(MEMORY)
    accounts = Accounts(store)
    accounts.create("acct_0123456789abcdef", "A customer whose name is long " * 20, NOW)
    accounts.credit("acct_0123456789abcdef", 10**15, "test", "first", NOW)
    return store, Ledger(store), accounts


def shards(store: Store) -> list[Item]:
    return spread.shards_of(store, "acct_0123456789abcdef")


def opened(ledger: Ledger, count: int, key: str = "key_0123456789abcdef", **limits: Any) -> list[Hold]:
    account = AccountRef("acct_0123456789abcdef", key, Limits(**limits))
    return [ledger.hold(account, uuid.uuid4().hex, 123_456_789, NOW + n, NOW + n + LIFE, 5000) for n in range(count)]


@pytest.mark.parametrize(("count", "most"), [(8, 1), (100, 2), (1000, 2)])
def test_an_update_costs_no_more_with_many_open_holds(
    books: tuple[Store, Ledger, Accounts], count: int, most: int
) -> None:
    store, ledger, accounts = books
    opened(ledger, count)
    found = shards(store)
    assert sum(len(item["holds"]) for item in found) == count
    assert max(units(item) for item in found) <= most, max(size(item) for item in found)
    assert accounts.audit_of("acct_0123456789abcdef").sound


def test_a_busy_account_fills_its_items_beyond_what_one_unit_holds(books: tuple[Store, Ledger, Accounts]) -> None:
    store, ledger, accounts = books
    accounts.split("acct_0123456789abcdef", spread.MOST_SHARDS)
    opened(ledger, spread.MOST_SHARDS * spread.MOST_OPEN + 200)
    assert max(len(item["holds"]) for item in shards(store)) > spread.MOST_OPEN
    assert accounts.audit_of("acct_0123456789abcdef").sound


def test_five_hundred_requests_a_second_of_a_minute_each_stay_within_what_an_item_takes() -> None:
    a_second, seconds = 500, 60
    hold = Hold(uuid.uuid4().hex, "acct_0123456789abcdef", "key_0123456789abcdef", 0, 123_456_789, NOW, NOW + LIFE)
    open_here = a_second * seconds // spread.MOST_SHARDS * 5 // 4  # a quarter more than evenly
    record = write_record(hold)
    holds = {record_name(uuid.UUID(int=number).hex): record for number in range(open_here)}
    item = spread.new_shard("ACCOUNT#acct_0123456789abcdef", 63, 64, status="active", created_ms=NOW, holds=holds)
    updates = 2 * a_second / spread.MOST_SHARDS * 5 / 4
    assert open_here < spread.MOST_OPEN_AT_LAST
    assert updates * units(item) < UNITS_A_SECOND


def test_the_fullest_item_is_one_that_the_table_takes() -> None:
    long = Hold(f"{'r' * 40}", "a", "key_0123456789abcdef", 0, 10**12, NOW, NOW + LIFE)
    record = 1 + len(record_name(long.request_id)) + _size(write_attributes({"r": write_record(long)})["r"])
    assert spread.MOST_OPEN_AT_LAST * record + 1024 < ITEM_LIMIT


def test_a_full_account_is_asked_to_wait(
    books: tuple[Store, Ledger, Accounts], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spread, "MOST_SHARDS", 1)
    monkeypatch.setattr(spread, "MOST_OPEN_AT_LAST", 5)
    _, ledger, accounts = books
    holds = opened(ledger, 5)
    with pytest.raises(LimitExceeded, match="open requests"):
        opened(ledger, 1)
    ledger.settle(holds[0], 1, NOW)
    opened(ledger, 1)
    assert accounts.audit_of("acct_0123456789abcdef").sound


def test_ten_thousand_limited_keys_leave_the_balance_as_it_is(books: tuple[Store, Ledger, Accounts]) -> None:
    store, ledger, accounts = books
    (first,) = opened(ledger, 1)
    ledger.settle(first, 5, NOW + 1)
    before = max(size(item) for item in shards(store))
    for number in range(10_000):
        key = f"key_{number:016x}"
        accounts.allow("acct_0123456789abcdef", key, 10**9)
        if number % 100 == 0:
            (hold,) = opened(ledger, 1, key, requests_per_minute=9, spend_nano=10**9)
            ledger.settle(hold, 5, NOW + 1)
    assert max(size(item) for item in shards(store)) <= before + 8


def test_holds_of_a_limited_key_spread_too(books: tuple[Store, Ledger, Accounts]) -> None:
    store, ledger, accounts = books
    holds = opened(ledger, 200, requests_per_minute=1000, spend_per_day_nano=10**15)
    assert len({hold.shard for hold in holds}) > 10
    assert max(units(item) for item in shards(store)) <= 3
    for hold in holds:
        ledger.settle(hold, 7, NOW + 1000)
    assert ledger.balance("acct_0123456789abcdef").charged_nano == 1400
    assert accounts.audit_of("acct_0123456789abcdef").sound


@pytest.mark.parametrize("request_id", ["0f" * 16, "r1", "", "~~", "Z" * 32, "ü-7"])
@pytest.mark.parametrize("key_id", ["key_0123456789abcdef", "k", "key_XYZ", ""])
@pytest.mark.parametrize("limited", [True, False])
def test_a_record_is_read_as_it_was_written(request_id: str, key_id: str, limited: bool) -> None:
    counted = Windows.at(NOW) if limited else None
    hold = Hold(
        request_id, "a", key_id, 7, 123_456_789_012, NOW, NOW + LIFE, limited, counted, 9_999_999 if limited else 0
    )
    item = {"pk": "ACCOUNT#a", "sk": "BALANCE#7", "holds": {record_name(request_id): write_record(hold)}}
    assert list(read_holds(item)) == [hold] == [find_hold(item, request_id)]


def row_of(model: Model, number: int) -> Item:
    """A chat's usage row as the gateway writes it, with ids of the lengths that vendors give."""
    usage = Usage(input=12_345, cache_read=4_321, output=2_345, reasoning=999)
    row = usage_row(
        uuid.UUID(int=number).hex, NOW, usage, account_id="acct_0123456789abcdef", key_id="key_0123456789abcdef",
        model=model.id, provider=model.routes[0].provider, upstream_model=model.routes[0].model,
        prices=PriceList.read(model.price.data()).data, price_version="0123456789abcdef",
        hold_nano=987_654_321, charge_nano=12_345_678,
        first_byte_ms=812, total_ms=23_456, upstream_request_id="req_011CSHoEeqs5C35K2UUqR7Fy", shard=63,
        family="chat", protocol="openai_chat", lane="translate", stream=True,
    )  # fmt: skip
    return row_item(write_row(row))


def test_a_usage_row_takes_one_write_unit() -> None:
    models = [model for model in load().models if model.kind == "chat"]
    sizes = sorted(size(row_of(model, number)) for number, model in enumerate(models))
    assert sizes[len(sizes) * 95 // 100] <= 1024, sizes[-10:]


def test_rows_of_a_day_are_listed_by_time_whatever_part_of_the_index_they_lie_on(
    books: tuple[Store, Ledger, Accounts],
) -> None:
    store, ledger, accounts = books
    accounts.split("acct_0123456789abcdef", 64)
    for number in range(40):
        at = NOW + (number * 7919) % 1000
        ledger.record(usage_row(f"r{number}", at, account_id="acct_0123456789abcdef", shard=number))
    day = day_of(NOW)
    found = [row.created_ms for row in ledger.rows("acct_0123456789abcdef", day)]
    assert len(found) == 40 and found == sorted(found)
    newest = [row.created_ms for row in ledger.rows("acct_0123456789abcdef", day, newest_first=True, limit=5)]
    assert newest == sorted(found, reverse=True)[:5]
    assert len({item["gsi1pk"] for number in range(40) if (item := store.get(f"REQUEST#r{number}", "USAGE"))}) == 16
    assert ledger.row("r3") is not None


def test_a_row_of_an_earlier_release_is_read(books: tuple[Store, Ledger, Accounts]) -> None:
    store, ledger, _ = books
    row = usage_row("old", NOW, account_id="acct_0123456789abcdef")
    store.insert({**row_item(write_row(row)), "row": json.dumps(write_row(row))})
    assert ledger.row("old") == row
    assert list(ledger.rows("acct_0123456789abcdef", day_of(NOW))) == [row]
