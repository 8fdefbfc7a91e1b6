"""The caller's end of a stream: what came, in its order, and a sign of life wherever nothing comes for too long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from interchange.dataclass import dataclass
from interchange.hub.failure import Failure

from .http import StreamCut, Take
from .lane import ErrorWriter

HEARTBEAT_SECONDS = 10.0
"""The longest silence: no status, no byte."""


@dataclass(frozen=True, slots=True)
class Served:
    """The first thing that a caller waits for: a whole answer, a stream's go-ahead, or a failure before any byte."""

    whole: bytes | None = None
    failure: Failure | None = None
    raw_failure: bytes | None = None
    charge_nano: int | None = None
    content_type: str = "application/json"


@dataclass(slots=True)
class Listener:
    """`gone` says that the caller has left, `cut` that the stream must break off instead of ending."""

    speaker: ErrorWriter
    gone: bool = False
    cut: bool = False
    last: bytes = b""
    """Of the answer, as it was heard."""
    _told: float = 0.0
    """When the caller last had something, by the loop's clock."""
    _watch: asyncio.TimerHandle | None = None
    take: Take | None = None
    """Where pieces leave without their reader, while it waits for one."""
    _queue: asyncio.Queue[bytes | None] | None = None

    @property
    def queue(self) -> asyncio.Queue[bytes | None]:
        """Made with its first piece: a whole answer has none."""
        if self._queue is None:
            self._queue = asyncio.Queue()
        return self._queue

    def hear(self, body: bytes) -> None:
        if not body:
            return
        self.last = body
        if self.take is not None and self.queue.empty() and self.take(body):
            self._told = asyncio.get_running_loop().time()
        else:
            self.queue.put_nowait(body)

    def heartbeat(self) -> None:
        beat = self.speaker.heartbeat()
        if beat:
            self.queue.put_nowait(beat)

    def end(self, last: bytes) -> None:
        self.hear(last)
        self.queue.put_nowait(None)

    async def body(self) -> AsyncGenerator[bytes]:
        """Raises StreamCut after the last byte of a stream that broke off."""
        loop = asyncio.get_running_loop()
        self._told = loop.time()
        self._look(loop)
        try:
            while (chunk := await self.queue.get()) is not None:
                self._told = loop.time()
                if chunk:
                    yield chunk
            if self.cut:
                raise StreamCut("the answer broke off")
        finally:
            self.gone, self.take = True, None
            if self._watch is not None:
                self._watch.cancel()

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Gives a sign of life where nothing has come for too long: one timer for all of it, none for each chunk."""
        left = self._told + HEARTBEAT_SECONDS - loop.time()
        if left <= 0:
            if self.queue.empty():
                self.heartbeat()
            self._told = loop.time()
            left = HEARTBEAT_SECONDS
        self._watch = loop.call_later(left, self._look, loop)


class Pieces:
    """The body of an answer that streams. Whoever reads it holds it: where it is let go, its caller has left."""

    __slots__ = ("_listener", "_reader")

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._reader = listener.body()

    def pour(self, take: Take) -> None:
        self._listener.take = take

    def __aiter__(self) -> AsyncGenerator[bytes]:
        return self._reader

    async def __anext__(self) -> bytes:
        return await anext(self._reader)

    async def aclose(self) -> None:
        await self._reader.aclose()
