"""Amounts as an operator writes them."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from interchange.metering.money import NANO, nano

MOST_MARKUP = 100
FACTOR = re.compile(r"[0-9]{1,3}(\.[0-9]{1,18})?")
MOST_CREDIT = 1_000_000 * NANO
"""In one entry: what is more is a mistyped figure, or several entries."""
LONGEST_NAME, LONGEST_REASON = 200, 1000
TURNING = r"\u202a-\u202e\u2066-\u2069"
"""Characters, in a pattern's class, that turn the direction of what stands behind them: a name looks like another."""
CONTROL = r"\x00-\x1f\x7f-\x9f"
UNREADABLE = re.compile(rf"[{CONTROL}{TURNING}\ud800-\udfff]")


def amount(what: str, text: str, *, least: int | None = None) -> int:
    """USD -> nano-dollars. Raises ValueError naming `what`."""
    try:
        value = nano(text)
    except ValueError as error:
        raise ValueError(f"{what}: {error}") from error
    if least is not None and value < least:
        raise ValueError(f"{what}: must not be negative" if least == 0 else f"{what}: too small")
    return value


def credited(what: str, text: str) -> int:
    """Reads what is added to a balance, or taken from it: USD -> nano-dollars. Raises ValueError naming `what`."""
    value = amount(what, text)
    if abs(value) > MOST_CREDIT:
        raise ValueError(f"{what}: at most {MOST_CREDIT // NANO} USD at once, not {text}")
    return value


def worded(what: str, text: str, most: int = LONGEST_NAME) -> str:
    """A name or a reason: something that can be read. Raises ValueError naming `what`."""
    if not text.strip():
        raise ValueError(f"{what}: must not be empty")
    if len(text) > most:
        raise ValueError(f"{what}: at most {most} characters")
    if UNREADABLE.search(text):
        raise ValueError(f"{what}: has control characters")
    return text


def factor(text: str) -> str:
    """Reads a markup: what every price is multiplied by. Raises ValueError naming it."""
    try:
        return read_factor(text)
    except ValueError as error:
        raise ValueError(f"markup: {error}") from error


def read_factor(text: str) -> str:
    """Raises ValueError."""
    try:
        value = Decimal(text if text.isascii() else "")
    except InvalidOperation as error:
        raise ValueError(f"{text[:40]!r} is not a number") from error
    if not value.is_finite() or not 0 <= value <= MOST_MARKUP:
        raise ValueError(f"{text[:40]!r} is not between 0 and {MOST_MARKUP}")
    if not FACTOR.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not written as 1.15 is")
    return text
