"""Addresses at which an account's owner is told of things, as the owner sets them. The owner is a stranger: an e-mail
address is told of nothing until a code sent there came back, and a webhook leads to the open internet alone."""

from __future__ import annotations

import hmac
import secrets

from interchange.hub.failure import ErrorKind, Failure, RequestError
from interchange.metering import due
from interchange.metering.store import day_of

from .alert_settings import read_address, read_public_endpoint
from .books import Books, Unmet

DIGITS = 8
MOST_ASKS = 5
"""Addresses that an account may name in a day: each is sent a letter."""
MOST_WRONG = 10
"""Wrong codes, after which the address has to be named again."""


def check_email(books: Books, account_id: str, address: str) -> str:
    """Returns how often an address was named, this time included; "" where it is the one that is known. Raises
    ValueError, RequestError."""
    known = books.accounts.get(account_id)
    read_address(address)
    if address in (known.email, known.email_asked):
        return ""
    day, _, asked = known.email_asks.partition(":")
    today = day_of(books.now_ms)
    number = int(asked) + 1 if day == today else 1
    if number > MOST_ASKS:
        said = f"notices.email: {MOST_ASKS} addresses were named today; try again tomorrow"
        raise RequestError(Failure(ErrorKind.CONFLICT, said, param="notices.email", code="too_many_addresses"))
    return f"{today}:{number}"


def set_email(books: Books, account_id: str, address: str | None) -> None:
    """Asks for a confirmation of `address`, by a letter that the sweep sends; None takes away what is there. The one
    before is told until then. Raises ValueError, RequestError."""
    if address is None:
        books.accounts.change(account_id, email="", email_asked="", email_code="")
        return
    asks = check_email(books, account_id, address)
    if not asks:
        return
    code = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
    books.accounts.change(account_id, email_asked=address, email_code=f"{code}:0", email_asks=asks)
    due.make_at_once(books.table, account_id)


def confirm_email(books: Books, account_id: str, code: str) -> None:
    """Tells the address from now on. Raises Unmet for a code that is not the one which was sent."""
    known = books.accounts.get(account_id)
    right, _, wrong = known.email_code.partition(":")
    if not known.email_asked or not right:
        raise Unmet("no address waits for a code: name it first, as `email`")
    if not hmac.compare_digest(right.encode(), code.strip().encode()):
        left = f"{right}:{int(wrong) + 1}" if int(wrong) + 1 < MOST_WRONG else ""
        waiting = known.email_asked if left else ""
        books.accounts.change(account_id, email_code=left, email_asked=waiting)
        raise Unmet("this is not the code that was sent to the address")
    books.accounts.change(account_id, email=known.email_asked, email_asked="", email_code="")


def set_webhook(books: Books, account_id: str, url: str | None) -> str | None:
    """Returns the secret that signs the calls of a new one; None takes it away. Raises ValueError."""
    if url is None:
        books.accounts.change(account_id, webhook="", webhook_secret="", webhook_public=False)
        return None
    read_public_endpoint(url)
    secret = f"whsec_{secrets.token_urlsafe(24)}"
    books.accounts.change(account_id, webhook=url, webhook_secret=secret, webhook_public=True)
    return secret
