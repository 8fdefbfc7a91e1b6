from __future__ import annotations

import itertools
import json
import time
from dataclasses import replace

import boto3
import pytest
from botocore.exceptions import ClientError

from interchange.metering.account import Account
from interchange.metering.money import NANO
from interchange.metering.rows import Try, write_row
from interchange.operator import sweep as sweep_module
from interchange.operator.alert_settings import AlertSettings
from interchange.operator.books import Books
from interchange.operator.notify import Topic
from interchange.operator.sweep import Round, sweep
from tests.metering.usage_rows import usage_row
from tests.operator.office import TABLE, Office

DAY_MS = 86_400_000
START = 1_795_348_800_000  # 2026-11-22T12:00Z


class Desk:
    """Books with a clock of their own and a topic that remembers."""

    def __init__(self, office: Office) -> None:
        self.now = START
        self.said: list[tuple[str, str]] = []
        self.broken = False
        self.books: Books = replace(office.books, clock=lambda: self.now, alerts=AlertSettings((Topic(self.publish),)))
        self.books.accounts.create("a", "Ada", START)
        self.books.accounts.credit("a", 10 * NANO, "opening", "opening", START)
        self.office = office

    def publish(self, subject: str, text: str) -> None:
        if self.broken:
            raise ClientError({"Error": {"Code": "NotFound", "Message": "no topic"}}, "Publish")
        self.said.append((subject, text))

    def spend(self, request_id: str, nano: int) -> None:
        self.books.ledger.settle(self.office.hold("a", request_id, nano, self.now + 1000), nano, self.now)

    def round(self) -> Round:
        return sweep(self.books)


@pytest.fixture
def desk(office: Office) -> Desk:
    return Desk(office)


def test_a_low_balance_is_told_once_per_crossing(desk: Desk) -> None:
    desk.books.accounts.change("a", low_nano=5 * NANO)
    assert [desk.round().told for _ in range(2)] == [0, 0]
    desk.spend("r1", 6 * NANO)
    assert [desk.round().told for _ in range(3)] == [1, 0, 0]
    desk.books.accounts.credit("a", 10 * NANO, "top-up", "c", START)
    desk.round()
    desk.spend("r2", 10 * NANO)
    assert [desk.round().told for _ in range(2)] == [1, 0]
    subject, text = desk.said[0]
    assert subject == "Low balance: Ada"
    assert json.loads(text) == {"event": "low_balance", "account": "a", "name": "Ada", "available_usd": "4",
                                "held_usd": "0", "threshold_usd": "5"}  # fmt: skip
    assert len(desk.said) == 2


def test_a_balance_that_is_only_held_is_not_low(desk: Desk) -> None:
    desk.books.accounts.change("a", low_nano=5 * NANO)
    desk.office.hold("a", "r", 9 * NANO, START + 10**6)
    assert desk.round().told == 0


def test_a_notice_that_could_not_be_given_is_given_later(desk: Desk) -> None:
    desk.books.accounts.change("a", low_nano=50 * NANO)
    desk.broken = True
    assert desk.round().failed == 1
    desk.broken = False
    assert [desk.round().told for _ in range(2)] == [1, 0]


def test_without_a_topic_nothing_is_remembered(desk: Desk) -> None:
    desk.books.accounts.change("a", low_nano=50 * NANO)
    assert sweep(replace(desk.books, alerts=AlertSettings())).told == 0
    assert desk.round().told == 1


def test_expired_credit_is_taken_back(desk: Desk) -> None:
    desk.books.accounts.credit("a", 3 * NANO, "gift", "gift", START, START + DAY_MS)
    assert desk.round().expired_nano == 0
    desk.spend("r", NANO)
    desk.now += DAY_MS
    assert [desk.round().expired_nano for _ in range(2)] == [2 * NANO, 0]
    assert desk.books.ledger.balance("a").available_nano == 10 * NANO


def test_days_are_closed_once_they_are_over(desk: Desk) -> None:
    desk.books.ledger.record(usage_row("r", START, charge_nano=0))
    desk.books.ledger.record(usage_row("over", START, hold_nano=1))
    assert desk.round().closed == 0
    desk.now += 3 * DAY_MS
    done = desk.round()
    assert (done.closed, done.free, done.over) == (3, 1, 1)
    assert desk.round().closed == 0
    assert desk.books.reports.kept("a", "2026-11-22") == desk.books.reports.live("a", "2026-11-22")
    assert desk.books.accounts.get("a").closed == "2026-11-24"


def test_books_that_do_not_balance_are_counted(desk: Desk) -> None:
    desk.books.accounts.create("b", "Bea", START)
    desk.office.tamper("b")
    done = desk.round()
    assert (done.accounts, done.unbalanced) == (2, 1)


def test_one_accounts_trouble_keeps_no_other_waiting(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.books.accounts.create("b", "Bea", START)
    for name in ("a", "b"):
        desk.books.accounts.change(name, low_nano=50 * NANO)
    desk.broken = True
    done = desk.round()
    assert (done.accounts, done.failed) == (2, 2)
    assert all(f"account {name}" in caplog.text or f" of {name} " in caplog.text for name in ("a", "b"))


def put_row(request_id: str, row: str) -> None:
    item = {"pk": {"S": f"REQUEST#{request_id}"}, "sk": {"S": "USAGE"}, "row": {"S": row}}
    boto3.client("dynamodb", region_name="us-east-1").put_item(TableName=TABLE, Item=item)


def test_what_cannot_be_read_keeps_nothing_else_waiting(desk: Desk) -> None:
    """A hold whose row is no row: the account's other holds, its audit and every other account are seen to."""
    desk.books.accounts.create("b", "Bea", START)
    desk.books.accounts.credit("b", 10 * NANO, "opening", "opening", START)
    for account, request in (("a", "broken"), ("a", "left"), ("b", "other")):
        desk.office.hold(account, request, NANO, START - 1)
    desk.office.tamper("b")
    put_row("broken", "[]")
    done = desk.round()
    assert (done.accounts, done.failed, done.released, done.unbalanced) == (2, 1, 2, 1)
    assert desk.books.ledger.balance("a").held_nano == NANO


def test_a_row_of_a_later_version_settles_its_hold(desk: Desk) -> None:
    row = write_row(usage_row("r", START, charge_nano=NANO, legs=(Try("openai", "m", 500, "no", 1),)))
    later = {**row, "new": 1, "usage": {**row["usage"], "video": 5}, "legs": [{**row["legs"][0], "hint": "x"}]}
    desk.office.hold("a", "r", 2 * NANO, START - 1)
    put_row("r", json.dumps(later))
    done = desk.round()
    assert (done.settled, done.failed) == (1, 0)
    assert desk.books.ledger.balance("a").charged_nano == NANO


def test_a_round_without_time_leaves_the_rest_to_the_next(desk: Desk) -> None:
    for number in range(5):
        desk.books.accounts.create(f"b{number}", "Bea", START)
    done = sweep(desk.books, 0)
    assert (done.accounts, done.left) == (0, 6)
    assert sweep(desk.books, 60) == replace(sweep(desk.books), closed=0)


def test_no_account_is_always_the_last(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        desk.books.accounts.create(f"b{number}", "Bea", START)
    seen: set[str] = set()

    def visit(_books: Books, account: Account) -> Round:
        seen.add(account.account_id)
        return Round(accounts=1)

    monkeypatch.setattr(sweep_module, "visit", visit)
    ticks = itertools.count()
    monkeypatch.setattr(time, "monotonic", lambda: next(ticks))
    for _ in range(100):
        assert sweep(desk.books, 2).accounts == 1
    assert len(seen) == 6
