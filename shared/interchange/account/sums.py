"""The account's usage, summed by day, model and key."""

from __future__ import annotations

from datetime import date, timedelta

from interchange.hub.failure import invalid
from interchange.metering.account import Account
from interchange.metering.money import usd
from interchange.metering.reports import Line, grouped, total
from interchange.metering.running import Running
from interchange.metering.store import day_of

from . import models

DAYS = 30
"""How many are summed where `since` is not given, today included."""
MOST_DAYS = 1_100
BY = ("day", "model", "key")


def usage(
    running: Running, account: Account, key: str, since: str | None, until: str | None, by: str, now_ms: int
) -> models.Usage:
    """The days `since` to `until` (UTC, both included). `key` is the only key that is summed; "" is all of them. Raises
    RequestError."""
    groups = _groups(by)
    last = _day("until", until) or date.fromisoformat(day_of(now_ms))
    first = _day("since", since) or last - timedelta(days=DAYS - 1)
    if first > last:
        raise invalid(f"since: {first} is after {last}", "since")
    if (last - first).days >= MOST_DAYS:
        raise invalid(f"since: at most {MOST_DAYS} days are summed at once", "since")
    lines = [one for one in _lines(running, account, first, last, now_ms) if key in ("", one.key_id)]
    sums = total(lines)
    data = [
        models.UsageLine(
            **dict(zip(groups, words, strict=True)), requests=found.requests, failed=found.failed,
            input_tokens=found.input_tokens, cached_tokens=found.cached_tokens, output_tokens=found.output_tokens,
            charged_usd=usd(found.charge_nano),
        )
        for words, found in grouped(lines, groups).items()
    ]  # fmt: skip
    return models.Usage(
        since=first.isoformat(),
        until=last.isoformat(),
        requests=sums.requests,
        charged_usd=usd(sums.charge_nano),
        data=data,
    )


def _lines(running: Running, account: Account, first: date, last: date, now_ms: int) -> list[Line]:
    """Of the days in which the account was there."""
    begin = max(first.isoformat(), day_of(account.created_ms))
    end = min(last.isoformat(), day_of(now_ms))
    return running.between(account.account_id, begin, end, now_ms) if begin <= end else []


def _groups(by: str) -> tuple[str, ...]:
    groups = tuple(dict.fromkeys(word.strip() for word in by.split(",") if word.strip()))
    for word in groups:
        if word not in BY:
            raise invalid(f"by: {word[:40]!r} is none of {', '.join(BY)}", "by")
    return groups


def _day(name: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise invalid(f"{name}: {text[:40]!r} is no date; write it as 2027-01-31", name) from error
