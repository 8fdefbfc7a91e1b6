"""A vendor on a raw socket: the first part of the path names its fault."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct

from .bytes import Asked, good
from .table import TABLE

FAULTS = {str(number): one for number, one in enumerate(TABLE)}
LONGEST_HANG = 5.0


class Vendor:
    def __init__(self) -> None:
        self.calls: dict[str, int] = {}
        self.connections = 0
        self.port = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**20)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        for writer in self._open:
            writer.close()
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while await self._answer(reader, writer):
                pass
        self._open.discard(writer)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split(b" ", 2)[1].decode()
        size = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        body = json.loads(await reader.readexactly(size))
        name = path.split("/")[1]
        call = self.calls[name] = self.calls.get(name, -1) + 1
        asked = Asked("messages" if path.endswith("/messages") else "chat", bool(body.get("stream")), call)
        steps = FAULTS[name].make(asked) if name in FAULTS else good(asked)
        for step in steps:
            match step:
                case bytes():
                    writer.write(step)
                    await writer.drain()
                    if len(steps) > 20:
                        await asyncio.sleep(0)
                case float():
                    await asyncio.sleep(step)
                case "hang":
                    await asyncio.wait({asyncio.ensure_future(reader.read(1))}, timeout=LONGEST_HANG)
                    return False
                case "reset":
                    raw = writer.get_extra_info("socket")
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    writer.transport.abort()
                    return False
                case _:
                    return False
        return True
