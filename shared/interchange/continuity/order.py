"""The order of a turn whose thinking stands between its texts and calls, for a caller of the vendor's own protocol.

Some clients send such a turn back sorted, its thinking first (BerriAI/litellm#23047), which the vendor refuses as a
changed one. The order is kept under the turn's first call, by the digests of its states, and only where sorting would
change it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import field

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.request import Request
from interchange.wire import codec

Mark = tuple[str, str]
"""What a block is, and what tells it from others of its kind: the digest of its state, its id; "" for a text."""
THOUGHT, TEXT, CALL = "thought", "text", "call"


def thought(state: str) -> Mark:
    return THOUGHT, hashlib.sha256(state.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def kept_as(call: str) -> str:
    """The name of the record of the turn that begins with this call."""
    return f"order:{call}"


@dataclass(slots=True)
class Order:
    """Listens to one answer's events."""

    _marks: dict[int, Mark] = field(default_factory=dict)
    _strange: bool = False

    def add(self, event: e.Event) -> None:
        match event:
            case e.BlockStart(index, b.Thinking(state=state) | b.RedactedThinking(state=state)):
                self._marks[index] = thought(state.data if state is not None else "")
            case e.BlockStart(index, b.Text()):
                self._marks[index] = TEXT, ""
            case e.BlockStart(index, b.ToolUse(id=identity)):
                self._marks[index] = CALL, identity
            case e.BlockStart():
                self._strange = True
            case e.StateDelta(index, state) if self._marks.get(index, ("", ""))[0] == THOUGHT:
                self._marks[index] = thought(state.data)
            case _:
                pass  # what a block says does not move it

    @property
    def marks(self) -> list[Mark]:
        return [self._marks[index] for index in sorted(self._marks)]

    def records(self) -> dict[str, bytes]:
        marks = self.marks
        calls = [name for kind, name in marks if kind == CALL]
        if self._strange or not calls or not interleaved([kind for kind, _ in marks], THOUGHT):
            return {}
        return {kept_as(calls[0]): codec.dumps(marks)}


def interleaved(kinds: Sequence[str], thinking: str) -> bool:
    """True where some thinking stands behind what is none."""
    return any(kind == thinking and kinds[at - 1] != thinking for at, kind in enumerate(kinds) if at)


def sorted_turns(request: Request) -> tuple[str, ...]:
    """The names of the records of turns that may have been sorted: two thoughts at least, all in front, then a call."""
    names: list[str] = []
    for message in request.messages:
        thoughts = [isinstance(block, b.Thinking | b.RedactedThinking) for block in message.content]
        calls = [block.id for block in message.content if isinstance(block, b.ToolUse)]
        if calls and sum(thoughts) > 1 and all(thoughts[: sum(thoughts)]):
            names.append(kept_as(calls[0]))
    return tuple(names)


def places(found: Sequence[Mark], record: bytes) -> list[int] | None:
    """The blocks that were `found` in the order of the record, by their places; None where they are others than were
    said. Texts stay in their own order."""
    wanted: list[Mark] = [(kind, name) for kind, name in codec.loads(record)]
    if sorted(found) != sorted(wanted):
        return None
    free: dict[Mark, list[int]] = {}
    for place, mark in enumerate(found):
        free.setdefault(mark, []).append(place)
    return [free[mark].pop(0) for mark in wanted]
