"""Counters of each limited key: requests and tokens of the minute, money of the day, the week and the month, and how
many of its requests run.

The counters stand in the key's own item (key_uses.py), which changes in one transaction with the money. Windows are the
calendar's, in the key's time zone. An update expects the windows that were seen last; where one has passed, it
fails, the item that comes back shows which, and the next try begins that window anew.

    m  minute since the epoch    r  requests    t  tokens (the bound while a request runs, then what it used)
    d  day since the epoch       dn nano-dollars (likewise)
                                 wn nano-dollars of the week that the day lies in
    mo month as yyyymm           mn nano-dollars
    c  requests that run
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta
from typing import Any, Protocol

from interchange.dataclass import dataclass

from .store import Change
from .zones import day_number, local, until, week_of

TOKENS_A_MINUTE = "tokens per minute"
MINUTE_MS = 60_000
EMPTY: Mapping[str, int] = {"m": 0, "r": 0, "t": 0, "d": 0, "dn": 0, "wn": 0, "mo": 0, "mn": 0, "c": 0}


class Counted(Protocol):
    """The limits that need counting; None is no limit."""

    @property
    def requests_per_minute(self) -> int | None: ...

    @property
    def tokens_per_minute(self) -> int | None: ...

    @property
    def concurrent(self) -> int | None: ...

    @property
    def spend_per_day_nano(self) -> int | None: ...

    @property
    def spend_per_week_nano(self) -> int | None: ...

    @property
    def spend_per_month_nano(self) -> int | None: ...

    @property
    def zone(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows that a moment falls into."""

    minute: int
    day: int
    month: int

    @staticmethod
    def at(now_ms: int, zone: str | None = None) -> Windows:
        moment = local(now_ms, zone)
        return Windows(now_ms // MINUTE_MS, day_number(moment), moment.year * 100 + moment.month)

    @property
    def week(self) -> int:
        return week_of(self.day)

    @staticmethod
    def of(record: Mapping[str, Any]) -> Windows:
        return Windows(int(record["m"]), int(record["d"]), int(record["mo"]))

    def not_before(self, seen: Windows) -> Windows:
        """The later of each: a counter never goes back to a window that has passed, though clocks differ and a request
        may be late. It is counted in the window that is open."""
        return Windows(max(self.minute, seen.minute), max(self.day, seen.day), max(self.month, seen.month))


@dataclass(frozen=True, slots=True)
class Rates:
    """The remainder of a key's minute, for the answer's headers. `reset_s` is until the minute ends."""

    requests: int | None
    requests_left: int
    tokens: int | None
    tokens_left: int
    reset_s: float


@dataclass(slots=True)
class Parts:
    """Pieces of one conditional update."""

    sets: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)

    def change(self) -> Change:
        return Change("SET " + ", ".join(self.sets), " AND ".join(self.conditions), {}, self.values)


def is_counted(limits: Counted) -> bool:
    return (
        limits.requests_per_minute,
        limits.tokens_per_minute,
        limits.concurrent,
        limits.spend_per_day_nano,
        limits.spend_per_week_nano,
        limits.spend_per_month_nano,
    ) != _UNCOUNTED


_UNCOUNTED = (None,) * 6


def take(parts: Parts, limits: Counted, seen: Windows, now: Windows, nano: int, tokens: int) -> None:
    """Counts a request in. `seen` are the windows that the item is expected to show."""
    minute = {"r": (1, limits.requests_per_minute), "t": (tokens, limits.tokens_per_minute)}
    _window(parts, "m", seen.minute, now.minute, minute)
    _window(parts, "d", seen.day, now.day, {"dn": (nano, limits.spend_per_day_nano)})
    _week(parts, seen, now, nano, limits.spend_per_week_nano)
    _window(parts, "mo", seen.month, now.month, {"mn": (nano, limits.spend_per_month_nano)})
    parts.values[":uc"] = 1
    parts.sets.append("c = c + :uc")
    if limits.concurrent is not None:
        parts.conditions.append("c < :umost")
        parts.values[":umost"] = limits.concurrent


def _week(parts: Parts, seen: Windows, now: Windows, nano: int, limit: int | None) -> None:
    """The day says which week it is; the counter is missing where an earlier release made the item."""
    fresh = seen.week != now.week
    parts.sets.append("wn = :addwn" if fresh else "wn = if_not_exists(wn, :nown) + :addwn")
    parts.values[":addwn"] = nano
    if not fresh:
        parts.values[":nown"] = 0
    if limit is not None and not fresh:
        parts.conditions.append("(attribute_not_exists(wn) OR wn <= :mostwn)")
        parts.values[":mostwn"] = limit - nano


def _window(parts: Parts, name: str, seen: int, now: int, counters: Mapping[str, tuple[int, int | None]]) -> None:
    parts.conditions.append(f"{name} = :u{name}")
    parts.values[f":u{name}"] = seen
    fresh = seen != now
    if fresh:
        parts.sets.append(f"{name} = :now{name}")
        parts.values[f":now{name}"] = now
    for counter, (amount, limit) in counters.items():
        before = "" if fresh else f"{counter} + "
        parts.sets.append(f"{counter} = {before}:add{counter}")
        parts.values[f":add{counter}"] = amount
        if limit is not None and not fresh:
            parts.conditions.append(f"{counter} <= :most{counter}")
            parts.values[f":most{counter}"] = limit - amount


