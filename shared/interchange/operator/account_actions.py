"""Accounts and keys."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from interchange.dataclass import replace
from interchange.identity.keys import MANAGEMENT, ORDINARY, PREFIX, Limits, digest, read_limits, write_limits
from interchange.metering.accounts import Account
from interchange.metering.money import usd
from interchange.metering.operations import Names
from interchange.metering.store import ConditionFailed

from . import topping_up
from .account_limits import shown_limits
from .alert_settings import read_address, read_endpoint
from .amounts import amount, credited, factor, worded
from .books import Books, CommandError, Shown, Unknown, Unmet
from .dates import moment, written
from .key_limits import NAMES, read_form, write_form
from .patterns import unmatched

LONGEST_OVERLAP_MS = 90 * 86_400_000
LONGEST_GROUP = 80
RANDOM = Names()


def create_account(
    books: Books,
    name: str,
    credit: str = "0",
    markup: str = "1",
    low_balance: str | None = None,
    operation: str | None = None,
) -> Shown:
    """Creates an account with its first key, which is shown once. A repeat that names the same `operation` makes
    nothing new. Raises ValueError before anything is made."""
    opening, scale = credited("credit_usd", credit), factor(markup)
    if opening < 0:
        raise ValueError("credit_usd: must not be negative")
    low = None if low_balance is None else amount("low_balance_usd", low_balance, least=0)
    worded("name", name)
    names = books.operations.names(operation, repr(("account", name, opening, scale, low)), books.now_ms)
    account_id = f"acct_{names.token('account', 8).hex()}"
    with suppress(ConditionFailed):  # a repeat
        books.accounts.create(account_id, name, books.now_ms, markup=scale)
    if low is not None:
        books.accounts.change(account_id, low_nano=low)
    if opening:
        books.accounts.credit(account_id, opening, "opening credit", "opening", books.now_ms)
    key, key_id = _new_key(books, account_id, "first", Limits(), names=names)
    return {**show_account(books, account_id), "key": key, "key_id": key_id}


def show_account(books: Books, account_id: str) -> Shown:
    """Raises UnknownAccount."""
    account = books.accounts.get(account_id)
    shown = {**figures(books, account_id), **_profile(account), **shown_limits(books, account_id)}
    if account.tops_up:
        shown |= topping_up.shown_top_up(books, account_id)
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
    top_up: Mapping[str, Any] | None = None,
    group: str | None = None,
    zone: str | None = None,
    email: str | None = None,
    webhook: str | None = None,
    shards: int | None = None,
) -> Shown:
    """Changes what is not None; `top_up` of no entries switches it off, as "" does for `email` and `webhook`. A new
    markup reaches all keys; charges already made stay as they are. The secret that signs calls to a new `webhook` is
    in the answer, once. Nothing is changed where anything is wrong: raises CommandError, ValueError naming it."""
    if books.accounts.get(account_id).ended_ms is not None:
        raise Unmet(f"account {account_id} is closed, for good")
    if all(one is None for one in (name, markup, low_balance, suspended, top_up, group, zone, email, webhook, shards)):
        raise CommandError("nothing to change: name what is to be changed, and to what")
    values = _read_change(name, markup, low_balance, group, email, webhook)
    if zone is not None:
        values["zone"] = read_form({"zone": zone}, books.now_ms).zone if zone else ""
    rule = _read_top_up(books, top_up) if top_up else None
    if shards is not None:
        books.accounts.split(account_id, shards)
    if values:
        books.accounts.change(account_id, **values)
    _tell_keys(books, account_id, values)
    if rule is not None:
        topping_up.set_top_up(books, account_id, rule)
    elif top_up is not None:
        topping_up.end_top_up(books, account_id)
    if suspended is not None:
        books.accounts.suspend(account_id, suspended=suspended)
    shown = show_account(books, account_id)
    return {**shown, "webhook_secret": values["webhook_secret"]} if webhook else shown


def _read_change(
    name: str | None,
    markup: str | None,
    low_balance: str | None,
    group: str | None,
    email: str | None,
    webhook: str | None,
) -> dict[str, Any]:
    """Returns the attributes that store them."""
    values: dict[str, Any] = {}
    if name is not None:
        values["name"] = worded("name", name)
    if group is not None:
        values["group"] = group and worded("group", group, LONGEST_GROUP)
    if markup is not None:
        values["markup"] = factor(markup)
    if low_balance is not None:
        values["low_nano"] = amount("low_balance_usd", low_balance, least=0)
    if email is not None:
        values |= {"email": email and _checked("email", email, read_address), "email_asked": "", "email_code": ""}
    if webhook is not None:
        values["webhook"] = webhook and _checked("webhook", webhook, read_endpoint)
        values["webhook_public"] = False
        values["webhook_secret"] = f"whsec_{secrets.token_urlsafe(24)}" if webhook else ""
    return values


def _tell_keys(books: Books, account_id: str, values: Mapping[str, Any]) -> None:
    """Keys know the account's markup, group and zone; a key may be given another zone afterwards."""
    told = {name: values[name] for name in ("markup", "group") if name in values}
    if not told and "zone" not in values:
        return
    for key in books.keys.of_account(account_id):
        limits: dict[str, Any] = {}
        if "zone" in values:
            own = replace(read_limits(key.get("limits") or {}), zone=values["zone"] or None)
            limits = {"limits": write_limits(own)}
        books.keys.change(str(key["key_id"]), **told, **limits)


