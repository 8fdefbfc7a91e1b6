"""One request, from authentication to settlement: what the caller sees, what was sent, and what it cost."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from interchange.exchange import listener as listener_module
from interchange.exchange import serve as serve_module
from interchange.wire import codec
from tests.exchange import world as w

BOTH = pytest.mark.parametrize("family", ["chat", "messages"])


def body(family: str, model: str, **extra: Any) -> dict[str, Any]:
    limit = {} if family == "chat" else {"max_tokens": 100}
    return {"model": model, "messages": w.user(), **limit, **extra}


def test_a_whole_answer_passes_through_unchanged_but_for_its_model() -> None:
    raw = (
        b'{ "model" : "gpt-up-2026",\n "id":"x","choices":[{"index":0,"message":{}}],"n":1.00,'
        b'"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15},"zzz":null}'
    )
    with w.world() as here:
        here.script.answers = [w.Says(chunks=[raw])]
        sent = (
            b'{ "messages" : [{"role":"user","content":"hi"}], "model":"gpt",  "temperature": 1.0, '
            b'"new_field": {"b":1,"a":null} }'
        )
        answer = asyncio.run(here.ask("chat", sent))
        assert answer.status == 200
        assert answer.body == raw.replace(b"gpt-up-2026", b"gpt")
        assert here.script.sent[0].body == sent.replace(b'"gpt"', b'"gpt-up"')
        assert answer.headers["x-interchange-charge-usd"] == "0.00007"
        (row,) = here.rows()
        assert (row.charge_nano, row.lane, row.outcome) == (70_000, "pass-through", "ok")
        balance = here.balance()
        assert (balance.held_nano, balance.charged_nano, balance.gap_nano) == (0, 70_000, 0)


def test_B8_a_stream_passes_through_without_the_usage_we_asked_for() -> None:
    with w.world() as here:
        frames = w.chat_stream("he", "llo")
        here.script.answers = [w.Says(chunks=frames)]
        answer, chunks = asyncio.run(here.streamed("chat", body("chat", "gpt", stream=True)))
        assert answer.status == 200
        assert here.script.bodies[0]["stream_options"] == {"include_usage": True}
        seen = b"".join(chunks)
        assert b'"usage"' not in seen
        expected = b"".join(frames[:-2]).replace(b',"usage":null', b"").replace(b"gpt-up-2026", b"gpt") + frames[-1]
        assert seen == expected
        assert here.rows()[0].charge_nano == 70_000


def test_B8_a_caller_who_asks_for_usage_gets_it() -> None:
    with w.world() as here:
        frames = w.chat_stream("hello")
        here.script.answers = [w.Says(chunks=frames)]
        asked = body("chat", "gpt", stream=True, stream_options={"include_usage": True})
        _, chunks = asyncio.run(here.streamed("chat", asked))
        assert b"".join(chunks) == b"".join(frames).replace(b"gpt-up-2026", b"gpt")


def test_I13_stream_and_whole_cost_the_same() -> None:
    with w.world() as here:
        here.script.answers = [w.Says(chunks=[w.chat_answer()]), w.Says(chunks=w.chat_stream("hello"))]
        asyncio.run(here.whole("chat", body("chat", "gpt")))
        asyncio.run(here.streamed("chat", body("chat", "gpt", stream=True)))
        assert len({row.charge_nano for row in here.rows()}) == 1


@BOTH
def test_an_empty_balance_is_402_and_nothing_is_sent(family: str) -> None:
    with w.world(credit="0") as here:
        status, told, _ = asyncio.run(here.whole(family, body(family, "gpt")))
        assert status == 402
        assert "balance" in told["error"]["message"]
        assert here.script.sent == [] and here.rows() == []


@BOTH
def test_where_the_balance_is_least_it_is_the_limit(family: str) -> None:
    with w.world(credit="0.002") as here:
        here.script.answers = [w.Says(chunks=[w.chat_answer()])]
        asked = body(family, "gpt", max_tokens=900)
        status, _, headers = asyncio.run(here.whole(family, asked))
        limit = int(headers["x-interchange-max-tokens"])
        sent = here.script.bodies[0]
        assert status == 200
        assert 0 < limit < 200
        assert limit in (sent.get("max_tokens"), sent.get("max_completion_tokens"))


def test_J2_a_hundred_at_once_on_a_balance_for_one_admit_one() -> None:
    with w.world(credit="0.008") as here:
        # The balance is less than the model's limit, so the first takes all of it as its own; what it did not use comes
        # back when it ends, so it ends when all others have been refused.
        async def many() -> list[int]:
            gate, refused = asyncio.Event(), []
            here.script.default = lambda _outgoing: w.Says(chunks=[gate, w.chat_answer(completion=500)])

            async def one() -> int:
                answer = await here.ask("chat", body("chat", "gpt"))
                refused.append(answer.status)
                if len(refused) == 99:
                    gate.set()
                return answer.status

            return list(await asyncio.gather(*(one() for _ in range(100))))

        statuses = asyncio.run(many())
        assert (statuses.count(200), statuses.count(429)) == (1, 99)  # the first one's hold alone is in the way
        balance = here.balance()
        assert balance.available_nano >= 0
        assert balance.gap_nano == 0
        assert len(here.script.sent) == statuses.count(200)


@BOTH
def test_J11_an_error_before_any_output_costs_nothing(family: str) -> None:
    with w.world() as here:
        refusal = codec.dumps(
            {"error": {"message": "bad thing", "type": "invalid_request_error", "param": None, "code": None}}
        )
        here.script.answers = [w.Says(status=400, chunks=[refusal])]
        status, told, headers = asyncio.run(here.whole(family, body(family, "gpt")))
        assert status == 400
        assert "bad thing" in told["error"]["message"]
        assert headers["x-interchange-charge-usd"] == "0"
        assert (here.rows()[0].outcome, here.rows()[0].charge_nano) == ("upstream_error", 0)
        assert here.balance().available_nano == here.balance().credited_nano


def test_K8_a_passing_fault_is_tried_again_and_charged_once() -> None:
    with w.world() as here:
        here.script.answers = [w.Says(status=500, chunks=[b"{}"]), w.Says(chunks=[w.chat_answer()])]
        status, _, _ = asyncio.run(here.whole("chat", body("chat", "gpt")))
        (row,) = here.rows()
        assert status == 200
        assert row.charge_nano == 70_000
        assert [(leg.provider, leg.status) for leg in row.legs] == [("openai", 500)]


def test_K7_a_route_that_fails_gives_way_to_the_next() -> None:
    with w.world() as here:
        down: list[w.Says | Exception] = [w.Says(status=503, chunks=[b"down"]), w.fault()]
        here.script.answers = [*down, w.Says(chunks=w.chat_stream("ok"))]
        answer, chunks = asyncio.run(here.streamed("chat", body("chat", "twice", stream=True)))
        (row,) = here.rows()
        assert answer.status == 200 and b"ok" in b"".join(chunks)
        assert (row.provider, len(row.legs)) == ("xai", 2)


def test_a_refused_credential_is_not_the_callers_401() -> None:
    with w.world() as here:
        here.script.answers = [w.Says(status=401, chunks=[b'{"error":{"message":"Incorrect API key: sk-operator"}}'])]
        status, told, _ = asyncio.run(here.whole("chat", body("chat", "gpt")))
        assert status == 503
        assert "sk-operator" not in json.dumps(told)


@BOTH
def test_K2_an_error_as_the_first_frame_is_a_status(family: str) -> None:
    with w.world() as here:
        error = w.messages_frame("error", error={"type": "overloaded_error", "message": "busy"})
        here.script.answers = [w.Says(chunks=[w.messages_stream("x")[0], error]) for _ in range(2)]
        answer, _ = asyncio.run(here.streamed(family, body(family, "claude", stream=True)))
        assert answer.status == (503 if family == "chat" else 529)
        assert here.balance().charged_nano == 0


@BOTH
def test_K1_a_cut_stream_ends_in_an_error_and_costs_what_was_produced(family: str) -> None:
    with w.world() as here:
        here.script.answers = [w.Says(chunks=w.messages_stream("x" * 40)[:3])]
        answer, chunks = asyncio.run(here.streamed(family, body(family, "claude", stream=True)))
        seen = b"".join(chunks)
        (row,) = here.rows()
        assert answer.status == 200
        assert b"error" in seen and b"[DONE]" not in seen and b"message_stop" not in seen
        assert (row.outcome, row.usage.input, row.usage.output) == ("truncated", 10, 10)
        assert row.charge_nano == 10 * 2000 + 10 * 10_000
        assert here.balance().held_nano == 0


@pytest.mark.parametrize("model", ["claude", "gpt"], ids=["pass-through", "translate"])
def test_an_error_is_told_under_the_requests_own_id(model: str) -> None:
    """The one that the headers give, whole and at the end of a stream; the provider's stands in the usage row."""
    theirs = {"request-id": "req_theirs", "x-request-id": "req_theirs"}
    cut = (w.messages_stream("x" * 40) if model == "claude" else w.chat_stream("x" * 40))[:3]
    refusal = codec.dumps(
        {"type": "error", "error": {"type": "api_error", "message": "no"}, "request_id": "req_theirs"}
    )
    with w.world() as here:
        here.script.answers = [w.Says(400, theirs, [refusal]), w.Says(200, theirs, [*cut, w.fault()])]
        _, told, headers = asyncio.run(here.whole("messages", body("messages", model)))
        assert model == "claude" or told["request_id"] == headers["request-id"]
        answer, chunks = asyncio.run(here.streamed("messages", body("messages", model, stream=True)))
        last = json.loads(chunks[-1].partition(b"data: ")[2])
        assert last["request_id"] == answer.headers["request-id"]
        assert [row.upstream_request_id for row in here.rows()] == ["req_theirs", "req_theirs"]


