"""An option for each limit, by its name, with its unit, an example and its check: the table of `key_limits` says them,
so that a new limit needs no line here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import make_dataclass
from typing import Annotated, Any

from cyclopts import Parameter

from interchange.operator.account_limits import KINDS
from interchange.operator.key_limits import HELP, LISTS, NAMES, read_form

from .units import NONE, SIGNED, Check, now_ms

SHORT = {"spend_usd": "--limit-usd", "allowed_models": "--allow-model", "allowed_networks": "--allow-network"}
"""Limits that have a shorter name, too."""


def unlimited(name: str, value: Any) -> Any:
    """The word "none" takes a limit away."""
    if name in LISTS:
        return () if list(value) == [NONE] else tuple(value)
    return None if value == NONE else value


def form(given: Any) -> dict[str, Any]:
    """Returns the limits that were given."""
    return {name: unlimited(name, value) for name, value in vars(given).items() if value is not None}


def _check(name: str) -> Check:
    def check(_kind: Any, value: Any) -> None:
        if value is not None:
            read_form({name: unlimited(name, value)}, now_ms())

    return check


def _option(name: str) -> tuple[str, Any, Any]:
    flags = [f"--{name.replace('_', '-')}", *([SHORT[name]] if name in SHORT else [])]
    metavar, help = HELP[name]
    kind: Any = list[str] if name in LISTS else str
    told = Parameter(name=flags, metavar=metavar, help=help, negative="", validator=_check(name), **SIGNED)
    return name, Annotated[kind | None, told], None


def options(title: str, names: Iterable[str]) -> Any:
    made = make_dataclass(title, [_option(name) for name in names], frozen=True, kw_only=True)
    made.__module__ = __name__  # else the library takes it for a type of the standard library's, and shows no fields
    return made


KeyLimits: Any = options("KeyLimits", NAMES)
AccountLimits: Any = options("AccountLimits", KINDS)
FLAT = Parameter(name="*")
