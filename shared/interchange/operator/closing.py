"""The end of an account: the rest is paid back or written off, keys are revoked, names forgotten; the books stay."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from interchange.metering.credit_shares import Credit
from interchange.metering.money import usd
from interchange.metering.reports import days
from interchange.metering.rows import write_row
from interchange.metering.store import day_of

from . import account_actions, credit_actions, payment_actions
from .amounts import LONGEST_REASON, worded
from .books import Books, CommandError, Shown, Unmet

REFUND, WRITE_OFF = "refund", "write-off"
WORDS = {REFUND: "paid back at closing", WRITE_OFF: "written off at closing"}
FORGOTTEN = "(closed)"


def close_account(books: Books, account_id: str, rest: str, reason: str) -> Shown:
    """`rest` is what becomes of the balance: `refund` (the operator pays it back) or `write-off`; a debt is written off
    by either. A repeat goes on where the first was stopped, and does nothing after it. Raises CommandError while
    requests run."""
    if rest not in WORDS:
        raise CommandError(f"rest: {rest[:40]!r} is none of {', '.join(WORDS)}")
    worded("reason", reason, LONGEST_REASON)
    account = books.accounts.get(account_id)
    books.accounts.suspend(account_id)
    keys = [str(key["key_id"]) for key in books.keys.of_account(account_id)]
    for key_id in keys:
        account_actions.revoke_key(books, key_id)
        books.keys.change(key_id, name=FORGOTTEN)
    balance = books.ledger.balance(account_id)
    if balance.open_holds:
        raise Unmet(
            f"{balance.open_holds} requests still run; the account is suspended: close it again when they have ended"
        )
    if balance.available_nano:
        number = sum(1 for one in books.accounts.credits.book(account_id) if one.source == "closing")
        said = f"{WORDS[rest]}: {reason}"
        entry = Credit(f"closing.{number + 1}", -balance.available_nano, said, books.now_ms, source="closing")
        books.accounts.credits.add(account_id, entry)
    gone = {"name": FORGOTTEN, "email": "", "webhook": "", "webhook_secret": "", "email_asked": "", "email_code": ""}
    books.accounts.change(account_id, **gone, ended_ms=account.ended_ms or books.now_ms)
    shown = {name: value for name, value in account_actions.show_account(books, account_id).items() if name != "keys"}
    return {**shown, "rest": rest, "rest_usd": usd(balance.available_nano), "keys_revoked": len(keys)}


def export_account(books: Books, account_id: str, file: str) -> Shown:
    """Writes all that is kept of an account as JSON lines, each with its `kind`: account, key, credit, payment or
    request. Raises OSError."""
    lines = 0
    books.accounts.get(account_id)  # before there is a file
    with Path(file).open("x", encoding="utf-8") as out:
        for line in _lines(books, account_id):
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
            lines += 1
    return {"account": account_id, "file": file, "lines": lines}


def _lines(books: Books, account_id: str) -> Iterator[Shown]:
    shown = account_actions.show_account(books, account_id)
    keys = shown.pop("keys")
    yield {"kind": "account", **shown}
    for key in keys:
        yield {**key, "kind": "key", "key_kind": key["kind"]}
    for one in credit_actions.list_credits(books, account_id)["credits"]:
        yield {"kind": "credit", **one}
    for one in payment_actions.list_payments(books, account_id)["payments"]:
        yield {"kind": "payment", **one}
    first = day_of(books.accounts.get(account_id).created_ms)
    for day in books.watch(list(days(first, day_of(books.now_ms))), "writing days"):
        for row in books.ledger.rows(account_id, day):
            yield {"kind": "request", **_without_costs(write_row(row))}


def _without_costs(row: Shown) -> Shown:
    """Removes what the vendors charge, which is the operator's own affair: an export may be handed to the account's
    owner."""
    legs = [{name: value for name, value in leg.items() if name != "cost_nano"} for leg in row["legs"]]
    return {**{name: value for name, value in row.items() if name != "cost_nano"}, "legs": legs}
