"""Reasoning in chat: `reasoning_content` is its text, `reasoning_details` its text with the state that continues it.

The form of the details is OpenRouter's (openrouter.ai/docs/use-cases/reasoning-tokens#reasoning_details-api-shape).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.hub import blocks as b
from interchange.wire import codec

from .vocabulary import PROTOCOL

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
    if state is None or state.issuer != PROTOCOL:
        return None
    entry: dict[str, Any] = codec.loads(state.data)
    if isinstance(block, b.Thinking):
        entry[_TEXTS.get(entry["type"], "text")] = block.text
    return entry
