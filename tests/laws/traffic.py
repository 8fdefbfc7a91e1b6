"""Recorded traffic for the laws: what the repository carries, and what INTERCHANGE_RECORDINGS adds."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from interchange.hub import events as e
from interchange.protocols.anthropic_messages.client import Client as Messages
from interchange.protocols.faces import Client
from interchange.protocols.gemini.client import Client as Gemini
from interchange.protocols.openai_chat.client import Client as Chat
from interchange.protocols.openai_responses.client import Client as Responses
from interchange.wire.sse import FrameReader
from tests.recordings.read import Api, every


@dataclass(frozen=True, eq=False)
class Source:
    """One vendor's answers: a file of tests/recordings, and which of its APIs."""

    name: str
    client: Client
    carried: str
    apis: tuple[Api, ...]


SOURCES = (
    Source("openai", Chat(), "openai_chat", (("openai", "chat.completions"),)),
    Source("xai", Chat(), "openai_chat", (("xai", "chat.completions"),)),
    Source(
        "openai-responses",
        Responses(),
        "openai_responses",
        tuple((provider, "responses") for provider in ("openai", "azure", "xai", "bedrock")),
    ),
    Source("anthropic", Messages(), "anthropic_messages", (("anthropic", "messages"),)),
    Source("gemini", Gemini(), "gemini", (("gemini", "generateContent"), ("gemini", "streamGenerateContent"))),
)


def lines(source: Source) -> Iterator[dict[str, Any]]:
    return every(source.carried, *source.apis)


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
