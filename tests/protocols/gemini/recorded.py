"""Recorded Gemini answers, and the ways to read them."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterable, Iterator
from typing import Any

from interchange.hub import events as e
from interchange.hub.grammar import Grammar
from interchange.protocols.gemini.client import Client
from interchange.wire.sse import Frame, FrameReader
from tests.recordings.read import Record

SEED = int(os.environ.get("CHUNK_SEED", random.randrange(1 << 30)))
"""Printed by the tests that cut streams at random; set CHUNK_SEED to repeat one."""


def wholes(records: Iterable[Record]) -> list[Record]:
    return [r for r in records if r["status"] == 200 and isinstance(r.get("response_json"), dict)]


def streams(records: Iterable[Record]) -> list[Record]:
    return [r for r in records if r["status"] == 200 and r.get("response_sse")]


def failures(records: Iterable[Record]) -> list[Record]:
    return [r for r in records if r["status"] and r["status"] >= 400]


def cut(data: bytes, chunks: random.Random | None) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        size = chunks.choice((1, 2, 7, 50, 400, 4000)) if chunks else len(data)
        yield data[at : at + size]
        at += size


def frames(data: bytes, chunks: random.Random | None = None) -> list[Frame]:
    reader = FrameReader()
    found = [frame for piece in cut(data, chunks) for frame in reader.feed(piece)]
    return [*found, *reader.finish()]


def bodies(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(frame.data) for frame in frames(data) if frame.data is not None]


def read(data: bytes, chunks: random.Random | None = None) -> list[e.Event]:
    """The stream's events, checked against the grammar."""
    reader, grammar = Client().read_stream(), Grammar()
    events = [event for frame in frames(data, chunks) for event in reader.read(frame)]
    events += reader.finish()
    for event in events:
        grammar.check(event)
    grammar.end()
    return events


def sse(*answers: dict[str, Any]) -> bytes:
    return b"".join(b"data: " + json.dumps(answer).encode() + b"\r\n\r\n" for answer in answers)


def part_frame(*parts: dict[str, Any], **candidate: Any) -> dict[str, Any]:
    """A frame of one candidate."""
    return {"candidates": [{"content": {"role": "model", "parts": list(parts)}, **candidate}], "responseId": "r1"}


def joined(answers: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The whole answer that a stream's frames are the pieces of: parts in order, of all else the last."""
    whole: dict[str, Any] = {}
    candidates: dict[int, dict[str, Any]] = {}
    for answer in answers:
        reported = any(isinstance(n, int) and n for n in (answer.get("usageMetadata") or {}).values())
        whole.update({k: v for k, v in answer.items() if k != "usageMetadata" or reported})
        for position, candidate in enumerate(answer.get("candidates") or ()):
            number = candidate.get("index", position)
            kept = candidates.setdefault(number, {"index": number, "content": {"parts": []}})
            kept["content"]["parts"] += (candidate.get("content") or {}).get("parts") or []
            kept.update({name: value for name, value in candidate.items() if name != "content"})
    if candidates:
        whole["candidates"] = [candidates[number] for number in sorted(candidates)]
    return whole
