"""Server-sent events, both ways, without loss.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream. A frame keeps the bytes
it came in (`raw`, terminator included), so that the pass-through lane can forward it unchanged:
`b"".join(f.raw for f in frames) == stream`, save for a mark of UTF-8 before it, and for the last blank line
where it was left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from types import EllipsisType
from typing import Protocol

_ONE_LINE = re.compile(rb"(?:event: ?([^\r\n]*)\n)?data: ?([^\r\n]*)\n\n")
"""What nearly every frame is."""
_BLANK = re.compile(rb"(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r)\Z")
_ENDS = (b"\r", b"\n")
_END = re.compile(rb"\r\n\r\n|\n\n|\r\r|\n\r\n|\r\n\n")


MARK = b"\xef\xbb\xbf"
"""Of UTF-8, which may stand before a stream. The stock SDKs do not look for it, and would lose the first event."""


class Frame:
    """One event. A text's `event` and `data` are read when somebody first asks for them: most frames are told by their
    bytes. `data` is None for a frame of comments only; several data lines are joined by a newline."""

    __slots__ = ("_data", "_event", "raw")

    def __init__(self, raw: bytes, event: str | None = None, data: bytes | EllipsisType | None = ...) -> None:
        self.raw = raw
        self._event = event
        self._data = data

    @property
    def event(self) -> str | None:
        if self._data is ...:
            self._event, self._data = _fields(self.raw)
        return self._event

    @property
    def data(self) -> bytes | None:
        if self._data is ...:
            self._event, self._data = _fields(self.raw)
        return self._data

    @property
    def blank(self) -> bool:
        """True for a frame that says nothing: comments, or data lines without data."""
        return not (self.data and self.data.strip())


class Frames(Protocol):
    """Anything that cuts a stream of bytes into frames."""

    def feed(self, chunk: bytes) -> Iterator[Frame]: ...

    def finish(self) -> Iterator[Frame]: ...


class FrameReader:
    """Bytes in, frames out; never depends on how the bytes were cut."""

    __slots__ = ("_buffer", "_first", "_returns", "_searched", "run")

    def __init__(self) -> None:
        self.run: Callable[[bytes, int], Frame | None] | None = None
        """Finds several frames from a place in the bytes on that may stay together: they are given as one."""
        self._buffer = bytearray()
        self._searched = 0
        self._first = True
        self._returns = False
        """True once a carriage return has come: then a frame may end in more ways than one."""

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """Frames completed by `chunk`. A trailing lone CR waits: it may be half of a CRLF."""
        if not self._buffer and chunk.find(b"\n\n") == len(chunk) - 2 > 0 and not self._returns and b"\r" not in chunk:
            return iter((self._frame(chunk),))  # one frame alone, as models send them
        return self._several(chunk)

    def _several(self, chunk: bytes) -> Iterator[Frame]:
        self._buffer += chunk
        self._returns = self._returns or b"\r" in chunk
        if self._returns:
            yield from self._with_returns()
        elif self._buffer.find(b"\n\n", self._searched) >= 0:
            block, self._buffer = bytes(self._buffer), bytearray()
            yield from self._cut(block)
        self._searched = max(0, len(self._buffer) - 3)

    def _cut(self, block: bytes) -> Iterator[Frame]:
        """The frames of bytes without a carriage return; what follows them is kept."""
        at = 0
        try:
            while (end := block.find(b"\n\n", at)) >= 0:
                run = self.run(block, at) if self.run is not None and len(block) > end + 2 else None
                start, at = at, end + 2 if run is None else at + len(run.raw)
                yield self._frame(block[start:at]) if run is None else run
        finally:
            self._buffer = bytearray(block[at:])

    def _with_returns(self) -> Iterator[Frame]:
        while end := self._end():
            raw = bytes(self._buffer[:end])
            del self._buffer[:end]
            self._searched = 0
            yield self._frame(raw)

    def _end(self) -> int:
        """Offset at which the first frame ends; 0 where its end has not come yet."""
        found = _END.search(self._buffer, self._searched)
        if found is None or (found.end() == len(self._buffer) and self._buffer.endswith(b"\r")):
            return 0
        return found.end()

    def finish(self) -> Iterator[Frame]:
        """The rest of the bytes, when the stream ends: some servers leave out the last blank line, without which the
        stock SDKs drop the event. It is added."""
        raw = bytes(self._buffer)
        self._buffer.clear()
        if raw.strip(b"\r\n"):
            yield self._frame(raw if _BLANK.search(raw) else raw + (b"\n" if raw.endswith(_ENDS) else b"\n\n"))

    def _frame(self, raw: bytes) -> Frame:
        if self._first:
            self._first = False
            return Frame(raw.removeprefix(MARK))
        return Frame(raw)


def _fields(raw: bytes) -> tuple[str | None, bytes | None]:
    """`event` and `data` of a frame."""
    plain = _ONE_LINE.fullmatch(raw)
    if plain is None:
        return _lines(raw)
    event, data = plain.groups()
    return None if event is None else event.decode("utf-8", "replace"), data


def _lines(raw: bytes) -> tuple[str | None, bytes | None]:
    event: str | None = None
    data: list[bytes] = []
    for line in raw.splitlines():
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            data.append(value)
        elif name == b"event":
            event = value.decode("utf-8", "replace")
    return event, b"\n".join(data) if data else None


def write_frame(data: bytes, event: str | None = None) -> bytes:
    """One event; a data line for each line of `data`."""
    if b"\n" in data:
        data = data.replace(b"\n", b"\ndata: ")
    if event is None:
        return b"data: " + data + b"\n\n"
    return b"event: " + event.encode() + b"\ndata: " + data + b"\n\n"


def write_comment(text: str) -> bytes:
    return b": " + text.encode() + b"\n\n"
