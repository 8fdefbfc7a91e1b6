"""Recorded Messages traffic, and the ways to read and compare it."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterable
from typing import Any

from interchange.hub import events as e
from interchange.hub.grammar import Grammar
from interchange.protocols.anthropic_messages.client import Client
from interchange.wire.sse import Frame, FrameReader
from tests.recordings.read import Record

SEED = int(os.environ.get("CHUNK_SEED", random.randrange(1 << 30)))
"""Printed by the tests that cut streams at random; set CHUNK_SEED to repeat one."""


def wholes(records: Iterable[Record]) -> list[Record]:
    return [r for r in records if r["status"] == 200 and isinstance(r.get("response_json"), dict)]


def streams(records: Iterable[Record]) -> list[Record]:
    return [r for r in records if r["status"] == 200 and r.get("response_sse")]


def failures(records: Iterable[Record]) -> list[Record]:
    return [r for r in records if r["status"] >= 400]


def requests(records: Iterable[Record]) -> list[Record]:
    """Bodies that the API took."""
    return [r for r in records if r["status"] == 200 and isinstance(r.get("request_json"), dict)]


def frames(data: bytes, chunks: random.Random | None = None) -> list[Frame]:
    reader, found, at = FrameReader(), list[Frame](), 0
    while at < len(data):
        size = chunks.choice((1, 2, 7, 50, 400, 4000)) if chunks else len(data)
        found += reader.feed(data[at : at + size])
        at += size
    return [*found, *reader.finish()]


def read(data: bytes, chunks: random.Random | None = None) -> list[e.Event]:
    """The stream's events, held against the grammar."""
    reader, grammar = Client().read_stream(), Grammar()
    events = [event for frame in frames(data, chunks) for event in reader.read(frame)]
    events += reader.finish()
    for event in events:
        grammar.check(event)
    grammar.end()
    return events


def sse(*events: dict[str, Any]) -> bytes:
    return b"".join(f"event: {x['type']}\ndata: {json.dumps(x)}\n\n".encode() for x in events)


def start(**usage: Any) -> dict[str, Any]:
    message: Record = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": None,
        "stop_sequence": None, "usage": {"input_tokens": 3, "output_tokens": 1, **usage},
    }  # fmt: skip
    return {"type": "message_start", "message": message}


def opened(index: int, **block: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index: int, **piece: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": piece}


def closed(index: int) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


def ended(reason: str | None = "end_turn", usage: dict[str, Any] | None = None, **fields: Any) -> list[dict[str, Any]]:
    delta = {"stop_reason": reason, "stop_sequence": None, **fields}
    return [
        {"type": "message_delta", "delta": delta, "usage": usage or {"output_tokens": 5}},
        {"type": "message_stop"},
    ]
