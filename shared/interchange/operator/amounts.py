"""Amounts as an operator writes them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from interchange.metering.money import nano

MOST_MARKUP = 100


def amount(what: str, text: str, *, least: int | None = None) -> int:
    """USD -> nano-dollars. Raises ValueError naming `what`."""
    try:
        value = nano(text)
    except ValueError as error:
        raise ValueError(f"{what}: {error}") from error
    if least is not None and value < least:
        raise ValueError(f"{what}: must not be negative" if least == 0 else f"{what}: too small")
    return value


def factor(text: str) -> str:
    """A markup: what every price is multiplied by. Raises ValueError."""
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"markup: {text!r} is not a number") from error
    if not value.is_finite() or not 0 <= value <= MOST_MARKUP:
        raise ValueError(f"markup: {text!r} is not between 0 and {MOST_MARKUP}")
    return text
