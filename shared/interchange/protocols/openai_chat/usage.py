"""Usage, both ways. `prompt_tokens` includes cached tokens, `completion_tokens` reasoning — save where it does not.

Whether reasoning lies outside `completion_tokens` (xAI, usually) is decided by each answer's own total:
output = max(total - prompt, completion). So no tokens are lost, and none are counted twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.hub.usage import Usage
from interchange.protocols.faces import JsonObject
from interchange.protocols.openai import counts, efforts


def read_usage(raw: Any, tier: Any = None, searches: int = 0) -> Usage | None:
    """None unless `raw` is an object with numbers: null and absent are not zero. `tier` is the answer's
    `service_tier`, `searches` the web searches that its annotations prove."""
    if not isinstance(raw, dict) or not any(
        counts.is_count(raw.get(n)) for n in ("prompt_tokens", "completion_tokens")
    ):
        return None
    prompt, completion = counts.read_count(raw, "prompt_tokens"), counts.read_count(raw, "completion_tokens")
    into, out = counts.read_object(raw, "prompt_tokens_details"), counts.read_object(raw, "completion_tokens_details")
    reasoning = counts.read_count(out, "reasoning_tokens") or counts.read_count(raw, "reasoning_tokens")
    total = _output(raw, prompt, completion, reasoning)
    cached = min(prompt, _cached(raw, into))
    written = min(prompt - cached, counts.read_count(into, "cache_write_tokens"))
    long = counts.read_long_writes(into, written)
    rest = prompt - cached - written
    audio = min(rest, counts.read_count(into, "audio_tokens"))
    image = min(rest - audio, counts.read_count(into, "image_tokens"))
    spoken = min(total, counts.read_count(out, "audio_tokens"))
    drawn = min(total - spoken, counts.read_count(out, "image_tokens"))
    text = total - spoken - drawn
    word = tier if isinstance(tier, str) else raw.get("service_tier")
    return Usage(
        input=rest - audio - image,
        input_audio=audio,
        input_image=image,
        cache_read=cached,
        cache_write_5m=written - long,
        cache_write_1h=long,
        output=text,
        reasoning=min(text, reasoning),
        output_audio=spoken,
        output_image=drawn,
        accepted_prediction=counts.read_count(out, "accepted_prediction_tokens"),
        rejected_prediction=counts.read_count(out, "rejected_prediction_tokens"),
        tool_calls={"web_search": searches} if searches else {},
        service_tier=word if isinstance(word, str) else None,
    )


def _output(raw: Mapping[str, Any], prompt: int, completion: int, reasoning: int) -> int:
    total = raw.get("total_tokens")
    if not counts.is_count(total):
        return completion + reasoning if reasoning > completion else completion
    return max(counts.read_count(raw, "total_tokens") - prompt, completion)


def counted(raw: Mapping[str, Any]) -> int | None:
    """The `completion_tokens` of which reasoning is a part, as OpenAI's clients read it; None where it is so already
    (https://docs.x.ai/docs/guides/reasoning: xAI counts it beside). The total stays."""
    prompt, completion = counts.read_count(raw, "prompt_tokens"), counts.read_count(raw, "completion_tokens")
    details = counts.read_object(raw, "completion_tokens_details")
    output = _output(raw, prompt, completion, counts.read_count(details, "reasoning_tokens"))
    return output if output > completion else None


def _cached(raw: Mapping[str, Any], details: Mapping[str, Any]) -> int:
    """`prompt_tokens_details.cached_tokens`; DeepSeek's and Mistral's older names beside it."""
    names = ("prompt_cache_hit_tokens", "num_cached_tokens", "cached_tokens")
    return counts.read_count(details, "cached_tokens") or next(
        (count for name in names if (count := counts.read_count(raw, name))), 0
    )


def write_usage(usage: Usage) -> JsonObject:
    """`CompletionUsage`. The total is the sum, so that a reader of any school comes to the same numbers."""
    into = {"cached_tokens": usage.total_cache_read, "audio_tokens": usage.input_audio}
    written = usage.cache_write_5m + usage.cache_write_1h
    if written:
        into["cache_write_tokens"] = written
    if usage.input_image:
        into["image_tokens"] = usage.input_image
    out = {
        "reasoning_tokens": usage.reasoning,
        "audio_tokens": usage.output_audio,
        "accepted_prediction_tokens": usage.accepted_prediction,
        "rejected_prediction_tokens": usage.rejected_prediction,
    }
    if usage.output_image:
        out["image_tokens"] = usage.output_image
    return {
        "prompt_tokens": usage.total_input,
        "completion_tokens": usage.total_output,
        "total_tokens": usage.total,
        "prompt_tokens_details": into,
        "completion_tokens_details": out,
    }


def write_tier(usage: Usage | None) -> str | None:
    """The answer's `service_tier`, where the served tier has a word in chat."""
    return efforts.SERVICE_TIERS.get(usage.service_tier or "") if usage is not None else None
