"""Every family's application behind one port, chosen by the path as API Gateway would."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import os
from collections.abc import Callable, Mapping
from importlib.metadata import version

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from interchange.wire import codec
from interchange.wiring.build import build

from . import operators

FAMILIES: Mapping[str, str] = {
    "/v1/chat/": "chat",
    "/v1/messages": "messages",
    "/v1/responses": "responses",
    "/v1/embeddings": "embeddings",
    "/v1/images/": "images",
    "/v1/audio/": "audio",
    "/v1/moderations": "embeddings",
    "/v1/uploads": "audio",
    "/v1/models": "models",
    "/v1/account": "account",
    "/v1/key": "account",
    "/v1/usage": "account",
    "/v1/requests": "account",
    "/v1/codes/": "account",
    "/v1/checkout": "account",
    "/console": "console",
}
"""Path prefix -> the folder of functions/ whose application answers."""
LATER: Mapping[str, Callable[[], ASGIApp]] = {
    "/admin": operators.admin_api,
    "/webhooks": operators.payments,
    "/uploads": operators.upload_folder,
}
"""Path prefix -> what makes its application at the first request: who never asks does not pay for FastAPI."""


class Front:
    """The dispatcher. `/healthz` says that everything is loaded, `/openapi.json` what there is."""

    def __init__(self, apps: Mapping[str, ASGIApp], unknown: ASGIApp) -> None:
        self._apps = apps
        self._unknown = unknown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        path = scope["path"]
        if path == "/healthz":
            await _answer(send, 200, f"ok {build(os.environ)}".encode(), b"text/plain")
            return
        if path == "/openapi.json":
            await _answer(send, 200, self._description(), b"application/json")
            return
        for prefix, app in self._apps.items():
            if path.startswith(prefix):
                await app(scope, receive, send)
                return
        for prefix, make in LATER.items():
            if path == prefix or path.startswith(f"{prefix}/"):
                await _made(make)(scope, receive, send)
                return
        await self._unknown(scope, receive, send)

    def _description(self) -> bytes:
        """The OpenAPI document of every family that is served."""
        from interchange.edge.description import describe  # FastAPI, which nothing else here needs

        families = list(dict.fromkeys(app for app in self._apps.values() if isinstance(app, Starlette)))
        return codec.dumps(describe("Interchange", version("interchange"), families))


@functools.cache
def _made(make: Callable[[], ASGIApp]) -> ASGIApp:
    return make()


def front() -> Front:
    """With every family that this checkout has."""
    apps: dict[str, ASGIApp] = {}
    for prefix, family in FAMILIES.items():
        name = f"functions.{family}.app"
        if importlib.util.find_spec(f"functions.{family}") and importlib.util.find_spec(name):
            apps[prefix] = importlib.import_module(name).app
    return Front(apps, apps["/v1/chat/"])


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        kind = message["type"].removeprefix("lifespan.")
        await send({"type": f"lifespan.{kind}.complete"})
        if kind == "shutdown":
            return


async def _answer(send: Send, status: int, body: bytes, media: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", media)]})
    await send({"type": "http.response.body", "body": body})
