"""One HTTP call on a connection of its own, for calls that nobody waits for. No redirect is followed."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from interchange.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    content_type: str
    body: bytes


MOST_BYTES = 16_000_000


def call(
    method: str, url: str, headers: Mapping[str, str], body: bytes, *, seconds: float, most: int = MOST_BYTES
) -> Reply:
    """`seconds` is the longest silence, `most` how many bytes of the answer are read. Raises OSError naming the host
    where no answer comes."""
    parts = urlsplit(url)
    host, target = parts.hostname or "", (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = (
        http.client.HTTPSConnection(host, parts.port, timeout=seconds, context=ssl.create_default_context())
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, parts.port, timeout=seconds)
    )
    try:
        connection.request(method, target, body or None, dict(headers))
        reply = connection.getresponse()
        return Reply(reply.status, reply.headers.get("content-type", ""), reply.read(most))
    except http.client.HTTPException as error:
        raise OSError(f"{host}: {error!r}") from error
    finally:
        connection.close()
