"""One round of the sweep: for each account, abandoned holds, expired credit, days that are over, the audit and the
low-balance notice. Each part is safe to repeat and to run twice at once."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta

from interchange.dataclass import dataclass
from interchange.metering.accounts import Account, Swept
from interchange.metering.money import usd
from interchange.metering.reports import Sums, days, over, total
from interchange.metering.store import day_of

from . import alerts
from .books import Books, Shown
from .topic import AWS_ERRORS

MOST_DAYS = 40
"""Days that one round closes for one account; the next round goes on."""


@dataclass(frozen=True, slots=True)
class Round:
    """Sums over the accounts. `unbalanced` and `in_debt` count accounts, `closed` days, `told` notices, `free` and
    `over` requests of the days closed now; `failed` counts accounts that the table or the topic refused."""

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
    failed: int = 0

    def __add__(self, other: Round) -> Round:
        names = [item.name for item in fields(Round)]
        return Round(**{name: getattr(self, name) + getattr(other, name) for name in names})

    def shown(self) -> Shown:
        money = {"settled_nano", "released_nano", "expired_nano"}
        return {
            (f"{item.name.removesuffix('_nano')}_usd" if item.name in money else item.name): (
                usd(getattr(self, item.name)) if item.name in money else getattr(self, item.name)
            )
            for item in fields(Round)
        }


def sweep(books: Books) -> Round:
    done = Round()
    for account in books.accounts.all():
        done += _visit(books, account)
    return done


def _visit(books: Books, account: Account) -> Round:
    """One account's trouble is counted and keeps no other account waiting."""
    try:
        return _account(books, account)
    except AWS_ERRORS:
        return Round(accounts=1, failed=1)


def _account(books: Books, account: Account) -> Round:
    now = books.now_ms
    swept: Swept = books.accounts.sweep_of(account.account_id, now)
    expired = books.accounts.credits.expire(account.account_id, now)
    closed, sums = close_days(books, account, now)
    audit = books.accounts.audit_of(account.account_id)
    told = alerts.check(books.accounts, account, audit.balance, books.publish)
    return Round(
        accounts=1,
        settled=swept.settled,
        released=swept.released,
        settled_nano=swept.settled_nano,
        released_nano=swept.released_nano,
        expired_nano=sum(one.nano for one in expired),
        closed=closed,
        told=int(told),
        unbalanced=int(not audit.sound),
        in_debt=int(audit.balance.available_nano < 0),
        free=sums.free,
        over=sums.over,
    )


def close_days(books: Books, account: Account, now_ms: int) -> tuple[int, Sums]:
    """How many days were closed now, and their sums."""
    first = _after(account.closed) if account.closed else day_of(account.created_ms)
    due = [day for day in days(first, day_of(now_ms)) if over(day, now_ms)][:MOST_DAYS]
    closed, sums = 0, Sums()
    for day in due:
        lines = books.reports.close(account.account_id, day, now_ms)
        if lines is not None:
            closed, sums = closed + 1, sums + total(lines)
    if due:
        books.accounts.change(account.account_id, closed=due[-1])
    return closed, sums


def _after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
