"""A vendor on a raw socket: the first part of the path names its fault, the rest of the request its format."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import Sequence

from .bytes import Asked, good
from .rows import Row
from .words import ONE_DOCUMENT, STREAMED_ALONE

LONGEST_HANG = 5.0
PATHS = (
    ("/chat/completions", "chat"),
    ("/messages", "messages"),
    ("/responses", "responses"),
    ("/embeddings", "embeddings"),
    ("/images/generations", "images"),
    ("/audio/speech", "speech"),
    ("/audio/transcriptions", "transcriptions"),
    (":batchEmbedContents", "gemini_embeddings"),
)


class Vendor:
    """`faults` by their place: a path of `/3/...` meets the fourth, any other name a good vendor."""

    def __init__(self, faults: Sequence[Row]) -> None:
        self.faults = faults
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
        body = await reader.readexactly(size)
        name = path.split("/")[1]
        call = self.calls[name] = self.calls.get(name, -1) + 1
        words, stream = asked_of(path, body)
        asked = Asked(words, stream, call)
        number = int(name) if name.isdigit() else len(self.faults)
        steps = self.faults[number].make(asked) if number < len(self.faults) else good(asked)
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


def asked_of(path: str, body: bytes) -> tuple[str, bool]:
    """(the format's name, whether a stream is asked for)"""
    words = next((name for end, name in PATHS if path.endswith(end)), None)
    if words == "transcriptions":
        return words, b'name="stream"\r\n\r\ntrue' in body
    asked = json.loads(body)
    if words == "speech":
        return ("speech_events" if asked.get("stream_format") == "sse" else words), True
    if words is not None:
        return words, bool(asked.get("stream"))
    made = asked.get("generationConfig", {}).get("responseModalities", [""])[0]
    heard = any("inlineData" in part for turn in asked["contents"] for part in turn["parts"])
    named = {"IMAGE": "gemini_images", "AUDIO": "gemini_speech"}.get(made)
    words = named or ("gemini_transcriptions" if heard else "gemini")
    return words, words in STREAMED_ALONE or ("streamGenerateContent" in path and words not in ONE_DOCUMENT)
