"""Messages carried through: bytes as they came, save for `model` and the limit. Usage is always in the stream."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from interchange.continuity.order import CALL, TEXT, Mark, kept_as, places, thought
from interchange.continuity.seal import MARK
from interchange.dataclass import dataclass
from interchange.protocols.faces import JsonObject, Profile, Taken
from interchange.wire import codec, splice
from interchange.wire.sse import Frame, write_frame

from .fallbacks import Fallbacks


@dataclass(frozen=True, slots=True)
class PassThrough:
    protocol: str = "anthropic_messages"
    padding: str | None = None
    successors: Fallbacks = Fallbacks()
    identity: str | None = None
    """The answer's id; None leaves the vendor's. Providers exist that give each answer the same one."""

    def write_request(self, raw: bytes, body: JsonObject, profile: Profile, limit: int | None, stream: bool) -> bytes:
        unthought = bool(self.left_out(body))
        if MARK.encode() in raw or (_THOUGHT.search(raw) and _unsigned(body)):
            body = {**body, "messages": [_without_sealed(message) for message in body["messages"]]}
            raw = codec.dumps(body)
        if _ADDED.search(raw) and (messages := [_as_said(turn) for turn in body["messages"]]) != body["messages"]:
            body = {**body, "messages": messages}
            raw = codec.dumps(body)
        if _BLANK.search(raw) and (messages := _speaking(body["messages"])) != body["messages"]:
            raw = codec.dumps({**body, "messages": messages})
        if unthought:
            raw = splice.put(raw, {"type": "disabled"}, "thinking")
        out = splice.put(raw, profile.model, "model")
        return out if limit is None else splice.put(out, limit, "max_tokens")

    def restated(self, body: JsonObject, taken: Taken) -> JsonObject:
        messages = [_restated(message, taken) for message in body["messages"]]
        return body if messages == body["messages"] else {**body, "messages": messages}

    def ordered(self, body: JsonObject, records: Mapping[str, bytes]) -> JsonObject:
        messages = [_ordered(message, records) for message in body["messages"]]
        return body if messages == body["messages"] else {**body, "messages": messages}

    def states(self, answer: JsonObject) -> Iterator[str]:
        for block in answer.get("content") or ():
            name = STATES.get(str(block.get("type"))) if isinstance(block, dict) else None
            if name is not None and isinstance(block.get(name), str) and block[name]:
                yield block[name]

    def left_out(self, body: JsonObject) -> tuple[str, ...]:
        thinking = body.get("thinking")
        on = isinstance(thinking, dict) and thinking.get("type") == "enabled"
        return ("thinking",) if on and _begun_without(body.get("messages")) else ()

    def write_response(self, raw: bytes, _answer: JsonObject, model: str) -> bytes:
        out = splice.replace(raw, model, "model")
        return out if self.identity is None else splice.put(out, self.identity, "id")

    def write_frame(self, frame: Frame, model: str, asked_usage: bool) -> bytes:
        data = frame.data
        if data is None or b'"message_start"' not in data:
            return frame.raw
        edited = splice.replace(data, model, "message", "model")
        if self.identity is not None:
            edited = splice.replace(edited, self.identity, "message", "id")
        return frame.raw.replace(data, edited) if data in frame.raw else write_frame(edited, frame.event)

    def write_ending(self, ending: bytes, _last: bytes, _identity: str | None) -> bytes:
        return ending


PARSED = "parsed_output"
"""What the SDK's helper reads into a text (anthropic-sdk-python `types/parsed_message.py`)."""
_ADDED = re.compile(rb'"parsed_output"|:\s*null')
_BLANK = re.compile(rb'"(?:text|content)"\s*:\s*(?:"(?:\s|\\[nrt])*"|\[\s*\])')
LEFT_OUT = "(reasoning left out)"
"""Stands in a turn of which nothing else is left: the API takes no empty one."""
_THOUGHT = re.compile(rb'"type"\s*:\s*"(?:redacted_)?thinking"')
THINKING = ("thinking", "redacted_thinking")
STATES = {"thinking": "signature", "redacted_thinking": "data"}
"""Where a block of each type holds its state."""


def _unsigned(body: JsonObject) -> bool:
    """True where a turn holds thinking that this API did not make: libraries drop signatures, or leave them empty."""
    turns = body.get("messages")
    contents = [turn.get("content") for turn in turns if isinstance(turn, dict)] if isinstance(turns, list) else []
    return any(
        isinstance(block, dict) and block.get("type") in STATES and not block.get(STATES[block["type"]])
        for content in contents
        if isinstance(content, list)
        for block in content
    )


