"""Dates as an operator writes them: a date, a date and time, or a span from now."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from interchange.metering.zones import local

SPAN = re.compile(r"([0-9]{1,5}) ?(d|days?|h|hours?|m|minutes?|w|weeks?)")
BACK = re.compile(f"-{SPAN.pattern}")
YEARS = range(1971, 9999)
"""A year's room at both ends: what is stored must be a date again in every time zone."""
YEAR = r"(197[1-9]|19[89][0-9]|[2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])"
MONTH_WRITTEN = YEAR + r"-(0[1-9]|1[0-2])"
DATE = (
    f"({MONTH_WRITTEN}-(0[1-9]|1[0-9]|2[0-8])|{YEAR}-((0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)|"
    "(19(7[26]|8[048]|9[26])|[2-9][0-9](0[48]|[2468][048]|[13579][26])|([2468][048]|[3579][26])00)-02-29)"
)
"""The days and months that there are in YEARS, as patterns: for who reads the schema of what is taken."""
UNIT_MS = {"w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000}


def _midnight(now_ms: int) -> int:
    return now_ms - now_ms % UNIT_MS["d"]


def moment(text: str, now_ms: int, name: str = "") -> int:
    """Unix milliseconds of "2027-01-31", "2027-01-31T12:00:00+01:00" (UTC where no offset is given), "30d", "12h" or
    "15m" ("30 days", "12 hours", "2 weeks") from now, "today", "tomorrow". Raises ValueError that begins with `name`
    where there is one."""
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
        return max(0, now_ms + way * int(span[1]) * UNIT_MS[span[2][0]])
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
DAYS_BACK = re.compile(r"(?:last )?([0-9]{1,4}) ?(?:d|days?)")
WEEKS_BACK = re.compile(r"(?:last )?([0-9]{1,3}) ?(?:w|weeks?)")
RUNNING = re.compile("(this|last)[ -](week|month|year)")
WEEK_WRITTEN = f"{YEAR}-W(0[1-9]|[1-4][0-9]|5[0-2])"
MONTH_SAID = f"({MONTH_WRITTEN}|(this|last)[ -]month)"
NAMED = f"({RUNNING.pattern}|{MONTH_WRITTEN}|{WEEK_WRITTEN}|{YEAR})"
"""A week, month or year that has a name, as a pattern."""
DAY_SAID = f"(today|yesterday|{NAMED}|{DATE})"
"""That, or a day."""
PERIOD = f"({DAY_SAID}|-?{DAYS_BACK.pattern}|-?{WEEKS_BACK.pattern})"
"""The same, or the days until today."""


def span_of(name: str, text: str, now_ms: int, zone: str | None = None) -> tuple[str, str]:
    """The first and the last day of "2026-11-28", "2026-11", "2026-W48" (from Monday on), "2026", "yesterday", "last
    week" ("this", and "month", "year", too), or "7d" (seven days, today included; "-7d", "7 days" and "last 7 days" are
    the same). As it is today in the zone (UTC). Raises ValueError that begins with `name`."""
    try:
        first, last = _span(text, local(now_ms, zone).date())
    except ValueError as error:
        said = "write it as 2026-11-28, 2026-11, yesterday or 7d"
        raise ValueError(f"{name}: {text[:40]!r} is no day and no month; {said}") from error
    return first.isoformat(), last.isoformat()


def month_of(text: str, now_ms: int, zone: str | None = None) -> str:
    """The month of "this month" and "last month", "2026-11"; any other text as it is."""
    running = RUNNING.fullmatch(text)
    return span_of("month", text, now_ms, zone)[0][:7] if running and running[2] == "month" else text


def _span(text: str, today: date) -> tuple[date, date]:
    bare = text.removeprefix("-")
    if text in WORDS:
        return (day := today + timedelta(days=WORDS[text])), day
    if back := DAYS_BACK.fullmatch(bare):
        return today - timedelta(days=max(0, int(back[1]) - 1)), today
    if back := WEEKS_BACK.fullmatch(bare):
        return today - timedelta(days=max(0, 7 * int(back[1]) - 1)), today
    if running := RUNNING.fullmatch(text):
        first, last = _whole(running[2], today)
        return (first, last) if running[1] == "this" else _whole(running[2], first - timedelta(days=1))
    return _written(text)


def _written(text: str) -> tuple[date, date]:
    if month := MONTH.fullmatch(text):
        return _whole("month", _kept(date(int(month[1]), int(month[2]), 1)))
    if week := WEEK.fullmatch(text):
        return _whole("week", _kept(date.fromisocalendar(int(week[1]), int(week[2]), 1)))
    if re.fullmatch(YEAR, text):
        return _whole("year", date(int(text), 1, 1))
    day = date.fromisoformat(text)
    if day.year < YEARS.stop:  # a later one is no more than after all that is kept
        _kept(day)
    return day, day


def _kept(day: date) -> date:
    if day.year not in YEARS:
        raise ValueError(f"{day} is in no year that is kept")
    return day


def _whole(unit: str, day: date) -> tuple[date, date]:
    """The first and the last day of the week, month or year of a day."""
    if unit == "week":
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=6)
    first = day.replace(day=1) if unit == "month" else day.replace(month=1, day=1)
    after = (first + timedelta(days=32)).replace(day=1) if unit == "month" else first.replace(year=first.year + 1)
    return first, after - timedelta(days=1)


def written(now_ms: int | None) -> str | None:
    if now_ms is None:
        return None
    return datetime.fromtimestamp(now_ms / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
