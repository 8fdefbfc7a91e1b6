"""Payments: what came in, what went back, and money that names no account."""

from __future__ import annotations

from decimal import Decimal

from interchange.metering.money import usd
from interchange.metering.payment import PLACES, USD
from interchange.metering.payments import Payment

from .account_actions import figures
from .amounts import amount
from .books import Books, Shown
from .dates import written


def list_payments(books: Books, account_id: str | None = None) -> Shown:
    """Every payment, or an account's; without the unassigned ones."""
    if account_id is not None:
        books.accounts.get(account_id)
    found = [one for one in books.payments.all() if account_id in (None, one.facts.account_id)]
    return {"payments": [_shown(one) for one in found]}


def list_unassigned(books: Books) -> Shown:
    """Money that is in no account's books, and events that are about an account and moved nothing."""
    events = [
        {"event": str(one["event"]), "type": str(one["kind"]), "account": str(one["account_id"]),
         "received": written(int(one["created_ms"])), **({"refused": str(one["why"])} if one.get("why") else {})}
        for one in books.payments.events()
    ]  # fmt: skip
    return {"payments": [_shown(one) for one in books.payments.unassigned()], "events": events}


def assign_payment(books: Books, payment_id: str, account_id: str, usd_text: str | None = None) -> Shown:
    """Credits an unassigned payment. `usd_text` is what it is worth, for a currency without a rate."""
    nano = None if usd_text is None else amount("usd", usd_text, least=1)
    booked = books.payments.assign(payment_id, account_id, books.now_ms, nano)
    return {**figures(books, account_id), **_shown(booked.payment), "credited_now": usd(booked.nano)}


def dismiss_payment(books: Books, payment_id: str) -> Shown:
    """Takes a payment that is none of ours off the list."""
    return _shown(books.payments.dismiss(payment_id))


def _shown(one: Payment) -> Shown:
    facts = one.facts
    shown: Shown = {"payment": one.payment_id, "account": facts.account_id or "", "received": written(one.created_ms)}
    if facts.paid is not None:
        places = PLACES.get(facts.currency or USD, 2)
        shown |= {"paid": str(Decimal(facts.paid).scaleb(-places)), "currency": facts.currency or USD}
    shown["booked_usd"] = usd(one.booked_nano)
    if facts.back:
        shown["went_back"] = "dispute" if facts.disputed else "refund"
    if one.why:
        shown["why"] = one.why
    return shown
