"""Dates as an operator writes them: a date, a date and time, or a span from now."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

SPAN = re.compile(r"([0-9]{1,5})([dhm])")
BACK = re.compile(r"-[0-9]{1,5}[dhm]")
YEARS = range(1971, 9999)
"""A year's room at both ends: what is stored must be a date again in every time zone."""
YEAR = r"(197[1-9]|19[89][0-9]|[2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])"
MONTH_WRITTEN = YEAR + r"-(0[1-9]|1[0-2])"
DATE = (
    f"({MONTH_WRITTEN}-(0[1-9]|1[0-9]|2[0-8])|{YEAR}-((0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)|"
    "(19(7[26]|8[048]|9[26])|[2-9][0-9](0[48]|[2468][048]|[13579][26])|([2468][048]|[3579][26])00)-02-29)"
)
"""The days and months that there are in YEARS, as patterns: for who reads the schema of what is taken."""
UNIT_MS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000}


def _midnight(now_ms: int) -> int:
    return now_ms - now_ms % UNIT_MS["d"]


def moment(text: str, now_ms: int, name: str = "") -> int:
    """Unix milliseconds of "2027-01-31", "2027-01-31T12:00:00+01:00" (UTC where no offset is given), "30d", "12h" or
    "15m" from now, "today", "tomorrow". Raises ValueError that begins with `name` where there is one."""
    try:
        return _moment(text, now_ms)
    except ValueError as error:
        raise ValueError(f"{name}: {error}" if name else str(error)) from error


def past_moment(text: str, now_ms: int, name: str) -> int:
    """Unix milliseconds like `moment`, but a span is from then to now: "7d" is a week ago."""
    try:
        return _moment(text, now_ms, -1)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _moment(text: str, now_ms: int, way: int = 1) -> int:
    if text in WORDS:
        return _midnight(now_ms) + WORDS[text] * UNIT_MS["d"]
    span = SPAN.fullmatch(text)
    if span:
        return max(0, now_ms + way * int(span[1]) * UNIT_MS[span[2]])
    if BACK.fullmatch(text):
        raise ValueError(f"{text!r} is past: a span from now is written without a sign (30d, 12h)")
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        said, spans = text[:60], "a span from now" if way > 0 else "a span until now"
        raise ValueError(f"{said!r} is neither a date (2027-01-31) nor {spans} (30d, 12h)") from error
    if when.year not in YEARS:
        raise ValueError(f"{text!r} is not between the years {YEARS.start} and {YEARS.stop - 1}")
    return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() * 1000)


WORDS = {"today": 0, "yesterday": -1, "tomorrow": 1}
MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
WEEK = re.compile(r"([0-9]{4})-W([0-9]{2})")
DAYS_BACK = re.compile(r"([0-9]{1,4})d")


def span_of(name: str, text: str, now_ms: int) -> tuple[str, str]:
    """The first and the last day of "2026-11-28", "2026-11", "2026-W48" (from Monday on), "yesterday", or "7d" (seven
    days, today included; "-7d" is the same). UTC. Raises ValueError that begins with `name`."""
    today = datetime.fromtimestamp(now_ms / 1000, UTC).date()
    if text in WORDS:
        day = today + timedelta(days=WORDS[text])
        return day.isoformat(), day.isoformat()
    if back := DAYS_BACK.fullmatch(text.removeprefix("-")):
        return (today - timedelta(days=max(0, int(back[1]) - 1))).isoformat(), today.isoformat()
    try:
        if month := MONTH.fullmatch(text):
            first = date(int(month[1]), int(month[2]), 1)
            if first.year not in YEARS:
                raise ValueError(f"{text} is in no year that is kept")
            return first.isoformat(), ((first + timedelta(days=32)).replace(day=1) - timedelta(days=1)).isoformat()
        if week := WEEK.fullmatch(text):
            first = date.fromisocalendar(int(week[1]), int(week[2]), 1)
            return first.isoformat(), (first + timedelta(days=6)).isoformat()
        day = date.fromisoformat(text)
        if day.year < YEARS.start:
            raise ValueError(f"{text} is in no year that is kept")
    except ValueError as error:
        said = "write it as 2026-11-28, 2026-11, yesterday or 7d"
        raise ValueError(f"{name}: {text[:40]!r} is no day and no month; {said}") from error
    return day.isoformat(), day.isoformat()


def written(now_ms: int | None) -> str | None:
    if now_ms is None:
        return None
    return datetime.fromtimestamp(now_ms / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
