"""The HTTP client. aiohttp, because it costs a fifth of the CPU a streamed chunk that httpx does (benchmarks/).

An environment may be frozen between requests while the provider closes idle connections: one turn of the loop before
a request lets the transport notice, a pool idle for longer than IDLE_SECONDS of wall-clock time is dropped, and a
connection that turns out to be dead is replaced, with all that were kept beside it, without counting as a try.
"""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any
from weakref import WeakSet

import aiohttp
from aiohttp.tracing import Trace

from .answer import HttpIncoming, describe
from .arrivals import Arrivals
from .call import ConnectionFault, Outgoing, Patience, Ticket

IDLE_SECONDS = 25.0
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


class _Connected:
    """Connection of one sending: one that was kept, or a new one. aiohttp's own tracing tells it too, at a tenth of the
    request's cost."""

    __slots__ = ("kept",)

    def __init__(self) -> None:
        self.kept = False


_CONNECTED: ContextVar[_Connected] = ContextVar("connected")


class _Connector(aiohttp.TCPConnector):
    """Tells `_CONNECTED` of connections that were kept; each tells of what comes by it."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        made: Any = functools.partial(Arrivals, loop=self._loop)
        self._factory = made
        self._used: WeakSet[object] = WeakSet()

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109
    ) -> aiohttp.connector.Connection:
        made = await super().connect(req, traces, timeout)
        _CONNECTED.get().kept = made.protocol in self._used
        if made.protocol is not None:
            self._used.add(made.protocol)
        return made


class _Pool:
    """The kept connections of one vendor. A retired one is closed as soon as nothing is under way on it."""

    __slots__ = ("busy", "loop", "retired", "session", "used")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.session = aiohttp.ClientSession(
            connector=_Connector(limit=0, keepalive_timeout=IDLE_SECONDS, enable_cleanup_closed=False),
            cookie_jar=aiohttp.DummyCookieJar(),  # one customer's answer must not change another's request
            timeout=aiohttp.ClientTimeout(total=None),
            auto_decompress=True,
            skip_auto_headers=("User-Agent", "Content-Type"),
            read_bufsize=2**18,
        )
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
            task = self.loop.create_task(self.session.close())
            _CLOSING.add(task)
            task.add_done_callback(_CLOSING.discard)


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
            await pool.session.close()

    async def _answered(self, outgoing: Outgoing) -> tuple[aiohttp.ClientResponse, _Pool]:
        """A connection that had been kept and was closed meanwhile tells nothing of the vendor: it is replaced."""
        address = outgoing.url[: outgoing.url.find("/", 8)]
        for number in range(MOST_SENDINGS):
            pool, connected = self._pool(address), _Connected()
            _CONNECTED.set(connected)
            rested = pool.rested(REST_SECONDS)
            pool.began()
            try:
                if rested:
                    await asyncio.sleep(0)  # lets connections closed during a freeze be noticed
                response = await pool.session.request(
                    outgoing.method, outgoing.url, headers=outgoing.headers, data=outgoing.body, allow_redirects=False,
                    timeout=_limits(outgoing.patience.connect),
                )  # fmt: skip
            except BaseException as error:
                pool.ended()
                if not connected.kept or not isinstance(error, DEAD) or number + 1 == MOST_SENDINGS:
                    raise
                self._retire(address, pool)
            else:
                return response, pool
        raise AssertionError("the last sending returns or raises")

    def _pool(self, address: str) -> _Pool:
        loop = asyncio.get_running_loop()
        pool = self._pools.get(address)
        if pool is not None and pool.loop is loop and pool.rested(IDLE_SECONDS):
            self._retire(address, pool)
            pool = None
        if pool is None or pool.loop is not loop or pool.session.closed:
            pool = self._pools[address] = _Pool(loop)
        return pool

    def _retire(self, address: str, pool: _Pool) -> None:
        if self._pools.get(address) is pool:
            del self._pools[address]
        pool.retire()


@functools.lru_cache(64)
def _limits(connect: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, connect=connect)
