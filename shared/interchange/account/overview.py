"""The account and the keys, as their owner sees them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from interchange.identity.keys import ORDINARY, read_limits
from interchange.metering.credit_shares import Credit, left
from interchange.metering.key_left import left_of
from interchange.metering.money import usd
from interchange.metering.reports import total
from interchange.metering.running import Running
from interchange.metering.store import Store, day_of
from interchange.operator import topping_up
from interchange.operator.books import Books
from interchange.operator.dates import written
from interchange.operator.key_limits import write_form

from . import models

BURN_DAYS = 7


def show_account(books: Books, running: Running, account_id: str) -> models.Account:
    """Raises UnknownAccount."""
    known, balance = books.accounts.get(account_id), books.ledger.balance(account_id)
    book = books.accounts.credits.book(account_id)
    remaining = left(book, balance.charged_nano, balance.held_nano)
    burn = _burn(running, account_id, known.created_ms, books.now_ms)
    return models.Account(
        id=account_id,
        name=known.name,
        active=balance.active,
        available_usd=usd(balance.available_nano),
        held_usd=usd(balance.held_nano),
        charged_usd=usd(balance.charged_nano),
        credited_usd=usd(balance.credited_nano),
        low_balance_usd=None if known.low_nano is None else usd(known.low_nano),
        zone=known.zone or "UTC",
        burn_per_day_usd=usd(burn),
        days_left=round(max(0, balance.available_nano) / burn, 1) if burn else None,
        credits=[_credit(one, remaining) for one in reversed(book)],
        auto_topup=topping_up.shown_top_up(books, account_id)["auto_topup"] if known.tops_up else None,
        notices=models.Notices(
            email=known.email or None, email_asked=known.email_asked or None, webhook=known.webhook or None
        ),
    )


def _burn(running: Running, account_id: str, created_ms: int, now_ms: int) -> int:
    """Nano-dollars a day, over the last days that are over and in which the account was there."""
    today = date.fromisoformat(day_of(now_ms))
    first = max(today - timedelta(days=BURN_DAYS), date.fromisoformat(day_of(created_ms)))
    last = today - timedelta(days=1)
    if first > last:
        return 0
    lines = running.between(account_id, first.isoformat(), last.isoformat(), now_ms)
    return total(lines).charge_nano // ((last - first).days + 1)


def _credit(one: Credit, remaining: Mapping[str, int]) -> models.Credit:
    return models.Credit(
        id=one.credit_id,
        usd=usd(one.nano),
        left_usd=usd(remaining[one.credit_id]) if one.credit_id in remaining else None,
        reason=one.reason,
        source=one.source,
        created=_moment(one.created_ms),
        expires=written(one.expires_ms),
    )


def show_key(store: Store, key: Mapping[str, Any], now_ms: int) -> models.Key:
    """`key` as it is stored."""
    limits = read_limits(key.get("limits") or {})
    rest = left_of(store, str(key["account_id"]), str(key["key_id"]), limits, now_ms)
    return models.Key(
        id=str(key["key_id"]),
        name=str(key["name"]),
        kind=key.get("kind") or ORDINARY,
        status=key["status"],
        created=_moment(int(key["created_ms"])),
        revoked=None if key.get("revoked_ms") is None else _moment(int(key["revoked_ms"])),
        limits=write_form(limits),
        left=models.Left(
            spend_usd=_usd(rest.spend_nano),
            spend_per_day_usd=_usd(rest.day_nano),
            spend_per_week_usd=_usd(rest.week_nano),
            spend_per_month_usd=_usd(rest.month_nano),
            requests_per_minute=rest.requests,
            tokens_per_minute=rest.tokens,
            concurrent=rest.concurrent,
        ),
    )


def _usd(nano: int | None) -> str | None:
    return None if nano is None else usd(nano)


def _moment(ms: int) -> str:
    return str(written(ms))
