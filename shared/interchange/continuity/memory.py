"""Keeps what of an answer must come back with its tool calls, and puts it back. Pure.

A turn that calls tools and reasons must be returned to its model with the reasoning's state (signatures, encrypted
content), or the vendor refuses it or thinks anew. Many clients echo neither. So the state is kept under each tool
call's id, and a later request whose history lacks it gets it back before it is translated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.request import Request
from interchange.wire import codec


@dataclass(slots=True)
class Collector:
    """Listens to one answer's events. `records` is what to keep, by tool call id; empty when nothing needs keeping."""

    _thinking: list[b.Thinking | b.RedactedThinking] = field(default_factory=list)
    _texts: dict[int, list[str]] = field(default_factory=dict)
    _open: dict[int, b.Thinking | b.ToolUse] = field(default_factory=dict)
    _calls: dict[str, b.Continuation | None] = field(default_factory=dict)

    def add(self, event: e.Event) -> None:
        match event:
            case e.BlockStart(index, b.Thinking() as block):
                self._open[index] = block
                self._texts[index] = [block.text]
            case e.BlockStart(_, b.RedactedThinking() as block):
                self._thinking.append(block)
            case e.BlockStart(index, b.ToolUse() as block):
                self._open[index] = block
                self._calls[block.id] = block.state
            case e.ThinkingDelta(index, text) if index in self._texts:
                self._texts[index].append(text)
            case e.StateDelta(index, state) if index in self._open:
                self._open[index] = replace(self._open[index], state=state)
            case e.BlockStop(index) if index in self._open:
                self._close(index, self._open.pop(index))
            case _:
                pass  # text and usage have no state

    def _close(self, index: int, block: b.Thinking | b.ToolUse) -> None:
        match block:
            case b.Thinking():
                if block.state is not None:
                    self._thinking.append(replace(block, text="".join(self._texts.pop(index))))
            case b.ToolUse():
                self._calls[block.id] = block.state

    def records(self) -> dict[str, bytes]:
        if not self._calls or not (self._thinking or any(self._calls.values())):
            return {}
        thinking = [_write_thinking(block) for block in self._thinking]
        kept: dict[str, bytes] = {}
        for number, (name, state) in enumerate(self._calls.items()):
            record = {"thinking": thinking if number == 0 else [], "state": _write_state(state)}
            kept[name] = codec.dumps(record)
        return kept


def digest(data: str) -> str:
    """The name under which the owner of a state is kept, for states that travel in their vendor's own form."""
    return f"issued:{hashlib.sha256(data.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"


def wanted(request: Request) -> tuple[str, ...]:
    """The ids of tool calls in the history whose state the caller did not send. An id of an item alone is no state."""
    return tuple(
        block.id
        for message in request.messages
        for block in message.content
        if isinstance(block, b.ToolUse) and (block.state is None or not block.state.data)
    )


def restore(request: Request, records: Mapping[str, bytes]) -> Request:
    """The request with its state put back where it is known: thinking before its turn, signatures on their calls."""
    if not records:
        return request
    read = {name: codec.loads(record) for name, record in records.items()}
    return replace(request, messages=tuple(_restored(message, read) for message in request.messages))


def _restored(message: b.Message, records: Mapping[str, dict[str, Any]]) -> b.Message:
    content: list[b.Block] = []
    thinking: list[b.Block] = []
    for block in message.content:
        record = records.get(block.id) if isinstance(block, b.ToolUse) else None
        if record is None or not isinstance(block, b.ToolUse):
            content.append(block)
            continue
        thinking += [_read_thinking(item) for item in record["thinking"]]
        content.append(replace(block, state=_read_state(record["state"])) if record["state"] else block)
    if thinking and not _reasoned(message):
        content = [*thinking, *(block for block in content if not isinstance(block, b.Thinking))]
    return replace(message, content=tuple(content))


def _reasoned(message: b.Message) -> bool:
    """True where the caller echoed the state itself."""
    return any(
        isinstance(block, b.RedactedThinking) or (isinstance(block, b.Thinking) and block.state is not None)
        for block in message.content
    )


def _write_state(state: b.Continuation | None) -> list[str | None] | None:
    return None if state is None else [state.issuer, state.data, state.item_id]


def _read_state(fields: Iterable[Any]) -> b.Continuation:
    return b.Continuation(*fields)


def _write_thinking(block: b.Thinking | b.RedactedThinking) -> dict[str, Any]:
    text = block.text if isinstance(block, b.Thinking) else None
    return {"text": text, "state": _write_state(block.state)}


def _read_thinking(record: Mapping[str, Any]) -> b.Block:
    state = _read_state(record["state"])
    return b.RedactedThinking(state) if record["text"] is None else b.Thinking(record["text"], state)
