"""Models that take over within a request: mapped, held, charged and named as what they are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from interchange.catalog.load import read
from interchange.identity.keys import Limits
from interchange.metering.prices import PriceList, charge_each
from interchange.wire import codec
from tests.exchange.world import CATALOG, Says, World, user, world

SMALL, LARGE = (
    {"input": "1", "output": "5"},
    {"input": "10", "output": "50", "service_tiers": {"fast": {"input": "60", "output": "300"}}},
)
MODELS: list[dict[str, Any]] = [
    *CATALOG,
    {"id": "haiku", "routes": [{"provider": "anthropic", "model": "haiku-up"}], "max_output": 1000, "price": SMALL},
    {"id": "fable", "routes": [{"provider": "anthropic", "model": "fable-up"}], "max_output": 1000, "price": LARGE,
     "aliases": ["fable-2026"]},
]  # fmt: skip
DECLINED = {"type": "message", "model": "haiku-up", "input_tokens": 10, "output_tokens": 0,
            "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0}  # fmt: skip
SERVED = {"type": "fallback_message", "model": "fable-up", "input_tokens": 12, "output_tokens": 20,
          "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0}  # fmt: skip
HOP = {"type": "fallback", "from": {"model": "haiku-up"}, "to": {"model": "fable-up"},
       "trigger": {"type": "refusal", "category": "cyber"}}  # fmt: skip


@contextmanager
def place(credit: str = "10", limits: Limits | None = None) -> Iterator[World]:
    with world(credit, limits) as made:
        made.services = replace(made.services, catalog=read(MODELS))
        yield made


def body(*fallbacks: Any, **more: Any) -> dict[str, Any]:
    entries = [{"model": one} if isinstance(one, str) else one for one in fallbacks]
    return {"model": "haiku", "max_tokens": 50, "fallbacks": entries, "messages": user(), **more}


def answer(*iterations: Any, model: str = "fable-up", content: Any = None) -> bytes:
    last = iterations[-1] if iterations else SERVED
    usage = {name: last[name] for name in ("input_tokens", "output_tokens")}
    return codec.dumps({
        "id": "msg_1", "type": "message", "role": "assistant", "model": model, "stop_reason": "end_turn",
        "stop_sequence": None, "content": content or [HOP, {"type": "text", "text": "ok"}],
        "usage": {**usage, "iterations": list(iterations)} if iterations else usage,
    })  # fmt: skip


def stream(*, said: bool = True, ends: bool = True) -> list[bytes]:
    piece = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "well"}}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": {
            "id": "msg_1", "type": "message", "role": "assistant", "model": "haiku-up", "content": [],
            "stop_reason": None, "usage": {"input_tokens": 10, "output_tokens": 1}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *([piece] if said else []),
        {"type": "content_block_stop", "index": 0},
        {"type": "content_block_start", "index": 1, "content_block": HOP},
        {"type": "content_block_stop", "index": 1},
        {"type": "content_block_start", "index": 2, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 2, "delta": {"type": "text_delta", "text": "x" * 40}},
        {"type": "content_block_stop", "index": 2},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": {
            "input_tokens": 12, "output_tokens": 20,
            "iterations": [{**DECLINED, "output_tokens": 3 if said else 0}, SERVED]}},
        {"type": "message_stop"},
    ]  # fmt: skip
    kept = events if ends else events[:-3]
    return [f"event: {one['type']}\ndata: ".encode() + codec.dumps(one) + b"\n\n" for one in kept]


def test_the_model_that_takes_over_is_mapped_charged_and_named() -> None:
    async def run() -> None:
        with place() as made:
            made.script.answers = [Says(chunks=[answer(DECLINED, SERVED)])]
            status, told, headers = await made.whole("messages", body("fable-2026"))
            assert status == 200, told
            assert made.script.bodies[0]["model"] == "haiku-up"
            assert made.script.bodies[0]["fallbacks"] == [{"model": "fable-up"}]
            (row,) = made.rows()
            assert (row.model, row.upstream_model, row.rounds) == ("fable", "fable-up", ())
            assert row.charge_nano == 12 * 10_000 + 20 * 50_000 == row.cost_nano
            assert told["model"] == "fable-2026"
            assert told["content"][0]["from"] == {"model": "haiku"}
            assert told["content"][0]["to"] == {"model": "fable-2026"}
            assert [one["model"] for one in told["usage"]["iterations"]] == ["haiku", "fable-2026"]
            assert headers["x-interchange-charge-usd"] == "0.00112"

    asyncio.run(run())


def test_an_answer_of_the_model_that_was_asked_for_costs_what_that_costs() -> None:
    own = {**DECLINED, "output_tokens": 7}

    async def run() -> None:
        with place() as made:
            made.script.answers = [
                Says(chunks=[answer(own, model="haiku-up", content=[{"type": "text", "text": "a"}])])
            ]
            _, told, _ = await made.whole("messages", body("fable"))
            (row,) = made.rows()
            assert told["model"] == "haiku"
            assert (row.model, row.charge_nano) == ("haiku", 10 * 1_000 + 7 * 5_000)

    asyncio.run(run())


def test_the_dearest_is_held() -> None:
    async def held(asked: dict[str, Any], *answers: Any) -> int:
        with place() as made:
            made.script.answers = [Says(chunks=[answer(*answers)])]
            status, told, _ = await made.whole("messages", asked)
            assert status == 200, told
            (row,) = made.rows()
            return row.hold_nano

    async def run() -> None:
        alone = await held({**body(), "model": "fable"}, SERVED)
        assert alone <= await held(body("fable"), DECLINED, SERVED)
        fast = await held(body({"model": "fable", "speed": "fast"}), DECLINED, SERVED)
        assert fast > 5 * alone
        longer = await held(body({"model": "fable", "max_tokens": 900}), DECLINED, SERVED)
        assert longer > 5 * alone

    asyncio.run(run())


def test_a_balance_that_does_not_cover_the_dearest_is_a_402_before_anything_is_sent() -> None:
    async def run() -> None:
        with place("0.0005") as made:
            made.script.answers = [Says(chunks=[answer(DECLINED | {"output_tokens": 2}, model="haiku-up")])]
            status, _, _ = await made.whole("messages", body())
            assert status == 200  # alone the small one is covered
        with place("0.0005") as made:
            status, told, _ = await made.whole("messages", body("fable"))
            assert (status, told["error"]["type"]) == (402, "billing_error")
            assert made.script.sent == []

    asyncio.run(run())


def test_the_balances_limit_is_every_entrys() -> None:
    async def run() -> None:
        with place("0.01") as made:
            made.script.answers = [Says(chunks=[answer(DECLINED, SERVED)])]
            entry = {"model": "fable", "max_tokens": 1000}
            status, _, headers = await made.whole("messages", body(entry, max_tokens=1000))
            assert status == 200
            limit = int(headers["x-interchange-max-tokens"])
            sent = made.script.bodies[0]
            assert sent["max_tokens"] == sent["fallbacks"][0]["max_tokens"] == limit < 1000

    asyncio.run(run())


@pytest.mark.parametrize("named", ["fallback_message", "message"])
def test_several_that_wrote_are_charged_each_at_its_own_price(named: str) -> None:
    began = {**DECLINED, "output_tokens": 4}

    async def run() -> None:
        with place() as made:
            made.script.answers = [Says(chunks=[answer(began, {**SERVED, "type": named})])]
            await made.whole("messages", body("fable"))
            (row,) = made.rows()
            assert [one.model for one in row.rounds] == ["haiku-up", "fable-up"]
            assert row.charge_nano == (10 * 1_000 + 4 * 5_000) + (12 * 10_000 + 20 * 50_000)
            billed = [(usage, PriceList.read(data), markup) for usage, data, markup in row.billed]
            assert charge_each(billed).nano == row.charge_nano
            assert row.usage.total_output == 24

    asyncio.run(run())


@pytest.mark.parametrize(("said", "cost"), [(True, 10_000 + 15_000 + 120_000 + 1_000_000), (False, 1_120_000)])
def test_a_stream_is_charged_by_the_model_that_made_each_part(said: bool, cost: int) -> None:
    async def run() -> None:
        with place() as made:
            made.script.answers = [Says(chunks=stream(said=said))]
            _, chunks = await made.streamed("messages", {**body("fable"), "stream": True})
            told = b"".join(chunks)
            assert b"-up" not in told
            assert b'"to":{"model":"fable"}' in told
            (row,) = made.rows()
            assert (row.charge_nano, row.model) == (cost, "fable")

    asyncio.run(run())


def test_a_stream_that_breaks_off_is_charged_at_the_price_of_who_was_speaking() -> None:
    async def run() -> None:
        with place() as made:
            made.script.answers = [Says(chunks=stream(ends=False))]
            await made.streamed("messages", {**body("fable"), "stream": True})
            (row,) = made.rows()
            assert (row.outcome, row.model) == ("truncated", "fable")
            assert row.charge_nano >= 10 * 10_000 + 11 * 50_000

    asyncio.run(run())


@pytest.mark.parametrize("reported", ["fable-up", "fable-2026", "some-new-name"])
def test_without_iterations_the_answers_own_model_is_charged(reported: str) -> None:
    """One that nobody knows is the dearest."""

    async def run() -> None:
        with place() as made:
            made.script.answers = [Says(chunks=[answer(model=reported)])]
            await made.whole("messages", body("fable"))
            (row,) = made.rows()
            assert row.charge_nano == 12 * 10_000 + 20 * 50_000

    asyncio.run(run())


REFUSED: list[tuple[Any, int, str]] = [
    ("default", 400, "fallbacks"),
    ("fable", 400, "fallbacks"),
    ([{}], 400, "fallbacks.0.model"),
    ([{"model": 5}], 400, "fallbacks.0.model"),
    ([{"model": "fable", "temperature": 1}], 400, "fallbacks.0.temperature"),
    ([{"model": "fable", "speed": "warp"}], 400, "fallbacks.0.speed"),
    ([{"model": "fable", "max_tokens": 0}], 400, "fallbacks.0.max_tokens"),
    ([{"model": "nobody"}], 404, "nobody"),
    ([{"model": "vectors"}], 400, "vectors"),
    ([{"model": "gpt"}], 400, "fallbacks[0].model"),
    ([{"model": "fable"}] * 9, 400, "fallbacks"),
]


@pytest.mark.parametrize(("given", "status", "named"), REFUSED)
def test_what_cannot_take_over_is_refused_before_anything_is_sent(given: Any, status: int, named: str) -> None:
    async def run() -> None:
        with place() as made:
            found, told, _ = await made.whole("messages", {**body(), "fallbacks": given})
            assert (found, made.script.sent, made.balance().held_nano) == (status, [], 0), told
            assert named in told["error"]["message"]

    asyncio.run(run())


def test_a_key_of_other_models_cannot_have_one_take_over() -> None:
    async def run() -> None:
        with place(limits=Limits(allowed_models=("haiku*",))) as made:
            status, told, _ = await made.whole("messages", body("fable"))
            assert (status, told["error"]["type"]) == (403, "permission_error")
            assert made.script.sent == []

    asyncio.run(run())


@pytest.mark.parametrize("model", ["gpt", "gemini", "grok"])
def test_another_vendors_model_has_no_word_for_it(model: str) -> None:
    async def run() -> None:
        with place() as made:
            status, told, _ = await made.whole("messages", {**body("fable"), "model": model})
            assert (status, made.script.sent) == (400, [])
            assert told["error"]["message"].startswith("fallbacks[0].model: ")

    asyncio.run(run())


def test_no_model_is_no_wish() -> None:
    async def run() -> None:
        with place() as made:
            made.script.answers = [Says(chunks=[answer(DECLINED | {"output_tokens": 2}, model="haiku-up")])]
            status, told, _ = await made.whole("messages", body())
            assert (status, told["model"]) == (200, "haiku")

    asyncio.run(run())
