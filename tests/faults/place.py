"""A gateway over real books and a real HTTP client, with one hostile vendor behind it."""

from __future__ import annotations

import asyncio
import io
import json
import wave
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from interchange.catalog.load import read
from interchange.exchange import call, tries
from interchange.exchange.http import Answer, Inbound, StreamCut
from interchange.exchange.media.embeddings import embeddings
from interchange.exchange.media.family import Family, serve_media
from interchange.exchange.media.images import images
from interchange.exchange.media.speech import speech
from interchange.exchange.media.transcription import transcripts
from interchange.hub.media import Upload
from interchange.protocols.openai_chat.server import Server as ErrorWriter
from interchange.protocols.openai_media.multipart import write_form
from interchange.protocols.openai_media.server.embeddings import Server as EmbeddingServer
from interchange.protocols.openai_media.server.images import Server as ImageServer
from interchange.protocols.openai_media.server.speech import Server as SpeechServer
from interchange.protocols.openai_media.server.transcriptions import Server as TranscriptServer
from interchange.providers import Provider
from interchange.providers.anthropic import anthropic
from interchange.providers.gemini import gemini
from interchange.providers.openai import openai
from interchange.upstream.client import HttpUpstream
from interchange.upstream.health import Health
from interchange.upstream.timing import Timing
from tests.exchange import world as w

from .rows import Row
from .vendor import Vendor

PATIENCE = Timing(0.5, 0.3, 0.3)
PRICE = {"input": "1", "output": "4"}
MAKERS: dict[str, Callable[[str, str], Provider]] = {
    "chat": openai,
    "messages": anthropic,
    "responses": openai,
    "gemini": gemini,
}
SPEAKER = ErrorWriter(w.SEAL)
FAMILIES: dict[str, Family] = {
    "embeddings": embeddings(EmbeddingServer(), SPEAKER),
    "images": images(ImageServer(), SPEAKER),
    "speech": speech(SpeechServer(), SPEAKER),
    "transcriptions": transcripts(TranscriptServer(), SPEAKER),
}
MODELS: dict[str, dict[str, Any]] = {
    "embeddings": {"kind": "embedding", "price": {"input": "1"}},
    "images": {"kind": "image", "price": {"input": "1", "output_image": "4", "output": "4"}},
    "speech": {"kind": "speech", "price": {"per_million_characters": "15"}},
    "speech_events": {"kind": "speech", "price": {"input": "1", "output_audio": "4", "output": "4"},
                      "traits": {"speech_events": True}},
    "transcriptions": {"kind": "transcription", "price": {"input": "1", "input_audio": "1", "output": "4"},
                       "traits": {"transcript_events": True}, "input": ["audio", "text"]},
    "gemini_embeddings": {"kind": "embedding", "price": {"input": "1"}},
    "gemini_images": {"kind": "image", "price": {"input": "1", "output_image": "4", "output": "4"}},
    "gemini_speech": {"kind": "speech", "price": {"input": "1", "output_audio": "4", "output": "4"},
                      "traits": {"speech_formats": ["wav", "pcm"]}},
    "gemini_transcriptions": {"kind": "transcription", "price": {"input": "1", "input_audio": "1", "output": "4"},
                              "input": ["audio", "text"]},
}  # fmt: skip
"""Of the catalog, by what the vendor speaks."""


@dataclass
class Seen:
    """`broke` is True for a body that ended before its end, which is how raw sound says that it failed."""

    status: int
    raw: bytes
    headers: dict[str, str]
    charge: int
    tries: int
    outcome: str
    broke: bool = False

    @property
    def text(self) -> str:
        return self.raw.decode("utf-8", "replace")


