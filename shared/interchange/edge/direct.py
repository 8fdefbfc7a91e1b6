"""An application that answers a plain POST to its own paths without the framework, whose layers each take a call for
every message.

What needs more goes through the framework: other methods and spellings, pages of other sites (CORS), a deployment whose
requests prove themselves to the edge or are traced. Both ways give the same answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from interchange.exchange.http import Answer, Poured

from .inbound import told_where
from .outlet import Outlet

Respond = Callable[[Scope, Mapping[str, str], Receive], Awaitable[Answer]]
"""(scope, headers, receive) -> the answer. Raises ClientDisconnect for a caller who left while still writing."""
VARY = (b"vary", b"Origin")
"""What the framework's CORS says of an answer to a request of no page: a cache must tell the two apart."""


class Direct(Starlette):
    """`directly` are what answers, by the path; used once `answer_directly` has been called."""

    def __init__(self, directly: Mapping[str, Respond], **made: Any) -> None:
        super().__init__(**made)
        self._known = directly
        self._directly: Mapping[str, Respond] = {}

    def answer_directly(self) -> None:
        """To be called where what is put around the application is CORS for any page, and what mends paths."""
        self._directly = self._known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        respond = self._directly.get(scope.get("path", "")) if scope.get("method") == "POST" else None
        if respond is not None:
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            if "origin" not in headers:
                await _answer(respond, headers, scope, receive, send)
                return
        await super().__call__(scope, receive, send)


async def _answer(respond: Respond, headers: Mapping[str, str], scope: Scope, receive: Receive, send: Send) -> None:
    try:
        answer = await respond(scope, headers, receive)
    except ClientDisconnect:  # nobody is there to be answered, and nothing of ours has failed
        return
    told = told_where(answer, scope["path"]).items()
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in told]
    body = answer.body
    if isinstance(body, bytes):
        raw += ((b"content-length", b"%d" % len(body)), VARY)
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        await send({"type": "http.response.body", "body": body})
    else:
        await send({"type": "http.response.start", "status": answer.status, "headers": [*raw, VARY]})
        await _stream(body, receive, send)


async def _stream(body: AsyncIterator[bytes], receive: Receive, send: Send) -> None:
    """Ends early, and without a word, where the caller leaves."""
    sending = asyncio.current_task()
    assert sending is not None
    gone = asyncio.Event()

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        gone.set()
        sending.cancel()

    watching = asyncio.get_running_loop().create_task(watch())
    outlet = Outlet(send)
    if isinstance(body, Poured):
        body.pour(outlet.take)
    try:
        async for piece in body:
            await outlet.give(piece)
        await outlet.end()
    except asyncio.CancelledError:
        if not gone.is_set() or sending.uncancel() > 0:
            raise
    finally:
        watching.cancel()
        if (close := getattr(body, "aclose", None)) is not None:
            await close()
