"""Tool calls of a streamed answer: drafts of blocks in the order of their choices, and where a call begins or ends.

Where a JSON object ends, in text that comes in pieces. Tool arguments are objects, and some providers glue two.

The blocks of one choice, brought into sequence: chat interleaves what the hub wants one after the other.

A block is opened as soon as everything before it is finished; until then its pieces are held. A text is finished when
something else begins; a function call when its arguments are a whole JSON object. So the usual stream passes without
delay, and one that announces all calls first and fills them later (in its last chunk, even) is put in order.

Tool calls out of deltas that number, name and identify them in every way that providers have thought of.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any, TypeAlias

from interchange.dataclass import dataclass, replace
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.indexes import needed_index
from interchange.wire import codec

from ..blocks import read_signature

_OUTSIDE = re.compile(r'["{}]')
_INSIDE = re.compile(r'["\\]')


@dataclass(slots=True)
class ObjectScanner:
    """`complete` once the first object has been closed. Text that does not begin with an object is never complete."""

    complete: bool = False
    _begun: bool = False
    _other: bool = False
    _depth: int = 0
    _in_string: bool = False
    _escaped: bool = False

    def feed(self, text: str) -> int | None:
        """The offset in `text` behind the brace that closes the object, None while it is open."""
        at = 0
        if not self._begun:
            at = len(text) - len(text.lstrip())
            if at == len(text):
                return None
            self._begun, self._other = True, text[at] != "{"
        if self._other or self.complete:
            return None
        if self._escaped and at < len(text):
            self._escaped, at = False, at + 1
        return self._scan(text, at)

    def _scan(self, text: str, at: int) -> int | None:
        while found := (_INSIDE if self._in_string else _OUTSIDE).search(text, at):
            at = found.end()
            match found.group():
                case '"':
                    self._in_string = not self._in_string
                case "\\":
                    self._escaped = at == len(text)
                    at += 1
                case "{":
                    self._depth += 1
                case _:
                    self._depth -= 1
                    if self._depth == 0:
                        self.complete = True
                        return at
        return None


Delta: TypeAlias = (
    e.TextDelta | e.ThinkingDelta | e.StateDelta | e.ArgumentsDelta | e.RefusalDelta | e.CitationDelta | e.AudioDelta
)


@dataclass(slots=True)
class Counter:
    """Block indexes count over the whole message, whatever the choice."""

    next: int = 0

    def take(self) -> int:
        index = needed_index(self.next, "a part")
        self.next += 1
        return index


@dataclass(slots=True)
class Draft:
    """A block on its way. `index` is -1 until it is opened; `held` are its pieces until then."""

    block: b.Block
    index: int = -1
    closed: bool = False
    sealed: bool = False
    """Its continuation state has come: nothing more belongs to it."""
    held: list[Delta] = field(default_factory=list)
    scanner: ObjectScanner = field(default_factory=ObjectScanner)

    @property
    def finished(self) -> bool:
        match self.block:
            case b.ToolUse(kind="function"):
                return self.scanner.complete
            case _:
                return True

    @property
    def named(self) -> bool:
        return not isinstance(self.block, b.ToolUse) or bool(self.block.name)


@dataclass(slots=True)
class Drafts:
    """Yields hub events in the grammar's order."""

    choice: int
    counter: Counter
    _open: Draft | None = None
    _waiting: deque[Draft] = field(default_factory=deque)

    @property
    def last(self) -> Draft | None:
        return self._waiting[-1] if self._waiting else self._open

    def begin(self, draft: Draft) -> Iterator[e.Event]:
        self._waiting.append(draft)
        yield from self.advance()

    def add(self, draft: Draft, delta: Delta) -> Iterator[e.Event]:
        """Raises ValueError for a piece of a block that has ended: it has no place any more."""
        if draft.closed:
            raise ValueError("a piece of a tool call came after the call had ended")
        if draft is not self._open:
            draft.held.append(delta)
            return
        yield replace(delta, index=draft.index)
        if self._waiting:
            yield from self.advance()

    def advance(self, *, end: bool = False) -> Iterator[e.Event]:
        """Opens and closes what can be; at the `end` everything."""
        while True:
            if self._open is not None:
                if not (end or (self._waiting and self._open.finished)):
                    return
                self._open.closed = True
                yield e.BlockStop(self._open.index)
                self._open = None
            if not self._waiting or not (end or self._waiting[0].named):
                return
            draft = self._open = self._waiting.popleft()
            draft.index = self.counter.take()
            yield e.BlockStart(draft.index, draft.block, self.choice)
            for delta in draft.held:
                yield replace(delta, index=draft.index)
            draft.held.clear()


