"""A caller's labels for its request: kept in the usage row, and summed by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.failure import invalid

HEADER = "x-interchange-tags"
MOST_TAGS = 10
TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:=/@+-]{0,63}")
LONGEST_USER = 256
"""Characters of the end user's id that are kept: the vendors take 64 to 256."""
MOST_PAIRS = 16
LONGEST_NAME = 64
LONGEST_VALUE = 128
"""Of metadata, as much is kept as keeps a row small; the model's vendor gets all of it."""


@dataclass(frozen=True, slots=True)
class Labels:
    """`user` is the caller's end user, `metadata` the pairs of the body whose values are texts."""

    user: str = ""
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, str] | None = None


def read_labels(headers: Mapping[str, str], user: object, metadata: Mapping[str, Any] | None) -> Labels:
    """Raises RequestError naming the header where it has too many tags, or a word that is none."""
    kept = [(name[:LONGEST_NAME], text[:LONGEST_VALUE]) for name, text in _texts(metadata or {})]
    return Labels(
        user=user[:LONGEST_USER] if isinstance(user, str) else "",
        tags=_tags(headers.get(HEADER, "")),
        metadata=dict(sorted(kept)[:MOST_PAIRS]) or None,
    )


def _texts(metadata: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in metadata.items() if isinstance(value, str)]


def _tags(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    if len(found) > MOST_TAGS:
        raise invalid(f"{HEADER}: at most {MOST_TAGS} tags, but got {len(found)}", HEADER, "invalid_value")
    for word in found:
        if not TAG.fullmatch(word):
            written = _written(word)[:80]
            form = "a letter (a to z) or a digit, then up to 63 of them and of _ . : = / @ + -"
            raise invalid(f"{HEADER}: {written!r} is no tag: {form}", HEADER, "invalid_value")
    return found


def _written(word: str) -> str:
    """A header's bytes are read as Latin-1; nearly all clients write UTF-8 (RFC 9110, 5.5, leaves both open)."""
    try:
        return word.encode("latin-1").decode()
    except UnicodeError:
        return word
