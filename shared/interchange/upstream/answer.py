"""A provider's answer whose body is still to be read: watched for silence, and drained when its last frame has come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import aiohttp

from .arrivals import Pouring
from .call import ConnectionFault, Patience, Take
from .response import Response

DRAIN_SECONDS = 0.1
"""How long the end of a body is waited for after its last frame, so that the connection can be used again."""
DRAIN_BYTES = 65_536
MOST_WHOLE_BYTES = 256 * 1024 * 1024
"""Of an answer that is not streamed: ten pictures of the largest size are less than half of it."""
_DRAINING: set[asyncio.Task[None]] = set()
"""A task that nobody refers to may be collected."""


class HttpIncoming:
    """Call `close` in any case; `ended` is called once, when the connection is free or dropped."""

    __slots__ = (
        "_closed", "_ended", "_heard", "_limit", "_loop", "_pouring", "_response", "_watch", "headers", "status",
    )  # fmt: skip

    def __init__(self, response: Response, patience: Patience, sent: float, ended: Callable[[], None]) -> None:
        self._response = response
        self._ended = ended
        self._closed = False
        self._loop = asyncio.get_running_loop()
        self._heard = sent + patience.first_byte - patience.silence
        """As if a byte had come then: so the first one has `first_byte` from sending, each further one `silence`."""
        self._limit = patience.silence
        self._watch: asyncio.TimerHandle | None = None
        self._pouring: Pouring | None = None
        self.status = response.status
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}

    async def read(self) -> bytes:
        """All of the body. Raises ConnectionFault also where it does not end within `MOST_WHOLE_BYTES`."""
        read: list[bytes] = []
        size = 0

        def take(chunk: bytes) -> bool:
            nonlocal size
            read.append(chunk)
            size += len(chunk)
            if size > MOST_WHOLE_BYTES:
                raise ConnectionFault(f"more than {MOST_WHOLE_BYTES} bytes", sent=True)
            return True

        await self.pour(take)
        return b"".join(read)

    async def pour(self, take: Take) -> None:
        """The body goes to `take` in the read that brings it, without a turn of the loop. Raises ConnectionFault where
        it breaks off, or is silent for too long."""
        self._pouring = Pouring(self._response, self._next, take)
        self._look()
        try:
            await self._pouring.run()
        finally:
            self._pouring = None
            self._unwatch()

    def _next(self) -> bytes:
        """Reads what is there. Raises ConnectionFault."""
        try:
            chunk = self._response.content.read_nowait()
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise ConnectionFault(describe(error), sent=True, silent=isinstance(error, _Silent)) from error
        self._heard = self._loop.time()
        return chunk

    def close(self) -> None:
        """Gives the connection back to the pool. What little may still come is read in the background."""
        if self._closed:
            return
        self._closed = True
        self._unwatch()
        content = self._response.content
        if content.is_eof() or content.exception() is not None or self._loop.is_closed():
            self._release()
            return
        task = self._loop.create_task(self._drain())
        _DRAINING.add(task)
        task.add_done_callback(_DRAINING.discard)

    async def _drain(self) -> None:
        read = 0
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                async for chunk in self._response.content.iter_any():
                    read += len(chunk)
                    if read > DRAIN_BYTES:
                        break
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError, RuntimeError):
            pass  # then the connection is dropped; the last is aiohttp's word for one that is closed already
        finally:
            self._release()

    def _release(self) -> None:
        self._response.release()
        self._ended()

    def _look(self) -> None:
        """Ends the body where nothing has come for the limit: one timer for all of it, none for each chunk, none for a
        body that is there."""
        if self._response.content.is_eof():
            return
        left = self._heard + self._limit - self._loop.time()
        if left > 0:
            self._watch = self._loop.call_later(left, self._look)
        else:
            self._response.content.set_exception(_Silent(f"nothing for {self._limit:g} s"))
            if self._pouring is not None:
                self._pouring.come()

    def _unwatch(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None


class _Silent(OSError):
    """The limit of silence has passed."""


def describe(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:300]
