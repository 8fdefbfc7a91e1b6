"""Errors of the environment, and the readings that more than one part of the wiring needs."""

from __future__ import annotations

import re
from collections.abc import Mapping

from interchange.metering.money import NANO, nano

FACTOR = re.compile(r"\d{1,2}(\.\d{1,9})?")
ADDRESS = re.compile(r"https?://[^\s/?#]+(?:/\S*)?$")


class SettingError(Exception):
    """A setting that is missing or cannot be used; the message names the variable."""


def read_url(name: str, value: str) -> str:
    if not ADDRESS.match(value):
        raise SettingError(f"{name}: {value!r} is not an http(s) URL")
    return value.rstrip("/")


def read_table(env: Mapping[str, str]) -> str:
    name = env.get("INTERCHANGE_TABLE", "")
    if not name:
        raise SettingError("INTERCHANGE_TABLE: not set; it names the DynamoDB table, or a file as sqlite:PATH")
    return name


def read_days(env: Mapping[str, str], name: str, default: float) -> float:
    """A number from 0 to 365; `default` where it is not set."""
    text = env.get(name, "").strip()
    try:
        days = float(text) if text else default
    except ValueError:
        days = -1.0
    if not 0 <= days <= 365:
        raise SettingError(f"{name}: {text!r} is no number of days from 0 to 365")
    return days


def read_count(env: Mapping[str, str], name: str) -> int | None:
    """A whole number above 0; None where it is not set."""
    text = env.get(name, "").strip()
    if not text:
        return None
    if not text.isdecimal() or int(text) < 1:
        raise SettingError(f"{name}: {text!r} is no whole number above 0")
    return int(text)


def read_usd(env: Mapping[str, str], name: str, default: int) -> int:
    """Dollars above 0 and up to 1,000, in nano-dollars; `default`, in those, where it is not set."""
    text = env.get(name, "").strip()
    if not text:
        return default
    try:
        found = nano(text)
    except ValueError:
        found = 0
    if not 0 < found <= 1_000 * NANO:
        raise SettingError(f"{name}: {text!r} is no number of dollars from 0 to 1000")
    return found


def read_seconds(env: Mapping[str, str], name: str) -> float | None:
    """A number above 0, and no more than an hour; None where it is not set."""
    text = env.get(name, "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 3600:
        raise SettingError(f"{name}: {text!r} is no number of seconds from 0 to 3600")
    return seconds


def read_factors(env: Mapping[str, str], name: str) -> dict[str, str]:
    """Provider -> what its list prices are multiplied by, from "openai=0.9,bedrock=0.85"."""
    factors: dict[str, str] = {}
    for pair in filter(None, (one.strip() for one in env.get(name, "").split(","))):
        provider, _, text = (part.strip() for part in pair.partition("="))
        if not provider or not FACTOR.fullmatch(text) or float(text) > 10:
            raise SettingError(f"{name}: {pair!r} is not a provider and a factor from 0 to 10 (openai=0.9)")
        factors[provider] = text
    return factors


def read_switch(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = env.get(name, "").strip().lower()
    if text not in ("", "true", "false"):
        raise SettingError(f"{name}: {text!r} is neither true nor false")
    return text == "true" if text else default