def _checked(name: str, text: str, read: Callable[[str], str]) -> str:
    try:
        return read(text)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _read_top_up(books: Books, form: Mapping[str, Any]) -> topping_up.Rule:
    missing = [name for name in ("below_usd", "usd") if form.get(name) is None]
    if missing:
        raise ValueError(f"auto_topup.{missing[0]}: is needed")
    return topping_up.read_rule(books, str(form["below_usd"]), str(form["usd"]), form.get("most_per_month_usd"))


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
    if account.group:
        shown["group"] = account.group
    if account.zone:
        shown["zone"] = account.zone
    shown |= {name: value for name, value in (("email", account.email), ("webhook", account.webhook)) if value}
    if account.ended_ms is not None:
        shown["closed"] = written(account.ended_ms)
    return shown if account.low_nano is None else {**shown, "low_balance_usd": usd(account.low_nano)}


def create_key(
    books: Books,
    account_id: str,
    name: str | None,
    limits: Mapping[str, Any],
    *,
    auto_cache: bool = False,
    manages: bool = False,
    operation: str | None = None,
) -> Shown:
    """`manages`: a management key, which sees its account and calls no model. Without a name it is numbered."""
    if books.accounts.get(account_id).ended_ms is not None:
        raise Unmet(f"account {account_id} is closed")
    read = read_form(limits, books.now_ms)
    if name is not None:
        worded("name", name)
    asked = repr((account_id, name, sorted(limits.items()), auto_cache, manages))
    names = books.operations.names(operation, asked, books.now_ms)
    named = name or f"key {len(books.keys.of_account(account_id)) + 1}"
    key, key_id = _new_key(books, account_id, named, read, MANAGEMENT if manages else ORDINARY, names)
    if auto_cache:
        books.keys.change(key_id, cache="auto")
    made = {**figures(books, account_id), "key": key, "key_id": key_id, "name": named}
    return made | _warned(books, read)


def _new_key(
    books: Books, account_id: str, name: str, limits: Limits, kind: str = ORDINARY, names: Names = RANDOM
) -> tuple[str, str]:
    """(key, key id). The key itself is not stored and cannot be shown again."""
    account, balance = books.accounts.get(account_id), books.ledger.balance(account_id)
    limits = limits if limits.zone or not account.zone else replace(limits, zone=account.zone)
    secret = base64.urlsafe_b64encode(names.token("key", 36)).decode()
    key, key_id = f"{PREFIX}{secret}", f"key_{names.token('key id', 8).hex()}"
    if limits.spend_nano is not None:
        books.accounts.allow(account_id, key_id, limits.spend_nano)
    with suppress(ConditionFailed):  # a repeat
        books.keys.add(
            digest(key),
            {"key_id": key_id, "account_id": account_id, "status": "active", "kind": kind, "name": name,
             "limits": write_limits(limits), "markup": account.markup, "shards": balance.shards,
             "last": key[-4:], "created_ms": books.now_ms, **({"group": account.group} if account.group else {}),
             **({"shared": account.shared} if account.shared else {})},
        )  # fmt: skip
    return key, key_id