def take_more(parts: Parts, limits: Counted, taken: Windows, seen: Windows, nano: int) -> None:
    """Counts `nano` more for a request that was counted in before. What belongs to a window that has passed is not
    counted any more."""
    for name, is_now in (("d", seen.day), ("mo", seen.month)):
        parts.conditions.append(f"{name} = :u{name}")
        parts.values[f":u{name}"] = is_now
    for counter, current, limit in (
        ("dn", taken.day == seen.day, limits.spend_per_day_nano),
        ("wn", taken.week == seen.week, limits.spend_per_week_nano),
        ("mn", taken.month == seen.month, limits.spend_per_month_nano),
    ):
        if current:
            parts.sets.append(f"{counter} = if_not_exists({counter}, :none) + :add{counter}")
            parts.values |= {f":add{counter}": nano, ":none": 0}
            if limit is not None:
                parts.conditions.append(f"(attribute_not_exists({counter}) OR {counter} <= :most{counter})")
                parts.values[f":most{counter}"] = limit - nano
    parts.sets.append("c = c + :uc")
    parts.values[":uc"] = 0


def spendable(limits: Counted, record: Mapping[str, Any], now_ms: int) -> int | None:
    """The amount that the caps by day, week and month leave, in nano-dollars; None where there are none."""
    was = Windows.of(record)
    now = Windows.at(now_ms, limits.zone).not_before(was)
    caps = (
        (limits.spend_per_day_nano, "dn", was.day == now.day),
        (limits.spend_per_week_nano, "wn", was.week == now.week),
        (limits.spend_per_month_nano, "mn", was.month == now.month),
    )
    spent = [
        (limit, int(record.get(name) or 0) if current else 0) for limit, name, current in caps if limit is not None
    ]
    left = [limit - used for limit, used in spent]
    return max(0, min(left)) if left else None


def give_back(parts: Parts, taken: Windows, seen: Windows, nano: int, tokens: int) -> None:
    """Counts a request out: `nano` and `tokens` of its bound were not used. What was counted in a window that has
    passed is gone with it."""
    parts.sets.append("c = c - :uc")
    parts.values[":uc"] = 1
    for name, was, is_now, counter, amount in (
        ("m", taken.minute, seen.minute, "t", tokens),
        ("d", taken.day, seen.day, "dn", nano),
        ("mo", taken.month, seen.month, "mn", nano),
    ):
        parts.conditions.append(f"{name} = :u{name}")
        parts.values[f":u{name}"] = is_now
        if was == is_now:
            parts.sets.append(f"{counter} = {counter} - :back{counter}")
            parts.values[f":back{counter}"] = amount
    if taken.week == seen.week:
        parts.sets.append("wn = if_not_exists(wn, :backwn) - :backwn")
        parts.values[":backwn"] = nano


@dataclass(frozen=True, slots=True)
class Reached:
    """The limit that refuses a request: `kind` in words, and when it may be met again; None for never."""

    kind: str
    limit: int
    remaining: int
    retry_after_s: float | None
    money: bool = False


def reached(limits: Counted, record: Mapping[str, Any], now_ms: int, nano: int, tokens: int) -> Reached | None:
    """The first limit that the request does not fit into, as the item stands; None where it would fit."""
    was = Windows.of(record)
    now = Windows.at(now_ms, limits.zone).not_before(was)
    minute = {"r": 0, "t": 0} if was.minute != now.minute else record
    rest_s = (MINUTE_MS - now_ms % MINUTE_MS) / 1000
    rpm, tpm, most = limits.requests_per_minute, limits.tokens_per_minute, limits.concurrent
    if most is not None and int(record["c"]) >= most:
        return Reached("concurrent requests", most, 0, 1.0 if most else None)
    if rpm is not None and int(minute["r"]) >= rpm:
        return Reached("requests per minute", rpm, 0, rest_s if rpm else None)
    if tpm is not None and int(minute["t"]) + tokens > tpm:
        return Reached(TOKENS_A_MINUTE, tpm, max(0, tpm - int(minute["t"])), rest_s if tpm else None)
    here = local(now_ms, limits.zone)
    for counter, current, limit, kind, wait in (
        ("dn", was.day == now.day, limits.spend_per_day_nano, "per day", until(here, 1)),
        ("wn", was.week == now.week, limits.spend_per_week_nano, "per week", until(here, 7 - here.weekday())),
        ("mn", was.month == now.month, limits.spend_per_month_nano, "per month", _month_left_s(here)),
    ):
        spent = int(record.get(counter) or 0) if current else 0
        if limit is not None and spent + nano > limit:
            return Reached(kind, limit, max(0, limit - spent), wait, money=True)
    return None


def left(limits: Counted, record: Mapping[str, Any], now_ms: int) -> Rates | None:
    """None for a key without a limit by the minute."""
    rpm, tpm = limits.requests_per_minute, limits.tokens_per_minute
    if rpm is None and tpm is None:
        return None
    current = int(record["m"]) >= now_ms // MINUTE_MS
    requests, tokens = (int(record["r"]), int(record["t"])) if current else (0, 0)
    rest_s = (MINUTE_MS - now_ms % MINUTE_MS) / 1000
    return Rates(rpm, max(0, (rpm or 0) - requests), tpm, max(0, (tpm or 0) - tokens), rest_s)


def _month_left_s(here: datetime) -> float:
    first = (here.date().replace(day=1) + timedelta(days=32)).replace(day=1)
    return until(here, (first - here.date()).days)
