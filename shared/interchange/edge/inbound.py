"""Reads a request, and says what an answer's headers tell, whichever way it comes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from interchange.exchange.http import Answer, Inbound

LAPTOP_SECONDS = 900.0
"""The deadline where no Lambda context gives one: Lambda's own longest."""
CONTEXT_MARGIN_SECONDS = 0.5


class Context(Protocol):
    def get_remaining_time_in_millis(self) -> int: ...


async def read_body(receive: Receive, max_body: int) -> bytes | None:
    """The body, or None beyond the limit; then it is read to its end all the same (a client that is still writing
    would not see our answer), but not kept. Raises ClientDisconnect."""
    size = 0
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part = message.get("body", b"")
        size += len(part)
        if size <= max_body:
            parts.append(part)
        else:
            parts.clear()
        if not message.get("more_body", False):
            break
    if size > max_body:
        return None
    return parts[0] if len(parts) == 1 else b"".join(parts)


def inbound_of(scope: Scope, headers: Mapping[str, str], body: bytes) -> Inbound:
    """`headers` with names in any case; of a name that stands twice, the last one counts."""
    client, query = scope.get("client"), scope.get("query_string")
    asked = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True)) if query else {}
    return Inbound(
        method=scope["method"],
        path=scope["path"],
        headers={name.lower(): value for name, value in headers.items()},
        body=body,
        deadline=asyncio.get_running_loop().time() + _seconds_left(scope),
        query={**asked, **{name: str(value) for name, value in scope.get("path_params", {}).items()}},
        source_ip=client[0] if client else None,
    )


def _seconds_left(scope: Scope) -> float:
    context: Context | None = scope.get("aws.context")
    if context is None:
        return LAPTOP_SECONDS
    return context.get_remaining_time_in_millis() / 1000 - CONTEXT_MARGIN_SECONDS


def told_where(answer: Answer, path: str) -> dict[str, str]:
    """The answer's headers; with an error's, where its status is explained."""
    headers = dict(answer.headers)
    if answer.status >= 400:
        headers.setdefault("link", f'<{to_root(path)}docs/errors#{answer.status}>; rel="help"')
    return headers


def to_root(path: str) -> str:
    """From a path to the gateway's root, relative: a stage or an edge may stand before what is seen of it here."""
    return "../" * (path.count("/") - 1) or "./"
