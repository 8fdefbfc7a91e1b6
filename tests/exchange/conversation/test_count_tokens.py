"""Counting tokens: whose counter is asked, what is sent to it, and that it costs nothing and breaks nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from interchange.exchange.conversation.count_tokens import count_tokens
from interchange.exchange.http import Inbound
from interchange.hub.blocks import Continuation
from interchange.protocols.anthropic_messages.server import Server
from interchange.protocols.faces import CountingServer
from interchange.wire import codec
from tests.exchange import world as w

TOOL = {"name": "get_weather", "description": "now", "input_schema": {"type": "object", "properties": {}}}
COUNT = {"claude": b'{"input_tokens":42}', "gemini": b'{"totalTokens":42}'}


@pytest.fixture
def here() -> Iterator[w.World]:
    with w.world() as made:
        yield made


def count(here: w.World, model: str, more: Mapping[str, str] | None = None, **extra: Any) -> tuple[int, Any]:
    """As Claude Code asks: with a query string, and no max_tokens."""
    server: CountingServer = Server(w.SEAL)
    body = codec.dumps({"model": model, "messages": w.user("hello there"), **extra})
    headers = {"x-api-key": w.KEY, "content-type": "application/json", "anthropic-beta": "token-counting-2024-11-01"}
    headers |= {name.replace("_", "-"): value for name, value in (more or {}).items()}

    async def run() -> tuple[int, Any]:
        deadline = asyncio.get_running_loop().time() + 30
        inbound = Inbound("POST", "/v1/messages/count_tokens", headers, body, deadline, {"beta": "true"})
        answer = await count_tokens(here.services, server, inbound)
        assert isinstance(answer.body, bytes)
        return answer.status, codec.loads(answer.body)

    return asyncio.run(run())


def untouched(here: w.World) -> bool:
    """No hold, no charge, no row."""
    balance = here.balance()
    return (balance.held_nano, balance.charged_nano, here.rows()) == (0, 0, [])


@pytest.mark.parametrize("model", ["gpt", "grok", "claude", "gemini", "twice", "nowhere"])
def test_G1_every_model_is_counted_free_of_charge(here: w.World, model: str) -> None:
    here.script.default = lambda _out: w.Says(chunks=[COUNT.get(model, b"")])
    status, body = count(here, model, system="Be brief.", tools=[TOOL])
    assert status == 200 and set(body) == {"input_tokens"}
    assert body["input_tokens"] == 42 if model in COUNT else 20 < body["input_tokens"] < 80
    assert untouched(here)


@pytest.mark.parametrize("model", ["gpt", "grok"])
def test_G5_a_model_without_a_counter_is_never_counted_by_another_vendor(here: w.World, model: str) -> None:
    assert count(here, model)[0] == 200
    assert not here.script.sent


def test_G5_gemini_is_counted_by_gemini_whole(here: w.World) -> None:
    here.script.answers = [w.Says(chunks=[COUNT["gemini"]])]
    assert count(here, "gemini", system="Be brief.", tools=[TOOL]) == (200, {"input_tokens": 42})
    (sent,) = here.script.sent
    assert sent.url == "http://gemini/v1beta/models/gemini-up:countTokens"
    counted = here.script.bodies[0]["generateContentRequest"]
    assert {"contents", "systemInstruction", "tools"} <= set(counted)


def test_G6_claude_is_counted_by_claude_with_all_that_was_sent(here: w.World) -> None:
    here.script.answers = [w.Says(chunks=[COUNT["claude"]])]
    assert count(here, "claude", tools=[TOOL], new_field={"a": 1}) == (200, {"input_tokens": 42})
    (sent,) = here.script.sent
    assert sent.url == "http://anthropic/v1/messages/count_tokens"
    assert sent.headers["anthropic-beta"] == "token-counting-2024-11-01"
    assert here.script.bodies[0] == {"model": "claude-up", "messages": w.user("hello there"), "tools": [TOOL],
                                     "new_field": {"a": 1}}  # fmt: skip


def test_G6_what_we_sealed_for_another_vendor_is_not_shown_to_claude(here: w.World) -> None:
    here.script.answers = [w.Says(chunks=[COUNT["claude"]])]
    sealed = w.SEAL.bound("acc").seal(Continuation("openai_responses", "gAAA", "rs_1"))
    turn = {"role": "assistant", "content": [{"type": "thinking", "thinking": "hm", "signature": sealed},
                                             {"type": "text", "text": "yes"}]}  # fmt: skip
    assert count(here, "claude", messages=[*w.user(), turn, *w.user()])[0] == 200
    assert b"ic1." not in (here.script.sent[0].body or b"")


@pytest.mark.parametrize("said", [
    w.Says(status=404, chunks=[b'{"error":{"type":"not_found_error","message":"no"}}']),
    w.Says(status=500, chunks=[b"oops"]), w.Says(chunks=[b"{}"]), w.Says(chunks=[b"[]"]), w.Says(chunks=[b"<html>"]),
    w.fault(), w.Says(chunks=[w.fault()]),
])  # fmt: skip
def test_G4_a_counter_that_fails_is_estimated_and_touches_no_route(here: w.World, said: Any) -> None:
    here.script.answers = [said]
    status, body = count(here, "claude")
    assert status == 200 and 0 < body["input_tokens"] < 30
    here.script.answers = [w.Says(chunks=w.messages_stream("ok"))]
    asked = {"model": "claude", "max_tokens": 9, "stream": True, "messages": w.user()}
    answer, _ = asyncio.run(here.streamed("messages", asked))
    assert answer.status == 200, "the route serves as before"


def test_G6_where_claude_s_counter_fails_its_own_factor_is_used(here: w.World) -> None:
    w.traits(here, 1)["counting"] = {"factor": 2.0}
    try:
        here.script.answers = [w.Says(status=404)]
        _, body = count(here, "claude", messages=w.user("word " * 500))
    finally:
        w.traits(here, 1).pop("counting")
    assert body["input_tokens"] > 1000


def test_mistakes_are_told_in_the_protocol(here: w.World) -> None:
    status, body = count(here, "claude", messages="x")
    assert (status, body["type"], body["error"]["type"]) == (400, "error", "invalid_request_error")
    status, body = count(here, "no-such-model")
    assert (status, body["error"]["type"]) == (404, "not_found_error")


@pytest.mark.parametrize("data", ["AA!A", "AAAA\xe9"])
@pytest.mark.parametrize("model", ["gpt", "gemini", "claude"])
def test_media_in_no_base64_are_refused_unless_the_models_own_vendor_counts(
    here: w.World, model: str, data: str
) -> None:
    source = {"type": "base64", "media_type": "application/pdf", "data": data}
    turns = [{"role": "user", "content": [{"type": "document", "source": source}]}]
    here.script.default = lambda _out: w.Says(status=500, chunks=[b"{}"])
    status, body = count(here, model, messages=turns)
    if model == "claude":
        assert (status, set(body)) == (200, {"input_tokens"})
    else:
        path = "messages[0].content[0].source.data"
        assert (status, body["error"]["message"].partition(": ")[0]) == (400, path)
