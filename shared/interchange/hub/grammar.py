"""The grammar of a hub stream, as a table of what may follow what.

Every reader's output is run through it in the tests, and a writer may rely on it: exactly one MessageStart, first;
a delta only inside a block of its own kind; one open block per choice; indexes count up from 0; exactly one end.
"""

from __future__ import annotations

from dataclasses import field

from interchange.dataclass import dataclass

from . import blocks as b
from . import events as e

DELTA_OF: dict[type, tuple[type, ...]] = {
    e.TextDelta: (b.Text,),
    e.ThinkingDelta: (b.Thinking,),
    e.RefusalDelta: (b.Refusal,),
    e.ArgumentsDelta: (b.ToolUse, b.ServerToolUse),
    e.CitationDelta: (b.Text,),
    e.StateDelta: (b.Text, b.Thinking, b.ToolUse, b.RedactedThinking),
    e.AudioDelta: (b.Audio,),
}
"""Which blocks each delta may stand in."""


class GrammarError(AssertionError):
    """A stream that breaks the grammar: a fault of ours, never of the caller's."""


@dataclass(slots=True)
class Grammar:
    """Checks a stream event by event. Raises GrammarError naming the event."""

    started: bool = False
    finished: bool = False
    next_index: int = 0
    open: dict[int, tuple[int, type]] = field(default_factory=dict)

    def check(self, event: e.Event) -> None:
        self._require(not self.finished, event, "after the end")
        self._require(self.started != isinstance(event, e.MessageStart), event, "out of place at the start")
        match event:
            case e.MessageStart():
                self.started = True
            case e.BlockStart(index, block, choice):
                self._require(index == self.next_index, event, f"expected block index {self.next_index}")
                self._require(choice not in [c for c, _ in self.open.values()], event, "its choice has an open block")
                self.open[index] = (choice, type(block))
                self.next_index += 1
            case e.BlockStop(index):
                self._require(index in self.open, event, "its block is not open")
                del self.open[index]
            case e.MessageStop(stops):
                self._require(not self.open, event, "blocks are still open")
                self._require(len(stops) > 0, event, "no choice ended")
                self.finished = True
            case e.StreamFailed():
                self.finished = True
            case e.UsageReported() | e.Logprobs() | e.Note():
                pass  # allowed anywhere between start and end
            case _:
                self._require(event.index in self.open, event, "its block is not open")
                kind = self.open[event.index][1]
                self._require(issubclass(kind, DELTA_OF[type(event)]), event, f"inside a {kind.__name__} block")

    def end(self) -> None:
        """Call when no more events come."""
        if not self.finished:
            raise GrammarError("the stream has no terminal event")

    def _require(self, holds: bool, event: e.Event, why: str) -> None:
        if not holds:
            raise GrammarError(f"{type(event).__name__} {why}: {event!r}"[:400])
