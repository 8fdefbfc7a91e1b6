"""Files that a command is given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from interchange.operator.books import CommandError


@contextmanager
def reading(file: str) -> Iterator[None]:
    """Raises CommandError naming the file where what is read of it is no text."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise CommandError(f"{file}: not text (UTF-8)") from error


def text_of(file: str) -> str:
    """Raises OSError, CommandError."""
    with reading(file):
        return Path(file).read_text(encoding="utf-8")
