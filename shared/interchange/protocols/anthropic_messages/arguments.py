"""Tool arguments: text in the hub, an object on this wire.

What a model wrote that is no JSON object is carried whole under one key, and taken out of it again when it comes back
in a history. So nothing is lost, and the caller's tool sees arguments that fail its schema instead of none.
"""

from __future__ import annotations

from typing import Any

from interchange.wire import codec

MALFORMED = "_malformed_arguments"
FREE_FORM = "input"
"""Where the text of a free-form (custom) tool goes."""


def read_arguments(value: dict[str, Any]) -> str:
    """The text of an `input` object."""
    if len(value) == 1 and isinstance(value.get(MALFORMED), str):
        return str(value[MALFORMED])
    return codec.dumps_text(value)


def parse(text: str) -> dict[str, Any] | None:
    """The object, {} for no text at all, None for anything else."""
    if not text.strip():
        return {}
    try:
        value = codec.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def write_arguments(text: str, kind: str = "function") -> dict[str, Any]:
    """The `input` object for any text."""
    if kind == "custom":
        return {FREE_FORM: text}
    value = parse(text)
    return {MALFORMED: text} if value is None else value
