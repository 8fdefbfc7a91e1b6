"""The books under everything that can happen to them, in any order, with the process dying at any call.

What must hold after each step, whatever died:
- each account's books balance: credited - charged - held = available, and the sums are those of the entries;
- an account was charged exactly what the rows of its settled requests say, each once;
- every credit counts once, for its amount;
- a capped key never spends above its cap; without debts and dear requests no balance is below zero.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import boto3
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, precondition, rule
from moto import mock_aws

from interchange.identity.keys import Limits
from interchange.metering import spread
from interchange.metering.accounts import Accounts
from interchange.metering.codes import CodeRefused, Codes
from interchange.metering.credit_shares import Credit, read_credit
from interchange.metering.credits import CreditConflict
from interchange.metering.ledger import (
    AccountRef,
    Balance,
    Hold,
    Ledger,
    LedgerError,
    open_holds,
    read_row_item,
    sum_of,
)
from interchange.metering.store import Item
from interchange.tables.dynamodb import DynamoTable, create_table
from tests.metering.model.fuse import Fuse, Killed
from tests.metering.tables import CREDENTIALS, every_item
from tests.metering.usage_rows import usage_row

CAP = 40
SECONDS = 1000
MONEY = st.integers(1, 60)
SHARDS = {"one": 1, "two": 1, "split": 3}
KEYS = {"free": Limits(), "capped": Limits(spend_nano=CAP), "narrow": Limits(concurrent=2)}
FUSES = st.one_of(st.none(), st.tuples(st.integers(0, 5), st.booleans()))
"""How many calls a step lives, and whether the last one is still made; None is for ever."""


NUMBERS = itertools.count()


@functools.cache
def client() -> Any:
    """One for all examples: a client costs more than an example's whole life. Each has a table of its own."""
    return boto3.client("dynamodb", **CREDENTIALS)


@dataclass
class Request:
    """One request as its process sees it, and what the test knows of it. `hold` is None while it is unknown whether
    there is one (the process died asking)."""

    id: str
    account: str
    key: str
    nano: int
    expires: int
    hold: Hold | None = None
    late: bool = False


@dataclass
class Found:
    """What the table holds: balance items and credits by account, charges by request."""

    shards: dict[str, list[Item]]
    credits: dict[str, list[Credit]]
    rows: dict[str, int]
    redeemed: int = 0


