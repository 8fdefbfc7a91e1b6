"""The order of an answer's items by its thoughts, for a caller of the vendor's own protocol.

A vendor that ties an item to its reasoning by the item's id refuses the one without the other (cline/cline#12242), and
some callers keep one thought of two. So the turn is kept beside the owner of each of its states, if there are more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.wire import codec

from .memory import digest
from .order import CALL, TEXT, THOUGHT, Order, thought


@dataclass(slots=True)
class Pairs:
    """Listens to one answer's events. `records` has the owner and the turn under each state, from the second one on."""

    owner: str
    _order: Order = field(default_factory=Order)
    _states: list[str] = field(default_factory=list)

    def add(self, event: e.Event) -> None:
        self._order.add(event)
        match event:
            case e.StateDelta(state=state) | e.BlockStart(block=b.RedactedThinking(state=state)) if state.data:
                self._states.append(state.data)
            case _:
                pass  # no state

    def records(self) -> dict[str, bytes]:
        if len(self._states) < 2:
            return {}
        return dict.fromkeys(
            map(digest, self._states), b"%s\n%s" % (self.owner.encode(), codec.dumps(self._order.marks))
        )


def owner_of(record: bytes) -> str:
    return record.partition(b"\n")[0].decode()


def turn_of(record: bytes) -> bytes:
    """The turn, as `behind` reads it; b"" where the state was its answer's only one."""
    return record.partition(b"\n")[2]


@dataclass(slots=True)
class Behind:
    """The rest that was said behind one thought: calls by their ids, and so many texts."""

    calls: set[str]
    texts: int


def behind(state: str, turns: Mapping[str, bytes]) -> Behind | None:
    """Items that were said between this thought and the next one; None where it was its answer's only thought, or is
    not known. `turns` by `digest`."""
    turn = turns.get(digest(state))
    if not turn:
        return None
    found: Behind | None = None
    for kind, name in codec.loads(turn):
        if kind == THOUGHT:
            if found is not None:
                break
            found = Behind(set(), 0) if (kind, name) == thought(state) else None
        elif found is not None and kind == CALL:
            found.calls.add(name)
        elif found is not None and kind == TEXT:
            found.texts += 1
    return found
