"""Bound of the indexes that a vendor numbers the parts of an answer with: clients build lists of them, and so do we."""

from __future__ import annotations

from typing import Any

MOST_PARTS = 10_000
"""Items, blocks, calls of one answer: none fits more into the longest output of a model (128,000 tokens)."""


def read_index(value: Any, what: str, most: int = MOST_PARTS) -> int | None:
    """The index; None for what is no number (some servers have none, or null). Raises ValueError for one that is
    negative, broken, or not below `most`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not 0 <= value < most or value != int(value):
        raise ValueError(f"the index of {what} is beyond what an answer can hold")
    return int(value)


def needed_index(value: Any, what: str) -> int:
    """The same where there must be one: raises ValueError for what is no number."""
    index = read_index(value, what)
    if index is None:
        raise ValueError(f"the index of {what} is beyond what an answer can hold")
    return index
