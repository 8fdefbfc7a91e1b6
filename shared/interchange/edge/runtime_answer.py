"""One invocation's answer: what the application sends, as Lambda's streamed HTTP response.

A JSON prelude {"statusCode", "headers", "cookies"}, eight NUL bytes, then the body's bytes as they come. The connection
is opened when the application starts its response and not before: until then a failure is still the invocation's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from starlette.types import Message

from interchange.wire import codec

from .runtime_api import RuntimeApi, Streamed

DELIMITER = b"\0" * 8
NOT_SENT = frozenset({b"content-length", b"transfer-encoding", b"connection", b"keep-alive"})
"""The length of a streamed answer is not said, and the connection is not ours."""
EMPTY = b"\n"
"""A streamed answer without any body byte has been seen to hang, so there is always one."""


class Unfinished(Exception):
    """The application returned before its response was complete."""


class RuntimeAnswer:
    """`receive` and `send` for the application; `finish` for the loop, which knows how the application ended."""

    def __init__(self, api: RuntimeApi, request_id: str, echoed: Mapping[str, str], body: bytes) -> None:
        self._api, self._request_id, self._echoed = api, request_id, echoed
        self._body: bytes | None = body
        self._done = asyncio.Event()
        self._stream: Streamed | None = None
        self._started = False
        self._wrote = False

    async def receive(self) -> Message:
        """The body once, then nothing until the response is complete: Lambda never tells that a client has gone."""
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._done.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Nothing is raised when the service takes no more: the application runs on, so that it settles. Raises OSError
        where the service does not take the beginning."""
        match message["type"]:
            case "http.response.start":
                prelude = _prelude(message["status"], message.get("headers", ()))
                self._stream = await self._api.respond(self._request_id, self._echoed)
                self._started = True  # where no connection could be had, the failure is still the invocation's
                await self._write(prelude + DELIMITER)
            case "http.response.body":
                body = message.get("body", b"")
                last = not message.get("more_body", False)
                if last and not body and not self._wrote:
                    body = EMPTY
                self._wrote = self._wrote or bool(body)
                await self._write(body)
                if last:
                    self._done.set()
            case _:
                pass  # ASGI extensions, which are not offered

    async def finish(self, error: BaseException | None) -> None:
        """Ends the answer. An error before the response is the invocation's; inside it goes into the trailers; after
        the last byte it changes nothing for the caller."""
        complete = self._done.is_set()
        self._done.set()
        if error is None and not complete:
            error = Unfinished("the application returned before its response was complete")
        if not self._started and error is not None:
            await self._api.invocation_error(self._request_id, error, self._echoed)
        elif self._stream is not None:
            stream, self._stream = self._stream, None
            try:
                await stream.end(None if complete else error)
            except (OSError, EOFError):
                stream.abandon()

    async def _write(self, data: bytes) -> None:
        if self._stream is None:
            return
        try:
            await self._stream.write(data)
        except OSError:
            self._stream.abandon()
            self._stream = None


def _prelude(status: int, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Equal headers joined by commas; cookies in a list of their own."""
    joined: dict[str, str] = {}
    cookies: list[str] = []
    for raw, value in headers:
        name, text = raw.lower(), value.decode("latin-1")
        if name in NOT_SENT:
            continue
        if name == b"set-cookie":
            cookies.append(text)
            continue
        key = name.decode("latin-1")
        joined[key] = f"{joined[key]}, {text}" if key in joined else text
    return codec.dumps({"statusCode": status, "headers": joined, "cookies": cookies})
