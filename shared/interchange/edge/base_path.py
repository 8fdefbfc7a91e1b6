"""Undoes, where it can, what API Gateway does to a request's address and to an answer's bytes."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send


class AtRoot:
    """Takes off what stands before the family's own paths; for Lambda's events only."""

    def __init__(self, app: ASGIApp, paths: Sequence[str]) -> None:
        self._app = app
        self._heads = tuple({path.partition("{")[0] for path in paths} - {"/"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "aws.event" in scope:
            scope = {**scope, "path": self._at_root(scope["path"])}
        await self._app(scope, receive, send)

    def _at_root(self, path: str) -> str:
        if path.startswith(self._heads):
            return path
        ends = [path.find(head) for head in self._heads]
        return path[min((end for end in ends if end > 0), default=0) :]


class EndsWithSlash:
    """Sends who asks for a stage without its slash (`/prod`) to the one with it, where a page's own links lead on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope.get("aws.event", {}).get("requestContext", {}).get("path", "/")
        if scope["type"] != "http" or scope["path"] != "/" or asked.endswith("/"):
            await self._app(scope, receive, send)
            return
        location = f"{asked.rpartition('/')[2]}/".encode()
        await send({"type": "http.response.start", "status": 307, "headers": [(b"location", location)]})
        await send({"type": "http.response.body", "body": b""})


class AsText:
    """Answers Lambda's events uncompressed: API Gateway hands compressed bytes on as base64, unless every type of
    answer is binary to it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "aws.event" in scope:
            kept = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
            scope = {**scope, "headers": kept}
        await self._app(scope, receive, send)
