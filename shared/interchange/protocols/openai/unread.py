"""Fields of a caller's objects that no reader looks at: a translation drops them, so it must tell them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Known = Mapping[str, frozenset[str]]
"""The word that says what an object is -> the fields that are read, or say nothing (ids and marks of an answer that is
sent back)."""
PLACE = frozenset({"type", "city", "country", "region", "timezone"})
"""Where a search is made from."""


def fields(value: Any, known: frozenset[str], path: str) -> Iterator[str]:
    if isinstance(value, dict) and not value.keys() <= known:
        yield from (f"{path}.{name}" for name, said in value.items() if name not in known and said is not None)


def parts(content: Any, known: Known, path: str) -> Iterator[str]:
    """Lists the unread fields of the parts of a known type; the others go as a whole, and are told as one."""
    if not isinstance(content, list):
        return
    for number, part in enumerate(content):
        word = part.get("type") if isinstance(part, dict) else None
        if isinstance(word, str) and word in known:
            yield from fields(part, known[word], f"{path}[{number}]")


def items(value: Any, path: str) -> Iterable[tuple[str, dict[str, Any]]]:
    given = value if isinstance(value, list) else ()
    return [(f"{path}[{number}]", item) for number, item in enumerate(given) if isinstance(item, dict)]
