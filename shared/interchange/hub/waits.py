"""Reads how long a vendor asks to be left alone: whatever it writes, the answer is a number that can be waited for."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
"""RFC 9110, 10.2.3 knows whole seconds; some vendors write fractions. No sign, no exponent, no NaN, no other script's
digits."""


def seconds(text: str) -> float | None:
    """The seconds, below 10^9; None for what is no such number."""
    text = text.strip()
    return float(text) if _SECONDS.fullmatch(text) else None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds of `retry-after-ms` (OpenAI's, beside the other) or `retry-after`; None where neither has a number. A
    date is read where there is a clock (`exchange.tries`). `headers` in lower case."""
    milliseconds = seconds(headers.get("retry-after-ms", ""))
    return seconds(headers.get("retry-after", "")) if milliseconds is None else milliseconds / 1000
