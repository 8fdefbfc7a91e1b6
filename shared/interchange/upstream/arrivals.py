"""The near end of a vendor's connection: it tells at once that something of an answer has come.

aiohttp wakes a task, which resumes every function that waits between it and the answer: for a stream whose chunks come
one by one that was a third of a chunk's cost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp.client_proto import ResponseHandler

from .call import ConnectionFault, Take
from .response import Response


class Arrivals(ResponseHandler):
    """`told` is called once for each read of the socket, and when the connection is lost. `used` says that a request
    has gone by it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.told: Callable[[], None] | None = None
        self.used = False
        self._held = False

    def pause_reading(self) -> None:
        self._held = True
        super().pause_reading()

    def resume_reading(self, resume_parser: bool = True) -> None:
        """Reads on where reading was held. aiohttp asks for it after each chunk, and parses nothing once more."""
        if self._held:
            self._held = False
            super().resume_reading(resume_parser)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.told is not None:
            self.told()

    def connection_lost(self, exc: BaseException | None) -> None:
        super().connection_lost(exc)
        if self.told is not None:
            self.told()


class Pouring:
    """An answer's body on its way to `take`, which says False where it wants no more. `ended` is done then, or at the
    body's end, or with what broke it. `read` gives what is there, or raises."""

    __slots__ = ("_arrivals", "_content", "_given", "_read", "_reading", "_take", "ended")

    def __init__(self, response: Response, read: Callable[[], bytes], take: Take) -> None:
        self._content = response.content
        self._arrivals = _arrivals_of(response)
        self._read = read
        self._take = take
        self._given = 0
        self._reading = False
        """True while a read is under way: reading on may let aiohttp tell of more."""
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        """Returns at the end. Raises what broke it."""
        if self._arrivals is not None:
            self._arrivals.told = self.come
        try:
            self.come()
            await self.ended
        finally:
            # where it tells somebody else, the connection serves another request already
            if self._arrivals is not None and self._arrivals.told == self.come:
                self._arrivals.told = None

    def come(self) -> None:
        """Something has come, or nothing will come any more."""
        if self._reading or self.ended.done():
            return
        self._reading = True
        try:
            if not self._pour():
                self.ended.set_result(None)
        except Exception as error:  # noqa: BLE001 - it is of whoever waits for the end
            self.ended.set_exception(error)
        finally:
            self._reading = False

    def _pour(self) -> bool:
        """Gives all that is there; False where there will be no more of it. Raises ConnectionFault: where a body cannot
        be read as HTTP, aiohttp closes the connection and says nothing."""
        content = self._content
        while content.total_bytes > self._given or content.exception() is not None:
            chunk = self._read()
            self._given += len(chunk)
            if not self._take(chunk):
                return False
        if content.is_eof():
            return False
        if self._arrivals is None or not self._arrivals.connected:
            raise ConnectionFault("the connection was lost", sent=True)
        return True


def _arrivals_of(response: Response) -> Arrivals | None:
    """None where all of the answer is there."""
    connection: Any = response.connection
    protocol = None if connection is None else connection.protocol
    return protocol if isinstance(protocol, Arrivals) else None
