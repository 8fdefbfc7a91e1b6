"""Embeddings and moderations against providers that say what a test tells them to."""

from __future__ import annotations

import asyncio
import base64
import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from interchange.catalog.load import read
from interchange.exchange.http import Answer, Inbound
from interchange.exchange.media.embeddings import embeddings, moderations
from interchange.exchange.media.family import Family, serve_media
from interchange.hub.verdict import Cause
from interchange.protocols.openai_chat.server import Server as ErrorWriter
from interchange.protocols.openai_media.server.embeddings import Server as EmbeddingServer
from interchange.protocols.openai_media.server.moderations import Server as ModerationServer
from interchange.upstream.call import Outgoing
from interchange.upstream.health import Place
from interchange.wire import codec
from tests.exchange.world import KEY, SEAL, Says, World, world

CATALOG = [
    {"id": "small", "kind": "embedding", "routes": [{"provider": "openai", "model": "small-up"}],
     "price": {"input": "0.02"}},
    {"id": "vertexy", "kind": "embedding", "routes": [{"provider": "gemini", "model": "gem-up"}],
     "price": {"input": "0.15"}},
    {"id": "judge", "kind": "moderation", "routes": [{"provider": "openai", "model": "judge-up"}],
     "price": {"input": "0"}},
    {"id": "gpt", "routes": [{"provider": "openai", "model": "gpt-up"}], "price": {"input": "1"}},
]  # fmt: skip
SPEAKER = ErrorWriter(SEAL)
VECTORS = embeddings(EmbeddingServer(), SPEAKER)
VERDICTS = moderations(ModerationServer(), SPEAKER)


@pytest.fixture
def here() -> Iterator[World]:
    with world() as made:
        made.services = replace(made.services, catalog=read(CATALOG))
        yield made


PLAIN: Mapping[str, str] = {}


def ask(
    here: World, body: Any, family: Family = VECTORS, headers: Mapping[str, str] = PLAIN
) -> tuple[int, Any, Answer]:
    async def run() -> Answer:
        raw = body if isinstance(body, bytes) else codec.dumps(body)
        sent = {"authorization": f"Bearer {KEY}", "content-type": "application/json", **headers}
        deadline = asyncio.get_running_loop().time() + 30
        return await serve_media(here.services, family, Inbound("POST", "/v1/embeddings", sent, raw, deadline))

    answer = asyncio.run(run())
    assert isinstance(answer.body, bytes)
    return answer.status, codec.loads(answer.body), answer


def floats(*vectors: list[float], tokens: int | None = 5) -> Says:
    data = [{"object": "embedding", "index": n, "embedding": vector} for n, vector in enumerate(vectors)]
    body: dict[str, Any] = {"object": "list", "data": data, "model": "small-up"}
    if tokens is not None:
        body["usage"] = {"prompt_tokens": tokens, "total_tokens": tokens}
    return Says(chunks=[codec.dumps(body)])


def unpack(text: str) -> tuple[float, ...]:
    raw = base64.b64decode(text)
    return struct.unpack(f"<{len(raw) // 4}f", raw)


def untouched(here: World) -> None:
    """Nothing was sent, nothing is held, nothing was charged."""
    assert here.script.sent == []
    assert (here.balance().held_nano, here.balance().charged_nano) == (0, 0)


def test_M1_base64_for_a_vendor_that_gives_floats(here: World) -> None:
    here.script.answers = [Says(chunks=[codec.dumps({"embeddings": [{"values": [0.5, -0.25, 1e-3]}]})])]
    status, body, _ = ask(here, {"model": "vertexy", "input": "hi there", "encoding_format": "base64"})
    assert status == 200
    assert unpack(body["data"][0]["embedding"]) == pytest.approx((0.5, -0.25, 1e-3), rel=1e-6)
    assert body["model"] == "vertexy"
    sent = here.script.bodies[0]["requests"][0]
    assert sent == {"model": "models/gem-up", "content": {"parts": [{"text": "hi there"}]}}


def test_M2_floats_that_come_though_base64_was_asked_are_encoded(here: World) -> None:
    here.script.answers = [floats([0.5, 0.25, 0.125, -1.0])]
    _, body, _ = ask(here, {"model": "small", "input": "x", "encoding_format": "base64"})
    assert unpack(body["data"][0]["embedding"]) == (0.5, 0.25, 0.125, -1.0)


def test_base64_that_comes_though_floats_were_asked_is_decoded(here: World) -> None:
    packed = base64.b64encode(struct.pack("<2f", 0.5, -0.5)).decode()
    here.script.answers = [floats(packed)]  # type: ignore[arg-type]
    _, body, _ = ask(here, {"model": "small", "input": "x"})
    assert body["data"][0]["embedding"] == [0.5, -0.5]


