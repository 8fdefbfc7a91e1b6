"""Every chat recording, of every vendor that speaks the protocol: read and written both ways."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from openai.types.chat import ChatCompletion, ChatCompletionChunk

from interchange.continuity.seal import Seal
from interchange.hub import events as e
from interchange.hub.fold import Folder
from interchange.hub.grammar import Grammar
from interchange.hub.losses import Losses
from interchange.protocols.faces import Envelope, Profile
from interchange.protocols.openai_chat.client import Client
from interchange.protocols.openai_chat.client.stream import read_whole
from interchange.protocols.openai_chat.dialect import Dialect
from interchange.protocols.openai_chat.server import Server
from interchange.wire.sse import FrameReader
from tests.recordings.read import every

SERVER = Server(Seal(b"sixteen bytes key"))
CLIENT = Client(Dialect(results_required=False))
EVERYTHING = frozenset({"text", "image", "document", "audio"})


def events_of(record: dict[str, Any]) -> list[e.Event]:
    sse = record.get("response_sse")
    if not sse:
        return list(read_whole(record["response_json"]))
    frames, reader, chunks = FrameReader(), CLIENT.read_stream(), random.Random(record["id"])
    rest, events = sse.encode(), []
    while rest:
        size = chunks.randint(1, 2000)
        events += [event for frame in frames.feed(rest[:size]) for event in reader.read(frame)]
        rest = rest[size:]
    events += [event for frame in frames.finish() for event in reader.read(frame)]
    return [*events, *reader.finish()]


def check(record: dict[str, Any]) -> str:
    """Reads and writes one pair both ways; returns what it was."""
    body = record.get("request_json")
    if isinstance(body, dict) and "messages" in body:
        request = SERVER.read_request({"model": record["model"] or "m", **body})
        CLIENT.write_request(request, Profile("m", EVERYTHING), Losses())
    grammar, folder = Grammar(), Folder()
    writer = SERVER.write_stream(Envelope("id", 1, "m", include_usage=True))
    out = b""
    for event in events_of(record):
        grammar.check(event)
        folder.add(event)
        out += writer.write(event)
    grammar.end()
    if folder.failure is not None:
        assert '"error"' in record["response_sse"]
        return "failed upstream"
    for frame in out.split(b"\n\n"):
        if frame.startswith(b"data: {"):
            ChatCompletionChunk.model_validate_json(frame[6:], strict=True)
    whole = SERVER.write_response(folder.response(), Envelope("id", 1, "m"))
    ChatCompletion.model_validate(whole, strict=True)
    return "stream" if record.get("response_sse") else "whole"


def test_every_recording_goes_both_ways() -> None:
    counts: dict[str, Counter[str]] = {}
    for record in every("openai_chat"):
        if record["status"] != 200 or record["method"] != "POST":
            continue
        if record.get("response_sse") or "choices" in (record.get("response_json") or {}):
            counts.setdefault(record["provider"], Counter())[check(record)] += 1
    print(counts)
    assert sum(found["stream"] for found in counts.values()) > 100
    assert sum(found["whole"] for found in counts.values()) > 300
    assert set(counts) >= {"openai", "xai", "mistral", "groq", "deepseek", "openrouter", "azure", "ollama"}
