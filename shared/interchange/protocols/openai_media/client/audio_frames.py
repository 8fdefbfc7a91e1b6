"""Answers of the audio endpoints, cut by what they turn out to be.

Whether a server speaks in events, in raw sound or in one document follows from the model, and from what a compatible
server makes of a field that it may not know: the first bytes tell it for certain.
"""

from __future__ import annotations

from collections.abc import Iterator

from interchange.wire.framing import PieceFrames, WholeFrames, is_text
from interchange.wire.sse import Frame, FrameReader, Frames

HEAD = 16
"""Bytes that are waited for: as many as sound cannot begin with and be text."""
_EVENTS = (b"data: {", b"data:{", b"event:")
_LINES = (b"data:", b"event:", b"id:", b"retry:", b":")
"""How a stream of events may begin: signs of life and empty data lines come before the first event at times."""


class AudioFrames:
    """Server-sent events where the answer begins like them; else pieces, or one frame where `whole` is set. `asked` is
    True where events were asked for: then a comment, too, is the beginning of some."""

    __slots__ = ("_asked", "_chosen", "_head", "_whole")

    def __init__(self, *, whole: bool = False, asked: bool = False) -> None:
        self._head = b""
        self._chosen: Frames | None = None
        self._whole = whole
        self._asked = asked

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        if self._chosen is not None:
            yield from self._chosen.feed(chunk)
            return
        self._head += chunk
        if len(self._head) >= HEAD:
            yield from self._choose().feed(self._head)

    def finish(self) -> Iterator[Frame]:
        if self._chosen is None:
            yield from self._choose().feed(self._head)
        if self._chosen is not None:
            yield from self._chosen.finish()

    def _choose(self) -> Frames:
        if self._speaks_in_events():
            self._chosen = FrameReader()
        else:
            self._chosen = WholeFrames() if self._whole else PieceFrames()
        return self._chosen

    def _speaks_in_events(self) -> bool:
        if self._head.startswith(_EVENTS) or not (self._whole or self._asked):
            return self._head.startswith(_EVENTS)
        head = self._head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
        return head.startswith(_LINES) and is_text(head[:HEAD])
