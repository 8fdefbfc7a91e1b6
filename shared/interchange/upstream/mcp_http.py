"""The HTTP of the MCP library, over this gateway's own client: the same rules of reach as for media, answers bounded.

The library (`mcp`, https://github.com/modelcontextprotocol/python-sdk) takes an `httpx2` client; what is sent through
its transport here goes out by aiohttp. Redirects come through again, one by one, and are judged anew.
"""

from __future__ import annotations

import logging
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
CONNECT_SECONDS = 5.0
_OURS = frozenset({"host", "connection", "accept-encoding", "content-length", "transfer-encoding"})
"""Headers that the client which really sends sets itself."""
_DECODED = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class Transport(httpx2.AsyncBaseTransport):
    """One server's connections. `tls` is for tests."""

    def __init__(self, reach: Reach, *, plain: bool, silence: float, tls: Any = True) -> None:
        self._reach = reach
        self._sockets = Sockets(reach, plain)
        self._silence = silence
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None
        self.refused: int | None = None
        """The last status that was a refusal: the library does not tell it."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        url = URL(str(request.url))
        if (why := refused(url, self._reach)) is not None:
            raise httpx2.ConnectError(why)
        headers = [(name, value) for name, value in request.headers.items() if name.lower() not in _OURS]
        try:
            answer = await self._client().request(
                request.method, url, headers=headers, data=await request.aread() or None, allow_redirects=False
            )
            self._sockets.check_peers()
        except TimeoutError as error:
            raise httpx2.ReadTimeout("no answer in time") from error
        except (aiohttp.ClientError, Forbidden, OSError, ValueError) as error:
            raise httpx2.ConnectError(_told(error)) from error
        if answer.status >= 400:
            self.refused = answer.status
        kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in _DECODED]
        return httpx2.Response(answer.status, headers=kept, stream=_Body(answer))

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
        left = MOST_BYTES
        try:
            async for chunk in self._answer.content.iter_any():
                left -= len(chunk)
                if left < 0:
                    raise httpx2.ReadError(f"an answer of more than {MOST_BYTES} bytes")
                yield chunk
        except TimeoutError as error:
            raise httpx2.ReadTimeout("silent for too long") from error
        except (aiohttp.ClientError, OSError) as error:
            raise httpx2.ReadError(_told(error)) from error

    async def aclose(self) -> None:
        self._answer.close()


def _told(error: BaseException) -> str:
    """No word of the request, whose headers hold the token."""
    return str(error) if isinstance(error, Forbidden) else type(error).__name__