def test_M3_a_null_encoding_format_is_never_forwarded(here: World) -> None:
    here.script.answers = [floats([1.0])]
    ask(here, b'{"model":"small",  "input":"x", "encoding_format":null}')
    assert here.script.sent[0].body == b'{"model":"small-up",  "input":"x"}'


def test_M4_the_charge_is_the_tokens_at_the_price(here: World) -> None:
    here.script.answers = [floats([1.0], tokens=1_000_001)]
    ask(here, {"model": "small", "input": "x" * 1_000_001})
    assert here.balance().charged_nano == 20_000_020
    row = here.rows()[0]
    assert (row.family, row.usage.input, row.charge_nano, row.outcome) == ("embeddings", 1_000_001, 20_000_020, "ok")


def test_M5_a_hold_for_every_byte_comes_first(here: World) -> None:
    here.script.answers = [floats([1.0])]
    ask(here, {"model": "small", "input": ["abcd", "€"]})
    assert here.rows()[0].hold_nano == math.ceil((4 + 2 + 3 + 2) * 0.02 * 1000)
    assert here.balance().held_nano == 0


def test_without_a_report_the_estimate_is_charged(here: World) -> None:
    here.script.answers = [Says(chunks=[codec.dumps({"embeddings": [{"values": [1.0]}]})])]
    ask(here, {"model": "vertexy", "input": "eight ch"})
    assert 0 < here.rows()[0].usage.input <= 8


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"model": "small"}, "input"),
        ({"model": "small", "input": []}, "input"),
        ({"model": "small", "input": [[]]}, "input[0]"),
        ({"model": "small", "input": ["a", 1.5]}, "input[1]"),
        ({"model": "small", "input": {"text": "a"}}, "input"),
        ({"model": "small", "input": ["a"] * 2049}, "input"),
        ({"model": "small", "input": "a", "dimensions": "NaN"}, "dimensions"),
        ({"model": "small", "input": "a", "dimensions": 0}, "dimensions"),
        ({"model": "small", "input": "a", "dimensions": 1.5}, "dimensions"),
        ({"model": "small", "input": "a", "encoding_format": "int8"}, "encoding_format"),
        ({"model": "vertexy", "input": [[1, 2]]}, "input[0]"),
        ({"model": "vertexy", "input": ["a"] * 2049}, "input"),
        ({"model": "gpt", "input": "a"}, "model"),
        ({"model": 7, "input": "a"}, "model"),
        ({"input": "a"}, "model"),
    ],
)
def test_bad_input_names_its_field(here: World, body: Any, field: str) -> None:
    status, error, _ = ask(here, body)
    assert (status, error["error"]["param"]) == (400, field)
    untouched(here)


def test_a_model_of_another_kind_is_told_which_would_do(here: World) -> None:
    _, error, _ = ask(here, {"model": "gpt", "input": "a"})
    assert "small" in error["error"]["message"]


def test_not_json(here: World) -> None:
    for raw, kind in ((b"{", "application/json"), (b"[]", "application/json"), (b"model=small", "text/plain")):
        status, _, _ = ask(here, raw, headers={"content-type": kind})
        assert status in (400, 415)
    untouched(here)


def test_strict_names_the_first_loss(here: World) -> None:
    status, error, _ = ask(
        here, {"model": "vertexy", "input": "a", "user": "me"}, headers={"x-interchange-strict": "true"}
    )
    assert (status, error["error"]["param"]) == (400, "user")
    here.script.answers = [Says(chunks=[codec.dumps({"embeddings": [{"values": [1.0]}]})])]
    status, _, answer = ask(here, {"model": "vertexy", "input": "a", "user": "me"})
    assert (status, answer.headers["x-interchange-dropped"]) == (200, "user")


def test_an_empty_balance_sends_nothing() -> None:
    with world(credit="0.000000001") as here:
        here.services = replace(here.services, catalog=read(CATALOG))
        status, error, _ = ask(here, {"model": "small", "input": "a long enough text"})
        assert (status, error["error"]["code"]) == (402, "insufficient_quota")
        untouched(here)


def test_an_upstream_error_costs_nothing_and_reads_as_it_came(here: World) -> None:
    raw = b'{"error":{"message":"no","type":"invalid_request_error","param":"input","code":"bad"}}'
    here.script.answers = [Says(400, chunks=[raw])]
    status, error, _ = ask(here, {"model": "small", "input": "a"})
    assert (status, error) == (400, codec.loads(raw))
    assert (here.balance().held_nano, here.balance().charged_nano) == (0, 0)


