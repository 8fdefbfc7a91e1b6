"""Repeats that are easily got wrong: sound that broke off, forms, a lost answer of the store, a fault of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError

from interchange.exchange import repeats as glue
from interchange.exchange.conversation import ask as ask_module
from interchange.exchange.http import StreamCut
from interchange.exchange.media.speech import speech
from interchange.exchange.media.transcription import transcripts
from interchange.metering.idempotency import Claim, Idempotency, StillRunning
from interchange.protocols.openai_chat.server import Server as ErrorWriter
from interchange.protocols.openai_media.server.speech import Server as SpeechServer
from interchange.protocols.openai_media.server.transcriptions import Server as TranscriptServer
from interchange.tables.dynamodb import DynamoTable
from tests.exchange import world as w
from tests.exchange.media.audio_traffic import ask, here
from tests.exchange.media.test_transcription import silence

__all__ = ["here"]
SPEECH = speech(SpeechServer(), ErrorWriter(w.SEAL))
HEARING = transcripts(TranscriptServer(), ErrorWriter(w.SEAL))
SAID = {"model": "reader", "input": "x" * 100, "voice": "alloy"}
CHAT: dict[str, Any] = {"model": "gpt", "max_tokens": 100, "messages": [{"role": "user", "content": "hi"}]}


@pytest.fixture
def chat() -> Iterator[w.World]:
    with w.world() as made:
        yield made


def test_sound_that_broke_off_breaks_off_again(here: w.World) -> None:
    here.script.answers = [w.Says(chunks=[b"\x00half of the sound", w.fault()])]
    first = ask(here, SPEECH, SAID, idempotency_key="k")
    again = ask(here, SPEECH, SAID, idempotency_key="k")
    assert isinstance(first.broke, StreamCut) and isinstance(again.broke, StreamCut)
    assert (again.body, again.type, again.headers["idempotent-replayed"]) == (first.body, first.type, "true")
    assert len(here.rows()) == 1


def test_whole_sound_ends_well_again(here: w.World) -> None:
    here.script.answers = [w.Says(chunks=[b"\x00the ", b"sound"])]
    first = ask(here, SPEECH, SAID, idempotency_key="k")
    again = ask(here, SPEECH, SAID, idempotency_key="k")
    assert (again.body, again.broke, first.broke) == (b"\x00the sound", None, None)
    assert set(again.headers) - set(first.headers) == {"idempotent-replayed", "x-interchange-charge-usd"}
    assert {name: again.headers[name] for name in first.headers} == first.headers


def form(boundary: str, file: bytes) -> bytes:
    parts = [
        b'Content-Disposition: form-data; name="model"\r\n\r\nwhisper',
        b'Content-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\n' + file,
    ]
    mark = b"--" + boundary.strip('"').encode()
    return b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"


def hear(here: w.World, boundary: str, seconds: float = 2.0) -> Any:
    kind = f"multipart/form-data; boundary={boundary}"
    path = "/v1/audio/transcriptions"
    return ask(here, HEARING, form(boundary, silence(seconds)), path, content_type=kind, idempotency_key="k")


def test_a_form_is_the_same_under_another_boundary(here: w.World) -> None:
    """Clients draw a boundary for each try."""
    here.script.answers = [w.Says(chunks=[b'{"text":"hello"}'])]
    first, again = hear(here, "aaaa1111"), hear(here, '"bb bb"')
    assert (first.status, again.status, again.body) == (200, 200, first.body)
    assert hear(here, "cccc", 3.0).json["error"]["code"] == "idempotency_key_reused"
    assert len(here.rows()) == 1


class Forgetful(DynamoTable):
    """Writes, and loses the answer once: what botocore's own retry then meets is its first try's item."""

    def insert(self, item: Any) -> None:
        super().insert(item)
        super().insert(item)

    def change(self, pk: str, sk: str, change: Any) -> Any:
        super().change(pk, sk, change)
        return super().change(pk, sk, change)


@pytest.mark.parametrize("header", ["x_interchange_strict", "anthropic_beta", "openai_beta"])
def test_a_repeat_under_headers_that_change_the_answer_is_another_request(chat: w.World, header: str) -> None:
    chat.script.default = lambda _: w.Says(chunks=[w.chat_answer("ok")])

    def said(**headers: str) -> int:
        return asyncio.run(chat.whole("chat", CHAT, idempotency_key="k", **headers))[0]

    assert [said(), said(), said(**{header: "true"}), said()] == [200, 200, 409, 200]
    assert len(chat.rows()) == 1


def test_a_claim_that_was_written_twice_is_still_a_claim() -> None:
    with w.dynamo_world():
        books = Idempotency(Forgetful(boto3.client("dynamodb", region_name="us-east-1"), w.TABLE))
        first, second = Claim("acc", "k", "one"), Claim("acc", "k", "two")
        assert books.begin(first, "d", 0, 1000) == first
        with pytest.raises(StillRunning):
            books.begin(second, "d", 0, 1000)
        assert books.begin(second, "d", 1000, 2000) == second
        with pytest.raises(StillRunning):
            books.begin(first, "d", 1000, 2000)


@pytest.mark.parametrize("error", [ReadTimeoutError(endpoint_url="x"), RuntimeError("no")])
def test_a_fault_before_the_call_gives_the_key_back(
    chat: w.World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(ask_module, "admit_dearest", broken)
        if isinstance(error, RuntimeError):
            with pytest.raises(RuntimeError):
                asyncio.run(chat.ask("chat", CHAT, idempotency_key="k"))
        else:  # the table is away
            assert asyncio.run(chat.whole("chat", CHAT, idempotency_key="k"))[0] == 503
    chat.script.answers = [w.Says(chunks=[w.chat_answer()])]
    assert asyncio.run(chat.whole("chat", CHAT, idempotency_key="k"))[0] == 200


def test_a_replayed_stream_has_the_headers_of_a_stream(chat: w.World) -> None:
    chat.script.answers = [w.Says(chunks=w.chat_stream("one"))]
    body = {**CHAT, "stream": True}
    first, _ = asyncio.run(chat.streamed("chat", body, idempotency_key="k"))
    again, _ = asyncio.run(chat.streamed("chat", body, idempotency_key="k"))
    missing = set(first.headers) - set(again.headers)
    assert not missing
    assert again.headers[glue.REPLAYED] == "true"
