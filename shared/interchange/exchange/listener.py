"""The caller's end of a stream: what came, in its order, and a sign of life wherever nothing comes for too long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import field

from interchange.dataclass import dataclass
from interchange.hub.failure import Failure

from .http import StreamCut
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
    queue: asyncio.Queue[bytes | None] = field(default_factory=asyncio.Queue)
    gone: bool = False
    cut: bool = False
    last: bytes = b""
    """Of the answer, as it was heard."""

    def hear(self, body: bytes) -> None:
        if body:
            self.last = body
            self.queue.put_nowait(body)

    def heartbeat(self) -> None:
        beat = self.speaker.heartbeat()
        if beat:
            self.queue.put_nowait(beat)

    def end(self, last: bytes) -> None:
        self.hear(last)
        self.queue.put_nowait(None)

    async def body(self) -> AsyncIterator[bytes]:
        """Raises StreamCut after the last byte of a stream that broke off."""
        try:
            while (chunk := await self._next()) is not None:
                if chunk:
                    yield chunk
            if self.cut:
                raise StreamCut("the answer broke off")
        finally:
            self.gone = True

    async def _next(self) -> bytes | None:
        try:
            return self.queue.get_nowait()
        except asyncio.QueueEmpty:
            pass  # only a wait needs a timer
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                return await self.queue.get()
        except TimeoutError:
            return self.speaker.heartbeat()
