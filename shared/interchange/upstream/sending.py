"""Sends a request by a connection of aiohttp's, and waits for the head of its answer.

aiohttp's session makes a record of each request and of its answer, with cookies, redirects, traces and limits that are
not used here, and a task that writes the body: more than half of what a request cost in it. Its connections, its parser
and its writer are what is needed.
"""

from __future__ import annotations

import functools
from typing import Any

import aiohttp
from aiohttp.connector import Connection
from aiohttp.http import HttpProcessingError, StreamWriter
from yarl import URL

from .arrivals import Arrivals
from .call import Outgoing
from .response import Response

IDLE_SECONDS = 25.0
BUFFERED = 2**18
"""Bytes of an answer that may wait to be taken."""
NOT_SENT = ("User-Agent", "Content-Type")
"""Headers that aiohttp would add."""
BODILESS = frozenset({"GET", "HEAD"})
"""Methods that say nothing of a body which they have not."""


class Connector(aiohttp.TCPConnector):
    """Makes connections that tell of what comes by them."""

    def __init__(self) -> None:
        super().__init__(limit=0, keepalive_timeout=IDLE_SECONDS, enable_cleanup_closed=False)
        made: Any = functools.partial(Arrivals, loop=self._loop)
        self._factory = made


def was_kept(connection: Connection) -> bool:
    """True for a connection that is used again; asked once for each use."""
    arrivals: Any = connection.protocol
    kept, arrivals.used = arrivals.used, True
    return bool(kept)


class Address:
    """A vendor's address, as its connections know it."""

    def __init__(self, url: str) -> None:
        self.connector = Connector()
        self._request = aiohttp.ClientRequest("GET", URL(url), skip_auto_headers=NOT_SENT)
        """Names the address to the connector; nothing is sent by it."""

    async def connected(self, seconds: float) -> Connection:
        """Raises ConnectionTimeoutError after `seconds`, ClientConnectorError."""
        try:
            return await self.connector.connect(self._request, [], _limits(seconds))
        except TimeoutError as error:
            raise aiohttp.ConnectionTimeoutError(f"Connection timeout to host {self._request.url.host}") from error

    async def answered(self, connection: Connection, outgoing: Outgoing) -> Response:
        """Raises ClientError, OSError; ValueError for what no header can hold. The connection is closed then."""
        protocol = connection.protocol
        assert protocol is not None
        try:
            protocol.set_response_params(
                skip_payload=outgoing.method == "HEAD", read_until_eof=True, read_bufsize=BUFFERED
            )
            headers = self._request.headers.copy()
            headers.update(outgoing.headers)
            if outgoing.body is not None or outgoing.method not in BODILESS:
                headers["Content-Length"] = str(len(outgoing.body or b""))
            writer = StreamWriter(protocol, self.connector._loop)
            await writer.write_headers(f"{outgoing.method} {_path(outgoing.url)} HTTP/1.1", headers)
            if outgoing.body:
                await writer.write(outgoing.body, drain=False)  # an answer may come before all of it has gone
            writer.set_eof()
            message, content = await protocol.read()
            while 100 <= message.code <= 199 and message.code != 101:  # "wait", and "more will come"
                message, content = await protocol.read()
        except HttpProcessingError as error:
            connection.close()
            raise aiohttp.ClientPayloadError(f"{error.code}, {error.message}") from error
        except BaseException:
            connection.close()
            raise
        return Response(connection, message, content)


@functools.lru_cache(1024)
def _path(url: str) -> str:
    return URL(url).raw_path_qs


@functools.lru_cache(64)
def _limits(connect: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, connect=connect)
