"""One round of the sweep: for each account, abandoned holds, expired credit, days that are over, the audit and the
notices. Each part is safe to repeat and to run twice at once."""

from __future__ import annotations

import logging
import random
import time
from dataclasses import fields
from datetime import date, timedelta

from interchange.dataclass import dataclass, replace
from interchange.metering.accounts import Account
from interchange.metering.money import usd
from interchange.metering.reports import Line, days, over, total
from interchange.metering.store import day_of
from interchange.metering.sums import Sums

from . import alerts, topping_up
from .books import Books, Shown
from .stack import AWS_ERRORS
from .telling import Told
from .vendor_alerts import tell_operator

log = logging.getLogger("interchange.sweep")
MOST_DAYS = 40
"""Days that one round closes for one account; the next round goes on."""


@dataclass(frozen=True, slots=True)
class Round:
    """Sums over the accounts. `unbalanced` and `in_debt` count accounts, `closed` days, `told` notices, `free` and
    `over` requests of the days closed now; `failed` counts accounts with something that could not be done, `left` those
    that there was no time for; `unassigned` payments that are in no account's books."""

    accounts: int = 0
    settled: int = 0
    released: int = 0
    settled_nano: int = 0
    released_nano: int = 0
    expired_nano: int = 0
    closed: int = 0
    told: int = 0
    unbalanced: int = 0
    in_debt: int = 0
    free: int = 0
    over: int = 0
    unassigned: int = 0
    topped_up_nano: int = 0
    failed: int = 0
    left: int = 0

    def __add__(self, other: Round) -> Round:
        names = [item.name for item in fields(Round)]
        return Round(**{name: getattr(self, name) + getattr(other, name) for name in names})

    def shown(self) -> Shown:
        money = {"settled_nano", "released_nano", "expired_nano", "topped_up_nano"}
        return {
            (f"{item.name.removesuffix('_nano')}_usd" if item.name in money else item.name): (
                usd(getattr(self, item.name)) if item.name in money else getattr(self, item.name)
            )
            for item in fields(Round)
        }


def sweep(books: Books, seconds: float | None = None) -> Round:
    """Visits every account, or those that `seconds` are enough for; in another order each time, so that none is left
    out for ever."""
    accounts = list(books.accounts.all())
    random.shuffle(accounts)
    end = None if seconds is None else time.monotonic() + seconds
    done = beside(books)
    for number, account in enumerate(books.watch(accounts, "visiting accounts")):
        if end is not None and time.monotonic() >= end:
            return done + Round(left=len(accounts) - number)
        done += visit(books, account)
    return done


def beside(books: Books) -> Round:
    """Looks after what is in no account: money that came in for nobody, and the vendors."""
    waiting = list(books.payments.unassigned())
    found = Round(unassigned=len(waiting))
    try:
        told = tell_operator(books, waiting)
    except Exception:
        log.exception("the operator could not be told")
        return found + Round(failed=1)
    return found + _noticed(told)


def visit(books: Books, account: Account) -> Round:
    """One account's trouble is counted and keeps no other account waiting, nor one part of it another."""
    done = Round(accounts=1)
    for part in (_holds, _expiry, _days, _top_up, _audit):
        try:
            done += part(books, account)
        except Exception:
            log.exception("account %s: %s failed; the rest goes on", account.account_id, part.__name__.strip("_"))
            done += Round(failed=1)
    return replace(done, failed=min(done.failed, 1))


def _holds(books: Books, account: Account) -> Round:
    swept = books.accounts.sweep_of(account.account_id, books.now_ms, lambda key: _is_revoked(books, key))
    if swept.failed:
        log.error("account %s: %d holds could not be resolved", account.account_id, swept.failed)
    return Round(
        settled=swept.settled,
        released=swept.released,
        settled_nano=swept.settled_nano,
        released_nano=swept.released_nano,
        failed=swept.failed,
    )


def _is_revoked(books: Books, key_id: str) -> bool:
    row = books.keys.by_id(key_id)
    return row is None or row["status"] != "active"


def _expiry(books: Books, account: Account) -> Round:
    expired = books.accounts.credits.expire(account.account_id, books.now_ms)
    return Round(expired_nano=sum(one.nano for one in expired))


def _days(books: Books, account: Account) -> Round:
    closed = close_days(books, account, books.now_ms)
    sums = sum(map(total, closed), Sums())
    told = sum((alerts.tell_day(books, account, lines) for lines in closed), Told())
    return Round(closed=len(closed), free=sums.free, over=sums.over) + _noticed(told)


def _noticed(told: Told) -> Round:
    return Round(told=told.given, failed=int(told.failed > 0))


def _top_up(books: Books, account: Account) -> Round:
    if not account.tops_up:
        return Round()
    return Round(topped_up_nano=topping_up.top_up(books, account, books.ledger.balance(account.account_id)))


def _audit(books: Books, account: Account) -> Round:
    """Audits an account. What is found is counted, though it could not be told."""
    audit = books.accounts.audit_of(account.account_id)
    found = Round(unbalanced=int(not audit.sound), in_debt=int(audit.balance.available_nano < 0))
    try:
        told = alerts.tell_account(books, account, audit)
    except AWS_ERRORS as error:
        log.error("account %s: nobody could be told: %s", account.account_id, error)
        return found + Round(failed=1)
    return found + _noticed(told)


def close_days(books: Books, account: Account, now_ms: int) -> list[list[Line]]:
    """The lines of each day that was closed now."""
    first = _after(account.closed) if account.closed else day_of(account.created_ms)
    due = [day for day in days(first, day_of(now_ms)) if over(day, now_ms)][:MOST_DAYS]
    closed = []
    for day in due:
        lines = books.reports.close(account.account_id, day, now_ms)
        if lines is not None:
            closed.append(lines)
    if due:
        books.accounts.change(account.account_id, closed=due[-1])
    return closed


def _after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
