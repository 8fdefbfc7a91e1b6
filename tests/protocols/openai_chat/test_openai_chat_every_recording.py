"""All chat recordings of the shared collection, where it lies beside the repository: a selection of them is carried."""

from __future__ import annotations

import collections
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from interchange.continuity.seal import Seal
from interchange.hub import events as e
from interchange.hub.fold import Folder
from interchange.hub.grammar import Grammar
from interchange.hub.losses import Losses
from interchange.protocols import Envelope, Profile
from interchange.protocols.openai_chat.client import Client
from interchange.protocols.openai_chat.dialect import Dialect
from interchange.protocols.openai_chat.server import Server
from interchange.protocols.openai_chat.stream_reader import read_whole
from interchange.wire.sse import FrameReader

SHARED = Path(__file__).resolve().parents[4] / "shared" / "recordings"
FILES = sorted(SHARED.glob("*.chat.completions.jsonl"))
SERVER = Server(Seal(b"sixteen bytes key"))
CLIENT = Client(Dialect(results_required=False))
EVERYTHING = frozenset({"text", "image", "document", "audio"})


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            if record["status"] == 200 and record["method"] == "POST":
                yield record


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


@pytest.mark.skipif(not FILES, reason="the shared recordings are not beside this repository")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.partition(".")[0])
def test_every_recording_goes_both_ways(path: Path) -> None:
    counts: collections.Counter[str] = collections.Counter()
    for record in lines(path):
        if record.get("response_sse") or "choices" in (record.get("response_json") or {}):
            counts[check(record)] += 1
    print(path.name, dict(counts))
