"""Dates as an operator writes them: a date, a date and time, or a span from now."""

from __future__ import annotations

import re
from datetime import UTC, datetime

SPAN = re.compile(r"(\d{1,5})([dhm])")
YEARS = range(1971, 9999)
"""A year's room at both ends: what is stored must be a date again in every time zone."""
UNIT_MS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000}


def moment(text: str, now_ms: int) -> int:
    """Unix milliseconds of "2027-01-31", "2027-01-31T12:00:00+01:00" (UTC where no offset is given), "30d", "12h" or
    "15m" from now. Raises ValueError."""
    span = SPAN.fullmatch(text)
    if span:
        return now_ms + int(span[1]) * UNIT_MS[span[2]]
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        said = text[:60]
        raise ValueError(f"{said!r} is neither a date (2027-01-31) nor a span from now (30d, 12h)") from error
    if when.year not in YEARS:
        raise ValueError(f"{text!r} is not between the years {YEARS.start} and {YEARS.stop - 1}")
    return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() * 1000)


def written(now_ms: int | None) -> str | None:
    if now_ms is None:
        return None
    return datetime.fromtimestamp(now_ms / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
