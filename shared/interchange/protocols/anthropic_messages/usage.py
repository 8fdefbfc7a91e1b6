"""Token accounts. On this wire `input_tokens` is the uncached part only; cache reads and writes come on top.

`usage` of message_delta is cumulative and leaves out what did not change, so a stream's reports are merged on the
wire's side, and read whole. The split of cache writes by lifetime may be absent: then all are of 5 minutes.
`iterations` of kind compaction and advisor_message are not in the top-level numbers, and are billed
(SDK: BetaUsage.iterations), so they are added.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.hub.usage import Usage, whole

from .words import SERVED_TIER, SERVED_TIER_WORD, Json

BESIDE = frozenset({"compaction", "advisor_message"})
"""Iterations that the top-level numbers leave out."""
CHARACTERS_A_TOKEN = 4
"""For the estimate where an upstream reports no usage at all."""


def merge(before: Mapping[str, Any], report: Mapping[str, Any]) -> Json:
    """Merges a later report into usage: null and absent fields change nothing."""
    return {**before, **{name: value for name, value in report.items() if value is not None}}


def read_usage(report: Mapping[str, Any]) -> Usage:
    usage = _read_tokens(report)
    for item in report.get("iterations") or ():
        if isinstance(item, Mapping) and item.get("type") in BESIDE:
            usage = _add(usage, _read_tokens(item))
    return usage


def write_usage(usage: Usage) -> Json:
    """The usage of a whole answer: the API's full set of keys."""
    return {
        "input_tokens": usage.input + usage.input_audio + usage.input_image,
        "cache_creation_input_tokens": usage.cache_write_5m + usage.cache_write_1h,
        "cache_read_input_tokens": usage.total_cache_read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage.cache_write_5m,
            "ephemeral_1h_input_tokens": usage.cache_write_1h,
        },
        "output_tokens": usage.total_output,
        "output_tokens_details": {"thinking_tokens": usage.reasoning} if usage.reasoning else None,
        "server_tool_use": _write_calls(usage.tool_calls),
        "service_tier": SERVED_TIER_WORD.get(usage.service_tier or "default", "standard"),
        "inference_geo": None,
    }


DELTA_FIELDS = (
    "input_tokens",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "output_tokens",
    "output_tokens_details",
    "server_tool_use",
)
"""What message_delta repeats. Its numbers replace those of message_start in the SDKs' accumulators."""


def write_delta_usage(usage: Usage) -> Json:
    whole = write_usage(usage)
    return {name: whole[name] for name in DELTA_FIELDS}


def estimate_usage(input_tokens: int, characters: int) -> Usage:
    """Usage of an answer whose upstream reported none: the caller's SDK needs numbers."""
    return Usage(input=max(1, input_tokens), output=max(1, -(-characters // CHARACTERS_A_TOKEN)))


def read_attempt(item: Mapping[str, Any]) -> Usage:
    """One of a usage's `iterations`."""
    return _read_tokens(item)


def _read_tokens(report: Mapping[str, Any]) -> Usage:
    written = _count(report, "cache_creation_input_tokens")
    split = report.get("cache_creation")
    split = split if isinstance(split, Mapping) else {}
    hour, minutes = _count(split, "ephemeral_1h_input_tokens"), _count(split, "ephemeral_5m_input_tokens")
    details = report.get("output_tokens_details")
    tier = report.get("service_tier")
    return Usage(
        input=_count(report, "input_tokens"),
        cache_read=_count(report, "cache_read_input_tokens"),
        cache_write_5m=minutes + max(0, written - minutes - hour),
        cache_write_1h=hour,
        output=_count(report, "output_tokens"),
        reasoning=_count(details, "thinking_tokens") if isinstance(details, Mapping) else 0,
        tool_calls=_read_calls(report.get("server_tool_use")),
        service_tier="fast" if report.get("speed") == "fast" else SERVED_TIER.get(tier, tier) if tier else None,
        region=geo if isinstance(geo := report.get("inference_geo"), str) else None,
    )


def _count(report: Mapping[str, Any], name: str) -> int:
    return whole(report.get(name))


def _read_calls(calls: Any) -> dict[str, int]:
    if not isinstance(calls, Mapping):
        return {}
    return {name.removesuffix("_requests"): _count(calls, name) for name in calls if _count(calls, name)}


def _write_calls(calls: Mapping[str, int]) -> Json | None:
    """The two that the API counts (SDK: `ServerToolUsage`); calls of another vendor's tools have no count here."""
    searches = calls.get("web_search_preview", 0) + calls.get("web_search", 0)
    fetches = calls.get("web_fetch", 0)
    return {"web_search_requests": searches, "web_fetch_requests": fetches} if searches or fetches else None


def _add(usage: Usage, more: Usage) -> Usage:
    return Usage(
        input=usage.input + more.input,
        cache_read=usage.cache_read + more.cache_read,
        cache_write_5m=usage.cache_write_5m + more.cache_write_5m,
        cache_write_1h=usage.cache_write_1h + more.cache_write_1h,
        output=usage.output + more.output,
        reasoning=usage.reasoning + more.reasoning,
        tool_calls=usage.tool_calls,
        service_tier=usage.service_tier,
        region=usage.region,
    )
