"""The HTTP of the MCP library, over this gateway's own client: the same rules of reach as for media, answers bounded.

The library (`mcp`, https://github.com/modelcontextprotocol/python-sdk) takes an `httpx2` client; what is sent through
its transport here goes out by aiohttp. Redirects come through again, one by one, and are judged anew.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import httpx2
from yarl import URL

from .public import Forbidden, Reach, Sockets, connector, refused

for _name, _level in (("httpx2", logging.WARNING), ("mcp", logging.CRITICAL)):
    # Their lines have whole URLs and what a server said: each call has a line of ours.
    logging.getLogger(_name).setLevel(_level)

MOST_BYTES = 8 * 1024 * 1024
"""Of one answer of a server, its events included."""
MOST_VALUES = 200_000
"""Of JSON in one answer: the library takes microseconds for each, and nobody else is served meanwhile."""
MOST_GETS = 16
"""Of a session by streamable HTTP: one waits for what its server asks, the others go on with what broke off."""
CONNECT_SECONDS = 5.0
_OURS = frozenset({"host", "connection", "accept-encoding", "content-length", "transfer-encoding"})
"""Headers that the client which really sends sets itself."""
_STRING = rb'"(?:[^"\\\r\n]++|\\[^\r\n])*+'
_STRINGS = re.compile(_STRING + rb'(?:"|(?=\\?[\r\n]))|(' + _STRING + rb"\\?\Z)")
"""A string of JSON, which has no line break; the group is one that has not ended yet."""
TOO_LONG = f"its answer is longer than {MOST_BYTES} bytes"
TOO_MANY = f"its answer has more than {MOST_VALUES} values"
SILENT = "it was silent for too long"
ENDED = "it closed the connection before its answer was whole"
UNREADABLE = "its answer is not HTTP that can be read"
BROKEN = frozenset({TOO_LONG, TOO_MANY, SILENT, ENDED, UNREADABLE})
"""What is said of an answer that could not be read to its end."""
_DECODED = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class Transport(httpx2.AsyncBaseTransport):
    """One server's connections. `listens` is the older transport's way: its answers come by a GET. In the other way a
    GET waits for what a server says unasked. A tool may wait for the answer to a question that it asks there, which is
    always no; so there is one, but not again and again as its server wishes. `tls` is for tests.

    A request that fails is answered by an error of MCP's own in the place of an exception, which would end the session
    for every call that is under way.
    """

    def __init__(self, reach: Reach, *, plain: bool, silence: float, listens: bool = False, tls: Any = True) -> None:
        self._reach = reach
        self._sockets = Sockets(reach, plain)
        self._silence = silence
        self._listens = listens
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None
        self._gets = 0
        self.refused: int | None = None
        """The last status that was a refusal: the library does not tell it."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        url = URL(str(request.url))
        if (why := refused(url, self._reach)) is not None:
            raise httpx2.ConnectError(why)
        if request.method == "GET" and not self._listens:
            self._gets += 1
            if self._gets > MOST_GETS or (self._gets > 1 and "last-event-id" not in request.headers):
                return httpx2.Response(405)
        try:
            answer = await self._sent(request, url)
        except (aiohttp.ClientError, TimeoutError, Forbidden, OSError, ValueError) as error:
            if self._listens:
                raise httpx2.ConnectError(_told(error)) from error
            return _failed(_told(error))
        if answer.status >= 400 and (self._listens or request.method == "POST"):
            self.refused = answer.status
        kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in _DECODED]
        return httpx2.Response(answer.status, headers=kept, stream=_Body(answer))

    async def _sent(self, request: httpx2.Request, url: URL) -> aiohttp.ClientResponse:
        headers = [(name, value) for name, value in request.headers.items() if name.lower() not in _OURS]
        body = await request.aread() or None
        answer = await self._client().request(request.method, url, headers=headers, data=body, allow_redirects=False)
        self._sockets.check_peers()
        return answer

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            limits = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=self._silence)
            door = connector(self._sockets, None, self._tls)
            self._session = aiohttp.ClientSession(connector=door, timeout=limits, trust_env=False)
        return self._session

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()


class _Body(httpx2.AsyncByteStream):
    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left, values = MOST_BYTES, _Values()
        try:
            async for chunk in self._answer.content.iter_any():
                left -= len(chunk)
                if left < 0 or values.add(chunk) > MOST_VALUES:
                    raise httpx2.StreamError(TOO_LONG if left < 0 else TOO_MANY)
                yield chunk
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise httpx2.StreamError(SILENT if isinstance(error, TimeoutError) else ENDED) from error

    async def aclose(self) -> None:
        self._answer.close()


class _Values:
    """Counts the values of JSON as its bytes come, by what stands between them outside of strings."""

    def __init__(self) -> None:
        self.count = 0
        self._before = b""
        """What begins a string that has not ended."""

    def add(self, chunk: bytes) -> int:
        bare, quote, inside = _STRINGS.sub(rb"\1", self._before + chunk).partition(b'"')
        self.count += sum(bare.count(mark) for mark in (b",", b"[", b"{"))
        escape = b"\\" if (len(inside) - len(inside.rstrip(b"\\"))) % 2 else b""
        self._before = b'"' + escape if quote else b""
        return self.count


def _failed(why: str) -> httpx2.Response:
    """An error in the words of MCP: the library hands it to the one call that failed."""
    told = {"jsonrpc": "2.0", "id": None, "error": {"code": -32000, "message": why}}
    return httpx2.Response(502, headers={"content-type": "application/json"}, content=json.dumps(told))


def _told(error: BaseException) -> str:
    """No word of the request, whose headers hold the token, and none of an HTTP library."""
    match error:
        case Forbidden():
            return str(error)
        case aiohttp.ClientConnectorDNSError():
            return "its name leads nowhere"
        case aiohttp.ClientSSLError() | aiohttp.ClientConnectorCertificateError():
            return "its certificate is not valid"
        case aiohttp.ClientConnectorError(os_error=Forbidden() as why):
            return str(why)
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return "nothing answers at its address"
        case TimeoutError():
            return "it did not answer in time"
        case aiohttp.ClientResponseError():
            return UNREADABLE
        case _:
            return ENDED
