"""Responses carried through: bytes as they came, save for `model` and the output limit. Usage is always reported."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

from interchange.continuity.seal import MARK
from interchange.dataclass import dataclass
from interchange.protocols.faces import JsonObject, Profile, Taken
from interchange.wire import codec, splice
from interchange.wire.sse import Frame, write_frame

from .words import OWN, PROTOCOL, is_own

STATEFUL = frozenset({"reasoning", "compaction"})
"""Items that hold encrypted state."""
_PARSED = ("parsed", "parsed_arguments")
"""What the SDK's helpers add to the items that they give (openai-python `types/responses/parsed_response.py`)."""
_MARKS = (MARK.encode(), OWN.encode(), *(f'"{name}"'.encode() for name in _PARSED))


@dataclass(frozen=True, slots=True)
class PassThrough:
    protocol: str = PROTOCOL
    padding: str | None = "obfuscation"
    successors: None = None

    def write_request(self, raw: bytes, body: JsonObject, profile: Profile, limit: int | None, stream: bool) -> bytes:
        if any(mark in raw for mark in _MARKS) and isinstance(body.get("input"), list):
            items = [_unparsed(_unnamed(item)) for item in body["input"] if not _foreign(item)]
            if items != body["input"]:
                raw = codec.dumps({**body, "input": items})
        out = splice.put(raw, profile.model, "model")
        return out if limit is None else splice.put(out, limit, "max_output_tokens")

    def restated(self, body: JsonObject, taken: Taken) -> JsonObject:
        if not isinstance(body.get("input"), list):
            return body
        items = [restated for item in body["input"] if (restated := _taken(item, taken)) is not None]
        return body if items == body["input"] else {**body, "input": items}

    def states(self, answer: JsonObject) -> Iterator[str]:
        for item in answer.get("output") or ():
            if isinstance(item, dict) and (state := _state(item)):
                yield state

    def left_out(self, _body: JsonObject) -> tuple[str, ...]:
        return ()

    def write_response(self, raw: bytes, _answer: JsonObject, model: str) -> bytes:
        return splice.replace(raw, model, "model")

    def write_frame(self, frame: Frame, model: str, asked_usage: bool) -> bytes:
        """The events that hold the whole answer name its model."""
        data = frame.data
        if data is None or b'"response"' not in data or not data.startswith(b"{"):
            return frame.raw
        edited = splice.replace(data, model, "response", "model")
        if edited == data:
            return frame.raw
        return frame.raw.replace(data, edited) if data in frame.raw else write_frame(edited, frame.event)

    def write_ending(self, ending: bytes, last: bytes, identity: str | None) -> bytes:
        """Numbered on from the vendor's last event, under the answer's own id."""
        found = _SEQUENCE.search(last)
        numbers = itertools.count(int(found.group(1)) + 1 if found else 0)
        numbered = _SEQUENCE.sub(lambda _: b'"sequence_number":%d' % next(numbers), ending)
        if identity is None:
            return numbered
        return _ANSWER.sub(lambda _: b'"response":{"id":' + codec.dumps(identity), numbered)


_SEQUENCE = re.compile(rb'"sequence_number"\s*:\s*(\d+)')
_ANSWER = re.compile(rb'"response":\{"id":"[^"]*"')


def _state(item: JsonObject) -> str:
    """State of reasoning, and of a conversation that was compacted."""
    state = item.get("encrypted_content")
    return state if item.get("type") in STATEFUL and isinstance(state, str) else ""


def _taken(item: Any, taken: Taken) -> Any:
    given = _state(item) if isinstance(item, dict) else ""
    if not given and not (isinstance(item, dict) and item.get("type") == "reasoning"):
        return item
    state = taken(given)  # without a state it is completed by its id, as long as its vendor has it
    if state is None:
        return None
    if not given:
        return item
    named = {} if state.item_id is None else {"id": state.item_id}
    return {**item, **named, "encrypted_content": state.data}


def _foreign(item: Any) -> bool:
    """Another vendor's reasoning: sealed by us, or without a state and named by us."""
    if not isinstance(item, dict) or item.get("type") != "reasoning":
        return False
    state = str(item.get("encrypted_content") or "")
    return state.startswith(MARK) or (not state and is_own(item.get("id")))


def _unparsed(item: Any) -> Any:
    """Takes out what an SDK's helper read in it: the vendor knows no such field."""
    if not isinstance(item, dict):
        return item
    content = item.get("content")
    found = {name: value for name, value in item.items() if name not in _PARSED}
    if isinstance(content, list):
        found["content"] = [_unparsed(part) for part in content]
    return found


def _unnamed(item: Any) -> Any:
    """Removes the id that we gave the item: the vendor looks ids up. Reasoning with the vendor's own state keeps it,
    since the SDK's type requires one (`response_reasoning_item_param.py`)."""
    if not isinstance(item, dict) or item.get("type") == "reasoning" or not is_own(item.get("id")):
        return item
    return {name: value for name, value in item.items() if name != "id"}
