"""Recorded audio traffic, and the table of models that it is played to."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest

from interchange.catalog.load import read
from interchange.exchange.http import Answer, Inbound, StreamCut
from interchange.exchange.media.family import Family, serve_media
from interchange.wire import codec
from tests.exchange.world import KEY, Says, World, world
from tests.recordings.read import carried

TOKENS = {"input": "0.6", "output": "10", "output_audio": "12"}
HEARD = {"input": "1.25", "input_audio": "1.25", "output": "5"}
CATALOG = [
    {"id": "reader", "kind": "speech", "routes": [{"provider": "openai", "model": "tts-up"}],
     "price": {"per_million_characters": "15"}},
    {"id": "teller", "kind": "speech", "routes": [{"provider": "openai", "model": "teller-up"}], "price": TOKENS,
     "traits": {"speech_events": True}},
    {"id": "singer", "kind": "speech", "routes": [{"provider": "gemini", "model": "gem-tts"}], "max_output": 16384,
     "price": {"input": "0.5", "output_audio": "10", "output": "10"}, "traits": {"speech_formats": ["wav", "pcm"]}},
    {"id": "whisper", "kind": "transcription", "routes": [{"provider": "openai", "model": "whisper-up"}],
     "price": {"per_minute": "0.006"}, "input": ["audio"]},
    {"id": "scribe", "kind": "transcription", "routes": [{"provider": "openai", "model": "scribe-up"}], "price": HEARD,
     "max_output": 2000, "input": ["audio", "text"], "traits": {"transcript_events": True}},
    {"id": "listener", "kind": "transcription", "routes": [{"provider": "gemini", "model": "gem-ear"}], "price": HEARD,
     "max_output": 8192, "input": ["audio", "text"], "traits": {"thinking_budget": 0}},
    {"id": "gpt", "routes": [{"provider": "openai", "model": "gpt-up"}], "price": {"input": "1"}},
]  # fmt: skip


@dataclass(frozen=True)
class Heard:
    """An answer read to its end. `broke` is what cut it off."""

    status: int
    type: str
    body: bytes
    headers: dict[str, str]
    broke: Exception | None = None

    @property
    def json(self) -> Any:
        return codec.loads(self.body)

    @property
    def events(self) -> list[Any]:
        lines = [line.removeprefix(b"data: ") for line in self.body.splitlines() if line.startswith(b"data: ")]
        return [codec.loads(line) for line in lines if line != b"[DONE]"]


def audio_world(credit: str = "10") -> Iterator[World]:
    with world(credit) as made:
        made.services = replace(made.services, catalog=read(CATALOG))
        yield made


def ask(here: World, family: Family, body: Any, path: str = "/v1/audio/speech", **headers: str) -> Heard:
    """`body` is an object, or bytes with their content type in `headers`."""

    async def run() -> Heard:
        raw = body if isinstance(body, bytes) else codec.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"authorization": f"Bearer {KEY}", "content-type": "application/json", **named}
        deadline = asyncio.get_running_loop().time() + 30
        answer = await serve_media(here.services, family, Inbound("POST", path, sent, raw, deadline))
        return await listen(answer)

    return asyncio.run(run())


async def listen(answer: Answer) -> Heard:
    parts: list[bytes] = []
    broke: Exception | None = None
    if isinstance(answer.body, bytes):
        parts.append(answer.body)
    else:
        try:
            async for chunk in answer.body:
                parts.append(chunk)
        except StreamCut as error:
            broke = error
    return Heard(answer.status, answer.headers["content-type"], b"".join(parts), dict(answer.headers), broke)


def untouched(here: World) -> None:
    """Nothing was sent, nothing is held, nothing was charged."""
    assert here.script.sent == []
    assert (here.balance().held_nano, here.balance().charged_nano) == (0, 0)


@cache
def recorded(name: str) -> dict[str, dict[str, Any]]:
    """Recordings by id, of "openai_audio" or "gemini_audio"."""
    return {line["id"]: line for line in carried(name)}


def body_of(recording: dict[str, Any]) -> bytes:
    """The answer's body, as it came."""
    if "response_body_b64" in recording:
        return base64.b64decode(recording["response_body_b64"])
    if "response_json" in recording:
        return json.dumps(recording["response_json"]).encode()
    return str(recording.get("response_sse") or recording.get("response_text") or "").encode()


def says(recording: dict[str, Any], size: int = 4096) -> Says:
    """The recorded answer, in pieces of `size` bytes."""
    body = body_of(recording)
    chunks = [body[start : start + size] for start in range(0, len(body), size)]
    return Says(recording["status"], recording["response_headers"], chunks)


here = pytest.fixture(audio_world)
