"""Answers that are asked for again and again: told apart by what is in them, sent only when it has changed, and packed.

RFC 9110: 8.8.3 (`etag`), 13.1.2 (`if-none-match`), 12.5.3 (`accept-encoding`), 9.3.2 (HEAD).
"""

from __future__ import annotations

import functools
import gzip
import hashlib
from collections.abc import MutableMapping, Sequence
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from interchange.exchange.representation import accepted, same

WORTH_PACKING = 1_000
"""Bytes; below it the packed answer is hardly smaller."""
BESIDE = ("content-type", "content-length")
"""Headers of a body; a 304 has none."""


class Revalidated:
    """An ASGI middleware for answers that are whole. `by` names the request's headers that the answer depends on, and
    of them `secret` those without which everybody has the same answer, which any cache may keep for `seconds`."""

    def __init__(self, app: ASGIApp, by: Sequence[str], secret: Sequence[str], seconds: int) -> None:
        self._app = app
        self._vary = ", ".join((*by, "accept-encoding"))
        self._secret = secret
        self._open = f"public, max-age={seconds}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        asked, start, parts = Headers(scope=scope), {}, []  # type: Headers, MutableMapping[str, Any], list[bytes]

        async def collected(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            parts.append(message.get("body", b""))
            if message.get("more_body"):
                return
            body = self._answered(asked, start, b"".join(parts))
            await send(start)
            await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

        # What is asked by HEAD is what GET has, to the byte.
        await self._app({**scope, "method": "GET"}, receive, collected)

    def _answered(self, asked: Headers, start: MutableMapping[str, Any], body: bytes) -> bytes:
        """The body that is sent, with its headers put into `start`."""
        if start["status"] != 200:
            return body
        headers = MutableHeaders(raw=start.setdefault("headers", []))
        tag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
        headers["etag"] = tag
        headers["cache-control"] = "private, no-cache" if any(name in asked for name in self._secret) else self._open
        headers.add_vary_header(self._vary)
        if same(asked.get("if-none-match", ""), tag):
            start["status"] = 304
            for name in BESIDE:
                del headers[name]
            return b""
        if len(body) >= WORTH_PACKING and "gzip" in accepted(asked.get("accept-encoding", "")):
            body = _packed(body)
            headers["content-encoding"] = "gzip"
        headers["content-length"] = str(len(body))
        return body


@functools.lru_cache(maxsize=4)
def _packed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)