@dataclass(slots=True)
class _Call:
    draft: Draft
    wire_id: str

    @property
    def block(self) -> b.ToolUse:
        assert isinstance(self.draft.block, b.ToolUse)
        return self.draft.block


def _word(value: Any) -> str:
    """Some servers number their calls."""
    return str(value) if isinstance(value, str | int) and value != "" else ""


@dataclass(slots=True)
class CallReader:
    """A call is known by (index, id): a new id under an old index is a new call, and so is a second JSON object under
    one id. `count` is the number of calls so far."""

    drafts: Drafts
    count: int = 0
    _slots: dict[int, _Call] = field(default_factory=dict)
    _ids: set[str] = field(default_factory=set)
    _last: _Call | None = None

    def read(self, raw: Mapping[str, Any], position: int, message_id: str) -> Iterator[e.Event]:
        kind = "custom" if raw.get("type") == "custom" or "custom" in raw else "function"
        inner = raw.get(kind) or {}
        name, wire_id = _word(inner.get("name")), _word(raw.get("id"))
        call = self._find(raw.get("index"), wire_id, name)
        if call is None:
            call = self._make(wire_id, name, kind, raw, message_id)
            self._slots[self._key(raw.get("index"))] = call
            yield from self.drafts.begin(call.draft)
        else:
            yield from self._complete(call, wire_id, name)
        self._last = call
        text = inner.get("input" if kind == "custom" else "arguments")
        if text:
            yield from self._arguments(call, text if isinstance(text, str) else codec.dumps_text(text), message_id)

    def _find(self, index: Any, wire_id: str, name: str) -> _Call | None:
        """The call that an entry goes on with, None for a new one."""
        if isinstance(index, int):
            call = self._slots.get(index)
        elif wire_id:
            call = next((known for known in self._slots.values() if known.wire_id == wire_id), None)
        else:
            call = None if name else self._last
        if call is None:
            return None
        # A changed id begins a new call, unless it comes bare in the middle of one: some servers renew it each chunk.
        if wire_id and call.wire_id and wire_id != call.wire_id and (name or call.draft.finished):
            return None
        if name and not wire_id and call.block.name and (name != call.block.name or call.draft.scanner.complete):
            return None
        return call

    def _make(self, wire_id: str, name: str, kind: str, raw: Mapping[str, Any], message_id: str) -> _Call:
        chosen = wire_id
        if not chosen or chosen in self._ids:
            digest = hashlib.sha256(f"{message_id}:{self.drafts.choice}:{self.count}".encode()).hexdigest()
            chosen = f"call_{digest[:24]}"
        self._ids.add(chosen)
        self.count += 1
        block = b.ToolUse(chosen, name, "", kind, state=read_signature(raw))
        return _Call(Draft(block), wire_id)

    def _key(self, index: Any) -> int:
        return index if isinstance(index, int) else max(self._slots, default=-1) + 1

    def _complete(self, call: _Call, wire_id: str, name: str) -> Iterator[e.Event]:
        """Takes over what the first entry of a call had left out."""
        call.wire_id = call.wire_id or wire_id
        if name and not call.block.name:
            call.draft.block = replace(call.block, name=name)
            yield from self.drafts.advance()

    def _arguments(self, call: _Call, text: str, message_id: str) -> Iterator[e.Event]:
        scanner = call.draft.scanner
        if call.block.kind == "custom":
            yield from self.drafts.add(call.draft, e.ArgumentsDelta(-1, text))
            return
        end = 0 if scanner.complete else scanner.feed(text)
        rest = "" if end is None else text[end:].lstrip()
        if not rest.startswith("{"):
            yield from self.drafts.add(call.draft, e.ArgumentsDelta(-1, text))
            return
        if end:
            yield from self.drafts.add(call.draft, e.ArgumentsDelta(-1, text[:end]))
        following = self._make("", call.block.name, call.block.kind, {}, message_id)
        for key, known in self._slots.items():
            if known is call:
                self._slots[key] = following
        self._last = following
        yield from self.drafts.begin(following.draft)
        yield from self._arguments(following, rest, message_id)
