"""Amounts that customers and operators reported as wrong, on the catalog as it ships: each with its right value."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from interchange.catalog.load import load
from interchange.catalog.lookup import Catalog
from interchange.exchange.http import Answer, Inbound
from interchange.exchange.media.family import serve_media
from interchange.exchange.media.images import images
from interchange.identity.keys import Limits
from interchange.metering.money import nano
from interchange.protocols.openai_chat.server import Server as ErrorWriter
from interchange.protocols.openai_media.server.images import Server as Images
from interchange.wire import codec
from tests.exchange import world as w
from tests.exchange.test_endless_answers import endless


@cache
def shipped() -> Catalog:
    return load()


@contextmanager
def place(credit: str = "10", limits: Limits | None = None) -> Iterator[w.World]:
    with w.world(credit=credit, limits=limits) as here:
        here.services = replace(here.services, catalog=shipped())
        yield here


def claude_says(**usage: Any) -> bytes:
    return codec.dumps({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
        "stop_sequence": None, "content": [{"type": "text", "text": "ok"}],
        "usage": {"input_tokens": 10, "output_tokens": 5, **usage},
    })  # fmt: skip


def responses_says(**usage: Any) -> bytes:
    content = [{"type": "output_text", "text": "ok", "annotations": []}]
    item = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": content}
    return codec.dumps({
        "id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": "m", "output": [item],
        "usage": {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15, **usage},
    })  # fmt: skip


def test_a_cent_is_all_that_an_endless_answer_to_nobody_takes() -> None:
    """One content chunk again and again, though it was told to stop at 500 tokens, and the caller has left."""

    async def run(here: w.World) -> None:
        here.script.default = endless
        body = {"model": "gpt-5-mini", "max_tokens": 500, "stream": True, "messages": w.user()}
        answer = await here.ask("messages", body)
        assert not isinstance(answer.body, bytes)
        await anext(answer.body)
        await answer.body.aclose()  # type: ignore[attr-defined]
        for _ in range(1000):
            if here.rows():
                return
            await asyncio.sleep(0.01)

    with place("0.01") as here:
        asyncio.run(run(here))
        (row,) = here.rows()
        assert row.charge_nano <= row.hold_nano <= nano("0.01")
        assert here.balance().available_nano >= 0


@pytest.mark.parametrize("family", ["chat", "messages", "responses"])
@pytest.mark.parametrize("told", [200_000, 900_000_000])
@pytest.mark.parametrize("stream", [False, True])
def test_eleven_letters_cost_no_more_than_their_limit_whatever_is_counted(family: str, told: int, stream: bool) -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": told, "total_tokens": 10 + told}
    whole = codec.dumps({**codec.loads(w.chat_answer("hello world")), "usage": usage})
    frames = [w.chat_chunk({"content": "hello world"}), w.chat_chunk({}, "stop"), w.chat_chunk(None, usage=usage),
              b"data: [DONE]\n\n"]  # fmt: skip
    limit = "max_tokens"
    said: dict[str, Any] = {"messages": w.user()}
    if family == "responses":
        whole = responses_says(output_tokens=told, total_tokens=10 + told)
        frames = [b'data: {"type":"response.completed","response":' + whole + b"}\n\n"]
        limit, said = "max_output_tokens", {"input": "hi"}
    with w.world() as here:
        here.script.answers = [w.Says(chunks=frames if stream else [whole])]
        asyncio.run(here.streamed(family, {"model": "gpt", limit: 500, **said, "stream": stream}))
        (row,) = here.rows()
        assert row.charge_nano <= nano("0.01")
        assert row.absorbed_nano == 10 * 2000 + told * 10_000 - row.charge_nano
        assert "charge_absorbed" in [event for event, _ in here.reports]


SEARCH = {"type": "web_search"}
CODEX = {"model": "gpt-5.4", "input": "hi", "tools": [SEARCH, {"type": "function", "name": "shell", "parameters": {}}]}


@pytest.mark.parametrize("credit", ["0.5", "2", "5", "50"])
def test_a_coding_agents_greeting_is_served_on_small_balances(credit: str) -> None:
    """Its search goes along where the balance carries it; else it is left out and named. It wanted $9.19."""
    with place(credit) as here:
        here.script.default = lambda _: w.Says(chunks=[responses_says()])
        status, _, headers = asyncio.run(here.whole("responses", CODEX))
        assert status == 200
        assert (headers.get("x-interchange-dropped") == "tools[0]") is (credit in ("0.5", "2", "5"))
        (row,) = here.rows()
        assert row.hold_nano < nano("0.35")
        assert row.charge_nano == 10 * 2500 + 5 * 15_000


def test_claudes_fast_tier_and_region_are_held_only_where_they_are_asked_for() -> None:
    held: dict[str, int] = {}
    for name, asked in {"plain": {}, "fast": {"speed": "fast"}, "us": {"inference_geo": "us"}}.items():
        with place("50") as here:
            here.script.default = lambda _: w.Says(chunks=[claude_says()])
            body = {"model": "claude-opus-4-8", "max_tokens": 32_000, "messages": w.user(), **asked}
            assert asyncio.run(here.whole("messages", body))[0] == 200
            held[name] = here.rows()[0].hold_nano
    assert nano("0.8") <= held["plain"] < nano("0.85")
    assert held["us"] == held["plain"] * 11 // 10 or abs(held["us"] - held["plain"] * 1.1) < nano("0.001")
    assert held["fast"] > held["plain"] * 1.9


def test_six_agents_turns_at_once_are_answered_on_ten_dollars() -> None:
    """75 kB each, 32,000 tokens of output at most: three were a 402."""
    words = [{"role": "user", "content": "read this file again " * 3_600}]
    body = {"model": "claude-opus-4-8", "max_tokens": 32_000, "messages": words, "stream": True}

    async def run(here: w.World) -> list[int]:
        gate = asyncio.Event()
        frames = w.messages_stream("done")
        here.script.default = lambda _: w.Says(chunks=[frames[0], gate, *frames[1:]])

        async def one() -> int:
            answer, _ = await here.streamed("messages", body)
            return answer.status

        asking = [asyncio.ensure_future(one()) for _ in range(6)]
        for _ in range(500):
            if len(here.script.sent) == 6 or any(task.done() for task in asking):
                break
            await asyncio.sleep(0.01)
        gate.set()
        return list(await asyncio.gather(*asking))

    with place("10") as here:
        assert asyncio.run(run(here)) == [200] * 6


@pytest.mark.parametrize(
    ("model", "limits"),
    [
        ("gpt-5-mini", Limits(tokens_per_minute=100_000)),
        ("gpt-5.5", Limits(spend_per_day_nano=nano("1"))),
        ("claude-opus-4-8", Limits(spend_per_day_nano=nano("1"))),
    ],
)
def test_a_fresh_key_is_served_at_once_without_a_limit_on_its_output(model: str, limits: Limits) -> None:
    with place("100", limits) as here:
        here.script.default = lambda sent: w.Says(
            chunks=[claude_says() if sent.url.endswith("/messages") else w.chat_answer()]
        )
        status, told, headers = asyncio.run(here.whole("chat", {"model": model, "messages": w.user()}))
        assert status == 200, told
        assert 256 <= int(headers.get("x-interchange-max-tokens", 256)) < 128_000


@pytest.mark.parametrize(
    ("model", "asked", "cost"),
    [
        ("gpt-image-1", {"size": "1024x1536", "quality": "high"}, "0.25"),
        ("gpt-image-2", {"size": "1024x1536", "quality": "high"}, "0.19"),
        ("gemini-2.5-flash-image", {}, "0.0387"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_a_picture_that_nobody_counted_is_charged_as_such_a_picture(
    model: str, asked: dict[str, Any], cost: str, stream: bool
) -> None:
    picture = base64.b64encode(b"picture").decode()
    part = {"inlineData": {"mimeType": "image/png", "data": picture}}
    candidate = {"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}
    done = {"type": "image_generation.completed", "b64_json": picture, "created_at": 1}
    drawn = {"candidates": [candidate]} if "gemini" in model else {"created": 1, "data": [{"b64_json": picture}]}
    frame = b"event: image_generation.completed\ndata: " + codec.dumps(done) + b"\n\n"

    async def run(here: w.World) -> Answer:
        raw = codec.dumps({"model": model, "prompt": "a cat", "stream": stream, **asked})
        sent = {"authorization": f"Bearer {w.KEY}", "content-type": "application/json"}
        deadline = asyncio.get_running_loop().time() + 30
        family = images(Images(), ErrorWriter(w.SEAL))
        answer = await serve_media(
            here.services, family, Inbound("POST", "/v1/images/generations", sent, raw, deadline)
        )
        if not isinstance(answer.body, bytes):
            _ = [chunk async for chunk in answer.body]
        return answer

    with place() as here:
        streams = stream and "gemini" not in model
        here.script.default = lambda _: w.Says(chunks=[frame] if streams else [codec.dumps(drawn)])
        assert asyncio.run(run(here)).status == 200
        (row,) = here.rows()
        assert abs(row.charge_nano - nano(cost)) < nano(cost) // 50
        assert row.charge_nano <= row.hold_nano


def test_cached_sound_has_its_own_price() -> None:
    usage = {
        "promptTokenCount": 1000, "candidatesTokenCount": 1, "totalTokenCount": 1001, "cachedContentTokenCount": 900,
        "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 900}, {"modality": "TEXT", "tokenCount": 100}],
        "cacheTokensDetails": [{"modality": "AUDIO", "tokenCount": 900}],
    }  # fmt: skip
    answer = {"candidates": [{"content": {"parts": [{"text": "ok"}], "role": "model"}, "finishReason": "STOP"}],
              "usageMetadata": usage}  # fmt: skip
    with place() as here:
        here.script.default = lambda _: w.Says(chunks=[codec.dumps(answer)])
        asyncio.run(here.whole("chat", {"model": "gemini-2.5-flash", "messages": w.user()}))
        (row,) = here.rows()
        assert row.charge_nano == 100 * 300 + 900 * 100 + 1 * 2500
