"""Patterns of models, against the catalog."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from .books import Books


def unmatched(books: Books, patterns: Sequence[str], limit: str = "allowed_models") -> list[str]:
    """A line for each pattern that no model of the catalog is meant by: a mistyped one would be a dead key."""
    if not patterns:
        return []
    known = [name for model in books.catalog().models for name in model.asked_for_as]
    idle = [one for one in patterns if not any(fnmatchcase(name, one) for name in known)]
    return [f"{limit}: {one[:80]!r} matches no model of the catalog" for one in idle]
