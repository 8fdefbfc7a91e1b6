"""The admin API as the operator's page reaches it: in this process, on the table that the environment names, or that
of a deployed stack, by calls signed with the ambient AWS credentials."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from interchange import plain_http
from interchange.plain_http import Reply
from interchange.wiring.signing import Signer

SECONDS = 30.0


Admin = Callable[[str, str, Mapping[str, str], bytes], Reply]
"""(method, path with its query, headers, body) -> the answer."""


def in_process(app: Any) -> Admin:
    """An ASGI application, called once a request."""

    def call(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        return asyncio.run(_asgi(app, method, path, headers, body))

    return call


async def _asgi(app: Any, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
    parts, got, told = urlsplit(path), [{"type": "http.request", "body": body, "more_body": False}], dict[str, Any]()
    pieces: list[bytes] = []

    async def receive() -> dict[str, Any]:
        return got.pop() if got else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            told.update(message)
        else:
            pieces.append(message.get("body", b""))

    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": parts.path, "raw_path": parts.path.encode(), "query_string": parts.query.encode(), "root_path": "",
        "headers": raw, "client": ("127.0.0.1", 0), "server": ("127.0.0.1", 0),
    }  # fmt: skip
    await app(scope, receive, send)
    kinds = [value.decode("latin-1") for name, value in told["headers"] if name == b"content-type"]
    return Reply(int(told["status"]), kinds[0] if kinds else "application/json", b"".join(pieces))


def deployed(url: str, signer: Signer) -> Admin:
    """`url` is a stack's AdminUrl, which ends in /admin."""
    base = url.rstrip("/").removesuffix("/admin")

    def call(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        whole = f"{base}{path}"
        signed = {**headers, **signer(method, whole, headers, body)}
        return plain_http.call(method, whole, signed, body, seconds=SECONDS)

    return call