def test_a_connection_that_breaks_in_the_middle_is_told() -> None:
    with w.world() as here:
        here.script.answers = [w.Says(chunks=[*w.chat_stream("abcd")[:2], w.fault()])]
        _, chunks = asyncio.run(here.streamed("chat", body("chat", "gpt", stream=True)))
        assert b'"error"' in chunks[-1]
        assert here.rows()[0].outcome == "truncated"


@BOTH
def test_J8_a_caller_who_leaves_pays_for_the_whole_answer(family: str) -> None:
    with w.world() as here:

        async def leave() -> None:
            gate = asyncio.Event()
            frames = w.chat_stream("one", "two", completion=50)
            here.script.answers = [w.Says(chunks=[*frames[:2], gate, *frames[2:]])]
            answer = await here.ask(family, body(family, "gpt", stream=True))
            assert not isinstance(answer.body, bytes)
            stream = answer.body
            async for _ in stream:
                break
            await stream.aclose()  # type: ignore[attr-defined]
            gate.set()
            await asyncio.gather(*serve_module.RUNNING)

        asyncio.run(leave())
        (row,) = here.rows()
        assert (row.outcome, row.charge_nano) == ("client_gone", 10 * 2000 + 50 * 10_000)
        assert here.balance().held_nano == 0


@BOTH
def test_J9_the_charge_is_settled_before_the_terminal_frame(family: str) -> None:
    with w.world() as here:

        async def watch() -> list[int]:
            here.script.answers = [w.Says(chunks=w.chat_stream("one"))]
            answer = await here.ask(family, body(family, "gpt", stream=True))
            assert not isinstance(answer.body, bytes)
            found = []
            async for chunk in answer.body:
                if b"[DONE]" in chunk or b"message_stop" in chunk:
                    found.append(len(here.rows()))
            return found

        assert asyncio.run(watch()) == [1]


