"""The books as the command line opens them: long work says how far it has come, and changes by whom they are."""

from __future__ import annotations

from interchange.dataclass import replace
from interchange.operator import books
from interchange.operator.books import Books, user_here

from .terminal import watch


def open_books() -> Books:
    """Raises wiring.SettingError."""
    return replace(books.open_books(), watch=watch, who=user_here)
