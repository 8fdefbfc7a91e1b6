"""Recorded traffic for the laws: what the repository carries, or all of ../shared/recordings where that is there."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interchange.hub import events as e
from interchange.protocols import Client
from interchange.protocols.anthropic_messages.client import Client as Messages
from interchange.protocols.gemini.client import Client as Gemini
from interchange.protocols.openai_chat.client import Client as Chat
from interchange.protocols.openai_responses.client import Client as Responses
from interchange.wire.sse import FrameReader

HERE = Path(__file__).resolve().parent
CARRIED = HERE.parent / "recordings"
SHARED = HERE.parents[2] / "shared" / "recordings"


@dataclass(frozen=True)
class Source:
    """One vendor's answers. `files` are names below ../shared/recordings, `carried` below tests/recordings."""

    name: str
    client: Client
    files: tuple[str, ...]
    carried: tuple[str, ...]
    stream_in_path: str = ""


SOURCES = (
    Source("openai", Chat(), ("openai.chat.completions",), ("openai_chat",)),
    Source("xai", Chat(), ("xai.chat.completions",), ("openai_chat",)),
    Source(
        "openai-responses",
        Responses(),
        ("openai.responses", "azure.responses", "xai.responses", "bedrock.responses"),
        ("openai_responses",),
    ),
    Source("anthropic", Messages(), ("anthropic.messages",), ("anthropic_messages",)),
    Source("gemini", Gemini(), ("gemini.generateContent", "gemini.streamGenerateContent"), ("gemini",)),
)


def lines(source: Source) -> Iterator[dict[str, Any]]:
    for name in source.files:
        path = SHARED / f"{name}.jsonl"
        if path.exists():
            with path.open(encoding="utf-8") as file:
                yield from (json.loads(line) for line in file)
    if SHARED.exists():
        return
    wanted = {tuple(name.split(".", 1)) for name in source.files}
    for name in source.carried:
        for path in sorted(CARRIED.glob(f"{name}*.jsonl.gz")):
            with gzip.open(path, "rt", encoding="utf-8") as file:
                for line in file:
                    record = json.loads(line)
                    if (record["provider"], record["api"]) in wanted:
                        yield record


def answered(record: dict[str, Any]) -> bool:
    """A successful answer that holds what the API defines (a stream's text, or a JSON object)."""
    if not record.get("status") or record["status"] >= 300:
        return False
    return bool(record.get("response_sse")) or isinstance(record.get("response_json"), dict)


def read_events(client: Client, sse: str, chunks: random.Random | None = None) -> list[e.Event]:
    """The hub events of a recorded stream, cut at random where `chunks` is given."""
    raw = sse.encode()
    frames, reader = FrameReader(), client.read_stream()
    events: list[e.Event] = []
    at = 0
    while at < len(raw):
        size = chunks.randint(1, 300) if chunks else len(raw)
        for frame in frames.feed(raw[at : at + size]):
            if frame.data is not None:
                events += reader.read(frame)
        at += size
    for frame in frames.finish():
        if frame.data is not None:
            events += reader.read(frame)
    return [*events, *reader.finish()]
