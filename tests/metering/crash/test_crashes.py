"""A process is killed between any two calls to the table; another one recovers. Nobody is charged twice, nobody loses
money, and what was asked for once happens once. On DynamoDB Local: the table outlives the process."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from interchange.metering.accounts import Accounts
from interchange.metering.codes import Codes
from interchange.metering.ledger import Ledger
from interchange.metering.reports import Reports
from interchange.metering.store import Store
from interchange.tables.dynamodb import DynamoTable
from tests.metering.crash import steps
from tests.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[3]
MOST_CALLS = 40
LATER = steps.START + 4 * steps.DAY_MS


@dataclass(frozen=True)
class Left:
    """What a dead process left: the table as `client` sees it, and the code that it was given."""

    client: Any
    code: str

    @property
    def store(self) -> Store:
        return DynamoTable(self.client, steps.TABLE)


class Nursery:
    """Lives that end when told to."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.metering.crash.steps", endpoint],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def live(self, name: str, calls: int, *, after: bool) -> tuple[Left, bool]:
        """(what it left behind, whether it was killed)."""
        books, code = f"books{uuid.uuid4().hex[:12]}", ""
        found = steps.client(self.endpoint, books)
        if name != "gateway":
            steps.prepare(found)
            (code,) = Codes(DynamoTable(found, steps.TABLE)).create(1, 9, "batch", steps.START)
        order = {"name": name, "books": books, "code": code, "calls": calls, "after": after}
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        ended = int(self.process.stdout.readline())
        assert ended in (0, steps.KILLED)
        return Left(found, code), ended == steps.KILLED

    def close(self) -> None:
        self.process.stdin and self.process.stdin.close()
        self.process.wait(timeout=PATIENCE_S)


@pytest.fixture(scope="module")
def nursery(dynamodb: Any) -> Iterator[Nursery]:
    made = Nursery(dynamodb.meta.endpoint_url)
    yield made
    made.close()


def deaths(nursery: Nursery, name: str) -> Iterator[Left]:
    """A table for every call at which the process can die, before the call and after it; the last lived through."""
    for after in (False, True):
        for calls in range(MOST_CALLS):
            found, killed = nursery.live(name, calls, after=after)
            yield found
            if not killed:
                assert calls > 0
                break
        else:
            raise AssertionError(f"{name} makes more than {MOST_CALLS} calls")


def recover(left: Left, account: str = "a") -> Store:
    accounts = Accounts(left.store)
    accounts.sweep_of(account, LATER)
    accounts.credits.expire(account, LATER)
    sound(left.store, account)
    return left.store


def sound(store: Store, account: str = "a") -> None:
    audit = Accounts(store).audit_of(account)
    assert audit.sound
    assert (audit.balance.held_nano, audit.balance.open_holds) == (0, 0)


def figures(store: Store) -> tuple[int, int]:
    balance = Ledger(store).balance("a")
    return balance.charged_nano, balance.credited_nano


def test_a_request_that_dies_is_charged_by_its_row_or_not_at_all(nursery: Nursery) -> None:
    outcomes = set()
    for left in deaths(nursery, "request"):
        store = recover(left)
        charged, credited = figures(store)
        assert charged == (steps.CHARGE if Ledger(store).row("r1") else 0)
        assert credited == 10**9
        outcomes.add(charged)
    assert outcomes == {0, steps.CHARGE}


@pytest.mark.parametrize(("name", "nano"), [("credit", 7), ("payment", 7), ("redemption", 9)])
def test_credit_that_is_asked_for_again_is_given_once(nursery: Nursery, name: str, nano: int) -> None:
    for left in deaths(nursery, name):
        sound(left.store)
        steps.LIVES[name](left.client, left.code)
        store = recover(left)
        assert figures(store) == (0, 10**9 + nano)


def test_an_expiry_that_dies_is_done_once(nursery: Nursery) -> None:
    for left in deaths(nursery, "expiry"):
        assert figures(recover(left)) == (0, 10**9)
        assert figures(recover(left)) == (0, 10**9)


def test_a_sweep_that_dies_is_swept_again(nursery: Nursery) -> None:
    for left in deaths(nursery, "sweeping"):
        store = recover(left)
        charged, credited = figures(store)
        assert charged == (steps.CHARGE if Ledger(store).row("r1") else 0)
        assert credited == 10**9
        reports = Reports(store)
        reports.close("a", steps.DAY, LATER)
        assert list(reports.reconcile("a", steps.DAY, steps.DAY)) == []


@pytest.mark.long
def test_a_gateway_that_dies_at_any_call_charges_what_it_recorded(nursery: Nursery) -> None:
    charges = set()
    for left in deaths(nursery, "gateway"):
        store = recover(left, "acc")
        balance, rows = Ledger(store).balance("acc"), list(Ledger(store).rows("acc", steps.DAY))
        assert balance.charged_nano == sum(row.charge_nano for row in rows)
        assert balance.credited_nano == 10 * 10**9
        charges.add(balance.charged_nano)
    assert charges == {0, steps.CHARGE}
