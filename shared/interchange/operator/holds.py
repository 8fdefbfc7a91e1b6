"""Open holds: money that is set aside now, and since when."""

from __future__ import annotations

from interchange.metering.money import usd

from .books import Books, Shown
from .dates import written

MOST = 500


def open_holds(books: Books, account_id: str | None = None, *, stuck: bool = False) -> Shown:
    """The oldest first, at most 500. `stuck`: those alone whose time is over, which the next sweep resolves."""
    accounts = [account_id] if account_id else [one.account_id for one in books.accounts.all()]
    now = books.now_ms
    found = [hold for one in accounts for hold in books.accounts.holds(one) if not stuck or hold.expires_ms <= now]
    found.sort(key=lambda hold: hold.opened_ms)
    rows = [
        {
            "request_id": hold.request_id, "account": hold.account_id, "key_id": hold.key_id,
            "held_usd": usd(hold.nano), "opened": written(hold.opened_ms), "expires": written(hold.expires_ms),
            "stuck": hold.expires_ms <= now,
        }
        for hold in found[:MOST]
    ]  # fmt: skip
    return {"holds": rows, "count": len(found), "held_usd": usd(sum(hold.nano for hold in found))}
