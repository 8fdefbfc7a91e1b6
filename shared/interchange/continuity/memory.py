"""Keeps what of an answer must come back with its tool calls, and puts it back. Pure.

A turn that calls tools and reasons must be returned to its model with the reasoning's state (signatures, encrypted
content), or the vendor refuses it or thinks anew. Many clients echo neither. So the state is kept under each tool
call's id, and a later request whose history lacks it gets it back before it is translated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass, replace
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.request import Request
from interchange.wire import codec


@dataclass(slots=True)
class Collector:
    """Listens to one answer's events. `records` is what to keep, by tool call id; empty when nothing needs keeping.

    The record of a turn's first call holds the turn's thinking and its order, which a caller's format may lose
    (thinking between texts or calls, texts that bear a state as Gemini's do) and some clients change (calls before the
    text). A signed text without a call is kept by its digest. `teller` is the issuer of thinking without a state, where
    its vendor takes it back as text.
    """

    teller: str = ""
    _thinking: list[b.Thinking | b.RedactedThinking] = field(default_factory=list)
    _texts: dict[int, list[str]] = field(default_factory=dict)
    _open: dict[int, b.Text | b.Thinking | b.ToolUse] = field(default_factory=dict)
    _calls: dict[str, b.Continuation | None] = field(default_factory=dict)
    _turn: list[list[Any]] = field(default_factory=list)
    _said: list[str] = field(default_factory=list)

    def add(self, event: e.Event) -> None:
        match event:
            case e.TextDelta(index, text) | e.ThinkingDelta(index, text) if index in self._texts:
                self._texts[index].append(text)
            case e.BlockStart(index, (b.Thinking() | b.Text()) as block):
                self._open[index] = block
                self._texts[index] = [block.text]
            case e.BlockStart(_, b.RedactedThinking() as block):
                self._think(block)
            case e.BlockStart(index, b.ToolUse() as block):
                self._open[index] = block
                self._calls[block.id] = block.state
                self._turn.append([CALL, block.id])
            case e.StateDelta(index, state) if index in self._open:
                self._open[index] = replace(self._open[index], state=state)
            case e.BlockStop(index) if index in self._open:
                self._close(index, self._open.pop(index))
            case _:
                pass  # usage has no state

    def _think(self, block: b.Thinking | b.RedactedThinking) -> None:
        self._turn.append([THINKING, len(self._thinking)])
        self._thinking.append(block)

    def _close(self, index: int, block: b.Text | b.Thinking | b.ToolUse) -> None:
        match block:
            case b.Text(state=state):
                text = "".join(self._texts.pop(index))
                self._said.append(text)
                if text or state is not None:
                    self._turn.append([TEXT, len(text), _write_state(state)])
            case b.Thinking():
                text = "".join(self._texts.pop(index))
                state = b.Continuation(self.teller, "") if self.teller and text else None
                if (state := block.state or state) is not None:
                    self._think(replace(block, text=text, state=state))
            case b.ToolUse():
                self._calls[block.id] = block.state

    def records(self) -> dict[str, bytes]:
        signed = any(entry[0] == TEXT and entry[2] for entry in self._turn)
        if not self._calls:
            alone = {"thinking": [], "state": None, "turn": [entry for entry in self._turn if entry[0] == TEXT]}
            return {said("".join(self._said)): codec.dumps(alone)} if signed else {}
        if not (self._thinking or signed or any(self._calls.values())):
            return {}
        kept: dict[str, bytes] = {}
        for number, (name, state) in enumerate(self._calls.items()):
            record: dict[str, Any] = {"thinking": [], "state": _write_state(state)}
            if number == 0:
                record["thinking"] = [_write_thinking(block) for block in self._thinking]
                record |= {"turn": self._turn} if signed or self._thinking else {}
            kept[name] = codec.dumps(record)
        return kept


THINKING, TEXT, CALL = "thinking", "text", "call"
"""What an entry of a turn is: with its place in the record's thinking; its length and state; its id."""


def digest(data: str) -> str:
    """The name under which the owner of a state is kept, for states that travel in their vendor's own form."""
    return f"issued:{hashlib.sha256(data.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"


def said(text: str) -> str:
    """The name under which the states of an answer's text are kept, where it called nothing."""
    return f"said:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"


def wanted(request: Request, *, texts: bool = False) -> tuple[str, ...]:
    """The names of what the caller did not send: the ids of the history's tool calls without a state, and of each
    turn's first call, which has the turn's order; with `texts`, of the answers that called nothing. An id of an item
    alone is no state."""
    names: list[str] = []
    for message in request.messages:
        if message.role is not b.Role.ASSISTANT:
            continue
        calls = [block for block in message.content if isinstance(block, b.ToolUse)]
        names += [
            block.id for number, block in enumerate(calls) if number == 0 or block.state is None or not block.state.data
        ]
        if texts and not calls:
            names.append(said(_text(message)))
    return tuple(names)