class Place:
    def __init__(self, here: w.World, loop: asyncio.AbstractEventLoop, faults: Sequence[Row]) -> None:
        self.here, self.loop, self.vendor = here, loop, Vendor(faults)
        loop.run_until_complete(self.vendor.start())
        self.upstream = HttpUpstream()

    def close(self) -> None:
        self.loop.run_until_complete(self.upstream.close())
        self.loop.run_until_complete(self.vendor.stop())
        self.loop.run_until_complete(asyncio.sleep(0.05))
        self.loop.close()

    def provider(self, words: str, path: object) -> Provider:
        """The vendor as one who speaks one protocol, and meets the fault that the path names."""
        base = f"http://127.0.0.1:{self.vendor.port}/{path}"
        made = MAKERS[words]("k", base)
        spoken = {"responses": "openai_responses"}.get(words, made.default_protocol)
        return replace(made, clients={spoken: made.clients[spoken]})

    def ask(self, number: int, caller: str, words: str, *, stream: bool, two: bool) -> Seen:
        """A conversation. `number` is the fault's, beyond the table a good vendor's."""
        asked: dict[str, Any] = {"model": "m", "stream": stream}
        asked |= {"input": "hi"} if caller == "responses" else {"messages": w.user(), "max_tokens": 500}
        model = {"max_output": 1000, "price": PRICE}
        bad, fine = self.provider(words, number), replace(self.provider("chat", "good"), name="fine")
        return self._run(number, model, bad, fine if two else None, lambda: self.here.ask(caller, asked))

    def ask_media(self, number: int, words: str, *, stream: bool, two: bool) -> Seen:
        family = FAMILIES[words.removeprefix("gemini_").removesuffix("_events")]
        bad = self.provider("gemini" if words.startswith("gemini") else "chat", number)
        fine = replace(self.provider("gemini" if words.startswith("gemini") else "chat", "good"), name="fine")
        raw, content_type = body_of(words, stream)
        sent = {"authorization": f"Bearer {w.KEY}", "content-type": content_type}

        async def serve() -> Answer:
            inbound = Inbound("POST", f"/v1/{family.name}", sent, raw, asyncio.get_running_loop().time() + 30)
            return await serve_media(self.here.services, family, inbound)

        return self._run(number, MODELS[words], bad, fine if two else None, serve)

    def _run(
        self, number: int, model: dict[str, Any], bad: Provider, fine: Provider | None,
        serve: Callable[[], Awaitable[Answer]],
    ) -> Seen:  # fmt: skip
        found = [bad, *([fine] if fine is not None else [])]
        routes = [{"provider": one.name, "model": "up"} for one in found]
        # a pool of its own: a request on a kept connection that is closed is sent once more
        upstream = self.upstream if number >= len(self.vendor.faults) else HttpUpstream()
        self.here.services = replace(
            self.here.services, catalog=read([{"id": "m", "routes": routes, **model}]),
            providers={one.name: one for one in found}, upstream=upstream, health=Health(), patience=PATIENCE,
        )  # fmt: skip
        return self.loop.run_until_complete(self._seen(number, upstream, serve))

    async def _seen(self, number: int, upstream: HttpUpstream, serve: Callable[[], Awaitable[Answer]]) -> Seen:
        self.vendor.calls.pop(str(number), None)
        self.here.now[0] += 1000
        before = self.here.balance().charged_nano
        self.here.reports.clear()
        answer = await serve()
        raw, broke = await listened(answer)
        if upstream is not self.upstream:
            await upstream.close()
        balance = self.here.balance()
        assert (balance.held_nano, balance.gap_nano) == (0, 0)
        assert not [event for event, _ in self.here.reports if event == "fault"], self.here.reports
        row = self.here.ledger.row(answer.headers["x-interchange-request-id"])
        assert row is not None
        charge = balance.charged_nano - before
        assert charge == row.charge_nano <= row.hold_nano
        tries = self.vendor.calls.get(str(number), -1) + 1
        return Seen(answer.status, raw, dict(answer.headers), charge, tries, row.outcome, broke)


async def listened(answer: Answer) -> tuple[bytes, bool]:
    if isinstance(answer.body, bytes):
        return answer.body, False
    parts: list[bytes] = []
    try:
        async for chunk in answer.body:
            parts.append(chunk)
    except StreamCut:
        return b"".join(parts), True
    return b"".join(parts), False


def body_of(words: str, stream: bool) -> tuple[bytes, str]:
    """A family's request: (body, content type)."""
    if words.endswith("transcriptions"):
        fields = {"model": "m", **({"stream": "true"} if stream else {})}
        return write_form(fields, [("file", Upload("a.wav", "audio/wav", silence()))])
    if words.startswith("speech") or words == "gemini_speech":
        return json.dumps({"model": "m", "input": "hi there", "voice": "alloy"}).encode(), "application/json"
    if words.endswith("images"):
        return json.dumps({"model": "m", "prompt": "a cat", "stream": stream}).encode(), "application/json"
    return json.dumps({"model": "m", "input": ["a", "b"], "encoding_format": "float"}).encode(), "application/json"


def silence() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(8000))
    return out.getvalue()


@contextmanager
def placed(faults: Sequence[Row]) -> Iterator[Place]:
    loop = asyncio.new_event_loop()
    with w.world("1000000") as here, pytest.MonkeyPatch.context() as patch:
        patch.setattr(call, "BACKOFF_SECONDS", 0.01)
        patch.setattr(tries, "REFUSAL_SECONDS", 0.4)
        found = Place(here, loop, faults)
        try:
            yield found
        finally:
            found.close()
