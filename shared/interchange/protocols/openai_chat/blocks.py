"""Blocks that a caller sends back as an answer gave them, so both faces read and write them alike.

Reasoning: `reasoning_content` is its text, `reasoning_details` its text with the state that continues it.

The form of the details is OpenRouter's (openrouter.ai/docs/use-cases/reasoning-tokens#reasoning_details-api-shape).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.hub import blocks as b
from interchange.protocols.faces import JsonObject
from interchange.wire import codec

from .words import PROTOCOL

FORMAT = "interchange-v1"
"""`reasoning_details[].format`: says whose sealed state an entry carries."""
_TEXTS = {"reasoning.text": "text", "reasoning.summary": "summary"}


def read_detail(raw: Mapping[str, Any]) -> tuple[str, b.Continuation | None, bool]:
    """(text, the upstream's own state, whether it is encrypted only). The state keeps the entry less its text."""
    name = _TEXTS.get(str(raw.get("type")))
    if name is None:
        return "", b.Continuation(PROTOCOL, codec.dumps_text(dict(raw))), True
    text = raw.get(name)
    state = None
    if raw.get("signature"):
        kept = {key: value for key, value in raw.items() if key != name}
        state = b.Continuation(PROTOCOL, codec.dumps_text(kept))
    return text if isinstance(text, str) else "", state, False


def write_detail(block: b.Thinking | b.RedactedThinking) -> dict[str, Any] | None:
    """The entry that `read_detail` read, None for another vendor's state or none at all."""
    state = block.state
    if state is None or state.issuer != PROTOCOL or not state.data:
        return None
    entry: dict[str, Any] = codec.loads(state.data)
    if isinstance(block, b.Thinking):
        entry[_TEXTS.get(entry["type"], "text")] = block.text
    return entry


NO_ARGUMENTS = "{}"
"""The arguments of a function call without any: some vendors write nothing for it, and chat's callers parse it. Not in
an answer that was cut short: there nothing means that the arguments are missing."""


def write_signature(state: b.Continuation | None) -> JsonObject:
    """The state of a tool call or of a text (then on the message), in the one place that chat clients know for it. Only
    Gemini attaches state to those (ai.google.dev/gemini-api/docs/thought-signatures#openai)."""
    if state is None or state.issuer.partition("@")[0] != "gemini":
        return {}
    return {"extra_content": {"google": {"thought_signature": state.data}}}


def read_annotation(raw: Mapping[str, Any]) -> b.Citation:
    found = raw.get("url_citation")
    inner: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    return b.Citation(
        PROTOCOL,
        raw,
        url=inner.get("url"),
        title=inner.get("title"),
        cited_text=inner.get("content"),
        start=inner.get("start_index"),
        end=inner.get("end_index"),
    )


def read_signature(raw: Mapping[str, Any]) -> b.Continuation | None:
    """Gemini's thought signature, where its OpenAI-compatible endpoint puts it
    (ai.google.dev/gemini-api/docs/thought-signatures#openai)."""
    match raw.get("extra_content"):
        case {"google": {"thought_signature": str(signature)}} if signature:
            return b.Continuation("gemini", signature)
        case _:
            return None
