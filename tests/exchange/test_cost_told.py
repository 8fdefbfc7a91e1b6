"""`usage.cost`: the charge, in a stream's last usage and in a whole answer, for who asks for it."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from typing import Any

import pytest

from tests.exchange import world as w

VENDORS = {"gpt": w.chat_stream, "claude": w.messages_stream}


def responses_stream(*texts: str) -> list[bytes]:
    done: dict[str, Any] = {
        "id": "resp_1", "object": "response", "status": "completed", "model": "gpt-up-2026",
        "output": [{"type": "message", "id": "m", "role": "assistant", "status": "completed",
                    "content": [{"type": "output_text", "text": "".join(texts), "annotations": []}]}],
        "usage": {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15},
    }  # fmt: skip
    found: list[dict[str, Any]] = [
        {"type": "response.created", "response": {**done, "status": "in_progress", "output": [], "usage": None}},
        *({"type": "response.output_text.delta", "item_id": "m", "output_index": 0, "content_index": 0, "delta": text}
          for text in texts),
        {"type": "response.completed", "response": done},
    ]  # fmt: skip
    return [f"event: {one['type']}\ndata: {json.dumps(one)}\n\n".encode() for one in found]


def vendor(family: str, model: str) -> list[bytes]:
    """What the model's vendor sends: some are asked in the caller's own protocol."""
    return responses_stream("he", "llo") if (family, model) == ("responses", "gpt") else VENDORS[model]("he", "llo")


EACH = pytest.mark.parametrize("model", VENDORS)
FAMILIES = pytest.mark.parametrize("family", ["chat", "messages", "responses"])


def body(family: str, model: str, **extra: Any) -> dict[str, Any]:
    match family:
        case "responses":
            return {"model": model, "input": "hi", **extra}
        case "messages":
            return {"model": model, "max_tokens": 100, "messages": w.user(), **extra}
        case _:
            return {"model": model, "messages": w.user(), **extra}


def events(chunks: list[bytes]) -> list[dict[str, Any]]:
    lines = [line[6:] for line in b"".join(chunks).splitlines() if line.startswith(b"data: {")]
    return [json.loads(line, parse_float=Decimal) for line in lines]


def costs(found: list[dict[str, Any]]) -> list[Any]:
    usages = [one.get("usage") or (one.get("response") or {}).get("usage") or {} for one in found]
    return [usage["cost"] for usage in usages if "cost" in usage]


@EACH
@FAMILIES
def test_a_streams_last_usage_has_the_charge_of_its_row(family: str, model: str) -> None:
    with w.world() as here:
        here.script.answers = [w.Says(chunks=vendor(family, model))]
        asked = body(family, model, stream=True)
        _, chunks = asyncio.run(here.streamed(family, asked, x_interchange_usage="cost"))
        (row,) = here.rows()
        assert row.charge_nano > 0
        assert costs(events(chunks)) == [Decimal(row.charge_nano) / 10**9]


@EACH
@FAMILIES
def test_a_body_may_ask_as_users_of_openrouter_do(family: str, model: str) -> None:
    with w.world() as here:
        here.script.answers = [w.Says(chunks=vendor(family, model))]
        asked = body(family, model, stream=True, usage={"include": True})
        answer, chunks = asyncio.run(here.streamed(family, asked))
        assert len(costs(events(chunks))) == 1
        assert "usage" not in here.script.bodies[0] and "x-interchange-dropped" not in answer.headers


def test_a_whole_answer_has_it_too() -> None:
    with w.world() as here:
        here.script.answers = [w.Says(chunks=[w.chat_answer()])]
        _, answer, headers = asyncio.run(here.whole("chat", body("chat", "gpt", usage={"include": True})))
        assert Decimal(str(answer["usage"]["cost"])) == Decimal(headers["x-interchange-charge-usd"])


def test_who_does_not_ask_gets_the_vendors_bytes() -> None:
    with w.world() as here:
        frames = w.messages_stream("he", "llo")
        here.script.answers = [w.Says(chunks=frames)] * 2
        for extra in ({}, {"usage": {"include": False}}):
            _, chunks = asyncio.run(here.streamed("messages", body("messages", "claude", stream=True, **extra)))
            assert b"".join(chunks) == b"".join(frames).replace(b"claude-up", b"claude")


def test_only_the_charge_is_added_to_a_stream_that_is_carried_through() -> None:
    with w.world() as here:
        frames = w.messages_stream("he", "llo")
        here.script.answers = [w.Says(chunks=frames)]
        asked = body("messages", "claude", stream=True)
        _, chunks = asyncio.run(here.streamed("messages", asked, x_interchange_usage="cost"))
        charge = f"{Decimal(here.rows()[0].charge_nano) / 10**9:f}".encode()
        told = b"".join(chunks).replace(b',"cost":' + charge.rstrip(b"0"), b"")
        assert told == b"".join(frames).replace(b"claude-up", b"claude")


def test_nothing_but_the_end_waits_for_the_charge() -> None:
    async def first(here: w.World) -> bytes:
        gate = asyncio.Event()
        frames = w.messages_stream("he", "llo")
        here.script.answers = [w.Says(chunks=[*frames[:4], gate, *frames[4:]])]
        answer = await here.ask("messages", body("messages", "claude", stream=True), x_interchange_usage="cost")
        assert not isinstance(answer.body, bytes)
        heard = b""
        async for chunk in answer.body:
            heard += chunk
            if b"llo" in heard or b"he" in heard:
                gate.set()
        return heard

    with w.world() as here:
        assert b"message_stop" in asyncio.run(first(here))


def test_a_stream_that_breaks_off_loses_nothing_that_was_kept() -> None:
    with w.world() as here:
        frames = w.messages_stream("he", "llo")
        here.script.answers = [w.Says(chunks=[*frames[:-1], w.fault()])]
        asked = body("messages", "claude", stream=True)
        _, chunks = asyncio.run(here.streamed("messages", asked, x_interchange_usage="cost"))
        seen = b"".join(chunks)
        assert b"message_delta" in seen and b"event: error" in seen


def test_a_repeat_has_the_same_cost() -> None:
    with w.world() as here:
        here.script.answers = [w.Says(chunks=w.chat_stream("he"))]
        asked = body("chat", "gpt", stream=True)
        seen = [
            b"".join(asyncio.run(here.streamed("chat", asked, idempotency_key="k", x_interchange_usage="cost"))[1])
            for _ in range(2)
        ]
        assert seen[0] == seen[1] and b'"cost":' in seen[0]


@pytest.mark.parametrize(
    ("extra", "headers", "param"),
    [
        ({"usage": True}, {}, "usage"),
        ({"usage": {"include": "yes"}}, {}, "usage"),
        ({"usage": {"include": True, "more": 1}}, {}, "usage"),
        ({}, {"x_interchange_usage": "price"}, "x-interchange-usage"),
    ],
)
def test_a_wish_that_is_not_understood_names_its_field(
    extra: dict[str, Any], headers: dict[str, str], param: str
) -> None:
    with w.world() as here:
        status, answer, _ = asyncio.run(here.whole("chat", body("chat", "gpt", **extra), **headers))
        assert (status, answer["error"]["param"]) == (400, param)
        assert here.rows() == [] and here.balance().held_nano == 0
