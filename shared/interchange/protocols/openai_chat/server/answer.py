"""A whole answer, hub -> `ChatCompletion`.

The pieces of an answer that whole and stream have in common, hub -> wire.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from interchange.continuity.seal import Seal
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.usage import Usage
from interchange.protocols.faces import Envelope, JsonObject
from interchange.wire.data_url import write_data_url

from ..blocks import FORMAT, NO_ARGUMENTS, write_signature
from ..usage import write_tier, write_usage
from ..words import CUT_SHORT, FINISH_REASONS
from . import mcp


def write_answer(response: e.Response, envelope: Envelope, seal: Seal) -> JsonObject:
    out = write_head("chat.completion", envelope)
    out["choices"] = [_choice(index, choice, envelope, seal) for index, choice in enumerate(response.choices)]
    if response.usage is not None:
        out["usage"] = write_usage(response.usage)
    return out | write_facts(response.extra, response.usage)


def _choice(index: int, choice: e.Choice, envelope: Envelope, seal: Seal) -> JsonObject:
    called = any(isinstance(block, b.ToolUse) for block in choice.blocks)
    logprobs = None
    if choice.logprobs is not None:
        refusal = choice.logprobs.refusal
        logprobs = {"content": list(choice.logprobs.content), "refusal": list(refusal) if refusal else None}
    return {
        "index": index,
        "message": _message(choice, envelope, seal),
        "logprobs": logprobs,
        "finish_reason": write_finish(choice.stop, called=called),
    }


def _message(choice: e.Choice, envelope: Envelope, seal: Seal) -> JsonObject:
    blocks = choice.blocks
    texts = [block for block in blocks if isinstance(block, b.Text)]
    refusal = "".join(block.text for block in blocks if isinstance(block, b.Refusal)) or write_refusal(choice.stop)
    message: JsonObject = {
        "role": "assistant",
        "content": "".join(block.text for block in texts) if texts else None,
        "refusal": refusal or None,
    }
    annotations, citations = _citations(texts)
    calls = [write_call(block, _arguments(block, choice.stop)) for block in blocks if isinstance(block, b.ToolUse)]
    images = [write_image(block) for block in blocks if isinstance(block, b.Image)]
    optional = {
        "annotations": annotations,
        "citations": citations,
        "tool_calls": calls,
        mcp.FIELD: mcp.write_calls(blocks),
        "images": [image for image in images if image is not None],
        "audio": _audio(blocks, envelope),
    }
    message |= {name: value for name, value in optional.items() if value}
    return message | _reasoning(blocks, seal) | _signature(blocks)


def _arguments(block: b.ToolUse, stop: e.Stop) -> str:
    bare = block.kind == "function" and write_finish(stop, called=True) == "tool_calls"
    return block.arguments or (NO_ARGUMENTS if bare else "")


def _citations(texts: Iterable[b.Text]) -> tuple[list[JsonObject], list[JsonObject]]:
    annotations: list[JsonObject] = []
    sources: list[JsonObject] = []
    start = 0
    for text in texts:
        end = start + len(text.text)
        for citation in text.citations:
            annotation = write_annotation(citation, start, end)
            if annotation is None:
                sources.append(write_source(citation))
            else:
                annotations.append(annotation)
        start = end
    return annotations, sources


def _reasoning(blocks: Iterable[b.Block], seal: Seal) -> JsonObject:
    thought = [block for block in blocks if isinstance(block, b.Thinking | b.RedactedThinking)]
    if not thought:
        return {}
    found: JsonObject = {}
    text = "".join(block.text for block in thought if isinstance(block, b.Thinking))
    if text:
        found["reasoning_content"] = text
    found["reasoning_details"] = [write_reasoning(block, index, seal) for index, block in enumerate(thought)]
    return found


def _signature(blocks: Iterable[b.Block]) -> JsonObject:
    """The last that a text or a picture has: Gemini signs an answer's last part."""
    found: JsonObject = {}
    for block in blocks:
        if isinstance(block, b.Text | b.Image):
            found = write_signature(block.state) or found
    return found


def _audio(blocks: Iterable[b.Block], envelope: Envelope) -> JsonObject | None:
    """All four fields are required; an expiry that nobody told is the time of the answer."""
    for block in blocks:
        match block:
            case b.Audio(source=b.Base64Source(data=data)):
                return {
                    "id": audio_id(block, envelope),
                    "data": data,
                    "expires_at": block.expires_at or envelope.created,
                    "transcript": block.transcript or "",
                }
            case _:
                pass  # not sound
    return None


def write_head(kind: str, envelope: Envelope) -> JsonObject:
    """Writes the fields that every chunk of one answer repeats: same id, same `created`."""
    return {
        "id": f"chatcmpl-{envelope.request_id}",
        "object": kind,
        "created": envelope.created,
        "model": envelope.model,
    }


def write_facts(extra: Mapping[str, Any], usage: Usage | None) -> JsonObject:
    """`service_tier` and `system_fingerprint`, where the upstream told them. The usage comes last, and the openai SDK
    keeps the first chunk's tier (`ChatCompletionStreamState`): what the first chunk said counts until then."""
    found: JsonObject = {}
    said = extra.get("service_tier")
    if tier := write_tier(usage) or write_tier(Usage(service_tier=said) if isinstance(said, str) else None):
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
    signature = write_signature(block.state)
    match block.source:
        case b.Base64Source(media_type, data):
            return {"type": "image_url", "image_url": {"url": write_data_url(media_type, data)}, **signature}
        case b.UrlSource(url):
            return {"type": "image_url", "image_url": {"url": url}, **signature}
        case _:
            return None


def audio_id(block: b.Audio, envelope: Envelope) -> str:
    return block.id or f"audio_{envelope.request_id}"
