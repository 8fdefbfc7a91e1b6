"""`key ...`, `request ...`, `find`"""

from __future__ import annotations

from typing import Annotated

from cyclopts import App

from interchange.operator import account_actions, tracing

from .limits import FLAT, KeyLimits, form
from .opened import open_books
from .result import Result, confirm
from .units import AccountId, Flag, KeyId, Name, Span, Words, Yes, said

key = App(name="key", help="keys")
request = App(name="request", help="requests")
NO_LIMITS = KeyLimits()


@key.command
def create(
    *,
    account: AccountId,
    name: Annotated[Name | None, said("numbered where none is given")] = None,
    auto_cache: Annotated[Flag, said("mark its prompts for caching")] = False,
    manage: Annotated[Flag, said("a management key: sees its account, calls no model")] = False,
    limits: Annotated[KeyLimits, FLAT] = NO_LIMITS,
) -> Result:
    """make a key; it is shown once"""
    made = account_actions.create_key(open_books(), account, name, form(limits), auto_cache=auto_cache, manages=manage)
    return Result(made)


@key.command(name="list")
def index(*, account: AccountId) -> Result:
    """an account's keys"""
    return Result(account_actions.list_keys(open_books(), account))


@key.command
def show(key_id: KeyId, /) -> Result:
    """a key and whose it is"""
    return Result(tracing.show_key(open_books(), key_id))


@key.command
def reset(key_id: KeyId, /) -> Result:
    """begin a key's spending cap anew"""
    return Result(account_actions.reset_key(open_books(), key_id))


@key.command
def rotate(
    key_id: KeyId,
    /,
    *,
    old_until: Annotated[Span, said("how long the old one is good: a span (1d, 12h; 0m is at once) or a date")] = "1d",
) -> Result:
    """another secret for the same key; it is shown once"""
    return Result(account_actions.rotate_key(open_books(), key_id, old_until))


@key.command
def limit(key_id: KeyId, /, *, limits: Annotated[KeyLimits, FLAT] = NO_LIMITS) -> Result:
    """change a key's limits; `none` takes one away"""
    return Result(account_actions.limit_key(open_books(), key_id, form(limits)))


@key.command
def revoke(key_id: KeyId, /, *, yes: Yes = False) -> Result:
    """refuse a key from now on"""
    books = open_books()
    found = account_actions.known_key(books, key_id)
    confirm(f"Revoke {key_id} ({found['name']}) of {found['account_id']} for good?", yes=yes)
    return Result(account_actions.revoke_key(books, key_id))


@request.command(name="show")
def show_request(request_id: Annotated[Words, said("as x-interchange-request-id named it", metavar="ID")], /) -> Result:
    """a request and whose it is"""
    return Result(tracing.show_request(open_books(), request_id))


def find(text: Annotated[Words, said("three characters at least")], /) -> Result:
    """whose is a key, its last four characters, a request, a name?"""
    return Result(tracing.find(open_books(), text))