def _warned(books: Books, limits: Limits) -> Shown:
    warnings = unmatched(books, limits.allowed_models)
    return {"warnings": warnings} if warnings else {}


def list_keys(books: Books, account_id: str) -> Shown:
    books.accounts.get(account_id)
    return {"account": account_id, "keys": [shown_key(key) for key in books.keys.of_account(account_id)]}


def limit_key(books: Books, key_id: str, form: Mapping[str, Any]) -> Shown:
    """Changes the named limits. What was spent of a cap stays spent; `reset_key` begins it anew."""
    found = known_key(books, key_id)
    if not form:
        raise CommandError(f"limits: name at least one of {', '.join(NAMES)}")
    before = read_limits(found.get("limits") or {})
    limits = read_form(form, books.now_ms, before)
    if limits.spend_nano is not None and "spend_usd" in form:
        books.accounts.allow(str(found["account_id"]), key_id, limits.spend_nano, before.spend_nano)
    books.keys.change(key_id, limits=write_limits(limits))
    shown = {"account": str(found["account_id"]), **shown_key(known_key(books, key_id))}
    return shown | (_warned(books, limits) if "allowed_models" in form else {})


def reset_key(books: Books, key_id: str) -> Shown:
    """Begins the key's spending cap anew."""
    found = known_key(books, key_id)
    cap = read_limits(found.get("limits") or {}).spend_nano
    if cap is None:
        raise Unmet(f"key {key_id} has no spending cap")
    books.accounts.renew(str(found["account_id"]), key_id, cap)
    return {"account": str(found["account_id"]), **shown_key(found)}


def rotate_key(books: Books, key_id: str, old_until: str = "1d") -> Shown:
    """Another secret for the same key: its id, caps and counters stay. The secret before is good until then."""
    found = known_key(books, key_id)
    until = moment(old_until, books.now_ms, "old_until")
    if not books.now_ms <= until <= books.now_ms + LONGEST_OVERLAP_MS:
        raise Unmet("old_until: must be a moment of the next 90 days; `0m` is at once")
    secret = f"{PREFIX}{secrets.token_urlsafe(36)}"
    if not books.keys.rotate(key_id, digest(secret), until):
        raise Unmet(f"key {key_id} is revoked, or was changed meanwhile")
    books.keys.change(key_id, last=secret[-4:])
    return {"account": str(found["account_id"]), "key_id": key_id, "key": secret, "old_until": written(until)}


def revoke_key(books: Books, key_id: str) -> Shown:
    """Refused from the next request on."""
    known = known_key(books, key_id)
    account_id, revoked_ms = str(known["account_id"]), known.get("revoked_ms", books.now_ms)
    books.accounts.revoke(account_id, key_id)
    books.keys.change(key_id, status="revoked", revoked_ms=revoked_ms)
    books.accounts.forget(account_id, key_id)
    return {**figures(books, account_id), "key_id": key_id, "status": "revoked"}


def known_key(books: Books, key_id: str) -> Mapping[str, Any]:
    found = books.keys.by_id(key_id)
    if found is None:
        raise Unknown(f"no key {key_id[:80]}")
    return found


def shown_key(key: Mapping[str, Any]) -> Shown:
    limits = write_form(read_limits(key.get("limits") or {}))
    shown: Shown = {"key_id": str(key["key_id"]), "name": str(key["name"]), "status": str(key["status"])}
    return {**shown, "kind": str(key.get("kind") or ORDINARY), "limits": limits}