def restore(request: Request, records: Mapping[str, bytes]) -> Request:
    """The request with its state put back where it is known: thinking where it stood in its turn, signatures on their
    calls and texts."""
    if not records:
        return request
    read = {name: codec.loads(record) for name, record in records.items()}
    return replace(request, messages=tuple(_restored(message, read) for message in request.messages))


def _restored(message: b.Message, records: Mapping[str, dict[str, Any]]) -> b.Message:
    if message.role is not b.Role.ASSISTANT:
        return message
    calls = [block for block in message.content if isinstance(block, b.ToolUse)]
    first = records.get(calls[0].id if calls else said(_text(message)))
    ordered = _ordered(message, first, records) if first is not None and first.get("turn") else None
    if ordered is not None:
        return replace(message, content=ordered)
    content: list[b.Block] = []
    thinking: list[b.Block] = []
    for block in message.content:
        record = records.get(block.id) if isinstance(block, b.ToolUse) else None
        if record is None or not isinstance(block, b.ToolUse):
            content.append(block)
            continue
        thinking += [_read_thinking(item) for item in record["thinking"]]
        content.append(_signed(block, record))
    if thinking and not _reasoned(message):
        content = [*thinking, *(block for block in content if not isinstance(block, b.Thinking))]
    return replace(message, content=tuple(content))


def _ordered(
    message: b.Message, first: Mapping[str, Any], records: Mapping[str, dict[str, Any]]
) -> tuple[b.Block, ...] | None:
    """The turn as it was said; None where the caller has another text, other calls or other thinking than that. Of the
    thinking a part will do: a vendor wants it whole (docs.anthropic.com/en/docs/build-with-claude/extended-thinking),
    and some clients put one item's state on the text of two."""
    turn, thinking = first["turn"], [_read_thinking(item) for item in first["thinking"]]
    calls = {block.id: block for block in message.content if isinstance(block, b.ToolUse)}
    texts = [block for block in message.content if isinstance(block, b.Text)]
    known = b.ToolUse | b.Text | b.Thinking | b.RedactedThinking
    echoed = [_data(block) for block in message.content if _data(block) is not None]
    if (
        not all(isinstance(block, known) for block in message.content)
        or sorted(calls) != sorted(entry[1] for entry in turn if entry[0] == CALL)
        or sum(len(block.text) for block in texts) != sum(entry[1] for entry in turn if entry[0] == TEXT)
        or not {*map(str, echoed)} <= {str(_data(block)) for block in thinking}
    ):
        return None
    pieces = _Pieces(texts)
    content: list[b.Block] = []
    for kind, *entry in turn:
        match kind:
            case "thinking":
                content.append(thinking[entry[0]])
            case "call":
                content.append(_signed(calls[entry[0]], records.get(entry[0], {})))
            case _:
                content.append(pieces.take(entry[0], _read_state(entry[1]) if entry[1] else None))
    return tuple(content) if thinking else (*(block for block in message.content if _is_thought(block)), *content)


@dataclass(slots=True)
class _Pieces:
    """A turn's texts, handed out in the lengths in which they were said. What stands on a text goes with its end."""

    texts: list[b.Text]
    _begun: int = 0

    def take(self, length: int, state: b.Continuation | None) -> b.Text:
        found: list[str] = []
        last: b.Text | None = None
        while self.texts and (length or not found):
            text = self.texts[0]
            part = text.text[self._begun : self._begun + length]
            found.append(part)
            length -= len(part)
            self._begun += len(part)
            if self._begun < len(text.text):
                break
            if length == 0 and not part:
                break
            last, self._begun = self.texts.pop(0), 0
        made = "".join(found)
        return b.Text(made, state=state) if last is None else replace(last, text=made, state=state)


def _signed(block: b.ToolUse, record: Mapping[str, Any]) -> b.ToolUse:
    return replace(block, state=_read_state(record["state"])) if record.get("state") else block


def _text(message: b.Message) -> str:
    return "".join(block.text for block in message.content if isinstance(block, b.Text))


def _is_thought(block: b.Block) -> bool:
    return isinstance(block, b.Thinking | b.RedactedThinking)


def _data(block: b.Block) -> str | None:
    """The state of a thought that the caller echoed."""
    match block:
        case b.Thinking(state=b.Continuation(data=data)) | b.RedactedThinking(state=b.Continuation(data=data)):
            return data
        case _:
            return None


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
