"""Streams that are not server-sent events."""

from __future__ import annotations

from collections.abc import Iterator

from .sse import Frame


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
        whole = b"".join(self._parts)
        if whole:
            yield Frame(whole, None, whole)
