"""What a process does to the books in its life, and how another one recovers from its death at any call.

Run as a program it is the process that dies: `python -m tests.metering.crash.steps ENDPOINT`, then a line of JSON for
each life to live ({"name", "books", "code", "calls", "after"}), each in a forked process of its own. It answers with
the exit code: KILLED where the process died at the call, 0 where it lived through.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

import boto3

from interchange.hub.usage import Usage
from interchange.identity.keys import Limits
from interchange.metering.accounts import Accounts
from interchange.metering.codes import Codes
from interchange.metering.credit_shares import Credit
from interchange.metering.ledger import AccountRef, Ledger
from interchange.metering.reports import Reports
from interchange.tables.dynamodb import DynamoTable, create_table
from tests.exchange import world
from tests.metering.usage_rows import usage_row

KILLED = 9
TABLE = "books"
START = 1_770_000_000_000
DAY = "2026-02-02"
DAY_MS = 86_400_000
CHARGE = 3_000_000
"""What `usage_row` costs: 1000 tokens at 2 USD and 100 at 10 USD a million."""


def client(endpoint: str, books: str) -> Any:
    """DynamoDB Local keeps the tables of each access key apart: `books` names a world of its own."""
    return boto3.client(
        "dynamodb", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=books, aws_secret_access_key="x"
    )


def prepare(found: Any) -> None:
    create_table(found, TABLE)
    accounts = Accounts(DynamoTable(found, TABLE))
    accounts.create("a", "test", START, shards=2)
    accounts.credit("a", 10**9, "test", "first", START)


# A life is what a process does; `again` may follow any death


def request(found: Any, _code: str) -> None:
    """A request as the gateway makes it: hold, then (upstream), then row and settlement."""
    ledger = Ledger(DynamoTable(found, TABLE))
    hold = ledger.hold(AccountRef("a", "k", Limits(), 2), "r1", 4 * CHARGE, START, START + 1000)
    ledger.record(usage_row("r1", START, Usage(input=1000, output=100)))
    ledger.settle(hold, CHARGE, START + 5)


def credit(found: Any, _code: str) -> None:
    Accounts(DynamoTable(found, TABLE)).credit("a", 7, "top-up", "c1", START)


def payment(found: Any, _code: str) -> None:
    Accounts(DynamoTable(found, TABLE)).credits.add(
        "a", Credit("payment-pi_1", 7, "payment evt_1", START, source="payment")
    )


def redemption(found: Any, code: str) -> None:
    Codes(DynamoTable(found, TABLE)).redeem(code, "a", START)


def expiry(found: Any, _code: str) -> None:
    accounts = Accounts(DynamoTable(found, TABLE))
    accounts.credit("a", 50, "gift", "gift", START, START + 10)
    accounts.credits.expire("a", START + 10)


def sweeping(found: Any, _code: str) -> None:
    """Two abandoned requests, one of which has its row; then the sweep, and the day's end."""
    store = DynamoTable(found, TABLE)
    ledger = Ledger(store)
    for number in (1, 2):
        ledger.hold(AccountRef("a", "k", Limits(), 2), f"r{number}", 4 * CHARGE, START, START + 1000)
    ledger.record(usage_row("r1", START, Usage(input=1000, output=100)))
    Accounts(store).sweep_of("a", START + 1000)
    Reports(store).close("a", DAY, START + 3 * DAY_MS)


LIVES: Mapping[str, Callable[[Any, str], None]] = {
    "request": request,
    "credit": credit,
    "payment": payment,
    "redemption": redemption,
    "expiry": expiry,
    "sweeping": sweeping,
}


def gateway(found: Any, die: Callable[[], None]) -> None:
    """A whole request through the exchange, from the key to the last byte; `die` is armed when the world stands."""
    create_table(found, TABLE)
    here = world.make(lambda: DynamoTable(found, TABLE), "10", Limits())
    here.script.answers = [world.Says(chunks=world.chat_stream("hello", " there", prompt=1000, completion=100))]
    die()
    asyncio.run(here.streamed("chat", {"model": "gpt", "messages": world.user(), "stream": True}))


def die_at(found: Any, calls: int, *, after: bool) -> None:
    """The process ends without a word as the call goes out, or when its answer is in."""
    left = [calls]

    def count(**_: Any) -> None:
        left[0] -= 1
        if left[0] < 0:
            os._exit(KILLED)

    found.meta.events.register("after-call.dynamodb" if after else "before-send.dynamodb", count)


def _live(endpoint: str, order: Mapping[str, Any]) -> int:
    child = os.fork()
    if child == 0:
        found = client(endpoint, order["books"])
        if order["name"] == "gateway":
            gateway(found, lambda: die_at(found, order["calls"], after=order["after"]))
        else:
            die_at(found, order["calls"], after=order["after"])
            LIVES[order["name"]](found, order["code"])
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    for line in sys.stdin:
        print(_live(sys.argv[1], json.loads(line)), flush=True)
