"""The account's usage, summed by day, model, key and what callers said of their requests."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote, unquote

from interchange.dataclass import dataclass
from interchange.hub.failure import invalid
from interchange.metering.account import Account
from interchange.metering.money import usd
from interchange.metering.reports import LABELS, Line, grouped, total
from interchange.metering.running import Running
from interchange.metering.store import day_of
from interchange.metering.sums import Sums
from interchange.metering.waits import quantile
from interchange.operator.dates import DAY_SAID, PERIOD, YEARS, span_of
from interchange.operator.forms import listed

from . import reported

DAYS = 30
"""How many are summed where `since` is not given, today included."""
MOST_DAYS = 1_100
MOST_LINES = 10_000
"""Of one answer: about 4 MB, where a function's answer has 6 MB at most
(https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)."""
CURSOR = "[0-9A-Za-z%._~,-]*"
"""The words of the last line, each percent-encoded: whatever has this form is a place among the lines."""
BY = ("day", "model", "key", *LABELS)
BY_WRITTEN = listed(("day", "model", "key"), LABELS)
"""The words of `by` as a pattern."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: sums of the days `since` to `until` (UTC, both included), which are none where they lie the other way
    round; of one key and one model alone where they are not ""."""

    since: str | None = None
    until: str | None = None
    by: str = "day"
    key: str = ""
    model: str = ""

    def has(self, line: Line) -> bool:
        return self.key in ("", line.key_id) and self.model in ("", line.model)


def usage(
    running: Running, account: Account, asked: Asked, now_ms: int, cursor: str | None = None, limit: int = MOST_LINES
) -> reported.Usage:
    """Sums of all, and `limit` lines of them behind the one that `cursor` names. Raises RequestError."""
    since, until, groups = asked.since, asked.until, _groups(asked.by)
    label = next((word for word in groups if word in LABELS), "")
    today = date.fromisoformat(day_of(now_ms))
    ends, begins = _days("until", until, now_ms), _days("since", since, now_ms)
    last = ends[1] if ends else today
    first = begins[0] if begins else min(last, today) - timedelta(days=DAYS - 1)
    opened = date.fromisoformat(day_of(account.created_ms))
    if (min(last, today) - max(first, opened)).days >= MOST_DAYS:
        raise invalid(f"since: at most {MOST_DAYS} days are summed at once", "since")

    found = _lines(running, account, first, last, now_ms, ("", label) if label else ("",))
    own = {name: [one for one in lines if asked.has(one)] for name, lines in found.items()}
    every = grouped(own[label], groups)  # a request with two tags is in two lines, and in the total once
    begin = _read_cursor(cursor)
    behind = [words for words in every if begin is None or words > begin]
    shown = behind[:limit]
    return reported.Usage(
        since=first.isoformat(),
        until=last.isoformat(),
        **_figures(total(own[""])),
        data=[reported.UsageLine(**_words(groups, words), **_figures(every[words])) for words in shown],
        next_cursor=_write_cursor(shown[-1]) if len(behind) > limit else None,
    )


def _write_cursor(words: tuple[str, ...]) -> str:
    return ",".join(quote(word, safe="") for word in words)


def _read_cursor(text: str | None) -> tuple[str, ...] | None:
    """Raises RequestError."""
    if text is None:
        return None
    if not re.fullmatch(CURSOR, text):
        raise invalid("cursor: not one that this API gave; leave it out for the first lines", "cursor")
    return tuple(unquote(word) for word in text.split(","))


def _figures(sums: Sums) -> dict[str, Any]:
    waited = {f"first_byte_p{part}_ms": quantile(sums.waits, part / 100) for part in (50, 95)}
    return waited | {
        "requests": sums.requests,
        "failed": sums.failed,
        "input_tokens": sums.input_tokens,
        "cached_tokens": sums.cached_tokens,
        "cache_write_tokens": sums.written_tokens,
        "output_tokens": sums.output_tokens,
        "reasoning_tokens": sums.reasoning_tokens,
        "charged_usd": usd(sums.charge_nano),
        "saved_by_caching_usd": usd(sums.saved_nano),
    }


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


def _days(name: str, text: str | None, now_ms: int) -> tuple[date, date] | None:
    """The first and the last day of what is asked for. Raises RequestError."""
    if text is None:
        return None
    try:
        if not re.fullmatch(DAY_SAID if name == "until" else PERIOD, text):
            raise ValueError("days until today end today")
        first, last = span_of(name, text, now_ms)
    except ValueError as error:
        said = f"no date between the years {YEARS.start} and {YEARS.stop - 1}; write it as 2027-01-31"
        raise invalid(f"{name}: {text[:40]!r} is {said}", name) from error
    return date.fromisoformat(first), date.fromisoformat(last)
