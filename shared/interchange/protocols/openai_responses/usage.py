"""Usage, both ways. `input_tokens` includes cached and written tokens, `output_tokens` reasoning.

Tokens that the total counts beside the two are output, as in chat completions of the same vendors: no token is lost,
and none is counted twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from interchange.dataclass import replace
from interchange.hub.usage import Usage
from interchange.protocols.faces import JsonObject
from interchange.protocols.openai import counts, efforts

from .words import CALL_KINDS

_CHARGED = frozenset({"web_search", "code_execution", "file_search", "image_generation"})
"""Kinds of vendor-run tools that have a price per call (platform.openai.com/docs/pricing#built-in-tools)."""
_XAI_CALLS = {
    "web_search_calls": "web_search",
    "x_search_calls": "x_search",
    "code_interpreter_calls": "code_execution",
    "file_search_calls": "file_search",
    "document_search_calls": "document_search",
    "image_generation_calls": "image_generation",
}
"""xAI counts for itself: `usage.server_side_tool_usage_details`."""


def read_answer_usage(answer: Mapping[str, Any], items: Iterable[Any]) -> Usage | None:
    """Reads the usage of a whole answer. `items` are its output items, which prove the calls of vendor-run tools."""
    found = read_usage(answer.get("usage"), answer.get("service_tier"), items, answer.get("tools"))
    told = answer.get("tool_usage")
    if found is None or not isinstance(told, Mapping):
        return found
    return replace(found, tool_calls=_told(told, found.tool_calls, _searches(answer.get("tools"))))


def _told(told: Mapping[str, Any], calls: Mapping[str, int], searches: str) -> dict[str, int]:
    """Adds what the answer itself says of its tools (SDK: `ToolUsage`): the searches that are billed, and pictures that
    are in no item."""
    counted = dict(calls)
    search = counts.read_object(told, "web_search")
    if counts.is_count(search.get("num_requests")):
        counted[searches] = counts.read_count(search, "num_requests")
    if counts.read_count(counts.read_object(told, "image_gen"), "output_tokens") > 0:
        counted["image_generation"] = max(1, counted.get("image_generation", 0))
    return {kind: count for kind, count in counted.items() if count > 0}


def read_usage(raw: Any, tier: Any = None, items: Iterable[Any] = (), tools: Any = ()) -> Usage | None:
    """None unless `raw` is an object with numbers: null and absent are not zero. `tier` is the answer's
    `service_tier`, `items` its output items, `tools` those that it was asked with."""
    if not isinstance(raw, Mapping) or not any(counts.is_count(raw.get(n)) for n in ("input_tokens", "output_tokens")):
        return None
    taken, given = counts.read_count(raw, "input_tokens"), counts.read_count(raw, "output_tokens")
    into, out = counts.read_object(raw, "input_tokens_details"), counts.read_object(raw, "output_tokens_details")
    total = max(counts.read_count(raw, "total_tokens") - taken, given)
    cached = min(taken, counts.read_count(into, "cached_tokens"))
    written = min(taken - cached, counts.read_count(into, "cache_write_tokens"))
    long = counts.read_long_writes(into, written)
    rest = taken - cached - written
    audio = min(rest, counts.read_count(into, "audio_tokens"))
    image = min(rest - audio, counts.read_count(into, "image_tokens"))
    return Usage(
        input=rest - audio - image,
        input_audio=audio,
        input_image=image,
        cache_read=cached,
        cache_write_5m=written - long,
        cache_write_1h=long,
        output=total,
        reasoning=min(total, counts.read_count(out, "reasoning_tokens")),
        tool_calls=_calls(raw, items, _searches(tools)),
        service_tier=tier if isinstance(tier, str) else None,
    )


def _searches(tools: Any) -> str:
    """The kind that a search is charged as: the older tool's calls cost more with models that do not reason
    (https://developers.openai.com/api/docs/pricing), and look like the newer one's."""
    kinds = [str(tool.get("type")) for tool in tools if isinstance(tool, Mapping)] if isinstance(tools, list) else []
    return "web_search_preview" if any(kind.startswith("web_search_preview") for kind in kinds) else "web_search"


def _calls(raw: Mapping[str, Any], items: Iterable[Any], searches: str) -> dict[str, int]:
    told = raw.get("server_side_tool_usage_details")
    if isinstance(told, Mapping):
        return {
            kind: counts.read_count(told, name) for name, kind in _XAI_CALLS.items() if counts.read_count(told, name)
        }
    found: Counter[str] = Counter()
    containers: set[str] = set()
    for item in items:
        kind = _kind(item) if isinstance(item, Mapping) else None
        if kind not in _CHARGED or kind is None:
            continue
        if kind == "web_search" and counts.read_object(item, "action").get("type", "search") != "search":
            continue  # opening a page that was found costs no call
        if kind == "code_execution" and (container := _container(item)) in containers:
            continue  # the session is what is paid for
        if kind == "code_execution":
            containers.add(container)
        found[searches if kind == "web_search" else kind] += 1
    return dict(found)


def _kind(item: Mapping[str, Any]) -> str | None:
    """A shell in the vendor's container is charged as its code interpreter is; the caller's own is its own affair
    (https://developers.openai.com/api/docs/pricing, containers)."""
    hosted_shell = item.get("type") == "shell_call" and counts.read_object(item, "environment").get("container_id")
    return "code_execution" if hosted_shell else CALL_KINDS.get(str(item.get("type")))


def _container(item: Mapping[str, Any]) -> str:
    return str(item.get("container_id") or counts.read_object(item, "environment").get("container_id"))


def write_usage(usage: Usage) -> JsonObject:
    """`ResponseUsage`. Every one of these fields is required."""
    return {
        "input_tokens": usage.total_input,
        "input_tokens_details": {
            "cached_tokens": usage.total_cache_read,
            "cache_write_tokens": usage.cache_write_5m + usage.cache_write_1h,
        },
        "output_tokens": usage.total_output,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.total,
    }


def write_tier(usage: Usage | None) -> str | None:
    """The answer's `service_tier`, where the served tier has a word in Responses."""
    return efforts.SERVICE_TIERS.get(usage.service_tier or "") if usage is not None else None
