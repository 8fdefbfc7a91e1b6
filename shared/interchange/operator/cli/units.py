"""The units of the command line's words: each with its check, so that a wrong one is refused before anything is done.

A check raises ValueError; `app` puts the option's name before what it says.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated, Any

from cyclopts import Parameter

from interchange.metering.money import nano
from interchange.metering.zones import zone_of
from interchange.operator.alert_settings import read_address, read_endpoint
from interchange.operator.amounts import read_factor
from interchange.operator.dates import moment, month_of, span_of

NONE = "none"
"""The word that takes a setting away."""
Check = Callable[[Any, Any], None]


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def _each(read: Callable[[str], object]) -> Check:
    def check(_kind: Any, value: Any) -> None:
        for one in value if isinstance(value, list | tuple) else (value,):
            if isinstance(one, str):
                read(one)

    return check


def _or_none(read: Callable[[str], object]) -> Callable[[str], object]:
    return lambda text: None if text == NONE else read(text)


def _positive(text: str) -> None:
    if nano(text) < 0:
        raise ValueError("must not be negative")


def _moment(text: str) -> None:
    if moment(text, now_ms()) <= now_ms():
        raise ValueError(f"{text!r} is past")


def _month(said: str) -> None:
    text = month_of(said, now_ms())
    if len(text) != len("2026-11"):
        raise ValueError(f"{text[:20]!r} is no month; write it as 2026-11")
    span_of("month", text, now_ms())


def _said(text: str) -> None:
    if not text.strip():
        raise ValueError("must not be empty")


def unit(metavar: str, read: Callable[[str], object], help: str = "", **more: Any) -> Parameter:
    """Declares a unit of one word."""
    return Parameter(metavar=metavar, validator=_each(read), help=help or None, **more)


SIGNED: dict[str, Any] = {"allow_leading_hyphen": True}
"""Of a unit whose words may begin with a hyphen: the check says what is wrong with one, not that there is none."""


def _plain(metavar: str, help: str = "", **more: Any) -> Parameter:
    return unit(metavar, _said, help, **more)


AccountId = Annotated[str, _plain("ACCOUNT", "its id, acct_...")]
KeyId = Annotated[str, _plain("KEY_ID", "its id, key_...")]
Words = Annotated[str, _plain("TEXT")]
Reason = Annotated[str, _plain("TEXT", "why; kept with the entry")]
Name = Annotated[str, _plain("NAME")]
Operation = Annotated[str | None, _plain("ID", "makes a repeat of the same command do nothing new")]
File = Annotated[str, _plain("FILE")]
Usd = Annotated[str, unit("USD", _positive, "such as 25 or 0.50")]
Markup = Annotated[str, unit("FACTOR", read_factor, "what every price is multiplied by, such as 1.15")]
Until = Annotated[
    str, unit("WHEN", _moment, "a date (2027-01-31), a date and time, or a span from now (30d, 12h)", **SIGNED)
]
Span = Annotated[
    str, unit("WHEN", lambda text: moment(text, now_ms()), "a date, or a span from now (30d, 12h)", **SIGNED)
]
Days = Annotated[str, unit("WHEN", lambda text: span_of("", text, now_ms()), **SIGNED)]
Month = Annotated[
    str, unit("YYYY-MM", _month, "such as 2026-11 or last month; the last one that is over, unless given")
]
Zone = Annotated[str, unit("NAME", zone_of, "of its keys' days, weeks and months, such as Europe/Berlin")]
Email = Annotated[str, unit("ADDRESS", _or_none(read_address), "where its owner is told of things; none: nowhere")]
Webhook = Annotated[
    str, unit("URL", _or_none(read_endpoint), "likewise, by signed calls; the secret is shown once; none: nowhere")
]
Flag = Annotated[bool, Parameter(negative="", show_default=False)]
Yes = Annotated[bool, Parameter(negative="", show_default=False, help="do not ask")]


def said(help: str, **more: Any) -> Parameter:
    """Another help for a unit."""
    return Parameter(help=help, **more)
