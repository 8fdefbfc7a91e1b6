"""Streams that are not server-sent events."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from .sse import MARK, Frame

_SPACES = frozenset("\t\n\r")


def is_text(data: bytes) -> bool:
    """True for UTF-8 without control characters, whose last character may be cut: words, and no bytes of a medium."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return bool(text) and all(one in _SPACES or (one >= " " and one != "\x7f") for one in text)


class PieceFrames:
    """Bytes without structure (sound): every piece is a frame, as it comes."""

    __slots__ = ()

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        if chunk:
            yield Frame(chunk, None, chunk)

    def finish(self) -> Iterator[Frame]:
        return iter(())


class WholeFrames:
    """An answer that is one document, asked for as a stream by the caller alone: one frame, at its end."""

    __slots__ = ("_parts",)

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        self._parts.append(chunk)
        return iter(())

    def finish(self) -> Iterator[Frame]:
        whole = b"".join(self._parts).removeprefix(MARK)
        if whole:
            yield Frame(whole, None, whole)
