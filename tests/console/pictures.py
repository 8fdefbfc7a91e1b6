"""`python -m tests.console.pictures [PAGE ...]`: the pictures of docs/screenshots, of an account with a month of use.

Needs Node and Chromium; look at each of them before it is committed."""

from __future__ import annotations

import json
import math
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from interchange.catalog.load import load
from interchange.hub.usage import Usage
from interchange.identity.keys import Limits, read_limits
from interchange.metering.ledger import AccountRef, Ledger, LedgerError
from interchange.metering.prices import PriceList, charge
from interchange.metering.rows import Try
from interchange.operator import account_actions, credit_actions
from interchange.operator.books import make_books
from interchange.tables.sqlite import SqliteTable
from tests.metering.usage_rows import usage_row
from tests.sdk.gateway import ROOT, Gateway, running

DAYS = 30
DAY_MS = 86_400_000
MODELS = (
    ("claude-sonnet-4-5", 0.34),
    ("gpt-5", 0.24),
    ("claude-haiku-4-5", 0.2),
    ("gemini-2.5-flash", 0.14),
    ("gpt-5-mini", 0.08),
)
KEYS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("web shop", {"spend_usd": "60", "requests_per_minute": 120, "allowed_models": ["gpt-*", "claude-haiku-*"]}),
    ("coding agent", {"spend_per_month_usd": "80", "spend_per_day_usd": "10"}),
    ("nightly batch", {"spend_per_month_usd": "40", "concurrent": 4, "zone": "Europe/Berlin"}),
)
USERS = ("ada", "grace", "linus", "")


def main() -> None:
    with running() as gateway:
        told = seeded(gateway)
        given: dict[str, Any] = {
            "chromium": shutil.which("chromium"),
            "url": gateway.url,
            "folder": str(ROOT / "docs" / "screenshots"),
            **told,
        }
        given |= {"only": sys.argv[1:]} if sys.argv[1:] else {}
        subprocess.run(["node", "tests/pictures.mjs", json.dumps(given)], cwd=ROOT / "console", check=True)


def seeded(gateway: Gateway) -> dict[str, str]:
    """An account whose month looks like one: keys with limits used in part, credits, requests of every kind."""
    table = SqliteTable(gateway.table.removeprefix("sqlite:"))
    now = int(time.time() * 1000)
    clock = [now - (DAYS - 1) * DAY_MS]
    books = make_books(table, load, clock=lambda: clock[0])
    made = account_actions.create_account(books, "Analytical Engines", "250", low_balance="25")
    account = str(made["account"])
    keys = [str(account_actions.create_key(books, account, name, form)["key_id"]) for name, form in KEYS]
    boss = account_actions.create_key(books, account, "console", {}, manages=True)
    credit_actions.credit(books, account, "50", "welcome", None)
    limits = {key: read_limits((books.keys.by_id(key) or {})["limits"]) for key in keys}
    with table.together():  # the gateway's own round would close days that are not whole yet
        _use(books.ledger, account, limits, now)
    clock[0] = now
    for usd, reason in (("100", "invoice 2026-118"), ("12.5", "goodwill for an outage")):
        credit_actions.credit(books, account, usd, reason, None)
    return {"boss": str(boss["key"]), "key": str(made["key"])}


def _use(ledger: Ledger, account: str, limits: Mapping[str, Limits], now: int) -> None:
    chance = random.Random(1815)
    known = {model.id: model for model in load().models}
    for back in range(DAYS - 1, -1, -1):
        weekend = 0.35 if ((now // DAY_MS - back) + 4) % 7 in (0, 6) else 1
        for _ in range(int(26 * weekend * (1 + 0.4 * math.sin(back / 5)))):
            moment = max(now - back * DAY_MS - chance.randrange(60_000, 40_000_000), now - (DAYS - 1) * DAY_MS)
            key = chance.choice([*limits])
            with suppress(LedgerError):  # a limit holds
                reference = AccountRef(account, key, limits[key])
                _request(ledger, reference, f"{chance.getrandbits(128):032x}", moment, chance, known)


def _request(
    ledger: Ledger, asked: AccountRef, request_id: str, moment: int, chance: random.Random, known: dict[str, Any]
) -> None:
    model = chance.choices([name for name, _ in MODELS], [part for _, part in MODELS])[0]
    prices = PriceList.read(known[model].price.data())
    failed = chance.random() < 0.03
    size = chance.lognormvariate(11.2, 1.0)
    usage = (
        Usage()
        if failed
        else Usage(
            input=int(size * 0.3),
            cache_read=int(size * chance.random()),
            output=int(size / 14),
            reasoning=int(size / 40),
        )
    )
    first = int(chance.lognormvariate(6.4, 0.5))
    route = known[model].routes[0]
    protocol = chance.choice(("openai_chat", "anthropic_messages", "openai_responses"))
    row = usage_row(
        request_id,
        moment,
        usage,
        account_id=asked.account_id,
        key_id=asked.key_id,
        model=model,
        provider=route.provider,
        upstream_model=route.model,
        prices=prices.data,
        price_version=prices.version,
        stream=True,
        protocol=protocol,
        charge_nano=charge(usage, prices, "1").nano,
        outcome="upstream_error" if failed else "ok",
        status=529 if failed else 200,
        first_byte_ms=None if failed else first,
        user=chance.choice(USERS),
        total_ms=first + int(usage.output * 14),
        lane="translate",
        dropped=("seed",) if chance.random() < 0.06 else (),
        tags=("team=search",) if chance.random() < 0.5 else (),
        legs=(Try("bedrock", "u", 529, "overloaded", 412),) if chance.random() < 0.05 else (),
    )
    hold = ledger.hold(asked, request_id, row.hold_nano * 5, moment, moment + 900_000)
    ledger.record(row)
    ledger.settle(hold, row.charge_nano, moment)


if __name__ == "__main__":
    main()
