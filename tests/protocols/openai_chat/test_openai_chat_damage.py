"""Damaged bodies and streams: a 400 that names its field, a failure in the stream; never a fault of ours."""

from __future__ import annotations

import copy
import json
import os
import random
from typing import Any

from interchange.continuity.seal import Seal
from interchange.hub.failure import RequestError
from interchange.hub.grammar import Grammar
from interchange.hub.losses import Losses
from interchange.protocols.faces import Envelope, Profile
from interchange.protocols.openai_chat.client import Client
from interchange.protocols.openai_chat.server import Server
from interchange.wire.sse import Frame
from tests.recordings.read import carried

LINES = carried("openai_chat")
SEED = int(os.environ.get("DAMAGE_SEED", random.randrange(1 << 30)))
SERVER = Server(Seal(b"sixteen bytes key"))
EVERYTHING = frozenset({"text", "image", "document", "audio"})
WRONG: tuple[Any, ...] = (None, 1, -1, 1.5, True, "x", "", [], {}, [1], {"a": 1}, ["x"], [None], [[]], [{}])


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a JSON value."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [found for key in keys for found in ((value, key), *places(value[key]))]


def damage(value: Any, chance: random.Random) -> Any:
    value = copy.deepcopy(value)
    container, key = chance.choice(places(value))
    container[key] = copy.deepcopy(chance.choice(WRONG))
    return value


def test_a_damaged_body_is_served_or_refused_by_name() -> None:
    print(f"DAMAGE_SEED={SEED}")
    chance = random.Random(SEED)
    bodies = [line["request_json"] for line in LINES if "messages" in line.get("request_json", {})]
    small = [body for body in bodies if len(json.dumps(body)) < 8_000]
    for _ in range(1_500):
        body = damage(chance.choice(small), chance)
        try:
            request = SERVER.read_request(body)
            Client().write_request(request, Profile("m", EVERYTHING), Losses())
        except RequestError as refused:
            assert refused.failure.param, refused.failure.message


def test_a_damaged_stream_is_read_or_fails_within_the_grammar() -> None:
    print(f"DAMAGE_SEED={SEED}")
    chance = random.Random(SEED)
    streams = [_chunks(line["response_sse"]) for line in LINES if line.get("response_sse")]
    short = [chunks for chunks in streams if 0 < len(chunks) < 40]
    for _ in range(400):
        reader, grammar = Client().read_stream(), Grammar()
        writer = SERVER.write_stream(Envelope("id", 1, "m", include_usage=True))
        for chunk in [*map(json.dumps, damage(chance.choice(short), chance)), "[DONE]"]:
            frame = Frame(b"", None, chunk.encode())
            Client().is_content(frame)
            for event in reader.read(frame):
                grammar.check(event)
                writer.write(event)
        for event in reader.finish():
            grammar.check(event)
        grammar.end()


def _chunks(sse: str) -> list[Any]:
    return [json.loads(line[6:]) for line in sse.splitlines() if line.startswith("data: {")]
