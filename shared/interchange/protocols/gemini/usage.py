"""`usageMetadata` into the hub's usage.

    promptTokenCount      uncached + cached, every modality       toolUsePromptTokenCount  on top, also input
    candidatesTokenCount  the answer, usually without thoughts    thoughtsTokenCount       usually on top
    totalTokenCount       the sum of the four

Reports disagree on whether candidates include thoughts, so the total decides, answer by answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.hub.usage import Usage, whole

from .words import SERVED_TIER

COUNTS = (
    "promptTokenCount",
    "candidatesTokenCount",
    "thoughtsTokenCount",
    "toolUsePromptTokenCount",
    "cachedContentTokenCount",
    "totalTokenCount",
)


def counts_tokens(report: Any) -> bool:
    """Absent, null or word-only reports (`{"trafficType": ...}`) are not zero usage: they say nothing."""
    return isinstance(report, Mapping) and any(_count(report, name) > 0 for name in COUNTS)


def read_usage(report: Mapping[str, Any], tool_calls: Mapping[str, int] | None = None) -> Usage:
    """One report, taken whole: reports of one stream are successive states, not parts of a sum."""
    prompt = _count(report, "promptTokenCount") + _count(report, "toolUsePromptTokenCount")
    cached = min(_count(report, "cachedContentTokenCount"), prompt)
    output = _output(report, prompt)
    audio_in, image_in = _uncached_media(report, prompt - cached)
    audio_read, image_read = _cached_media(report, cached)
    produced = _modalities(report, "candidatesTokensDetails")
    audio_out = min(produced.get("AUDIO", 0), output)
    image_out = min(produced.get("IMAGE", 0), output - audio_out)
    text_out = output - audio_out - image_out
    return Usage(
        input=prompt - cached - audio_in - image_in,
        input_audio=audio_in,
        input_image=image_in,
        cache_read=cached - audio_read - image_read,
        cache_read_audio=audio_read,
        cache_read_image=image_read,
        output=text_out,
        reasoning=min(_count(report, "thoughtsTokenCount"), text_out),
        output_audio=audio_out,
        output_image=image_out,
        tool_calls={kind: count for kind, count in (tool_calls or {}).items() if count},
        service_tier=_tier(report),
    )


def _output(report: Mapping[str, Any], prompt: int) -> int:
    """total - prompt where the total can be true; the sum of the parts where it is absent or smaller than a part."""
    answer, thoughts = _count(report, "candidatesTokenCount"), _count(report, "thoughtsTokenCount")
    measured = _count(report, "totalTokenCount") - prompt
    return measured if measured >= max(answer, thoughts) else answer + thoughts


def _uncached_media(report: Mapping[str, Any], uncached: int) -> tuple[int, int]:
    """Audio and image tokens that were not read from the cache. Video and documents count as plain input."""
    whole = _modalities(report, "promptTokensDetails", "toolUsePromptTokensDetails")
    cached = _modalities(report, "cacheTokensDetails")
    audio = min(max(0, whole.get("AUDIO", 0) - cached.get("AUDIO", 0)), uncached)
    image = min(max(0, whole.get("IMAGE", 0) - cached.get("IMAGE", 0)), uncached - audio)
    return audio, image


def _cached_media(report: Mapping[str, Any], cached: int) -> tuple[int, int]:
    """Audio and image tokens that were read from the cache: audio has a price of its own there
    (https://ai.google.dev/gemini-api/docs/pricing, "Context caching price")."""
    found = _modalities(report, "cacheTokensDetails")
    audio = min(found.get("AUDIO", 0), cached)
    return audio, min(found.get("IMAGE", 0), cached - audio)


def _modalities(report: Mapping[str, Any], *fields: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for field in fields:
        told = report.get(field)
        for item in told if isinstance(told, list) else ():
            if not isinstance(item, Mapping):
                continue
            modality = str(item.get("modality"))
            found[modality] = found.get(modality, 0) + _count(item, "tokenCount")
    return found


def _tier(report: Mapping[str, Any]) -> str | None:
    return SERVED_TIER.get(str(report.get("serviceTier") or report.get("trafficType")))


def _count(report: Mapping[str, Any], name: str) -> int:
    return whole(report.get(name))
