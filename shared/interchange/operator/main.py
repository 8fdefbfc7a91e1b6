"""The commands. Each returns an exit code and one JSON object; without `--json` the object is shown as lines."""

from __future__ import annotations

import argparse
import json
import os
import sys
import uuid
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from interchange import wiring
from interchange.catalog.load import CatalogError, load
from interchange.identity.keys import Limits
from interchange.metering.accounts import CreditConflict
from interchange.metering.ledger import LedgerError
from interchange.metering.money import nano, usd
from interchange.metering.rows import Totals
from interchange.metering.store import day_of

from .books import CommandError, open_books

Shown = dict[str, Any]
Command = Callable[[argparse.Namespace], tuple[int, Shown]]


def main(arguments: list[str] | None = None) -> int:
    parsed = _parser().parse_args(arguments)
    try:
        run: Command = parsed.run
        code, shown = run(parsed)
    except (wiring.SettingError, CatalogError, CommandError, LedgerError, CreditConflict, ValueError) as error:
        return _fail(str(error), parsed.json)
    except (ClientError, BotoCoreError) as error:
        return _fail(f"the table {os.environ.get('INTERCHANGE_TABLE', '')!r} cannot be used: {error}", parsed.json)
    print(json.dumps(shown) if parsed.json else _lines(shown))
    return code


def _fail(line: str, as_json: bool) -> int:
    first = line.splitlines()[0]
    if as_json:
        print(json.dumps({"error": first}))
    print(f"error: {first}", file=sys.stderr)
    return 1


def _lines(shown: Shown) -> str:
    return "\n".join(f"{name:<16} {_cell(value)}" for name, value in shown.items())


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "".join(f"\n  {_cell(item)}" for item in value)
    if isinstance(value, dict):
        return "  ".join(f"{name}={item}" for name, item in value.items())
    return str(value)


def _account_create(parsed: argparse.Namespace) -> tuple[int, Shown]:
    amount = nano(parsed.credit)
    if amount < 0:
        raise CommandError("--credit: must not be negative")
    books = open_books()
    account = books.create_account(parsed.name)
    if amount:
        books.accounts.credit(account, amount, "opening credit", "opening", books.now_ms)
    key, key_id = books.create_key(account, "first", Limits())
    return 0, {**books.shown(account), "name": parsed.name, "key": key, "key_id": key_id}


def _account_show(parsed: argparse.Namespace) -> tuple[int, Shown]:
    books = open_books()
    keys = [
        {"key_id": key["key_id"], "name": key["name"], "status": key["status"]}
        for key in books.keys.of_account(parsed.account)
    ]
    return 0, {**books.shown(parsed.account), "keys": keys}


def _key_create(parsed: argparse.Namespace) -> tuple[int, Shown]:
    books = open_books()
    limits = Limits(
        spend_nano=nano(parsed.limit_usd) if parsed.limit_usd else None,
        concurrent=parsed.concurrent,
        allowed_models=tuple(parsed.allow_model or ()),
    )
    key, key_id = books.create_key(parsed.account, parsed.name, limits)
    return 0, {**books.shown(parsed.account), "key": key, "key_id": key_id}


def _key_revoke(parsed: argparse.Namespace) -> tuple[int, Shown]:
    books = open_books()
    account = books.revoke(parsed.key_id)
    return 0, {**books.shown(account), "key_id": parsed.key_id, "status": "revoked"}


def _credit(parsed: argparse.Namespace) -> tuple[int, Shown]:
    amount = nano(parsed.usd)
    books = open_books()
    done = books.accounts.credit(parsed.account, amount, parsed.reason, parsed.id or uuid.uuid4().hex, books.now_ms)
    return 0, {**books.shown(parsed.account), "credited_now": done}


def _usage(parsed: argparse.Namespace) -> tuple[int, Shown]:
    books = open_books()
    day = parsed.day or day_of(books.now_ms)
    found = [parsed.account] if parsed.account else [audit.account_id for audit in books.accounts.audit()]
    groups: dict[tuple[str, str, str], Totals] = {}
    for account in found:
        for row in books.ledger.rows(account, day):
            group = (account, row.key_id, row.model)
            groups[group] = groups.get(group, Totals()).add(row)
    total = sum(totals.charge_nano for totals in groups.values())
    lines = [
        {"account": account, "key_id": key, "model": model, "requests": totals.requests,
         "input_tokens": totals.input_tokens, "output_tokens": totals.output_tokens,
         "charged_usd": usd(totals.charge_nano)}
        for (account, key, model), totals in sorted(groups.items())
    ]  # fmt: skip
    return 0, {"day": day, "charged_usd": usd(total), "usage": lines}


