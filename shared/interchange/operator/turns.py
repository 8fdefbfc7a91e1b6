"""The scheduled sweep: at each turn the accounts that are due, and a part of a tour of all accounts, once a week.

An idle account costs nothing in between. The tour is for what no index knows: an audit of money that nobody moves, and
tables that an earlier release wrote.
"""

from __future__ import annotations

import logging
import random
import time
import zlib
from collections import defaultdict
from collections.abc import Collection, Sequence

from interchange.metering import due
from interchange.metering.account import Account
from interchange.metering.reports import closing_ms
from interchange.metering.store import LAST, day_of

from .books import Books
from .sweep import Round, beside, visit

log = logging.getLogger("interchange.sweep")
TOUR_MS = 7 * 86_400_000
TOUR_ACCOUNTS = 500
"""Of one turn: two thousand turns of a week are enough for a million."""
TOUR = ("SWEEP", "TOUR")
SPREAD_MS = 3_600_000
"""The hour over which accounts close their days, so that they do not all at once."""


def turn(books: Books, seconds: float | None = None) -> Round:
    """`seconds` is the time that there is; `left` of the result counts accounts that were due, and not reached."""
    end = None if seconds is None else time.monotonic() + seconds
    waiting: dict[str, list[due.Entry]] = defaultdict(list)
    for entry in due.entries(books.table, books.now_ms):
        waiting[entry.account_id].append(entry)
    names = list(waiting)
    random.shuffle(names)
    done = beside(books)
    for number, account_id in enumerate(names):
        if _late(end):
            return done + Round(left=len(names) - number)
        done += _look(books, account_id, waiting[account_id])
    return done + _tour(books, end, waiting.keys())


def _late(end: float | None) -> bool:
    return end is not None and time.monotonic() >= end


def _look(books: Books, account_id: str, entries: Sequence[due.Entry]) -> Round:
    """One that is in order is due no more, until it is used again or its day is over."""
    try:
        charged = {str(item["sk"]): int(item["charged"]) for item in books.accounts.shards(account_id)}
        account = books.accounts.get(account_id)
        done = visit(books, account)
        if _sound(done):
            if not account.is_due:
                due.make(books.table, account_id, _closing(account_id, books.now_ms))
            for entry in entries:
                if entry.sk != "ACCOUNT" or _closed(books, account_id):
                    due.done(books.table, entry, charged.get(entry.sk))
    except Exception:  # one account's trouble keeps no other waiting, and the alarm is raised
        log.exception("account %s could not be looked at", account_id)
        return Round(accounts=1, failed=1)
    return done


def _sound(done: Round) -> bool:
    return not (done.failed or done.unbalanced or done.in_debt)


def _closed(books: Books, account_id: str) -> bool:
    """True where every day that is over is closed."""
    closed = books.accounts.get(account_id).closed
    return bool(closed) and closing_ms(_next(closed)) > books.now_ms


def _next(day: str) -> str:
    return day_of(closing_ms(day))


def _closing(account_id: str, now_ms: int) -> int:
    return closing_ms(day_of(now_ms)) + zlib.crc32(account_id.encode()) % SPREAD_MS


def _tour(books: Books, end: float | None, seen: Collection[str]) -> Round:
    """Goes on where the last turn came to; begins anew when a week is over. Those that were `seen` this turn are passed
    over."""
    week, after = books.now_ms // TOUR_MS, ""
    state = books.table.get(*TOUR)
    if state is not None and (state["after"] != LAST or int(state["week"]) == week):
        week, after = int(state["week"]), str(state["after"])
    if after == LAST:
        return Round()
    accounts, done = books.accounts.some(after, TOUR_ACCOUNTS), Round()
    for account in accounts:
        if _late(end):
            break
        if account.account_id not in seen:
            done += _pass(books, account)
        after = account.account_id
    if len(accounts) < TOUR_ACCOUNTS and (not accounts or after == accounts[-1].account_id):
        after = LAST
    books.table.put({"pk": TOUR[0], "sk": TOUR[1], "week": week, "after": after})
    return done


def _pass(books: Books, account: Account) -> Round:
    """Passes over the accounts of a turn. What is not in order is looked at every turn from now on, until it is."""
    done = visit(books, account)
    try:
        if not _sound(done):
            due.make_at_once(books.table, account.account_id)
    except Exception:
        log.exception("account %s could not be made due", account.account_id)
        return done + Round(failed=1 - done.failed)
    return done
