"""Answers of commands, and the question before what cannot be undone."""

from __future__ import annotations

import sys

from interchange.dataclass import dataclass
from interchange.operator.books import CommandError, Shown


@dataclass(frozen=True, slots=True)
class Result:
    """`text` replaces the lines that `shown` would be written as."""

    shown: Shown
    code: int = 0
    text: str | None = None


def confirm(question: str, *, yes: bool) -> None:
    """Asks at a terminal; a script has nobody to ask and means what it says. Raises CommandError."""
    if yes or not sys.stdin.isatty():
        return
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise CommandError("not confirmed; nothing was changed")


def no_use_for(name: str, given: object, why: str) -> None:
    """Raises CommandError where an option was given that would be passed over in silence."""
    if given not in (None, False):
        raise CommandError(f"{name}: {why}")