def _audit(_parsed: argparse.Namespace) -> tuple[int, Shown]:
    audits = open_books().accounts.audit()
    gaps = [{"account": one.account_id, "gap_usd": usd(one.balance.gap_nano)} for one in audits if not one.sound]
    held = sum(one.balance.held_nano for one in audits)
    charged = sum(one.balance.charged_nano for one in audits)
    available = sum(one.balance.available_nano for one in audits)
    shown = {"balanced": not gaps, "accounts": len(audits), "available_usd": usd(available), "held_usd": usd(held),
             "charged_usd": usd(charged), "gaps": gaps}  # fmt: skip
    return (1 if gaps else 0), shown


def _sweep(_parsed: argparse.Namespace) -> tuple[int, Shown]:
    books = open_books()
    swept = books.accounts.sweep(books.now_ms)
    return 0, {"settled": swept.settled, "released": swept.released, "settled_usd": usd(swept.settled_nano),
               "released_usd": usd(swept.released_nano)}  # fmt: skip


def _catalog_check(parsed: argparse.Namespace) -> tuple[int, Shown]:
    path = parsed.file or os.environ.get("INTERCHANGE_CATALOG")
    catalog = load(Path(path) if path else None)
    wiring.check_routes(catalog)
    wiring.added_providers(os.environ, catalog)
    free = [model.id for model in catalog.models if not _priced(model.price.model_dump(exclude_none=True))]
    return 0, {"file": str(path or "built-in"), "models": len(catalog.models), "version": catalog.version, "free": free}


def _priced(price: dict[str, Any]) -> bool:
    rates = [value for value in price.values() if isinstance(value, str)]
    return any(Decimal(rate) > 0 for rate in rates) or bool(price.get("per_image"))


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="print one JSON object")
    parser = argparse.ArgumentParser(prog="interchange", description=__doc__)
    groups = parser.add_subparsers(required=True, metavar="COMMAND")

    account = groups.add_parser("account", help="accounts").add_subparsers(required=True)
    create = _add(account, common, "create", _account_create, "make an account and its first key")
    create.add_argument("--name", required=True)
    create.add_argument("--credit", default="0", metavar="USD")
    _add(account, common, "show", _account_show, "an account's figures and keys").add_argument("account")

    key = groups.add_parser("key", help="keys").add_subparsers(required=True)
    made = _add(key, common, "create", _key_create, "make a key; it is shown once")
    made.add_argument("--account", required=True)
    made.add_argument("--name", default="key")
    made.add_argument("--limit-usd", metavar="USD", help="the most that it may spend in all")
    made.add_argument("--concurrent", type=int, help="requests at a time")
    made.add_argument("--allow-model", action="append", metavar="PATTERN")
    _add(key, common, "revoke", _key_revoke, "refuse a key from now on").add_argument("key_id")

    credit = _add(groups, common, "credit", _credit, "add to a balance, or take from it with a negative amount")
    credit.add_argument("account")
    credit.add_argument("usd")
    credit.add_argument("--reason", required=True)
    credit.add_argument("--id", help="makes a repeat of the same credit a no-op")
    usage = _add(groups, common, "usage", _usage, "what was used on a day, by account, key and model")
    usage.add_argument("--account")
    usage.add_argument("--day", metavar="YYYY-MM-DD")
    _add(groups, common, "audit", _audit, "check that every account's books balance")
    _add(groups, common, "sweep", _sweep, "resolve holds that outlived their request")

    catalog = groups.add_parser("catalog", help="the catalog").add_subparsers(required=True)
    _add(catalog, common, "check", _catalog_check, "validate a catalog file").add_argument("file", nargs="?")
    return parser


def _add(to: Any, common: argparse.ArgumentParser, name: str, run: Command, help_text: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = to.add_parser(name, parents=[common], help=help_text)
    made.set_defaults(run=run)
    return made
