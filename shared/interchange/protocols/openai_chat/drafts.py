"""The blocks of one choice, brought into sequence: chat interleaves what the hub wants one after the other.

A block is opened as soon as everything before it is finished; until then its pieces are held. A text is finished when
something else begins; a function call when its arguments are a whole JSON object. So the usual stream passes without
delay, and one that announces all calls first and fills them later (in its last chunk, even) is put in order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import field, replace
from typing import TypeAlias

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub import events as e

from .json_objects import ObjectScanner

Delta: TypeAlias = (
    e.TextDelta | e.ThinkingDelta | e.StateDelta | e.ArgumentsDelta | e.RefusalDelta | e.CitationDelta | e.AudioDelta
)


@dataclass(slots=True)
class Counter:
    """Block indexes count over the whole message, whatever the choice."""

    next: int = 0

    def take(self) -> int:
        self.next += 1
        return self.next - 1


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
