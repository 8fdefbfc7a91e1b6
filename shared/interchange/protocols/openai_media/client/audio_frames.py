"""Answers of the audio endpoints, cut by what they turn out to be.

Whether a server speaks in events, in raw sound or in one document follows from the model, and from what a compatible
server makes of a field that it may not know: the first bytes tell it for certain.
"""

from __future__ import annotations

from collections.abc import Iterator

from interchange.wire.framing import PieceFrames, WholeFrames
from interchange.wire.sse import Frame, FrameReader, Frames

_EVENTS = (b"data: {", b"data:{", b"event:")
_LONGEST = max(map(len, _EVENTS))
_COMMENT = b":"
"""A sign of life, which comes before a transcript at times; two samples of sound may look like it."""


class AudioFrames:
    """Server-sent events where the answer begins like them; else pieces, or one frame where `whole` is set."""

    __slots__ = ("_chosen", "_head", "_whole")

    def __init__(self, *, whole: bool = False) -> None:
        self._head = b""
        self._chosen: Frames | None = None
        self._whole = whole

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        if self._chosen is not None:
            yield from self._chosen.feed(chunk)
            return
        self._head += chunk
        if len(self._head) >= _LONGEST:
            yield from self._choose().feed(self._head)

    def finish(self) -> Iterator[Frame]:
        if self._chosen is None:
            yield from self._choose().feed(self._head)
        if self._chosen is not None:
            yield from self._chosen.finish()

    def _choose(self) -> Frames:
        head = self._head.lstrip(b"\r\n") if self._whole else self._head
        if head.startswith(_EVENTS) or (self._whole and head.startswith(_COMMENT)):
            self._chosen = FrameReader()
        else:
            self._chosen = WholeFrames() if self._whole else PieceFrames()
        return self._chosen
