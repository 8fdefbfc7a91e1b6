"""Time zones by their IANA names ("Europe/Berlin"), for the days and weeks in which limits are counted, and the months
of statements."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

EPOCH = date(1970, 1, 1).toordinal()
WEEKDAY = 3
"""1 January 1970 was a Thursday; weeks begin on Monday."""


@lru_cache(maxsize=64)
def zone_of(name: str | None) -> tzinfo:
    """Raises ValueError for a name that is none."""
    if not name or name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        found = _bundled(name)
    if found is None:
        raise ValueError(f"{name[:60]!r} is no time zone (Europe/Berlin)")
    return found


def _bundled(name: str) -> tzinfo | None:
    """From the copy that comes with botocore's own dependencies: a machine may have no time zones."""
    from dateutil.zoneinfo import get_zonefile_instance  # type: ignore[import-untyped]

    found: tzinfo | None = get_zonefile_instance().get(name)
    return found


def local(now_ms: int, name: str | None) -> datetime:
    return datetime.fromtimestamp(now_ms / 1000, zone_of(name))


def day_number(moment: datetime) -> int:
    """Days since the epoch, by the moment's own calendar."""
    return moment.date().toordinal() - EPOCH


def week_of(day: int) -> int:
    return (day + WEEKDAY) // 7


def midnight_ms(day: date, name: str | None) -> int:
    """When the day begins there: one whose midnight the clocks leave out, at the moment that they are put forward."""
    return int(datetime.combine(day, datetime.min.time(), zone_of(name)).timestamp() * 1000)


def until(moment: datetime, days: int) -> float:
    """Seconds to the midnight so many days ahead."""
    midnight = datetime.combine(moment.date() + timedelta(days=days), datetime.min.time(), moment.tzinfo)
    return midnight.timestamp() - moment.timestamp()
