"""The HTTP client. aiohttp, because it costs a fifth of the CPU a streamed chunk that httpx does (benchmarks/).

An environment may be frozen between requests while the provider closes idle connections: one turn of the loop before
a request lets the transport notice, a pool idle for longer than IDLE_SECONDS of wall-clock time is dropped, and a
connection that turns out to be dead is replaced without counting as a try.
"""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace

import aiohttp

from .answer import HttpIncoming, describe
from .call import ConnectionFault, Outgoing, Ticket

IDLE_SECONDS = 25.0
REST_SECONDS = 0.1
"""After so long without a request the environment may have been frozen."""
MOST_REPLACED = 64
"""Dead connections that one request may find in the pool."""


class HttpUpstream:
    """One pool for all providers, made on first use inside the running loop."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._used = 0.0
        self._busy = 0
        """Requests from sending to the end of their answer: none of them may lose its pool."""

    async def send(self, ticket: Ticket, outgoing: Outgoing) -> HttpIncoming:
        """Sends, and returns when the status and headers are there, within the limits of `outgoing.patience`. `ticket`
        is the proof that the call may be made: nothing is sent without a hold."""
        rested = self._busy == 0 and time.time() - self._used > REST_SECONDS
        session = await self._pool()
        self._busy += 1
        try:
            if rested:
                await asyncio.sleep(0)  # lets connections closed during a freeze be noticed
            sent = asyncio.get_running_loop().time()
            async with asyncio.timeout(outgoing.patience.first_byte):
                response = await _answered(session, outgoing)
        except BaseException as error:
            self._busy -= 1
            match error:
                case aiohttp.ConnectionTimeoutError() | aiohttp.ClientConnectorError():
                    silent = isinstance(error, TimeoutError)
                    raise ConnectionFault(describe(error), sent=False, silent=silent) from error
                case TimeoutError():
                    raise ConnectionFault("no answer in time", sent=True, silent=True) from error
                case aiohttp.ClientError() | OSError() | ValueError():
                    raise ConnectionFault(describe(error), sent=True) from error
                case _:
                    raise
        return HttpIncoming(response, outgoing.patience, sent, self._ended)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _ended(self) -> None:
        self._busy -= 1
        self._used = time.time()

    async def _pool(self) -> aiohttp.ClientSession:
        now = time.time()
        loop = asyncio.get_running_loop()
        if self._session is not None and self._loop is loop and self._busy == 0 and now - self._used > IDLE_SECONDS:
            await self.close()
        if self._session is None or self._loop is not loop or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS, enable_cleanup_closed=False),
                timeout=aiohttp.ClientTimeout(total=None),
                auto_decompress=True,
                skip_auto_headers=("User-Agent", "Content-Type"),
                read_bufsize=2**18,
                trace_configs=[_reuse_noted()],
            )
            self._loop, self._busy = loop, 0
        self._used = now
        return self._session


async def _answered(session: aiohttp.ClientSession, outgoing: Outgoing) -> aiohttp.ClientResponse:
    """A connection that had been kept and was closed meanwhile tells nothing of the vendor: it is replaced."""
    limits = aiohttp.ClientTimeout(total=None, sock_connect=outgoing.patience.connect)
    for _ in range(MOST_REPLACED):
        kept: dict[str, bool] = {}
        try:
            return await session.request(
                outgoing.method, outgoing.url, headers=outgoing.headers, data=outgoing.body, allow_redirects=False,
                timeout=limits, trace_request_ctx=kept,
            )  # fmt: skip
        except aiohttp.ClientConnectorError:
            raise
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, ConnectionError):
            if not kept:
                raise
    raise aiohttp.ServerDisconnectedError


def _reuse_noted() -> aiohttp.TraceConfig:
    async def note(_session: aiohttp.ClientSession, context: SimpleNamespace, _params: object) -> None:
        context.trace_request_ctx["reused"] = True

    config = aiohttp.TraceConfig()
    config.on_connection_reuseconn.append(note)
    return config
