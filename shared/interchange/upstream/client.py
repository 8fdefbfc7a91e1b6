"""The HTTP client. aiohttp, because it costs a fifth of the CPU a streamed chunk that httpx does (benchmarks/).

An environment may be frozen between requests while the provider closes idle connections: one turn of the loop before
a request lets the transport notice, and a pool idle for longer than IDLE_SECONDS of wall-clock time is dropped.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping

import aiohttp

from .call import ConnectionFault, Outgoing, Ticket

IDLE_SECONDS = 25.0
CONNECT_SECONDS = 10.0


class HttpIncoming:
    __slots__ = ("_closed", "_response", "headers", "status")

    def __init__(self, response: aiohttp.ClientResponse, closed: Callable[[int], None]) -> None:
        self._response = response
        self._closed = closed
        self.status = response.status
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}

    async def read(self) -> bytes:
        try:
            return await self._response.read()
        except (aiohttp.ClientError, OSError) as error:
            raise ConnectionFault(_describe(error), sent=True) from error

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives. Raises ConnectionFault where it breaks off."""
        try:
            async for chunk in self._response.content.iter_any():
                yield chunk
        except (aiohttp.ClientError, OSError) as error:
            raise ConnectionFault(_describe(error), sent=True) from error

    def close(self) -> None:
        """Gives the connection back to the pool when the body was read to its end, drops it otherwise."""
        self._response.release()
        self._closed(id(self))


class HttpUpstream:
    """One pool for all providers, made on first use inside the running loop."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._used = 0.0
        self._open: set[int] = set()

    async def send(self, ticket: Ticket, outgoing: Outgoing) -> HttpIncoming:
        """Sends, and returns when the status and headers are there. The caller bounds the time. `ticket` is the
        proof that the call may be made: nothing is sent without a hold."""
        session = await self._pool()
        await asyncio.sleep(0)  # lets connections closed during a freeze be noticed
        try:
            response = await session.request(
                outgoing.method, outgoing.url, headers=outgoing.headers, data=outgoing.body, allow_redirects=False
            )
        except aiohttp.ClientConnectorError as error:
            raise ConnectionFault(_describe(error), sent=False) from error
        except (aiohttp.ClientError, OSError) as error:
            raise ConnectionFault(_describe(error), sent=True) from error
        incoming = HttpIncoming(response, self._open.discard)
        self._open.add(id(incoming))
        return incoming

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _pool(self) -> aiohttp.ClientSession:
        now = time.time()
        loop = asyncio.get_running_loop()
        if self._session is not None and self._loop is loop and not self._open and now - self._used > IDLE_SECONDS:
            await self.close()
        if self._session is None or self._loop is not loop or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS, enable_cleanup_closed=False),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                auto_decompress=True,
                skip_auto_headers=("User-Agent", "Content-Type"),
                read_bufsize=2**18,
            )
            self._loop = loop
        self._used = now
        return self._session


def _describe(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:300]
