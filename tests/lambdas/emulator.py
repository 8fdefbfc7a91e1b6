"""Lambda as the streaming entry sees it: a function URL on one side, the Runtime API on the other.

A client's request becomes an event of payload 2.0, the runtime process fetches it from /next, and every chunk that it
posts goes on to the client at once. Like the service, the emulator never tells the function that a client has gone, and
lets the process run only while an invocation is under way when `freezing` is set.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from tests.lambdas.http import Head, read_body, read_chunks, read_head, write_opening, write_reply, write_whole
from tests.lambdas.url_event import event_v2

DELIMITER = b"\0" * 8
SECONDS = 60


@dataclass
class Invocation:
    """What is known of one. `chunks` are the pieces of the body as they were posted; `error` is what the function
    posted to /error; `trailers` came at the end of its stream. `done` is set when the function has ended its answer."""

    id: str
    event: Any
    parts: asyncio.Queue[bytes | None] = field(default_factory=asyncio.Queue)
    prelude: dict[str, Any] | None = None
    chunks: list[bytes] = field(default_factory=list)
    trailers: dict[str, str] = field(default_factory=dict)
    error: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    client_gone: bool = False
    done: threading.Event = field(default_factory=threading.Event)


class Emulator:
    """Both servers on a loop in a thread of their own. `pause` and `resume` act on the environment's process."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self.invocations: list[Invocation] = []
        self.init_errors: list[dict[str, Any]] = []
        self.restored = threading.Event()
        self.extra: dict[str, str] = {}
        self.pause: Callable[[], None] = lambda: None
        self.resume: Callable[[], None] = lambda: None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._queue: asyncio.Queue[Invocation]
        self._ports = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._ports[0]}"

    @property
    def runtime_api(self) -> str:
        return f"127.0.0.1:{self._ports[1]}"

    def invoke(self, event: Any) -> Invocation:
        """Sends an event as it is and waits for the function's answer."""
        made = Invocation(str(uuid.uuid4()), event)
        self._loop.call_soon_threadsafe(self._put, made)
        assert made.done.wait(self.seconds), "the function did not answer"
        return made

    def last(self) -> Invocation:
        """The newest invocation, when the function has ended it."""
        newest = self.invocations[-1]
        assert newest.done.wait(self.seconds), "the function did not end its answer"
        return newest

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _put(self, made: Invocation) -> None:
        self.invocations.append(made)
        self._queue.put_nowait(made)

    async def _start(self) -> tuple[int, int]:
        self._queue = asyncio.Queue()
        servers = [await asyncio.start_server(serve, "127.0.0.1", 0) for serve in (self._client, self._runtime)]
        url, api = (int(server.sockets[0].getsockname()[1]) for server in servers)
        return url, api

    async def _stop(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request of a client of the function URL."""
        head = await read_head(reader)
        if head is None:
            writer.close()
            return
        made = Invocation(str(uuid.uuid4()), event_v2(head, await read_body(reader, head.headers)))
        self._put(made)
        left = asyncio.ensure_future(reader.read(1))
        while (part := await _either(made.parts.get(), left)) is not None:
            writer.write(part)
            await writer.drain()
        made.client_gone = left.done()
        left.cancel()
        writer.close()

    async def _runtime(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of the runtime process."""
        try:
            while head := await read_head(reader):
                await self._answer(head, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        writer.close()

    async def _answer(self, head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        match head.path.removeprefix("/2018-06-01/runtime/").split("/"):
            case ["invocation", "next"]:
                await self._next(writer)
            case ["invocation", wanted, "response"]:
                await self._response(self._find(wanted), head, reader)
                writer.write(write_reply(202, {}, b"{}"))
            case ["invocation", wanted, "error"]:
                made = self._find(wanted)
                made.error = json.loads(await read_body(reader, head.headers))
                made.headers = dict(head.headers)
                made.parts.put_nowait(write_whole(502, b'{"Message":"Internal Server Error"}'))
                _end(made)
                writer.write(write_reply(202, {}, b"{}"))
            case ["restore", "next"]:
                self.restored.set()
                writer.write(write_reply(200, {}, b""))
            case [_, "error"]:
                self.init_errors.append(
                    {**json.loads(await read_body(reader, head.headers)), "path": head.path, "headers": head.headers}
                )
                writer.write(write_reply(202, {}, b"{}"))
            case _:
                writer.write(write_reply(404, {}, b"{}"))

    async def _next(self, writer: asyncio.StreamWriter) -> None:
        if self._queue.empty():
            self.pause()
        made = await self._queue.get()
        self.resume()
        headers = {
            "Lambda-Runtime-Aws-Request-Id": made.id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + self.seconds) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:emulated",
            "Lambda-Runtime-Trace-Id": f"Root=1-{made.id[:8]}-{made.id.replace('-', '')[8:]};Sampled=1",
            "Content-Type": "application/json",
            **self.extra,
        }
        event = made.event if isinstance(made.event, bytes) else json.dumps(made.event).encode()
        writer.write(write_reply(200, headers, event))

    async def _response(self, made: Invocation, head: Head, reader: asyncio.StreamReader) -> None:
        made.headers = dict(head.headers)
        opening = b""
        async for chunk in read_chunks(reader, made.trailers):
            if made.prelude is None:
                opening += chunk
                found, delimiter, chunk = opening.partition(DELIMITER)
                if not delimiter:
                    continue
                made.prelude = json.loads(found)
                made.parts.put_nowait(write_opening(made.prelude))
            if chunk:
                made.chunks.append(chunk)
                made.parts.put_nowait(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        if not made.trailers:
            made.parts.put_nowait(b"0\r\n\r\n")
        _end(made)

    def _find(self, wanted: str) -> Invocation:
        return next(made for made in self.invocations if made.id == wanted)


async def _either(part: Coroutine[Any, Any, bytes | None], left: asyncio.Future[bytes]) -> bytes | None:
    """The next part, or None when the client went first."""
    waiting = asyncio.ensure_future(part)
    both: set[asyncio.Future[Any]] = {waiting, left}
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    if waiting.done():
        return waiting.result()
    waiting.cancel()
    return None


def _end(made: Invocation) -> None:
    made.parts.put_nowait(None)
    made.done.set()
