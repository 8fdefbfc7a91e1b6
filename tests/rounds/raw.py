"""A server of MCP made by hand, which answers one method as a test tells it to: what no library would send."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

Pieces = Iterable[bytes | float]
"""What is written, and seconds that are waited for; the connection ends behind them."""
Manner = Callable[[dict[str, Any]], Pieces]
LOOK = {"name": "look", "description": "Looks.", "inputSchema": {"type": "object", "properties": {}}}
SEEN = {"content": [{"type": "text", "text": "an oak"}]}
JSON, SSE = "application/json", "text/event-stream"


def http(body: bytes, kind: str = JSON, status: str = "200 OK", more: str = "") -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n{more}\r\n"
    )
    return head.encode() + body


def streaming(kind: str = SSE) -> bytes:
    """The head of an answer without a length."""
    return f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\n\r\n".encode()


def event(message: Any, before: str = "") -> bytes:
    return f"{before}event: message\ndata: {json.dumps(message)}\n\n".encode()


def result(asked: dict[str, Any], value: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": asked.get("id"), "result": value}


def answered(asked: dict[str, Any], value: Any) -> list[bytes]:
    return [http(json.dumps(result(asked, value)).encode())]


def greeting(asked: dict[str, Any]) -> list[bytes]:
    version = asked["params"]["protocolVersion"]
    value = {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": {"name": "raw", "version": "1"}}
    return [http(json.dumps(result(asked, value)).encode(), more="mcp-session-id: s1\r\n")]


USUAL: dict[str, Manner] = {
    "initialize": greeting,
    "tools/list": lambda asked: answered(asked, {"tools": [LOOK]}),
    "tools/call": lambda asked: answered(asked, SEEN),
    "ping": lambda asked: answered(asked, {}),
}


@dataclass
class Raw:
    """`manners` by method; "GET" is the stream on which a server may speak first."""

    manners: dict[str, Manner]
    methods: list[str] = field(default_factory=list)
    """What was asked, in its order."""
    answers: list[dict[str, Any]] = field(default_factory=list)
    """What was answered to the server's own questions."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            for piece in await self._pieces(reader):
                if isinstance(piece, bytes):
                    writer.write(piece)
                    await writer.drain()
                else:
                    await asyncio.sleep(piece)
        writer.close()

    async def _pieces(self, reader: asyncio.StreamReader) -> Pieces:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        verb = head.split(" ", 1)[0]
        if verb != "POST":
            self.methods.append(verb)
            usual: Manner = lambda _: [http(b"", status="405 Not Allowed")]  # noqa: E731
            return self.manners.get(verb, usual)({})
        size = next(int(line[15:]) for line in head.lower().split("\r\n") if line.startswith("content-length:"))
        asked = json.loads(await reader.readexactly(size))
        method = str(asked.get("method"))
        self.methods.append(method)
        if "method" not in asked:
            self.answers.append(asked)
        if "id" not in asked or "method" not in asked:
            return [http(b"", status="202 Accepted")]
        unknown = {"jsonrpc": "2.0", "id": asked["id"], "error": {"code": -32601, "message": "no such method"}}
        manner = self.manners.get(method) or USUAL.get(method)
        return manner(asked) if manner else [http(json.dumps(unknown).encode())]


@contextmanager
def running(**manners: Manner) -> Iterator[tuple[str, Raw]]:
    """(address, the server); `tools_list` stands for "tools/list"."""
    raw = Raw({name.replace("_", "/"): manner for name, manner in manners.items()})
    loop, listening = asyncio.new_event_loop(), socket.create_server(("127.0.0.1", 0))

    async def serve() -> None:
        await asyncio.start_server(raw.serve, sock=listening)

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve())
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))

    port = listening.getsockname()[1]
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}/mcp", raw
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
