"""Finds beside the accounts what the operator must be told of: vendors, and money in nobody's books."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from interchange import wiring
from interchange.hub.verdict import Cause
from interchange.metering.episodes import OPERATOR
from interchange.metering.payments import Payment
from interchange.metering.store import Item

from .books import Books
from .telling import Finding, Told, tell
from .vendor_actions import when

DEAD_AFTER_MS = 120_000
"""So long no try must have succeeded."""
RECENT_MS = 15 * 60_000
"""A vendor that nobody has asked for so long is neither dead nor alive."""
REFUSED_MS = 60 * 60_000
"""So long after a vendor's last refusal of the operator it counts as mended; it was asked meanwhile, or not needed."""
REFUSALS: Mapping[str, str] = {
    Cause.CREDIT: "vendor_credit_gone",
    Cause.CREDENTIAL: "vendor_key_refused",
    Cause.ACCESS: "vendor_access_refused",
}
MOST_AT_ONCE = 20
"""Payments that one round tells of."""


def tell_operator(books: Books, unassigned: Iterable[Payment]) -> Told:
    if not books.alerts.channels:
        return Told()
    known = books.episodes.of(OPERATOR)
    found = [*_vendors(books), *_unassigned(books, unassigned, known)]
    return tell(books, OPERATOR, found, known)


def _vendors(books: Books) -> Iterator[Finding]:
    for vendor, state in sorted(wiring.rests_on(books.table).load().items()):
        yield _dead(vendor, state, books.now_ms)
        refused = state.get("refused") or {}
        for cause, event in REFUSALS.items():
            last = int(refused.get(cause) or 0)
            data = {"vendor": vendor, "last": when(last)}
            yield Finding(event, vendor, books.now_ms - last < REFUSED_MS, data)


def _dead(vendor: str, state: Mapping[str, Any], now_ms: int) -> Finding:
    since, last, served = (int(state.get(name) or 0) for name in ("failing_ms", "failed_ms", "served_ms"))
    dead = served <= since and last - since >= DEAD_AFTER_MS and now_ms - last < RECENT_MS and since > 0
    data = {"vendor": vendor, "since": when(since), "cause": state.get("cause") or None, "last_success": when(served)}
    return Finding("vendor_dead", vendor, dead, data)


def _unassigned(books: Books, payments: Iterable[Payment], known: Mapping[str, Item]) -> Iterator[Finding]:
    """Finds those payments that are new, the oldest first."""
    told = {name for name, item in known.items() if item.get("is_open")}

    def fresh(one: Payment) -> bool:
        return any(f"unassigned_money#{one.payment_id}#{way.name}" not in told for way in books.alerts.channels)

    for one in islice(filter(fresh, payments), MOST_AT_ONCE):
        data = {"payment": one.payment_id, "why": one.why, "account": one.facts.account_id or None}
        yield Finding("unassigned_money", one.payment_id, True, data)