@pytest.mark.parametrize("body", [b'{"input":"x"}', b'{"input":"x","model":null}'])
def test_a_moderation_need_not_name_its_model(here: World, body: bytes) -> None:
    here.script.answers = [Says(chunks=[b'{"id":"m","model":"judge-up","results":[{"flagged":false}]}'])]
    status, answer, _ = ask(here, body, VERDICTS)
    assert (status, answer["model"]) == (200, "judge")
    assert here.script.bodies[0] == {"input": "x", "model": "judge-up"}


def test_moderations_are_free_and_carried_as_they_are(here: World) -> None:
    raw = b'{"id":"modr-1","model":"judge-up","results":[{"flagged":false,"new":1}]}'
    here.script.answers = [Says(chunks=[raw])]
    status, body, _ = ask(here, {"model": "judge", "input": ["a", "b"]}, VERDICTS)
    assert status == 200
    assert body == {"id": "modr-1", "model": "judge", "results": [{"flagged": False, "new": 1}]}
    assert here.balance().charged_nano == 0
    assert here.rows()[0].family == "moderations"
    for wrong in (None, "", [], 5, ["a", {"type": "text"}]):
        status, error, _ = ask(here, {"model": "judge", "input": wrong}, VERDICTS)
        assert (status, error["error"]["param"]) == (400, "input")


def numbered(outgoing: Outgoing, told: bool = True) -> Says:
    """A batch of Gemini's: each text is a number, and its vector."""
    asked = codec.loads(outgoing.body or b"")["requests"]
    assert len(asked) <= 100
    body: dict[str, Any] = {"embeddings": [{"values": [float(one["content"]["parts"][0]["text"])]} for one in asked]}
    if told:
        body["usageMetadata"] = {"promptTokenCount": len(asked)}
    return Says(chunks=[codec.dumps(body)])


def test_more_texts_than_a_batch_takes_are_several_batches_of_one_request(here: World) -> None:
    here.script.default = numbered
    status, body, _ = ask(here, {"model": "vertexy", "input": [str(number) for number in range(250)]})
    assert status == 200
    assert [item["embedding"] for item in body["data"]] == [[float(number)] for number in range(250)]
    assert [item["index"] for item in body["data"]] == list(range(250))
    assert body["usage"]["prompt_tokens"] == 250
    assert [len(one["requests"]) for one in here.script.bodies] == [100, 100, 50]
    (row,) = here.rows()
    assert (row.usage.input, row.charge_nano) == (250, 250 * 150)
    assert here.balance().held_nano == 0


def test_batches_that_do_not_all_tell_their_tokens_are_counted_here(here: World) -> None:
    here.script.default = lambda outgoing: numbered(outgoing, told=len(here.script.sent) == 1)
    ask(here, {"model": "vertexy", "input": [str(number) for number in range(150)]})
    (row,) = here.rows()
    assert row.usage.input >= 150


@pytest.mark.parametrize(
    ("second", "told"),
    [
        (Says(400, chunks=[b'{"error": {"code": 400, "message": "no", "status": "INVALID_ARGUMENT"}}']), 400),
        (Says(chunks=[b"<html>"]), 502),
    ],
)
def test_a_batch_that_fails_fails_the_request_and_nobody_is_charged(here: World, second: Says, told: int) -> None:
    here.script.default = lambda outgoing: numbered(outgoing) if len(here.script.sent) % 2 else second
    status, body, _ = ask(here, {"model": "vertexy", "input": [str(number) for number in range(150)]})
    assert status == told
    assert body["error"]["message"]
    assert (here.balance().held_nano, here.balance().charged_nano) == (0, 0)


REFUSALS = (
    (401, b'{"error":{"message":"Incorrect API key"}}', 503),
    (429, b'{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}', 503),
    (429, b'{"error":{"message":"slow"}}', 429),
    (503, b'{"error":{"message":"busy"}}', 503),
    (200, b'{"error":{"message":"boom"}}', 502),
    (200, b'{"results":[]}', 502),
    (200, b'{"results":[5]}', 502),
    (204, b"", 502),
)


@pytest.mark.parametrize(("status", "said", "told"), REFUSALS)
def test_moderation_rests_no_route(here: World, status: int, said: bytes, told: int) -> None:
    """It is free, and says nothing of the vendor's models; its success ends no rest of theirs either."""
    here.script.default = lambda _: Says(status, chunks=[said])
    found, body, _ = ask(here, {"input": "hi"}, VERDICTS)
    assert (found, here.services.health.routes, here.balance().charged_nano) == (told, {}, 0)
    assert isinstance(body["error"]["message"], str)
    here.services.health.failed(Place("openai", "gpt-up"), Cause.CREDIT, None, here.now[0])
    here.script.default = lambda _: Says(chunks=[b'{"results":[{"flagged":false}]}'])
    assert ask(here, {"input": "hi"}, VERDICTS)[0] == 200
    assert here.services.health.resting("openai", "gpt-up", here.now[0])
