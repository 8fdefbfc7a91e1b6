"""Messages carried through: bytes as they came, save for `model` and the limit. Usage is always in the stream."""

from __future__ import annotations

from typing import Any

from interchange.continuity.seal import MARK
from interchange.dataclass import dataclass
from interchange.protocols.faces import JsonObject, Profile
from interchange.wire import codec, splice
from interchange.wire.sse import Frame, write_frame


@dataclass(frozen=True, slots=True)
class PassThrough:
    protocol: str = "anthropic_messages"
    padding: str | None = None

    def write_request(self, raw: bytes, body: JsonObject, profile: Profile, limit: int | None, stream: bool) -> bytes:
        if MARK.encode() in raw:
            raw = codec.dumps({**body, "messages": [_without_sealed(message) for message in body["messages"]]})
        out = splice.put(raw, profile.model, "model")
        return out if limit is None else splice.put(out, limit, "max_tokens")

    def write_response(self, raw: bytes, model: str) -> bytes:
        return splice.replace(raw, model, "model")

    def write_frame(self, frame: Frame, model: str, asked_usage: bool) -> bytes:
        data = frame.data
        if data is None or b'"message_start"' not in data:
            return frame.raw
        edited = splice.replace(data, model, "message", "model")
        return frame.raw.replace(data, edited) if data in frame.raw else write_frame(edited, frame.event)


def _without_sealed(message: Any) -> Any:
    """A turn without what is sealed, which means nothing to this model: another vendor's thinking, and the places that
    another vendor's citations point at."""
    if not isinstance(message, dict) or not isinstance(message.get("content"), list):
        return message
    kept = [_without_citations(block) for block in message["content"] if not _sealed(block)]
    return {**message, "content": kept or [{"type": "text", "text": "(reasoning left out)"}]}


def _sealed(block: Any) -> bool:
    if not isinstance(block, dict) or block.get("type") not in ("thinking", "redacted_thinking"):
        return False
    return any(str(block.get(name, "")).startswith(MARK) for name in ("signature", "data"))


def _without_citations(block: Any) -> Any:
    if not isinstance(block, dict) or not isinstance(block.get("citations"), list):
        return block
    kept = [item for item in block["citations"] if not (isinstance(item, dict) and _elsewhere(item))]
    return {**block, "citations": kept} if kept else {name: block[name] for name in block if name != "citations"}


def _elsewhere(citation: dict[str, Any]) -> bool:
    return str(citation.get("encrypted_index", "")).startswith(MARK)
