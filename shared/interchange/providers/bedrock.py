"""Amazon Bedrock, with the ambient AWS credentials: nothing to configure, and the function's own role decides.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html; requests are signed (SigV4);
streams are framed (vnd.amazon.eventstream) by botocore.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.eventstream import EventStreamBuffer

from interchange.aws.sigv4 import Credentials, Scope, sign
from interchange.protocols.bedrock_converse.client import Client
from interchange.wire.sse import Frame

from . import Provider


class EventStreamFrames:
    """Cuts an AWS event stream into frames: the event's type and its JSON payload."""

    def __init__(self) -> None:
        self._buffer = EventStreamBuffer()

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        self._buffer.add_data(chunk)
        for message in self._buffer:
            headers: Any = message.headers
            kind = headers.get(":event-type") or headers.get(":exception-type") or headers.get(":error-code")
            yield Frame(message.payload, kind, message.payload)

    def finish(self) -> Iterator[Frame]:
        """An event that was cut short says nothing."""
        return iter(())


def bedrock(credentials: Callable[[], Credentials], region: str, base_url: str | None = None) -> Provider:
    """`credentials` are asked for on every request: a role's rotate."""
    scope = Scope(region, "bedrock")

    def authorize(method: str, url: str, body: bytes) -> Mapping[str, str]:
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        return sign(credentials(), scope, stamp, method, url, {"content-type": "application/json"}, body)

    return Provider(
        name="bedrock",
        base_url=base_url or f"https://bedrock-runtime.{region}.amazonaws.com",
        clients={"bedrock_converse": Client()},
        authorize=authorize,
        framing=EventStreamFrames,
        fetches=frozenset(),
    )
