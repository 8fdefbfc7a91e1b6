"""As much HTTP/1.1 as the emulator hears: heads, bodies with a length, chunks with trailers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Head:
    """Header names are lower case; equal ones are joined by commas, as a function URL does."""

    method: str
    path: str
    headers: Mapping[str, str]


async def read_head(reader: asyncio.StreamReader) -> Head | None:
    """None where the connection ends first."""
    line = await reader.readline()
    if not line.strip():
        return None
    method, path, _ = line.decode("latin-1").split(" ", 2)
    headers: dict[str, str] = {}
    await read_headers(reader, headers)
    return Head(method, path, headers)


async def read_headers(reader: asyncio.StreamReader, headers: MutableMapping[str, str]) -> None:
    while line := (await reader.readline()).strip():
        name, _, value = line.decode("latin-1").partition(":")
        key = name.strip().lower()
        headers[key] = f"{headers[key]}, {value.strip()}" if key in headers else value.strip()


async def read_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding") == "chunked":
        return b"".join([chunk async for chunk in read_chunks(reader, {})])
    return await reader.readexactly(int(headers.get("content-length", 0)))


async def read_chunks(reader: asyncio.StreamReader, trailers: MutableMapping[str, str]) -> AsyncIterator[bytes]:
    """Each chunk as it arrives; `trailers` is filled at the end."""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        yield (await reader.readexactly(size + 2))[:-2]
    await read_headers(reader, trailers)


def write_opening(prelude: Mapping[str, Any]) -> bytes:
    lines = [f"HTTP/1.1 {prelude['statusCode']} Streamed"]
    lines += [f"{name}: {value}" for name, value in prelude["headers"].items()]
    lines += [f"set-cookie: {cookie}" for cookie in prelude["cookies"]]
    lines += ["transfer-encoding: chunked", "connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1")


def write_whole(status: int, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status} Whole\r\ncontent-type: application/json\r\nconnection: close\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


def write_reply(status: int, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [f"HTTP/1.1 {status} OK", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body
