"""Recorded embeddings, moderations and pictures as the upstream's answers: what a caller by the stock SDK gets of them,
and that the charge is what the vendor counted."""

from __future__ import annotations

import asyncio
import base64
import json
import struct
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from openai.types import CreateEmbeddingResponse, ImagesResponse, ModerationCreateResponse

from interchange.catalog.load import read
from interchange.exchange.http import Inbound
from interchange.exchange.media.embeddings import embeddings, moderations
from interchange.exchange.media.family import Family, serve_media
from interchange.exchange.media.images import images
from interchange.protocols.openai_chat.server import Server as ErrorWriter
from interchange.protocols.openai_media.server.embeddings import Server as Embeddings
from interchange.protocols.openai_media.server.images import Server as Images
from interchange.protocols.openai_media.server.moderations import Server as Moderations
from interchange.wire import codec
from tests.exchange import world as w
from tests.recordings.read import carried

SPEAKER = ErrorWriter(w.SEAL)
PRICE = {"input": "1", "input_image": "2", "output": "3", "output_image": "4"}
KINDS: dict[str, tuple[str, str, Family, Any]] = {
    "openai.embeddings": ("openai", "embedding", embeddings(Embeddings(), SPEAKER), CreateEmbeddingResponse),
    "gemini.embedContent": ("gemini", "embedding", embeddings(Embeddings(), SPEAKER), CreateEmbeddingResponse),
    "openai.moderations": ("openai", "moderation", moderations(Moderations(), SPEAKER), ModerationCreateResponse),
    "openai.images": ("openai", "image", images(Images(), SPEAKER), ImagesResponse),
    "xai.images": ("xai", "image", images(Images(edit=True), SPEAKER), ImagesResponse),
}


def recordings() -> Iterator[dict[str, Any]]:
    return (record for record in carried("media") if isinstance(record.get("request_json"), dict))


def asked(record: dict[str, Any]) -> dict[str, Any]:
    """What a caller of ours would have sent to make the recorded request."""
    body = record["request_json"]
    if record["provider"] == "gemini":
        body = {"input": [one["content"]["parts"][0]["text"] for one in body.get("requests", [body])]}
    return {**body, "model": "asked"}


@pytest.mark.parametrize(
    "record", recordings(), ids=lambda record: f"{record['provider']}-{record['api']}-{record['id'][:8]}"
)
def test_a_recorded_answer_reaches_its_caller(record: dict[str, Any]) -> None:
    provider, kind, family, answered = KINDS[f"{record['provider']}.{record['api']}"]
    price = PRICE if kind != "moderation" else {"input": "0"}
    entry = {"id": "asked", "kind": kind, "routes": [{"provider": provider, "model": "up"}], "price": price}
    with w.world() as here:
        here.services = replace(here.services, catalog=read([entry]))
        here.script.answers = [w.Says(record["status"], chunks=[codec.dumps(record["response_json"])])] * 2
        status, body = asyncio.run(ask(here, family, asked(record)))
        error = codec.dumps(record["response_json"].get("error"))
        # the operator's key or model is refused, not the caller's
        operators = record["status"] in (401, 404) or b"API_KEY_INVALID" in error
        assert status == (503 if operators else record["status"])
        balance = here.balance()
        assert balance.held_nano == 0
        if status >= 400:
            assert balance.charged_nano == 0
            assert json.loads(body)["error"]["message"]
            return
        told = json.loads(body)
        for item in told.get("data", ()) if kind == "embedding" else ():
            if isinstance(item["embedding"], str):  # as the SDK does by itself
                raw = base64.b64decode(item["embedding"], validate=True)
                item["embedding"] = list(struct.unpack(f"<{len(raw) // 4}f", raw))
        if kind == "moderation":
            assert told == {**record["response_json"], "model": "asked"}
            return
        whole = answered.model_validate(told)
        (row,) = here.rows()
        assert row.charge_nano == balance.charged_nano == expected(record, row.usage, kind)
        check(record, whole)


async def ask(here: w.World, family: Family, body: dict[str, Any]) -> tuple[int, bytes]:
    headers = {"authorization": f"Bearer {w.KEY}", "content-type": "application/json"}
    deadline = asyncio.get_running_loop().time() + 30
    inbound = Inbound("POST", "/v1/media", headers, codec.dumps(body), deadline)
    answer = await serve_media(here.services, family, inbound)
    assert isinstance(answer.body, bytes)
    return answer.status, answer.body


def expected(record: dict[str, Any], counted: Any, kind: str) -> int:
    """By hand, from the recorded usage; the gateway's own count where the vendor told none."""
    answer = record["response_json"]
    usage = answer.get("usage") or {}
    if kind == "moderation":
        return 0
    if kind == "embedding":
        told = usage.get("prompt_tokens", (answer.get("usageMetadata") or {}).get("promptTokenCount"))
        return 1000 * int(told if told is not None else counted.input)
    if not usage.get("output_tokens"):
        assert counted.output_image > 0  # what was delivered: its size and quality
        return 1000 * (int(counted.input) + 2 * int(counted.input_image) + 4 * int(counted.output_image))
    details = usage.get("input_tokens_details") or {}
    return 1000 * (
        int(details.get("text_tokens", 0))
        + 2 * int(details.get("image_tokens", 0))
        + 4 * int(usage.get("output_tokens", 0))
    )


def check(record: dict[str, Any], whole: Any) -> None:
    answer = record["response_json"]
    match whole:
        case CreateEmbeddingResponse(data=data, model=model):
            told = answer.get("embeddings") or answer.get("data")
            assert model == "asked"
            assert [item.index for item in data] == list(range(len(told)))
        case ImagesResponse(data=data):
            assert data is not None
            told = [(item.get("b64_json"), item.get("url")) for item in answer["data"]]
            assert [(item.b64_json, item.url) for item in data] == told
        case _:
            raise AssertionError(type(whole))