def _begun_without(messages: Any) -> bool:
    """True where the open tool loop, or an answer that the caller began, lacks the thinking that this model would take
    back: the API then refuses `thinking: enabled` ("a final assistant message must start with a thinking block")."""
    turns = [turn for turn in messages if isinstance(turn, dict)] if isinstance(messages, list) else []
    said = next((turn for turn in reversed(turns) if turn.get("role") == "assistant"), None)
    content = said.get("content") if said is not None else None
    blocks = [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []
    begun = bool(blocks) and said is turns[-1] and any(map(_sealed, blocks))  # a prefill whose thought is left out here
    if not begun and not any(block.get("type") == "tool_use" for block in blocks):
        return False
    kept = _taken_back(blocks)
    return bool(kept) and kept[0].get("type") not in THINKING


def _as_said(message: Any) -> Any:
    """An answer of the past without what an SDK's dump adds to it: a member that is null says nothing, and most of them
    may not be (anthropic-sdk-python `types/tool_use_block_param.py`: `caller`)."""
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(content, list) or message.get("role") != "assistant":
        return message
    blocks = [_bare(block) if isinstance(block, dict) else block for block in content]
    return {**message, "content": blocks}


def _bare(block: JsonObject) -> JsonObject:
    kept = STATES.get(str(block.get("type"))), "input"  # a call's arguments are the model's own
    return {name: value for name, value in block.items() if name != PARSED and (value is not None or name in kept)}


def _speaking(messages: list[Any]) -> list[Any]:
    """The turns without past answers that said nothing, cut off or another vendor's: "all messages must have non-empty
    content". The last turn is the caller's own, begun for the model."""
    found = [_without_blanks(message) if _is_answer(message) else message for message in messages[:-1]]
    kept = [message for message in found if not (_is_answer(message) and message.get("content") in ("", []))]
    return [*kept, *messages[-1:]]


def _is_answer(message: Any) -> bool:
    return isinstance(message, dict) and message.get("role") == "assistant"


def _without_blanks(message: JsonObject) -> JsonObject:
    """A past answer without empty texts, which the API refuses anywhere, and without blank ones where it says nothing
    else (tried at the API: LibreChat-AI/agents#124). One that holds its thoughts goes back as it was said."""
    content = message.get("content")
    if isinstance(content, str):
        return message if content.strip() else {**message, "content": ""}
    if not isinstance(content, list) or any(isinstance(one, dict) and one.get("type") in THINKING for one in content):
        return message
    says = [_text_of(block) for block in content]
    alone = not any(text and text.strip() for text in says)
    kept = [
        block for block, text in zip(content, says, strict=True) if text is None or text.strip() or (text and not alone)
    ]
    return message if len(kept) == len(content) else {**message, "content": kept}


def _text_of(block: Any) -> str | None:
    text = block.get("text") if isinstance(block, dict) and block.get("type") == "text" else None
    return text if isinstance(text, str) else None


def _restated(message: Any, taken: Taken) -> Any:
    if not isinstance(message, dict) or not isinstance(message.get("content"), list):
        return message
    kept = [restated for block in message["content"] if (restated := _taken(block, taken)) is not None]
    return {**message, "content": kept or [{"type": "text", "text": LEFT_OUT}]}


def _ordered(message: Any, records: Mapping[str, bytes]) -> Any:
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(content, list) or not all(isinstance(block, dict) for block in content):
        return message
    calls = [str(block.get("id")) for block in content if block.get("type") == "tool_use"]
    record = records.get(kept_as(calls[0])) if calls else None
    found = None if record is None else places([_mark(block) for block in content], record)
    return message if found is None else {**message, "content": [content[place] for place in found]}


def _mark(block: JsonObject) -> Mark:
    kind = str(block.get("type"))
    if kind in STATES:
        return thought(str(block.get(STATES[kind]) or ""))
    return {"tool_use": (CALL, str(block.get("id"))), "text": (TEXT, "")}.get(kind, (kind, ""))


def _taken(block: Any, taken: Taken) -> Any:
    name = STATES.get(str(block.get("type"))) if isinstance(block, dict) else None
    given = block.get(name) if name is not None else None
    if name is None or not isinstance(given, str) or not given:
        return block
    state = taken(given)
    return None if state is None else {**block, name: state.data}


def _without_sealed(message: Any) -> Any:
    """A turn without what is sealed, which means nothing to this model: another vendor's thinking, and the places that
    another vendor's citations point at."""
    if not isinstance(message, dict) or not isinstance(message.get("content"), list):
        return message
    kept = [_without_citations(block) for block in _taken_back(message["content"])]
    return {**message, "content": kept or [{"type": "text", "text": LEFT_OUT}]}


def _taken_back(blocks: list[Any]) -> list[Any]:
    """A turn without its thoughts where one of them is sealed: the API takes them whole and in their place, or not at
    all (decision 0076)."""
    sealed = any(map(_sealed, blocks))
    return [one for one in blocks if not (isinstance(one, dict) and one.get("type") in THINKING)] if sealed else blocks


def _sealed(block: Any) -> bool:
    if not isinstance(block, dict) or block.get("type") not in THINKING:
        return False
    if not block.get(STATES[block["type"]]):
        return True  # another vendor's: this API signs its own
    return any(str(block.get(name, "")).startswith(MARK) for name in ("signature", "data"))


def _without_citations(block: Any) -> Any:
    if not isinstance(block, dict) or not isinstance(block.get("citations"), list):
        return block
    kept = [item for item in block["citations"] if not (isinstance(item, dict) and _elsewhere(item))]
    return {**block, "citations": kept} if kept else {name: block[name] for name in block if name != "citations"}


def _elsewhere(citation: dict[str, Any]) -> bool:
    return str(citation.get("encrypted_index", "")).startswith(MARK)
