"""One HTTP call on a connection of its own, for calls that nobody waits for. No redirect is followed."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from interchange.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    content_type: str
    body: bytes


MOST_BYTES = 16_000_000


Connect = Callable[[str, int, float], socket.socket]
"""(host, port, seconds) -> a connection to it."""


class _Given(http.client.HTTPSConnection):
    """Speaks on a connection that somebody else makes."""

    def __init__(self, host: str, port: int | None, seconds: float, context: ssl.SSLContext, connect: Connect) -> None:
        super().__init__(host, port, timeout=seconds, context=context)
        self._tls, self._connect, self._seconds = context, connect, seconds

    def connect(self) -> None:
        self.sock = self._tls.wrap_socket(self._connect(self.host, self.port, self._seconds), server_hostname=self.host)


def call(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    seconds: float,
    most: int = MOST_BYTES,
    connect: Connect | None = None,
) -> Reply:
    """`seconds` is the longest silence, `most` how many bytes of the answer are read; `connect` makes the connection
    under https. Raises OSError naming the host where no answer comes."""
    parts = urlsplit(url)
    host, target = parts.hostname or "", (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection: http.client.HTTPConnection
    if parts.scheme != "https":
        connection = http.client.HTTPConnection(host, parts.port, timeout=seconds)
    elif connect is None:
        connection = http.client.HTTPSConnection(
            host, parts.port, timeout=seconds, context=ssl.create_default_context()
        )
    else:
        connection = _Given(host, parts.port, seconds, ssl.create_default_context(), connect)
    try:
        connection.request(method, target, body or None, dict(headers))
        reply = connection.getresponse()
        return Reply(reply.status, reply.headers.get("content-type", ""), reply.read(most))
    except http.client.HTTPException as error:
        raise OSError(f"{host}: {error!r}") from error
    finally:
        connection.close()