@BOTH
def test_the_deadline_is_an_event_after_the_first_byte(family: str) -> None:
    with w.world() as here:
        here.script.answers = [w.Says(chunks=[*w.chat_stream("one")[:2], 30.0])]
        _, chunks = asyncio.run(here.streamed(family, body(family, "gpt", stream=True), seconds=3.3))
        assert b"error" in chunks[-1]
        assert here.rows()[0].outcome == "truncated"


@BOTH
def test_K5_a_silent_wait_is_filled_with_heartbeats(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener_module, "HEARTBEAT_SECONDS", 0.02)
    with w.world() as here:
        frames = w.chat_stream("one")
        here.script.answers = [w.Says(chunks=[0.2, *frames])]
        answer, chunks = asyncio.run(here.streamed(family, body(family, "gpt", stream=True)))
        beats = [chunk for chunk in chunks if chunk == here.faces()[family].server.heartbeat()]
        assert answer.status == 200
        assert len(beats) >= 2
        assert b"one" in b"".join(chunks)


@BOTH
def test_K5_the_first_sign_of_life_goes_out_with_the_status(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def first() -> bytes:
        answer = await here.ask(family, body(family, "gpt", stream=True))
        assert not isinstance(answer.body, bytes)
        monkeypatch.setattr(listener_module, "HEARTBEAT_SECONDS", 3600.0)
        return await anext(aiter(answer.body))

    monkeypatch.setattr(listener_module, "HEARTBEAT_SECONDS", 0.02)
    with w.world() as here:
        here.script.answers = [w.Says(chunks=[0.5, *w.chat_stream("one")])]
        assert asyncio.run(first()) == here.faces()[family].server.heartbeat()


@BOTH
def test_K5_an_error_after_the_wait_is_an_event(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener_module, "HEARTBEAT_SECONDS", 0.02)
    with w.world() as here:
        here.script.answers = [w.Says(status=400, chunks=[0.2, b'{"error":{"message":"late"}}'])]
        answer, chunks = asyncio.run(here.streamed(family, body(family, "gpt", stream=True)))
        assert answer.status == 200
        assert b"late" in b"".join(chunks)
        assert here.balance().charged_nano == 0


@BOTH
@pytest.mark.parametrize(
    ("wrong", "param", "status"),
    [
        (b"{", None, 400),
        (b"[]", None, 400),
        (b"", None, 400),
        ({"messages": []}, "model", 400),
        ({"model": 3, "messages": []}, "model", 400),
        ({"model": "gpt", "messages": "hi", "max_tokens": 5}, "messages", 400),
        ({"model": "gpt", "messages": w.user(), "max_tokens": 5, "stream": "yes"}, "stream", 400),
        ({"model": "unknown-model", "messages": w.user(), "max_tokens": 5}, "model", 404),
        ({"model": "vectors", "messages": w.user(), "max_tokens": 5}, "model", 400),
    ],
)
def test_K9_bad_input_names_its_field_and_holds_nothing(
    family: str, wrong: Any, param: str | None, status: int
) -> None:
    with w.world() as here:
        found, told, _ = asyncio.run(here.whole(family, wrong))
        assert found == status
        if param is not None:
            assert param in json.dumps(told["error"])
        assert here.script.sent == [] and here.rows() == []
        assert here.balance().held_nano == 0


@BOTH
@pytest.mark.parametrize("key", ["", "nonsense", "sk-" + "x" * 40])
def test_a_bad_key_is_401_in_the_callers_protocol(family: str, key: str) -> None:
    with w.world() as here:
        status, told, headers = asyncio.run(here.whole(family, body(family, "gpt"), key=key))
        assert status == 401
        assert (told["type"] == "error") if family == "messages" else (told["error"]["code"] == "invalid_api_key")
        assert headers["x-interchange-request-id"]


def test_another_media_type_is_415() -> None:
    with w.world() as here:
        status, _, _ = asyncio.run(here.whole("chat", b"a=1", content_type="application/x-www-form-urlencoded"))
        assert status == 415


def test_a_loss_is_named_and_strict_makes_it_a_400() -> None:
    with w.world() as here:
        asked = body("chat", "claude", logit_bias={"1": 1}, max_tokens=50)
        answer = codec.dumps({"id": "m", "type": "message", "role": "assistant", "model": "claude-up",
                              "stop_reason": "end_turn", "stop_sequence": None,
                              "content": [{"type": "text", "text": "hey"}],
                              "usage": {"input_tokens": 3, "output_tokens": 2}})  # fmt: skip
        here.script.answers = [w.Says(chunks=[answer])]
        status, _, headers = asyncio.run(here.whole("chat", asked))
        assert (status, headers["x-interchange-dropped"]) == (200, "logit_bias")
        status, told, _ = asyncio.run(here.whole("chat", asked, x_interchange_strict="true"))
        assert status == 400 and told["error"]["param"] == "logit_bias"
        assert len(here.script.sent) == 1


def test_a_model_that_no_configured_provider_serves() -> None:
    with w.world() as here:
        status, _, _ = asyncio.run(here.whole("chat", body("chat", "nowhere")))
        assert status == 503


def test_F1_automatic_breakpoints_for_a_protocol_that_has_none() -> None:
    with w.world() as here:
        asked = body("chat", "claude", max_tokens=50)
        asked["messages"] = [{"role": "system", "content": "long"}, *w.user("hello")]
        here.script.answers = [w.Says(status=400, chunks=[b"{}"]) for _ in range(4)]
        asyncio.run(here.whole("chat", asked))
        asyncio.run(here.whole("chat", asked, x_interchange_cache="auto"))
        here.keys.change("key_1", cache="auto")
        asyncio.run(here.whole("chat", asked))
        asyncio.run(here.whole("chat", asked, x_interchange_cache="off"))
        plain, cached, by_key, off = here.script.bodies
        assert (by_key, off) == (cached, plain)
        assert "cache_control" not in json.dumps(plain)
        assert cached["system"][-1]["cache_control"] == {"type": "ephemeral"}
        assert cached["messages"][-1]["content"][-1]["cache_control"] == {"type": "ephemeral"}
