"""Keeps what of an answer must come back with its tool calls, and puts it back. Pure.

A turn that calls tools and reasons must be returned to its model with the reasoning's state (signatures, encrypted
content), or the vendor refuses it or thinks anew. Many clients echo neither. So the state is kept under each tool
call's id, and a later request whose history lacks it gets it back before it is translated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass, replace
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.request import Request
from interchange.wire import codec

from .order import interleaved
from .ran import ran_by, read_ran, write_ran


@dataclass(slots=True)
class Collector:
    """Listens to one answer's events. `records` is what to keep, by tool call id; empty when nothing needs keeping.

    The record of a turn's first call holds the turn's thinking and its order, which a caller's format may lose
    (thinking between texts or calls, texts and pictures that bear a state as Gemini's do) and some clients change
    (calls before the text). An answer without a call is kept by the digest of what it says, where it is signed or its
    thinking stands between texts. What the vendor ran itself is kept where it is signed: most callers' formats have no
    place for it; a turn that thought behind what is not kept is torn. `teller` is the issuer of thinking
    without a state, where its vendor takes it back as text.
    """

    teller: str = ""
    _thinking: list[b.Thinking | b.RedactedThinking] = field(default_factory=list)
    _texts: dict[int, list[str]] = field(default_factory=dict)
    _open: dict[int, b.Text | b.Thinking | b.ToolUse | b.ServerToolUse] = field(default_factory=dict)
    _calls: dict[str, b.Continuation | None] = field(default_factory=dict)
    _turn: list[list[Any]] = field(default_factory=list)
    _said: list[tuple[str, bool]] = field(default_factory=list)
    """Texts, and digests of pictures (True)."""

    def add(self, event: e.Event) -> None:
        match event:
            case e.TextDelta(index, text) | e.ThinkingDelta(index, text) if index in self._texts:
                self._texts[index].append(text)
            case e.ArgumentsDelta(index, text) if index in self._texts:
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
            case e.BlockStart(index, b.ServerToolUse() as block):
                self._open[index] = block
                self._texts[index] = [block.arguments]
            case e.BlockStart(_, (b.ServerToolResult() | b.Opaque()) as block):
                self._turn.append([RAN, write_ran(block), _write_state(block.state)])
            case e.BlockStart(_, b.Image() as block):
                self._said.append((_shown(block), True))
                self._turn.append([SHOWN, _shown(block), _write_state(block.state)])
            case e.StateDelta(index, state) if index in self._open:
                self._open[index] = replace(self._open[index], state=state)
            case e.BlockStop(index) if index in self._open:
                self._close(index, self._open.pop(index))
            case _:
                pass  # usage has no state

    def _think(self, block: b.Thinking | b.RedactedThinking) -> None:
        self._turn.append([THINKING, len(self._thinking)])
        self._thinking.append(block)

    def _close(self, index: int, block: b.Text | b.Thinking | b.ToolUse | b.ServerToolUse) -> None:
        match block:
            case b.Text(state=state):
                text = "".join(self._texts.pop(index))
                self._said.append((text, False))
                if text or state is not None:
                    self._turn.append([TEXT, len(text), _write_state(state)])
            case b.Thinking():
                text = "".join(self._texts.pop(index))
                state = b.Continuation(self.teller, "") if self.teller and text else None
                if (state := block.state or state) is not None:
                    self._think(replace(block, text=text, state=state))
            case b.ToolUse():
                self._calls[block.id] = block.state
            case b.ServerToolUse():
                made = replace(block, arguments="".join(self._texts.pop(index)))
                self._turn.append([RAN, write_ran(made), _write_state(block.state)])

    def records(self) -> dict[str, bytes]:
        turn, kinds = self._kept_turn(), [entry[0] for entry in self._turn]
        signed = any(entry[0] in SIGNED and entry[2] for entry in turn)
        torn: dict[str, str] = {}
        if len(turn) < len(kinds) and THINKING in kinds[kinds.index(RAN) :]:
            torn["torn"] = self._turn[kinds.index(RAN)][1][-2]  # its protocol
        thinking = [_write_thinking(block) for block in self._thinking]
        if not self._calls:
            moved = interleaved(kinds, THINKING)
            told = turn if moved else [entry for entry in turn if entry[0] in SIGNED]
            alone = {"thinking": thinking if moved else [], "state": None, "turn": told, **torn}
            return dict.fromkeys(self._names(), codec.dumps(alone)) if signed or moved else {}
        if not (self._thinking or signed or any(self._calls.values())):
            return {}
        kept: dict[str, bytes] = {}
        for number, (name, state) in enumerate(self._calls.items()):
            record: dict[str, Any] = {"thinking": [], "state": _write_state(state)}
            if number == 0:
                record |= {"thinking": thinking, **torn}
                record |= {"turn": turn} if signed or self._thinking else {}
            kept[name] = codec.dumps(record)
        return kept

    def _names(self) -> list[str]:
        """Names of an answer that called nothing: by all it says, and by its text, if a caller keeps no pictures."""
        text = "".join(one for one, picture in self._said if not picture)
        return [said("".join(one for one, _ in self._said)), *([said(text)] if text else [])]

    def _kept_turn(self) -> list[list[Any]]:
        """The turn, without what the vendor ran where nothing of it is signed, or where it is too long to be kept."""
        ran = [entry for entry in self._turn if entry[0] == RAN]
        if any(entry[2] for entry in ran) and len(codec.dumps(ran)) <= LONGEST_RAN:
            return self._turn
        return [entry for entry in self._turn if entry[0] != RAN]


THINKING, TEXT, CALL, SHOWN, RAN = "thinking", "text", "call", "shown", "ran"
"""What an entry of a turn is: with its place in the record's thinking; its length and state; its id; a picture's digest
and state; a call or a result of a tool that the vendor ran, and its state."""
SIGNED = (TEXT, SHOWN, RAN)
LONGEST_RAN = 100_000
"""Bytes: a record is one item of the table, which holds 400 KB."""


def digest(data: str) -> str:
    """The name under which the owner of a state is kept, for states that travel in their vendor's own form."""
    return f"issued:{hashlib.sha256(data.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"


def said(text: str) -> str:
    """The name under which the states of an answer's text are kept, where it called nothing."""
    return f"said:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"


def wanted(request: Request, *, texts: bool = False) -> tuple[str, ...]:
    """The names of what the caller did not send: the ids of the history's tool calls without a state, and of each
    turn's first call, which has the turn's order; of answers that called nothing where they hold several thoughts, with
    `texts` of them all. An id of an item alone is no state."""
    names: list[str] = []
    for message in request.messages:
        if message.role is not b.Role.ASSISTANT:
            continue
        calls = [block for block in message.content if isinstance(block, b.ToolUse)]
        names += [
            block.id for number, block in enumerate(calls) if number == 0 or block.state is None or not block.state.data
        ]
        if not calls and (texts or sum(_data(block) is not None for block in message.content) > 1):
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
    protocol = first.get("torn") if first is not None else None
    torn = bool(protocol) and not any(ran_by(block) == protocol for block in message.content)
    if ordered is not None:
        return replace(message, content=ordered, torn=torn)
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
    torn = torn or (first is not None and _is_torn(message, first.get("turn", ())))
    return replace(message, content=tuple(content), torn=torn)


def _is_torn(message: b.Message, turn: Sequence[Sequence[Any]]) -> bool:
    """True where texts are missing, and thinking stood behind one of them."""
    kinds = [entry[0] for entry in turn]
    said = sum(entry[1] for entry in turn if entry[0] == TEXT)
    given = sum(len(block.text) for block in message.content if isinstance(block, b.Text))
    return given < said and TEXT in kinds and THINKING in kinds[kinds.index(TEXT) :]


def _ordered(
    message: b.Message, first: Mapping[str, Any], records: Mapping[str, dict[str, Any]]
) -> tuple[b.Block, ...] | None:
    """The turn as it was said; None where the caller has another text, other calls or other thinking than that. Of the
    thinking a part will do: a vendor wants it whole (docs.anthropic.com/en/docs/build-with-claude/extended-thinking),
    and some clients put one item's state on the text of two."""
    turn, thinking = first["turn"], [_read_thinking(item) for item in first["thinking"]]
    calls = {block.id: block for block in message.content if isinstance(block, b.ToolUse)}
    texts = [block for block in message.content if isinstance(block, b.Text)]
    known: tuple[type, ...] = (b.ToolUse, b.Text, b.Thinking, b.RedactedThinking)
    if any(entry[0] in (SHOWN, RAN) for entry in turn):  # a caller's own words for what was run stand for it
        known += (b.Image, b.ServerToolUse, b.ServerToolResult)
    pictures = {_shown(block): block for block in message.content if isinstance(block, b.Image)}
    echoed = [_data(block) for block in message.content if _data(block) is not None] if thinking else []
    if (
        not all(isinstance(block, known) for block in message.content)
        or not pictures.keys() <= {entry[1] for entry in turn if entry[0] == SHOWN}
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
            case "shown":
                content += [replace(one, state=_state(entry[1])) for one in [pictures.get(entry[0])] if one is not None]
            case "ran":
                content.append(read_ran(entry[0], _state(entry[1])))
            case _:
                content.append(pieces.take(entry[0], _state(entry[1])))
    return tuple(content) if thinking else (*(block for block in message.content if _is_thought(block)), *content)


def _shown(block: b.Image) -> str:
    """Stands for a picture."""
    match block.source:
        case b.Base64Source(data=data) | b.UrlSource(url=data):
            return hashlib.sha256(data.encode("utf-8", "surrogatepass")).hexdigest()[:40]
        case _:
            return ""


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
    """Its text, with a picture's digest for each picture."""
    return "".join(
        block.text if isinstance(block, b.Text) else _shown(block)
        for block in message.content
        if isinstance(block, b.Text | b.Image)
    )


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


def _state(fields: Iterable[Any] | None) -> b.Continuation | None:
    return _read_state(fields) if fields else None


def _read_state(fields: Iterable[Any]) -> b.Continuation:
    return b.Continuation(*fields)


def _write_thinking(block: b.Thinking | b.RedactedThinking) -> dict[str, Any]:
    text = block.text if isinstance(block, b.Thinking) else None
    return {"text": text, "state": _write_state(block.state)}


def _read_thinking(record: Mapping[str, Any]) -> b.Block:
    state = _read_state(record["state"])
    return b.RedactedThinking(state) if record["text"] is None else b.Thinking(record["text"], state)
