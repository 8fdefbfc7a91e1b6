"""The HTTP client. aiohttp, because it costs a fifth of the CPU a streamed chunk that httpx does (benchmarks/).

An environment may be frozen between requests while the provider closes idle connections: one turn of the loop before
a request lets the transport notice, a pool idle for longer than IDLE_SECONDS of wall-clock time is dropped, and a
connection that turns out to be dead is replaced, with all that were kept beside it, without counting as a try.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

import aiohttp

from .answer import HttpIncoming, describe
from .call import ConnectionFault, Outgoing, Patience, Ticket
from .response import Response
from .sending import IDLE_SECONDS, Address, was_kept

REST_SECONDS = 0.1
"""After so long without a request the environment may have been frozen."""
MOST_SENDINGS = 3
"""Of one try: each but the last found a kept connection dead. The next one has a pool of its own, save for what other
requests have left in it meanwhile."""
OWN, OWN_SECONDS = Patience(connect=2.0), 5.0
"""Limits of a call of the operator's own: to connect, and in all."""
DEAD = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, ConnectionError)
_CLOSING: set[asyncio.Task[None]] = set()
"""A task that nobody refers to may be collected."""


class _Pool:
    """The kept connections of one vendor. A retired one is closed as soon as nothing is under way on it."""

    __slots__ = ("address", "busy", "loop", "retired", "used")

    def __init__(self, url: str, loop: asyncio.AbstractEventLoop) -> None:
        self.address = Address(url)
        self.loop = loop
        self.busy = 0
        """Requests from sending to the end of their answer: none of them may lose its pool."""
        self.used = time.time()
        self.retired = False

    def rested(self, seconds: float) -> bool:
        """True where nothing has been under way for so long, by the clock on the wall."""
        return self.busy == 0 and time.time() - self.used > seconds

    def began(self) -> None:
        self.busy += 1
        self.used = time.time()

    def ended(self) -> None:
        self.busy -= 1
        self.used = time.time()
        self._leave()

    def retire(self) -> None:
        self.retired = True
        self._leave()

    def _leave(self) -> None:
        if self.retired and self.busy == 0 and not self.loop.is_closed():
            task = self.loop.create_task(self.close())
            _CLOSING.add(task)
            task.add_done_callback(_CLOSING.discard)

    async def close(self) -> None:
        await self.address.connector.close()


class HttpUpstream:
    """A pool for each vendor's address, made on first use inside the running loop."""

    def __init__(self) -> None:
        self._pools: dict[str, _Pool] = {}

    async def send(self, ticket: Ticket, outgoing: Outgoing) -> HttpIncoming:
        """Sends, and returns when the status and headers are there, within the limits of `outgoing.patience`. `ticket`
        is the proof that the call may be made: nothing is sent without a hold."""
        sent = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(outgoing.patience.first_byte):
                response, pool = await self._answered(outgoing)
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError) as error:
            silent = isinstance(error, TimeoutError)
            raise ConnectionFault(describe(error), sent=False, silent=silent) from error
        except TimeoutError as error:
            raise ConnectionFault("no answer in time", sent=True, silent=True) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise ConnectionFault(describe(error), sent=True) from error
        return HttpIncoming(response, outgoing.patience, sent, pool.ended)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Status and body of a call of the operator's own, such as the table, which costs no caller anything. Raises
        OSError."""
        try:
            async with asyncio.timeout(OWN_SECONDS):
                response, pool = await self._answered(Outgoing("POST", url, headers, body, patience=OWN))
                try:
                    return response.status, await response.read()
                finally:
                    response.release()
                    pool.ended()
        except (aiohttp.ClientError, ValueError) as error:
            raise OSError(describe(error)) from error

    async def close(self) -> None:
        pools, self._pools = list(self._pools.values()), {}
        for pool in pools:
            await pool.close()

    async def _answered(self, outgoing: Outgoing) -> tuple[Response, _Pool]:
        """A connection that had been kept and was closed meanwhile tells nothing of the vendor: it is replaced."""
        origin = outgoing.url[: outgoing.url.find("/", 8)]
        for number in range(MOST_SENDINGS):
            pool, kept = self._pool(origin, outgoing.url), False
            rested = pool.rested(REST_SECONDS)
            pool.began()
            try:
                if rested:
                    await asyncio.sleep(0)  # lets connections closed during a freeze be noticed
                connection = await pool.address.connected(outgoing.patience.connect)
                kept = was_kept(connection)
                return await pool.address.answered(connection, outgoing), pool
            except BaseException as error:
                pool.ended()
                if not kept or not isinstance(error, DEAD) or number + 1 == MOST_SENDINGS:
                    raise
                self._retire(origin, pool)
        raise AssertionError("the last sending returns or raises")

    def _pool(self, origin: str, url: str) -> _Pool:
        loop = asyncio.get_running_loop()
        pool = self._pools.get(origin)
        if pool is not None and pool.loop is loop and pool.rested(IDLE_SECONDS):
            self._retire(origin, pool)
            pool = None
        if pool is None or pool.loop is not loop or pool.address.connector.closed:
            pool = self._pools[origin] = _Pool(url, loop)
        return pool

    def _retire(self, origin: str, pool: _Pool) -> None:
        if self._pools.get(origin) is pool:
            del self._pools[origin]
        pool.retire()
