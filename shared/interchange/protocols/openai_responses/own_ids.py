"""Ids of the items that we write, told from a vendor's: a vendor looks its own up, and has none of ours."""

from __future__ import annotations

from typing import Any

OWN = "_ic_"
"""After the item's prefix. No vendor's id has it: theirs are a prefix and hex digits, or a UUID."""


def own_id(prefix: str, request_id: str, number: int) -> str:
    return f"{prefix}{OWN}{request_id}{number:02x}"


def is_own(identity: Any) -> bool:
    return isinstance(identity, str) and OWN in identity
