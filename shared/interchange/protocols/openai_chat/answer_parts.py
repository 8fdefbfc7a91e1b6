"""The pieces of an answer that whole and stream have in common, hub -> wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.continuity.seal import Seal
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.usage import Usage
from interchange.protocols import Envelope, JsonObject
from interchange.wire.data_url import write_data_url

from .usage import write_tier
from .vocabulary import CUT_SHORT, FINISH_REASONS

FORMAT = "interchange-v1"
"""`reasoning_details[].format`: says whose sealed state an entry carries."""

NO_ARGUMENTS = "{}"
"""The arguments of a function call without any: some vendors write nothing for it, and chat's callers parse it. Not in
an answer that was cut short: there nothing means that the arguments are missing."""


def write_head(kind: str, envelope: Envelope) -> JsonObject:
    """What every chunk of one answer repeats: same id, same `created`."""
    return {
        "id": f"chatcmpl-{envelope.request_id}",
        "object": kind,
        "created": envelope.created,
        "model": envelope.model,
    }


def write_facts(extra: Mapping[str, Any], usage: Usage | None) -> JsonObject:
    """`service_tier` and `system_fingerprint`, where the upstream told them."""
    found: JsonObject = {}
    if tier := write_tier(usage):
        found["service_tier"] = tier
    if isinstance(extra.get("system_fingerprint"), str):
        found["system_fingerprint"] = extra["system_fingerprint"]
    return found


def write_finish(stop: e.Stop, *, called: bool) -> str:
    """An answer with a tool call ends for the tool, unless it was cut short; one without never does."""
    if called and stop.reason not in CUT_SHORT:
        return "tool_calls"
    if stop.reason is e.StopReason.TOOL_USE:
        return "stop"
    return FINISH_REASONS[stop.reason]


def write_refusal(stop: e.Stop) -> str | None:
    """The explanation of a refusal that came without words of its own."""
    details = (stop.raw or {}).get("stop_details")
    explanation = details.get("explanation") if isinstance(details, Mapping) else None
    return explanation if stop.reason is e.StopReason.REFUSAL and isinstance(explanation, str) else None


def write_call(block: b.ToolUse, arguments: str, index: int | None = None) -> JsonObject:
    """A call; with its `index` in a stream, where tools alone are counted, from 0."""
    call: JsonObject = {} if index is None else {"index": index}
    call |= {"id": block.id, "type": block.kind}
    call[block.kind] = {"name": block.name, "input" if block.kind == "custom" else "arguments": arguments}
    return {**call, **write_signature(block.state)}


def write_signature(state: b.Continuation | None) -> JsonObject:
    """A tool call's own state, in the one place that chat clients know for it. Only Gemini attaches state to calls
    (ai.google.dev/gemini-api/docs/thought-signatures#openai)."""
    if state is None or state.issuer != "gemini":
        return {}
    return {"extra_content": {"google": {"thought_signature": state.data}}}


def write_reasoning(block: b.Thinking | b.RedactedThinking, index: int, seal: Seal) -> JsonObject:
    """An entry of `reasoning_details`. The state is sealed, whoever issued it: the caller only carries it."""
    entry: JsonObject = {"format": FORMAT, "index": index}
    if isinstance(block, b.RedactedThinking):
        return {"type": "reasoning.encrypted", "data": seal.seal(block.state), **entry}
    signature = {"signature": seal.seal(block.state)} if block.state is not None else {}
    return {"type": "reasoning.text", "text": block.text, **signature, **entry}


def write_annotation(citation: b.Citation, start: int, end: int) -> JsonObject | None:
    """A `url_citation` over the cited span, which is the whole block's (`start` to `end`) where it is not known. None
    for a source without a URL, which chat has no annotation for."""
    if not citation.url:
        return None
    return {
        "type": "url_citation",
        "url_citation": {
            "start_index": start if citation.start is None else citation.start,
            "end_index": end if citation.end is None else citation.end,
            "title": citation.title or citation.url,
            "url": citation.url,
        },
    }


def write_source(citation: b.Citation) -> JsonObject:
    """A source without a URL (a page of a document), in a field of our own: `citations`."""
    found = {"title": citation.title, "cited_text": citation.cited_text, "source": dict(citation.raw)}
    return {name: value for name, value in found.items() if value is not None}


def write_image(block: b.Image) -> JsonObject | None:
    """An image that the model drew, the way OpenRouter gives it (`message.images`): chat has no place of its own."""
    match block.source:
        case b.Base64Source(media_type, data):
            return {"type": "image_url", "image_url": {"url": write_data_url(media_type, data)}}
        case b.UrlSource(url):
            return {"type": "image_url", "image_url": {"url": url}}
        case _:
            return None


def audio_id(block: b.Audio, envelope: Envelope) -> str:
    return block.id or f"audio_{envelope.request_id}"
