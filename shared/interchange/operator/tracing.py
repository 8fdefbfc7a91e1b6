"""From what somebody has in hand (a key or its end, a request's id, a name) to the customer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from interchange.identity.keys import KEY_FORM, digest
from interchange.metering.accounts import Account
from interchange.metering.money import usd
from interchange.metering.rows import UsageRow, write_row

from . import account_actions
from .books import Books, Shown, Unknown
from .dates import written
from .forms import LOOKED_FOR

"""Characters that a text to look for has."""


def show_key(books: Books, key_id: str) -> Shown:
    """A key and whose it is."""
    found = account_actions.known_key(books, key_id)
    return {**_of_key(books, found), "created": written(int(found["created_ms"]))}


def good_key(books: Books, key_id: str) -> Shown:
    """Shows a key like `show_key`. Raises Unknown for one that was revoked."""
    shown = show_key(books, key_id)
    if shown["status"] != "active":
        raise Unknown(f"key {key_id} is revoked; /admin/find has whose it was")
    return shown


def show_request(books: Books, request_id: str) -> Shown:
    """A finished request as it is stored, and whose it is."""
    row = books.ledger.row(request_id)
    if row is None:
        raise Unknown(f"no finished request {request_id[:80]}")
    name = books.accounts.get(row.account_id).name
    return {**write_row(row), "created": written(row.created_ms), "account": row.account_id, "account_name": name,
            "charged_usd": usd(row.charge_nano), **_cost(row)}  # fmt: skip


def _cost(row: UsageRow) -> Shown:
    return {} if row.cost_nano is None else {"cost_usd": usd(row.cost_nano + sum(leg.cost_nano for leg in row.legs))}


def find(books: Books, text: str) -> Shown:
    """Everything that `text` may mean: a key, the last four of one, an id of a key, an account or a request, or a part
    of an account's or key's name. Raises ValueError for a text that is too short or cannot be seen."""
    if not re.fullmatch(LOOKED_FOR, text):
        raise ValueError("text: at least 3 characters that can be seen, 200 at most")
    return {"found": list(_matches(books, text.strip()))}


def _matches(books: Books, text: str) -> Iterator[Shown]:
    row = books.ledger.row(text)
    if row is not None:
        yield _of_request(books, row)
    if KEY_FORM.fullmatch(text):
        key = books.keys.find(digest(text))
        if key is not None:
            yield _found_key(books, key)
        return
    for account in books.watch(books.accounts.all(), "looking through accounts"):
        if text == account.account_id or text.lower() in account.name.lower():
            yield {
                "kind": "account",
                **account_actions.figures(books, account.account_id),
                "account_name": account.name,
            }
        for key in books.keys.of_account(account.account_id):
            if text in (key["key_id"], key.get("last")) or text.lower() in str(key["name"]).lower():
                yield _found_key(books, key, account)


def _of_request(books: Books, row: UsageRow) -> Shown:
    return {"kind": "request", "request_id": row.request_id, "account": row.account_id, "key_id": row.key_id,
            "account_name": books.accounts.get(row.account_id).name, "model": row.model, "outcome": row.outcome,
            "created": written(row.created_ms), "charged_usd": usd(row.charge_nano)}  # fmt: skip


def _found_key(books: Books, key: Mapping[str, Any], account: Account | None = None) -> Shown:
    """Shows it among other finds, whose `kind` says what each is."""
    return {**_of_key(books, key, account), "kind": "key"}


def _of_key(books: Books, key: Mapping[str, Any], account: Account | None = None) -> Shown:
    owner = account or books.accounts.get(str(key["account_id"]))
    shown = account_actions.shown_key(key)
    return {"account": owner.account_id, "account_name": owner.name, **shown, "key_kind": shown["kind"]}
