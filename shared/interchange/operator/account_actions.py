"""Accounts and keys."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from interchange.identity.keys import MANAGEMENT, ORDINARY, Limits, digest, read_limits, write_limits
from interchange.metering.accounts import Account
from interchange.metering.money import usd

from .amounts import amount, factor
from .books import Books, CommandError, Shown
from .dates import written
from .key_limits import read_form, write_form


def create_account(
    books: Books, name: str, credit: str = "0", markup: str = "1", low_balance: str | None = None
) -> Shown:
    """Creates an account with its first key, which is shown once. Raises ValueError before anything is made."""
    opening, scale = amount("credit", credit, least=0), factor(markup)
    low = None if low_balance is None else amount("low balance", low_balance, least=0)
    account_id = f"acct_{secrets.token_hex(8)}"
    books.accounts.create(account_id, name, books.now_ms, markup=scale)
    if low is not None:
        books.accounts.change(account_id, low_nano=low)
    if opening:
        books.accounts.credit(account_id, opening, "opening credit", "opening", books.now_ms)
    key, key_id = _new_key(books, account_id, "first", Limits())
    return {**show_account(books, account_id), "key": key, "key_id": key_id}


def show_account(books: Books, account_id: str) -> Shown:
    """Raises UnknownAccount."""
    shown = {**figures(books, account_id), **_profile(books.accounts.get(account_id))}
    return {**shown, "keys": [shown_key(key) for key in books.keys.of_account(account_id)]}


def list_accounts(books: Books) -> Shown:
    found = [{**figures(books, one.account_id), **_profile(one)} for one in books.accounts.all()]
    return {"accounts": found}


def change_account(
    books: Books,
    account_id: str,
    *,
    name: str | None = None,
    markup: str | None = None,
    low_balance: str | None = None,
    suspended: bool | None = None,
) -> Shown:
    """Changes what is not None. A new markup reaches the account's keys; charges already made stay as they are."""
    values: dict[str, Any] = {} if name is None else {"name": name}
    if markup is not None:
        values["markup"] = factor(markup)
    if low_balance is not None:
        values["low_nano"] = amount("low balance", low_balance, least=0)
    books.accounts.get(account_id)
    if values:
        books.accounts.change(account_id, **values)
    if markup is not None:
        for key in books.keys.of_account(account_id):
            books.keys.change(str(key["key_id"]), markup=values["markup"])
    if suspended is not None:
        books.accounts.suspend(account_id, suspended=suspended)
    return show_account(books, account_id)


def split_account(books: Books, account_id: str, shards: int) -> Shown:
    """Spreads a hot account over that many items at once, which is else done as it grows."""
    books.accounts.get(account_id)
    made = books.accounts.split(account_id, shards)
    return {**figures(books, account_id), "shards": made}


def figures(books: Books, account_id: str) -> Shown:
    """An account's figures in USD."""
    balance = books.ledger.balance(account_id)
    return {
        "account": account_id,
        "available_usd": usd(balance.available_nano),
        "held_usd": usd(balance.held_nano),
        "charged_usd": usd(balance.charged_nano),
        "credited_usd": usd(balance.credited_nano),
        "active": balance.active,
    }


def _profile(account: Account) -> Shown:
    shown: Shown = {"name": account.name, "markup": account.markup, "created": written(account.created_ms)}
    return shown if account.low_nano is None else {**shown, "low_balance_usd": usd(account.low_nano)}


def create_key(
    books: Books,
    account_id: str,
    name: str,
    limits: Mapping[str, Any],
    *,
    auto_cache: bool = False,
    manages: bool = False,
) -> Shown:
    """`manages`: a management key, which sees its account and calls no model."""
    key, key_id = _new_key(
        books, account_id, name, read_form(limits, books.now_ms), MANAGEMENT if manages else ORDINARY
    )
    if auto_cache:
        books.keys.change(key_id, cache="auto")
    return {**figures(books, account_id), "key": key, "key_id": key_id, "name": name}


def _new_key(books: Books, account_id: str, name: str, limits: Limits, kind: str = ORDINARY) -> tuple[str, str]:
    """(key, key id). The key itself is not stored and cannot be shown again."""
    account, balance = books.accounts.get(account_id), books.ledger.balance(account_id)
    key, key_id = f"sk-{secrets.token_urlsafe(36)}", f"key_{secrets.token_hex(8)}"
    if limits.spend_nano is not None:
        books.accounts.allow(account_id, key_id, limits.spend_nano)
    books.keys.add(
        digest(key),
        {"key_id": key_id, "account_id": account_id, "status": "active", "kind": kind, "name": name,
         "limits": write_limits(limits), "markup": account.markup, "shards": balance.shards,
         "created_ms": books.now_ms},
    )  # fmt: skip
    return key, key_id


def list_keys(books: Books, account_id: str) -> Shown:
    books.accounts.get(account_id)
    return {"account": account_id, "keys": [shown_key(key) for key in books.keys.of_account(account_id)]}


def limit_key(books: Books, key_id: str, form: Mapping[str, Any]) -> Shown:
    """Changes the named limits. A new spending cap counts from now on, whatever was spent before."""
    found = known_key(books, key_id)
    before = read_limits(found.get("limits") or {})
    limits = read_form(form, books.now_ms, before)
    if limits.spend_nano is not None and "spend_usd" in form:
        books.accounts.allow(str(found["account_id"]), key_id, limits.spend_nano)
    books.keys.change(key_id, limits=write_limits(limits))
    return {"account": str(found["account_id"]), **shown_key(known_key(books, key_id))}


def revoke_key(books: Books, key_id: str) -> Shown:
    """Refused from the next request on."""
    account_id = str(known_key(books, key_id)["account_id"])
    books.accounts.revoke(account_id, key_id)
    books.keys.change(key_id, status="revoked")
    books.accounts.forget(account_id, key_id)
    return {**figures(books, account_id), "key_id": key_id, "status": "revoked"}


def known_key(books: Books, key_id: str) -> Mapping[str, Any]:
    found = books.keys.by_id(key_id)
    if found is None:
        raise CommandError(f"no key {key_id}")
    return found


def shown_key(key: Mapping[str, Any]) -> Shown:
    limits = write_form(read_limits(key.get("limits") or {}))
    shown: Shown = {"key_id": str(key["key_id"]), "name": str(key["name"]), "status": str(key["status"])}
    return {**shown, "kind": str(key.get("kind") or ORDINARY), "limits": limits}
