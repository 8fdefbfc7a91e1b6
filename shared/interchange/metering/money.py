"""Nano-dollars. Money is an integer number of 10^-9 USD everywhere inside; JSON shows USD as decimal strings."""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation

NANO = 10**9
_LIMIT = Decimal(10) ** 12
_SMALLEST = Decimal("1e-9")


def usd(nano: int) -> str:
    """The exact decimal string, without needless zeros: usd(1_500_000_000) == "1.5"."""
    sign = "-" if nano < 0 else ""
    whole, fraction = divmod(abs(nano), NANO)
    text = f"{fraction:09d}".rstrip("0")
    return f"{sign}{whole}.{text}" if text else f"{sign}{whole}"


def nano(amount: str) -> int:
    """The inverse. Raises ValueError for what is not a finite decimal of at most nine places."""
    try:
        value = Decimal(amount if amount.isascii() and "_" not in amount else "")
    except InvalidOperation as error:
        raise ValueError(f"{amount!r} is not an amount in USD") from error
    if not value.is_finite() or value.copy_abs() > _LIMIT:
        raise ValueError(f"{amount!r} is not an amount in USD")
    scaled = value.quantize(_SMALLEST)
    if scaled != value:  # comparing is exact, whatever the number of places
        raise ValueError(f"{amount!r} has more than nine decimal places")
    return int(scaled.scaleb(9))


def ceiling(amount: Decimal) -> int:
    """An exact amount in nano-dollars, rounded up once."""
    return math.ceil(amount)
