"""Limits of an account as a whole, of each end user of it, and of models: each of its keys keeps them, so that a
request finds them where it finds its key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.dataclass import replace
from interchange.identity.keys import Limits, Shared, read_shared, write_shared
from interchange.metering import key_uses
from interchange.metering.key_left import left_of
from interchange.metering.money import usd

from .amounts import worded
from .books import Books, CommandError, Shown, Unmet
from .key_limits import read_form, write_form
from .patterns import unmatched

KINDS = (
    "spend_per_day_usd", "spend_per_week_usd", "spend_per_month_usd", "concurrent", "requests_per_minute",
    "tokens_per_minute",
)  # fmt: skip
"""The limits that can be shared. The rest is the key's own matter; what an account may spend in all is its balance."""
MOST_PATTERNS = 20
LONGEST_PATTERN = 200
NONE: Mapping[str, Any] = {}


def limit_account(
    books: Books, account_id: str, form: Mapping[str, Any], *, each_user: bool = False, models: str | None = None
) -> Shown:
    """Changes the named limits of the account, of each end user of it, or of the models of a pattern; None takes one
    away. What was used stays used. Raises ValueError naming the limit."""
    if each_user and models is not None:
        raise ValueError("models: limits are of each user or of models, not of both")
    if models is not None:
        return limit_all(books, account_id, models={models: form})
    return limit_all(books, account_id, user=form) if each_user else limit_all(books, account_id, form)


def limit_all(
    books: Books,
    account_id: str,
    account: Mapping[str, Any] = NONE,
    user: Mapping[str, Any] = NONE,
    models: Mapping[str, Mapping[str, Any]] = NONE,
) -> Shown:
    """All of it or, where anything is wrong, nothing. Raises CommandError, ValueError."""
    known = books.accounts.get(account_id)
    if known.ended_ms is not None:
        raise Unmet(f"account {account_id} is closed, for good")
    shared, now = read_shared(known.shared), books.now_ms
    if not any((account, user, *models.values())):
        raise CommandError(f"limits: name at least one of {', '.join(KINDS)}")
    for pattern, form in models.items():
        if not form:
            raise CommandError(f"model_limits.{pattern[:80]}: name at least one of {', '.join(KINDS)}")
    for form in (account, user, *models.values()):
        _check_kinds(form)
    shared = _changed(shared, account, now, each_user=False, models=None) if account else shared
    shared = _changed(shared, user, now, each_user=True, models=None) if user else shared
    for pattern, form in models.items():
        shared = _changed(shared, form, now, each_user=False, models=_pattern(pattern))
    written = write_shared(shared)
    books.accounts.change(account_id, shared=written)
    for key in books.keys.of_account(account_id):
        books.keys.change(str(key["key_id"]), shared=written)
    warned = unmatched(books, list(models), "models")
    return {"account": account_id, **shown_limits(books, account_id), **({"warnings": warned} if warned else {})}


def _check_kinds(form: Mapping[str, Any]) -> None:
    other = sorted(set(form) - set(KINDS))
    if other:
        raise ValueError(f"{other[0]}: an account has no such limit; there are {', '.join(KINDS)}")


def _pattern(text: str) -> str:
    if len(text) > LONGEST_PATTERN:
        raise ValueError(f"models: a pattern has at most {LONGEST_PATTERN} characters")
    if not text.strip():
        raise ValueError("models: a pattern is not empty (`*` means all)")
    return worded("models", text)


def _changed(shared: Shared, form: Mapping[str, Any], now_ms: int, *, each_user: bool, models: str | None) -> Shared:
    if models is not None:
        known = dict(shared.models)
        found = _limits(form, now_ms, known.pop(models, None))
        kept = (*known.items(), *(((models, found),) if found is not None else ()))
        if len(kept) > MOST_PATTERNS:
            raise Unmet(f"models: at most {MOST_PATTERNS} patterns have limits")
        return replace(shared, models=kept)
    if each_user:
        return replace(shared, user=_limits(form, now_ms, shared.user))
    return replace(shared, account=_limits(form, now_ms, shared.account))


def _limits(form: Mapping[str, Any], now_ms: int, before: Limits | None) -> Limits | None:
    """None where nothing is limited."""
    found = read_form(form, now_ms, before)
    return None if found == Limits() else found


def shown_limits(books: Books, account_id: str) -> Shown:
    """Limits of the account and of models with what is left of money, and those of users; leaves out what is not
    limited."""
    account = books.accounts.get(account_id)
    shared, shown = read_shared(account.shared), dict[str, Any]()
    if shared.account is not None:
        shown["limits"] = _with_rest(books, account_id, key_uses.ACCOUNT, shared.account, account.zone)
    if shared.user is not None:
        shown["user_limits"] = write_form(shared.user)
    if shared.models:
        shown["model_limits"] = {
            pattern: _with_rest(books, account_id, key_uses.MODEL + key_uses.digest(pattern), limits, account.zone)
            for pattern, limits in shared.models
        }
    return shown


def _with_rest(books: Books, account_id: str, name: str, limits: Limits, zone: str | None) -> Shown:
    left = left_of(books.table, account_id, name, replace(limits, zone=zone), books.now_ms)
    rests = {"day": left.day_nano, "week": left.week_nano, "month": left.month_nano}
    return write_form(limits) | {f"{name}_left_usd": usd(rest) for name, rest in rests.items() if rest is not None}
