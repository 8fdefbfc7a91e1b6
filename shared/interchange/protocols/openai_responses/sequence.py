"""The blocks of an answer in sequence: the first unfinished item passes as it comes, later ones wait behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field, replace

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub import events as e


@dataclass(slots=True)
class Sequence:
    """Numbers the blocks, and knows what the answer holds."""

    called: bool = False
    refused: bool = False
    _waiting: dict[int, list[e.Event]] = field(default_factory=dict)
    """By item, in the order in which items began."""
    _done: set[int] = field(default_factory=set)
    _count: int = 0
    _text: int = 0
    _base: int = 0
    """Characters of text told so far, and of those before the block that is open."""

    def begin(self, item: int) -> None:
        self._waiting[item] = []

    def take(self, item: int, events: Iterable[e.Event], *, done: bool = False) -> Iterator[e.Event]:
        self._waiting[item].extend(events)
        if done:
            self._done.add(item)
        yield from self._advance()

    def _advance(self) -> Iterator[e.Event]:
        for item in list(self._waiting):
            events = self._waiting[item]
            self._waiting[item] = []
            for event in events:
                yield self._numbered(event)
            if item not in self._done:
                return
            del self._waiting[item]

    def _numbered(self, event: e.Event) -> e.Event:
        at = self._count - 1
        match event:
            case e.BlockStart(block=block):
                self._count += 1
                self._base = self._text
                self.called = self.called or isinstance(block, b.ToolUse)
                self.refused = self.refused or isinstance(block, b.Refusal)
                return replace(event, index=at + 1)
            case e.TextDelta(text=text):
                self._text += len(text)
                return replace(event, index=at)
            case e.CitationDelta(citation=citation):
                return e.CitationDelta(at, self._placed(citation))
            case e.MessageStart() | e.UsageReported() | e.Logprobs() | e.Note() | e.MessageStop() | e.StreamFailed():
                return event
            case _:
                return replace(event, index=at)

    def _placed(self, citation: b.Citation) -> b.Citation:
        if citation.start is None or citation.end is None:
            return citation
        return replace(citation, start=citation.start + self._base, end=citation.end + self._base)
