"""The end of an answer that its vendor does not end: it goes on beyond the output limit that it was given.

The caller reads the proper end in its own protocol, with the limit as the reason. Where the vendor's bytes are carried
through, what they said is kept as events, so that a writer of the same protocol can say how they end.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable
from dataclasses import field
from typing import Protocol

from interchange.dataclass import dataclass, replace
from interchange.hub import events as e
from interchange.hub.usage import Usage
from interchange.protocols.faces import Envelope, PassThrough, Server

from .likeness import Said


class Carried(Protocol):
    """The caller of an answer that is carried through."""

    @property
    def server(self) -> Server: ...

    @property
    def passthrough(self) -> PassThrough: ...

    @property
    def envelope(self) -> Envelope: ...

    @property
    def choices(self) -> int: ...


def note_open(opened: dict[int, None], event: e.Event) -> None:
    """Keeps the indexes of the blocks under way."""
    match event:
        case e.BlockStart(index=index):
            opened[index] = None
        case e.BlockStop(index):
            opened.pop(index, None)
        case _:
            pass


def closing(opened: Collection[int], usage: Usage, choices: int) -> list[e.Event]:
    """The events that end an answer at its limit."""
    stops = (e.Stop(e.StopReason.MAX_TOKENS),) * choices
    return [*(e.BlockStop(index) for index in tuple(opened)), e.UsageReported(usage), e.MessageStop(stops)]


@dataclass(slots=True)
class Heard:
    """All that a stream said. Text that comes in frames like one another is kept as text: most of an answer is."""

    caller: Carried
    events: list[e.Event] = field(default_factory=list)
    last: bytes = b""
    """The last frame that was read."""
    _like: Said | None = None
    _text: io.StringIO = field(default_factory=io.StringIO)

    def say(self, text: str) -> None:
        """A piece of text more, as `add` was told that it may come."""
        self._text.write(text)

    def add(self, events: Iterable[e.Event], raw: bytes, like: Said | None) -> None:
        """`like`: what further frames may be like."""
        self._flush()
        self.events += map(_light, events)
        self._like, self.last = like, raw

    def ending(self, usage: Usage) -> bytes:
        self._flush()
        caller = self.caller
        writer = caller.server.write_stream(caller.envelope)
        opened: dict[int, None] = {}
        identity: str | None = None
        for event in self.events:
            writer.write(event)
            note_open(opened, event)
            if isinstance(event, e.MessageStart):
                identity = event.id
        ending = b"".join([writer.write(event) for event in closing(opened, usage, caller.choices)])
        return caller.passthrough.write_ending(ending, self.last, identity)

    def _flush(self) -> None:
        text = self._text.getvalue()
        if text and self._like is not None:
            self.events.append(replace(self._like, text=text))
            self._text = io.StringIO()


def _light(event: e.Event) -> e.Event:
    """Leaves out the sound, which no ending tells anything of."""
    return replace(event, data="") if isinstance(event, e.AudioDelta) else event
