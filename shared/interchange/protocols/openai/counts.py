"""Counts in the usage of OpenAI's formats, as compatible servers write them: missing, null, fractional, or of another
type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.hub.usage import whole

_NOTHING: Mapping[str, Any] = {}


def read_object(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """`{}` where there is none."""
    value = raw.get(name)
    return value if isinstance(value, dict) else _NOTHING


def is_count(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def read_count(raw: Mapping[str, Any], name: str) -> int:
    """At least 0; 0 where there is none."""
    value = raw.get(name)
    if value is None:
        return 0
    return value if type(value) is int and value >= 0 else whole(value)


def read_long_writes(details: Mapping[str, Any], written: int) -> int:
    """The part of the `written` cache tokens that is kept for long and costs more: `cache_write_tokens_details`
    {ttl_30m_tokens, ttl_12h_tokens}, by `prompt_cache_options.ttl` (the SDK's `ResponseUsage`)."""
    return min(written, read_count(read_object(details, "cache_write_tokens_details"), "ttl_12h_tokens"))
