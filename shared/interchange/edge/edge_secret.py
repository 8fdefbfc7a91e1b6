"""Rejects requests that bypass the distribution in front: a function URL is open to the internet."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from interchange.exchange.http import Answer
from interchange.hub.failure import ErrorKind, Failure

from .app import send_answer

HEADER = "x-interchange-edge"
"""The distribution sets it on each request to its origins; what a caller sends under this name is overwritten there."""
DIRECT = Failure(ErrorKind.PERMISSION, "use the base URL: this address does not answer", code="not_through_edge")


class ThroughEdge:
    """`refuse` writes a failure in the family's protocol."""

    def __init__(self, app: ASGIApp, secret: str, refuse: Callable[[Failure], Answer]) -> None:
        self._app = app
        self._secret = secret.encode()
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._proven(scope):
            await send_answer(self._refuse(DIRECT), Request(scope))(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _proven(self, scope: Scope) -> bool:
        return hmac.compare_digest(Headers(scope=scope).get(HEADER, "").encode(), self._secret)
