"""Responses carried through: bytes as they came, save for `model` and the output limit. Usage is always reported."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass, replace
from interchange.hub.failure import invalid
from interchange.protocols.faces import JsonObject, Profile, Taken
from interchange.wire import codec, splice
from interchange.wire.sse import Frame, write_frame

from .echoed import paired, taken_back
from .words import ENCRYPTED, OTHERS_SUMMARY, PROTOCOL

STATEFUL = frozenset({"reasoning", "compaction"})
"""Items that hold encrypted state."""


@dataclass(frozen=True, slots=True)
class PassThrough:
    protocol: str = PROTOCOL
    padding: str | None = "obfuscation"
    successors: None = None
    told: Mapping[str, Any] = field(default_factory=dict)
    """What the answer says of itself where the vendor cannot know it: whether it is kept here, and the answer that it
    follows, whose items the vendor was sent instead."""

    def of_one(self, *, previous: str | None, kept: bool) -> PassThrough:
        following = {} if previous is None else {"previous_response_id": previous}
        return replace(self, told={"store": kept, **following})

    def write_request(self, raw: bytes, body: JsonObject, profile: Profile, limit: int | None, stream: bool) -> bytes:
        given = body.get("input")
        if isinstance(given, list) and (items := taken_back(given)) is not given:
            raw = codec.dumps({**body, "input": items})
        out = splice.put(raw, profile.model, "model")
        if isinstance(profile.traits.get("reasoning"), Mapping):
            out = _asking_for_state(out, body)
        return out if limit is None else splice.put(out, limit, "max_output_tokens")

    def restated(self, body: JsonObject, taken: Taken) -> JsonObject:
        if not isinstance(body.get("input"), list):
            return body
        given = enumerate(body["input"])
        items = [restated for at, item in given if (restated := _taken(item, taken, f"input[{at}]")) is not None]
        return body if items == body["input"] else {**body, "input": items}

    def paired(self, body: JsonObject, turns: Mapping[str, bytes]) -> JsonObject:
        given = body.get("input")
        if not isinstance(given, list):
            return body
        items = paired(given, turns)
        return body if items is given else {**body, "input": items}

    def states(self, answer: JsonObject) -> Iterator[str]:
        for item in answer.get("output") or ():
            if isinstance(item, dict) and (state := _state(item)):
                yield state

    def left_out(self, _body: JsonObject) -> tuple[str, ...]:
        return ()

    def write_response(self, raw: bytes, _answer: JsonObject, model: str) -> bytes:
        return self._told(splice.replace(raw, model, "model"))

    def _told(self, data: bytes, *path: str) -> bytes:
        for name, value in self.told.items():
            data = splice.replace(data, value, *path, name)
        return data

    def write_frame(self, frame: Frame, model: str, asked_usage: bool) -> bytes:
        """The events that hold the whole answer name its model."""
        data = frame.data
        if data is None or b'"response"' not in data or not data.startswith(b"{"):
            return frame.raw
        edited = self._told(splice.replace(data, model, "response", "model"), "response")
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


def _asking_for_state(out: bytes, body: JsonObject) -> bytes:
    """Reasoning without its state could only be continued by a vendor that stores it, under this credential, for this
    model."""
    include = body.get("include")
    if include is not None and (not isinstance(include, list) or ENCRYPTED in include):
        return out
    return splice.put(out, [*(include or ()), ENCRYPTED], "include")


_SEQUENCE = re.compile(rb'"sequence_number"\s*:\s*(\d+)')
_ANSWER = re.compile(rb'"response":\{"id":"[^"]*"')


def _state(item: JsonObject) -> str:
    """State of reasoning, and of a conversation that was compacted."""
    state = item.get("encrypted_content")
    return state if item.get("type") in STATEFUL and isinstance(state, str) else ""


def _taken(item: Any, taken: Taken, path: str) -> Any:
    """Raises RequestError for a conversation's summary that the vendor cannot read: without it the rest is about
    nothing."""
    given = _state(item) if isinstance(item, dict) else ""
    if not given and not (isinstance(item, dict) and item.get("type") == "reasoning"):
        return item
    state = taken(given)  # without a state it is completed by its id, as long as its vendor has it
    if state is None and item["type"] == "compaction":
        raise invalid(f"{path}: {OTHERS_SUMMARY}", path)
    if state is None:
        return None
    if not given:
        return item
    named = {} if state.item_id is None else {"id": state.item_id}
    return {**item, **named, "encrypted_content": state.data}
