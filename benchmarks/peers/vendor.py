"""A vendor that answers at once, in OpenAI's chat format: `python -m benchmarks.peers.vendor PORT`.

Whole, or as a stream of CHUNKS pieces; `GET /pace?ms=N` sets the time between two pieces; with 0 they leave together.
It runs on a core of its own, and takes a tenth of what the fastest gateway needs.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass

CHUNKS = 200
TEXTS = ("The", " quick", " gateway", " keeps", " exact", " count", ".", " Then\n", " caf\u00e9", ' "paid"')
HEAD = {
    "id": "chatcmpl-CQ2mZ8vX1bL5rT7yN0dKfPaHsWjE3", "created": 1795305600, "model": "gpt-4o-mini-2024-07-18",
    "service_tier": "default", "system_fingerprint": "fp_51db84afab",
}  # fmt: skip
USAGE = {"prompt_tokens": 384, "completion_tokens": CHUNKS, "total_tokens": 384 + CHUNKS}


@dataclass
class Pace:
    ms: float = 0.0


class Connection(asyncio.Protocol):
    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        size = _length(head)
        if not found or len(rest) < size:
            return
        self._buffer = rest[size:]
        self._answer(head.split(b" ", 2)[1].decode(), rest[:size])

    def _answer(self, path: str, body: bytes) -> None:
        assert self._transport is not None
        if path.startswith("/pace"):
            self._pace.ms = float(path.partition("=")[2])
            self._transport.write(_whole(b"{}"))
        elif json.loads(body or b"{}").get("stream"):
            self._transport.write(STREAM_HEAD)
            pieces = [*PIECES, *([USAGE_PIECE] if b"include_usage" in body else []), END]
            if self._pace.ms:
                self._later(iter(pieces))
            else:
                self._transport.write(b"".join(pieces))
        else:
            self._transport.write(WHOLE)

    def _later(self, pieces: Iterator[bytes]) -> None:
        piece = next(pieces, None)
        if piece is not None and self._transport is not None:
            self._transport.write(piece)
            asyncio.get_running_loop().call_later(self._pace.ms / 1000, self._later, pieces)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def _whole(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


def _piece(data: str) -> bytes:
    frame = f"data: {data}\n\n".encode()
    return b"%x\r\n%b\r\n" % (len(frame), frame)


def _chunk(delta: dict[str, object], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return _piece(_json({**HEAD, "object": "chat.completion.chunk", "choices": [choice], "usage": None}))


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
PIECES = (
    _chunk({"role": "assistant", "content": "", "refusal": None}),
    *(_chunk({"content": TEXTS[number % len(TEXTS)]}) for number in range(CHUNKS)),
    _chunk({}, "stop"),
)
USAGE_PIECE = _piece(_json({**HEAD, "object": "chat.completion.chunk", "choices": [], "usage": USAGE}))
END = _piece("[DONE]") + b"0\r\n\r\n"
MESSAGE: dict[str, object] = {"role": "assistant", "content": "".join(TEXTS) * 20, "refusal": None, "annotations": []}
WHOLE = _whole(
    json.dumps(
        {**HEAD, "object": "chat.completion", "usage": USAGE,
         "choices": [{"index": 0, "message": MESSAGE, "logprobs": None, "finish_reason": "stop"}]}, indent=2,
    ).encode()
)  # fmt: skip


async def serve(port: int) -> None:
    pace = Pace()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(pace), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