class Books(RuleBasedStateMachine):
    requests = Bundle("requests")
    codes = Bundle("codes")

    def __init__(self) -> None:
        super().__init__()
        self.table = f"books-{next(NUMBERS)}"
        create_table(client(), self.table)
        self.fuse = Fuse(client())
        store = DynamoTable(self.fuse, self.table)
        self.accounts, self.ledger = Accounts(store), Ledger(store)
        self.code_book = Codes(store)
        self.now = 1_795_348_800_000
        self.counter = 0
        self.known: list[Request] = []
        self.credits: dict[tuple[str, str], int] = {}
        self.debts = False
        for name, shards in SHARDS.items():
            self.accounts.create(name, name, self.now, shards)
            for key in KEYS:
                self.accounts.allow(name, f"{name}.{key}", CAP)

    def teardown(self) -> None:
        self.sweep_at_the_end()
        client().delete_table(TableName=self.table)

    @contextmanager
    def mortal(self, fuse: tuple[int, bool] | None) -> Iterator[None]:
        """The step may die; the next one is a new process."""
        if fuse is not None:
            self.fuse.light(fuse[0], after=fuse[1])
        try:
            yield
        except Killed:
            pass
        finally:
            self.fuse.put_out()

    def name(self, prefix: str) -> str:
        self.counter += 1
        return f"{prefix}{self.counter}"

    @rule(account=st.sampled_from(list(SHARDS)), nano=MONEY, days=st.sampled_from([None, 1, 3]), fuse=FUSES)
    def credit(self, account: str, nano: int, days: int | None, fuse: Any) -> None:
        name = self.name("credit")
        self.credits[account, name] = nano
        expires = None if days is None else self.now + days * SECONDS
        with self.mortal(fuse):
            assert self.accounts.credit(account, nano, "test", name, self.now, expires)

    @precondition(lambda self: self.credits)
    @rule(data=st.data(), more=st.integers(0, 1), fuse=FUSES)
    def credit_again(self, data: st.DataObject, more: int, fuse: Any) -> None:
        (account, name), nano = data.draw(st.sampled_from(sorted(self.credits.items())))
        made = {credit.credit_id for credit in self.accounts.credits.book(account)}
        with self.mortal(fuse):
            if name not in made:
                more = 0  # the first try died before it did anything: this is the first that counts
            try:
                assert self.accounts.credit(account, nano + more, "test", name, self.now) is (name not in made)
            except CreditConflict:
                assert more

    @rule(account=st.sampled_from(list(SHARDS)), nano=MONEY, fuse=FUSES)
    def take(self, account: str, nano: int, fuse: Any) -> None:
        name = self.name("credit")
        self.credits[account, name] = -nano
        self.debts = True
        with self.mortal(fuse):
            self.accounts.credit(account, -nano, "test", name, self.now)

    @rule(target=codes, nano=MONEY, count=st.integers(1, 2))
    def make_codes(self, nano: int, count: int) -> Any:
        return multiple(*((code, nano) for code in self.code_book.create(count, nano, self.name("batch"), self.now)))

    @rule(account=st.sampled_from(list(SHARDS)), code=codes, fuse=FUSES)
    def redeem(self, account: str, code: tuple[str, int], fuse: Any) -> None:
        with self.mortal(fuse):
            try:
                assert self.code_book.redeem(code[0], account, self.now).nano == code[1]
            except CodeRefused:
                assert self.look().redeemed > 0

    @rule(
        target=requests, account=st.sampled_from(list(SHARDS)), key=st.sampled_from(list(KEYS)), nano=MONEY, fuse=FUSES
    )
    def hold(self, account: str, key: str, nano: int, fuse: Any) -> Request:
        request = Request(self.name("r"), account, f"{account}.{key}", nano, self.now + SECONDS)
        self.known.append(request)
        reference = AccountRef(account, request.key, KEYS[key], SHARDS[account])
        with self.mortal(fuse), suppress(LedgerError):
            request.hold = self.ledger.hold(reference, request.id, nano, self.now, request.expires)
        return request

    @rule(request=requests, charge=st.integers(0, 60), fuse=FUSES)
    def finish(self, request: Request, charge: int, fuse: Any) -> None:
        """Row, then settlement, as the gateway does it; any part of it may have been done before."""
        if request.hold is None:
            return
        charge = min(charge, request.nano)
        if self.ledger.row(request.id) is None and request.id not in self.accounts.running(request.account):
            request.late = True  # released by a sweep before its row came
        with self.mortal(fuse):
            row = self.ledger.row(request.id)
            if row is None:
                row = usage_row(
                    request.id, self.now, account_id=request.account, key_id=request.key, charge_nano=charge,
                    hold_nano=request.nano,
                )  # fmt: skip
                self.ledger.record(row)
            self.ledger.settle(request.hold, row.charge_nano, self.now)

    @rule(request=requests, fuse=FUSES)
    def release(self, request: Request, fuse: Any) -> None:
        """For a request that was never sent: it has no row."""
        if request.hold is not None and self.ledger.row(request.id) is None:
            with self.mortal(fuse):
                self.ledger.release(request.hold, self.now)

    @rule(seconds=st.sampled_from([1, SECONDS // 2, SECONDS]))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule(account=st.sampled_from(list(SHARDS)), fuse=FUSES)
    def sweep(self, account: str, fuse: Any) -> None:
        with self.mortal(fuse):
            self.accounts.sweep_of(account, self.now)
            self.accounts.credits.expire(account, self.now)

    @rule(account=st.sampled_from(list(SHARDS)), key=st.sampled_from(list(KEYS)))
    def revoke(self, account: str, key: str) -> None:
        self.accounts.revoke(account, f"{account}.{key}")

    @rule(account=st.sampled_from(list(SHARDS)), suspended=st.booleans())
    def suspend(self, account: str, suspended: bool) -> None:
        self.accounts.suspend(account, suspended=suspended)

    @invariant()
    def the_books_balance(self) -> None:
        found = self.look()
        for account in SHARDS:
            shards, book = found.shards[account], found.credits[account]
            balance = sum_of(shards)
            assert balance.gap_nano == 0
            assert balance.held_nano == sum(hold.nano for item in shards for hold in open_holds(item))
            assert balance.credited_nano == sum(credit.nano for credit in book)
            assert balance.available_nano >= 0 or self.debts
            self.everything_settled_is_charged_once(found, account, balance)
            self.every_credit_counts_once(account, book)
        entered = [credit for book in found.credits.values() for credit in book]
        assert sum(1 for credit in entered if credit.source == "code") == found.redeemed

    def everything_settled_is_charged_once(self, found: Found, account: str, balance: Balance) -> None:
        running = {hold.request_id for item in found.shards[account] for hold in open_holds(item)}
        mine = [one for one in self.known if one.account == account and not one.late]
        settled = [one for one in mine if one.id not in running]
        assert balance.charged_nano == sum(found.rows.get(one.id, 0) for one in settled)
        # Whatever is charged at last: a cap is kept even by what is not settled yet.
        assert sum(found.rows.get(one.id, 0) for one in mine if one.key.endswith(".capped")) <= CAP

    def every_credit_counts_once(self, account: str, book: list[Credit]) -> None:
        for credit in book:
            if credit.source == "operator":
                assert credit.nano == self.credits[account, credit.credit_id]

    def look(self) -> Found:
        """The whole table in one reading."""
        found = Found({name: [] for name in SHARDS}, {name: [] for name in SHARDS}, {})
        for item in every_item(self.table):
            account = str(item["pk"]).removeprefix("ACCOUNT#")
            match str(item["sk"]).split("#")[0]:
                case "BALANCE":
                    found.shards[account].append(item)
                case "CREDIT":
                    found.credits[account].append(read_credit(item))
                case "USAGE":
                    row = read_row_item(item)
                    found.rows[row.request_id] = row.charge_nano
                case "CODE":
                    found.redeemed += "redeemed_by" in item
                case _:
                    pass
        return found

    def sweep_at_the_end(self) -> None:
        """Long after, nothing is open, and what is charged is what the rows say."""
        self.fuse.put_out()
        self.now += 10 * SECONDS
        for account in SHARDS:
            self.accounts.sweep_of(account, self.now)
            self.accounts.credits.expire(account, self.now)
            balance = self.ledger.balance(account)
            assert (balance.held_nano, balance.open_holds) == (0, 0)
        self.the_books_balance()


class TestBooks(Books.TestCase):  # type: ignore[misc, valid-type]
    settings = settings(max_examples=20, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))

    @mock_aws
    def runTest(self) -> None:
        with patch.object(spread, "SPLIT_OVER", 2), patch.object(spread, "MOST_OPEN", 5):  # so that accounts are split
            super().runTest()
