"""The account's usage, summed by day, model, key and what callers said of their requests."""

from __future__ import annotations

import re
from datetime import date, timedelta

from interchange.hub.failure import invalid
from interchange.metering.account import Account
from interchange.metering.money import usd
from interchange.metering.reports import LABELS, Line, Sums, grouped, total
from interchange.metering.running import Running
from interchange.metering.store import day_of
from interchange.metering.waits import quantile
from interchange.operator.dates import DATE, DAYS_BACK, YEARS
from interchange.operator.forms import listed

from . import models

DAYS = 30
"""How many are summed where `since` is not given, today included."""
MOST_DAYS = 1_100
BY = ("day", "model", "key", *LABELS)
BY_WRITTEN = listed(("day", "model", "key"), LABELS)
"""The words of `by` as a pattern."""


def usage(
    running: Running, account: Account, key: str, since: str | None, until: str | None, by: str, now_ms: int
) -> models.Usage:
    """The days `since` to `until` (UTC, both included), which are none where they lie the other way round. `key` is the
    only key that is summed; "" is all of them. Raises RequestError."""
    groups = _groups(by)
    label = next((word for word in groups if word in LABELS), "")
    today = date.fromisoformat(day_of(now_ms))
    last = _day("until", until) or today
    first = _back(since, today) or _day("since", since) or min(last, today) - timedelta(days=DAYS - 1)
    opened = date.fromisoformat(day_of(account.created_ms))
    if (min(last, today) - max(first, opened)).days >= MOST_DAYS:
        raise invalid(f"since: at most {MOST_DAYS} days are summed at once", "since")

    found = _lines(running, account, first, last, now_ms, ("", label) if label else ("",))
    own = {name: [one for one in lines if key in ("", one.key_id)] for name, lines in found.items()}
    lines, sums = own[label], total(own[""])  # a request with two tags is in two lines, and in the total once
    data = [
        models.UsageLine(
            **_words(groups, words), requests=part.requests, failed=part.failed,
            input_tokens=part.input_tokens, cached_tokens=part.cached_tokens, output_tokens=part.output_tokens,
            charged_usd=usd(part.charge_nano), **_waited(part),
        )
        for words, part in grouped(lines, groups).items()
    ]  # fmt: skip
    return models.Usage(
        since=first.isoformat(),
        until=last.isoformat(),
        requests=sums.requests,
        failed=sums.failed,
        charged_usd=usd(sums.charge_nano),
        **_waited(sums),
        data=data,
    )


def _waited(sums: Sums) -> dict[str, int | None]:
    return {f"first_byte_p{part}_ms": quantile(sums.waits, part / 100) for part in (50, 95)}


def _words(groups: tuple[str, ...], words: tuple[str, ...]) -> dict[str, str | None]:
    """A request without the label is under none."""
    return {name: word or None for name, word in zip(groups, words, strict=True)}


def _lines(
    running: Running, account: Account, first: date, last: date, now_ms: int, labels: tuple[str, ...]
) -> dict[str, list[Line]]:
    """Lines of the days since the account was opened, by each of the labels."""
    begin = max(first.isoformat(), day_of(account.created_ms))
    end = min(last.isoformat(), day_of(now_ms))
    if begin > end:
        return {label: [] for label in labels}
    return running.each(account.account_id, begin, end, now_ms, labels)


def _groups(by: str) -> tuple[str, ...]:
    groups = tuple(dict.fromkeys(word.strip() for word in by.split(",") if word.strip()))
    for word in groups:
        if word not in BY:
            raise invalid(f"by: {word[:40]!r} is none of {', '.join(BY)}", "by")
    labels = [word for word in groups if word in LABELS]
    if len(labels) > 1:
        raise invalid(f"by: only one of {', '.join(LABELS)} at once", "by")
    return groups


def _back(text: str | None, today: date) -> date | None:
    """The first of so many days, today included."""
    back = DAYS_BACK.fullmatch(text or "")
    return today - timedelta(days=max(0, int(back[1]) - 1)) if back else None


def _day(name: str, text: str | None) -> date | None:
    """Raises RequestError."""
    if text is None:
        return None
    if not re.fullmatch(DATE, text):
        said = f"no date between the years {YEARS.start} and {YEARS.stop - 1}; write it as 2027-01-31"
        raise invalid(f"{name}: {text[:40]!r} is {said}", name)
    return date.fromisoformat(text)
