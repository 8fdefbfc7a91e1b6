"""A whole answer, hub -> `ChatCompletion`."""

from __future__ import annotations

from collections.abc import Iterable

from interchange.continuity.seal import Seal
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.protocols import Envelope, JsonObject

from .answer_parts import (
    NO_ARGUMENTS,
    audio_id,
    write_annotation,
    write_call,
    write_facts,
    write_finish,
    write_head,
    write_image,
    write_reasoning,
    write_refusal,
    write_source,
)
from .usage import write_usage


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
        "images": [image for image in images if image is not None],
        "audio": _audio(blocks, envelope),
    }
    message |= {name: value for name, value in optional.items() if value}
    return message | _reasoning(blocks, seal)


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
