"""A key's limits as an operator writes them: amounts in USD, moments as dates, lists as lists. Every limit that a key
can have is here by its own name, so that a new one needs no line."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from interchange.dataclass import replace
from interchange.identity.keys import Limits
from interchange.metering.money import nano, usd
from interchange.metering.zones import zone_of
from interchange.whole import read_whole

from .books import Unmet
from .dates import moment, written


def _public(name: str) -> str:
    if name.endswith("_nano"):
        return f"{name.removesuffix('_nano')}_usd"
    return "expires" if name == "expires_ms" else name


NAMES: Mapping[str, str] = {_public(item.name): item.name for item in fields(Limits)}
"""The operator's name -> the limit's own."""
LISTS = frozenset(_public(item.name) for item in fields(Limits) if isinstance(item.default, tuple))

HELP: Mapping[str, tuple[str, str]] = {
    "spend_usd": ("USD", "what the key may spend in all, such as 25 or 0.50"),
    "spend_per_day_usd": ("USD", "what it may spend in a calendar day, such as 5"),
    "spend_per_week_usd": ("USD", "what it may spend in a week, from Monday on, such as 20"),
    "spend_per_month_usd": ("USD", "what it may spend in a calendar month, such as 100"),
    "zone": ("NAME", "whose days, weeks and months, such as Europe/Berlin; UTC unless named"),
    "concurrent": ("REQUESTS", "how many requests may run at the same moment, such as 4"),
    "requests_per_minute": ("REQUESTS", "such as 60"),
    "tokens_per_minute": ("TOKENS", "input and output together, such as 100000"),
    "allowed_models": ("PATTERN", "models it may call, by id or alias, such as 'claude-*'; may be given several times"),
    "allowed_networks": ("NETWORK", "addresses it may call from, such as 10.0.0.0/8; may be given several times"),
    "expires": ("WHEN", "the end of the key: a date (2027-01-31), a date and time, or a span from now (30d, 12h)"),
}
"""A limit -> its unit, and what it means with an example; `none` takes any of them away."""
MOST_DIGITS = 15


def read_form(form: Mapping[str, Any], now_ms: int, before: Limits | None = None) -> Limits:
    """`before` with what the form names; None takes a limit away. Raises ValueError."""
    unknown = sorted(set(form) - set(NAMES))
    if unknown:
        raise ValueError(f"{unknown[0]}: there is no such limit; there are {', '.join(NAMES)}")
    values = {NAMES[name]: _named(name, value, now_ms) for name, value in form.items()}
    return replace(before or Limits(), **values)


def write_form(limits: Limits) -> dict[str, Any]:
    """Writes limits as a form has them, leaving out what is not limited."""
    values = asdict(limits)
    return {name: _shown(own, values[own]) for name, own in NAMES.items() if values[own] not in (None, ())}


def _named(name: str, value: Any, now_ms: int) -> Any:
    """Every error begins with the limit's name."""
    try:
        return _value(name, value, now_ms)
    except ValueError as error:
        said = str(error)
        raise ValueError(said if said.startswith(f"{name}: ") else f"{name}: {said}") from error


def _value(name: str, value: Any, now_ms: int) -> Any:
    if name in LISTS:
        if value is None:
            return ()
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
            raise ValueError(f"{name}: not a list of strings")
        if name == "allowed_networks":
            for one in value:
                _network(one)
        return tuple(value)
    if value is None:
        return None
    if name == "expires":
        return _future(str(value), now_ms)
    if name == "zone":
        return _zone(value)
    if name.endswith("_usd"):
        return _amount(name, value)
    return _count(name, value)


def _zone(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("zone: not the name of a time zone (Europe/Berlin)")
    zone_of(value)
    return value


def _future(text: str, now_ms: int) -> int:
    when = moment(text, now_ms)
    if when <= now_ms:
        raise Unmet(f"expires: {text!r} is past; to end a key at once, revoke it")
    return when


def _network(text: str) -> None:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise ValueError(f"allowed_networks: {text[:60]!r} is no address and no network (10.0.0.0/8)") from error


def _amount(name: str, value: Any) -> int:
    if not isinstance(value, str):
        raise ValueError(f"{name}: an amount is a decimal string, as in {'12.50'!r}")
    amount = nano(value)
    if amount < 0:
        raise ValueError(f"{name}: must not be negative")
    return amount


def _count(name: str, value: Any) -> int:
    if isinstance(value, str) and len(value) <= MOST_DIGITS and value.isascii() and value.isdigit():
        value = int(value)
    value = read_whole(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 10**MOST_DIGITS:
        raise ValueError(f"{name}: must be a whole number that is not negative, such as 60")
    return value


def _shown(own: str, value: Any) -> Any:
    if own.endswith("_nano"):
        return usd(value)
    if own == "expires_ms":
        return written(value)
    return list(value) if isinstance(value, tuple) else value
