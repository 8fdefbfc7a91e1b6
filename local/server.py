"""Every family's application behind one port, chosen by the path as API Gateway would."""

from __future__ import annotations

import asyncio
import functools
import importlib
import importlib.util
import os
from collections.abc import Callable, Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

from interchange.edge.base_url import meant
from interchange.wiring.build import build

from . import operators


def _documentation() -> ASGIApp:
    from .documentation import documentation  # the renderer, which nothing else here needs

    return documentation()


FAMILIES: Mapping[str, str] = {
    "/v1/chat/": "chat",
    "/v1/messages": "messages",
    "/v1/responses": "responses",
    "/v1/embeddings": "embeddings",
    "/v1/images/": "images",
    "/v1/audio/": "audio",
    "/v1/moderations": "embeddings",
    "/v1/uploads": "account",
    "/v1/models": "models",
    "/v1/account": "account",
    "/v1/statement": "account",
    "/v1/key": "account",
    "/v1/usage": "account",
    "/v1/requests": "account",
    "/v1/codes/": "account",
    "/v1/checkout": "account",
    "/console": "console",
}
"""Path prefix -> the folder of functions/ whose application answers."""
LATER: Mapping[str, Callable[[], ASGIApp]] = {
    **dict.fromkeys(("/docs", "/llms.txt", "/llms-full.txt", "/openapi.json", "/openapi-admin.json"), _documentation),
    "/admin": operators.admin_api,
    "/webhooks": operators.payments,
    "/uploads": operators.upload_folder,
}
"""Path prefix -> what makes its application at the first request: who never asks does not pay for FastAPI."""


class Front:
    """The dispatcher. `/healthz` says that everything is loaded. A path that no family has is answered by `pages` where
    a browser asks, and by `unknown` otherwise."""

    def __init__(self, apps: Mapping[str, ASGIApp], unknown: ASGIApp, pages: ASGIApp) -> None:
        self._apps = apps
        self._unknown = unknown
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        path = meant(scope["path"])
        if path == "/healthz":
            await _answer(send, 200, f"ok {build(os.environ)}".encode(), b"text/plain")
            return
        for prefix, app in self._apps.items():
            if path.startswith(prefix):
                await app(scope, receive, send)
                return
        for prefix, make in LATER.items():
            if path == prefix or path.startswith(f"{prefix}/"):
                app = await asyncio.to_thread(_made, make)
                await app(scope, receive, send)
                return
        if path == "/" or _by_browser(scope):
            await self._pages(scope if path == "/" else {**scope, "path": f"/console/nowhere{path}"}, receive, send)
            return
        await self._unknown(scope, receive, send)


def _by_browser(scope: Scope) -> bool:
    """True where a page is wanted, as a browser that opens an address says."""
    wanted = next((value for name, value in scope.get("headers", ()) if name == b"accept"), b"")
    return scope.get("method") == "GET" and b"text/html" in wanted


@functools.cache
def _made(make: Callable[[], ASGIApp]) -> ASGIApp:
    return make()


def front() -> Front:
    """Builds the front with every family that this checkout has."""
    apps: dict[str, ASGIApp] = {}
    for prefix, family in FAMILIES.items():
        name = f"functions.{family}.app"
        if importlib.util.find_spec(f"functions.{family}") and importlib.util.find_spec(name):
            apps[prefix] = importlib.import_module(name).app
    return Front(apps, apps["/v1/models"], apps["/console"])


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
