"""The floor: Starlette and aiohttp, which pass bytes on and know nothing of them.

`uvicorn benchmarks.peers.relay:app`, with the vendor's address in VENDOR.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import aiohttp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

_sessions: list[aiohttp.ClientSession] = []


def _session() -> aiohttp.ClientSession:
    if not _sessions:
        _sessions.append(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
    return _sessions[0]


async def relay(request: Request) -> Response:
    body = await request.body()
    answer = await _session().post(
        os.environ["VENDOR"] + request.url.path, data=body, headers={"content-type": "application/json"}
    )
    kind = answer.headers["content-type"]
    if "event-stream" not in kind:
        return Response(await answer.read(), answer.status, media_type=kind)

    async def pieces() -> AsyncIterator[bytes]:
        async for piece in answer.content.iter_any():
            yield piece

    return StreamingResponse(pieces(), answer.status, media_type=kind)


app = Starlette(routes=[Route("/v1/{path:path}", relay, methods=["POST"])])
