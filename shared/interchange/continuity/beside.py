"""Names under which the account's memory keeps what belongs to a stored answer: both are deleted together."""

from __future__ import annotations

from typing import Any

from .memory import said
from .order import kept_as
from .responses import Stored


def names(stored: Stored) -> tuple[str, ...]:
    """The names of the records that an answer of Responses may have left: of its calls, of their order, and of what it
    says where it called nothing."""
    calls = [str(item["call_id"]) for item in stored.output if isinstance(item.get("call_id"), str)]
    texts = "".join(text for item in stored.output for text in _texts(item))
    return (*calls, *map(kept_as, calls[:1]), *([said(texts)] if texts else []))


def _texts(item: dict[str, Any]) -> list[str]:
    content = item.get("content")
    parts = content if item.get("type") == "message" and isinstance(content, list) else []
    return [part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str)]
