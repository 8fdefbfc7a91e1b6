"""A vendor that goes on beyond the limit that it was given: reading stops, the caller has a proper end, nobody pays for
more than was held."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from interchange.exchange import listener, produced
from interchange.hub import events as e
from interchange.hub.fold import fold
from interchange.hub.grammar import Grammar
from interchange.protocols.anthropic_messages.client import Client as MessagesClient
from interchange.protocols.faces import Client
from interchange.protocols.openai_chat.client import Client as ChatClient
from interchange.protocols.openai_responses.client import Client as ResponsesClient
from interchange.upstream.call import Outgoing
from interchange.wire import codec
from tests.exchange import world as w
from tests.laws.traffic import read_events

CLIENTS: dict[str, Client] = {"chat": ChatClient(), "messages": MessagesClient(), "responses": ResponsesClient()}
LIMIT = 500
WORD = "word "


def endless_chat(**fields: Any) -> Iterator[bytes]:
    yield w.chat_chunk({"role": "assistant", "content": ""})
    yield from itertools.repeat(w.chat_chunk(fields or {"content": WORD}))


def endless_messages(kind: str = "text") -> Iterator[bytes]:
    whole = w.messages_stream(WORD)
    if kind == "thinking":
        yield whole[0]
        yield w.messages_frame("content_block_start", index=0, content_block={"type": "thinking", "thinking": ""})
        delta = {"type": "thinking_delta", "thinking": WORD}
        yield from itertools.repeat(w.messages_frame("content_block_delta", index=0, delta=delta))
    yield from whole[:2]
    yield from itertools.repeat(whole[2])


def responses_event(kind: str, **fields: Any) -> bytes:
    body = {"type": f"response.{kind}", **fields}
    return f"event: response.{kind}\ndata: ".encode() + codec.dumps(body) + b"\n\n"


def endless_responses() -> Iterator[bytes]:
    response = {"id": "resp_up", "object": "response", "created_at": 1, "model": "gpt-up-2026", "output": [],
                "status": "in_progress", "usage": None}  # fmt: skip
    numbers = itertools.count()
    item = {"id": "msg_up", "type": "message", "role": "assistant", "status": "in_progress", "content": []}
    part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
    place = {"item_id": "msg_up", "output_index": 0, "content_index": 0}
    yield responses_event("created", response=response, sequence_number=next(numbers))
    yield responses_event("output_item.added", output_index=0, item=item, sequence_number=next(numbers))
    yield responses_event("content_part.added", **place, part=part, sequence_number=next(numbers))
    for number in numbers:
        yield responses_event("output_text.delta", **place, delta=WORD, logprobs=[], sequence_number=number)


def endless_gemini() -> Iterator[bytes]:
    candidate = {"content": {"parts": [{"text": WORD}], "role": "model"}, "index": 0}
    frame = {"candidates": [candidate], "usageMetadata": {"promptTokenCount": 3}, "modelVersion": "gemini-up"}
    yield from itertools.repeat(b"data: " + codec.dumps(frame) + b"\r\n\r\n")


def endless(outgoing: Outgoing) -> w.Says:
    if outgoing.url.endswith("/responses"):
        return w.Says(chunks=endless_responses())
    if outgoing.url.endswith("/messages"):
        return w.Says(chunks=endless_messages())
    return w.Says(chunks=endless_gemini() if "gemini" in outgoing.url else endless_chat())


def body(family: str, model: str) -> dict[str, Any]:
    if family == "responses":
        return {"model": model, "max_output_tokens": LIMIT, "input": "hi", "stream": True}
    return {"model": model, "max_tokens": LIMIT, "messages": w.user(), "stream": True}


def stop_of(family: str, out: Iterable[bytes]) -> e.StopReason:
    return fold(read_events(CLIENTS[family], b"".join(out).decode())).stop.reason


def sound_books(here: w.World) -> None:
    (row,) = here.rows()
    balance = here.balance()
    assert (row.outcome, row.charge_nano <= row.hold_nano) == ("truncated", True)
    assert (balance.held_nano, balance.gap_nano, balance.charged_nano) == (0, 0, row.charge_nano)
    assert balance.available_nano >= 0
    assert "limit_passed" in [event for event, _ in here.reports]


@pytest.mark.parametrize("family", CLIENTS)
@pytest.mark.parametrize("model", ["gpt", "claude", "gemini", "grok"])
def test_an_endless_answer_ends_at_its_limit_in_the_callers_words(family: str, model: str) -> None:
    with w.world(credit="0.01") as here:
        here.script.default = endless
        answer, chunks = asyncio.run(here.streamed(family, body(family, model)))
        assert answer.status == 200
        events = read_events(CLIENTS[family], b"".join(chunks).decode())
        grammar = Grammar()
        for event in events:
            grammar.check(event)
        response = fold(events)
        assert response.stop.reason is e.StopReason.MAX_TOKENS
        said = "".join(getattr(block, "text", "") for block in response.blocks)
        assert said == WORD * (len(said) // len(WORD))
        assert LIMIT * 4 < len(said) < LIMIT * 25
        sound_books(here)


@pytest.mark.parametrize("family", CLIENTS)
def test_an_endless_answer_is_not_read_on_for_a_caller_who_has_gone(family: str) -> None:
    async def leave(here: w.World) -> None:
        answer = await here.ask(family, body(family, "claude"))
        assert not isinstance(answer.body, bytes)
        async for _ in answer.body:
            break
        await answer.body.aclose()  # type: ignore[attr-defined]
        for _ in range(200):
            if here.rows():
                return
            await asyncio.sleep(0.01)

    with w.world(credit="0.01") as here:
        here.script.default = endless
        asyncio.run(leave(here))
        sound_books(here)


def _frames(chunks: Iterable[bytes]) -> list[Any]:
    data = b"".join(chunks).split(b"data: ")[1:]
    return [codec.loads(one.partition(b"\n")[0]) for one in data if not one.startswith(b"[DONE]")]


@pytest.mark.parametrize(("family", "model"), [("chat", "gpt"), ("responses", "gpt")])
def test_the_end_that_we_write_belongs_to_the_vendors_answer(family: str, model: str) -> None:
    with w.world(credit="0.01") as here:
        here.script.default = endless
        _, chunks = asyncio.run(here.streamed(family, body(family, model)))
        frames = _frames(chunks)
        if family == "chat":
            assert {frame["id"] for frame in frames} == {"c1"}
            assert frames[-1]["choices"][0]["finish_reason"] == "length"
            assert chunks[-1].endswith(b"data: [DONE]\n\n")
            return
        numbers = [frame["sequence_number"] for frame in frames]
        assert numbers == sorted(set(numbers))
        last = frames[-1]
        assert last["type"] == "response.incomplete"
        assert last["response"]["id"] == "resp_up"
        assert last["response"]["incomplete_details"] == {"reason": "max_output_tokens"}


TOOLS = {
    "chat": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
    "messages": [{"name": "f", "input_schema": {"type": "object"}}],
    "responses": [{"type": "function", "name": "f", "parameters": {"type": "object"}}],
}


def endless_responses_call(opened: str) -> Iterator[bytes]:
    response = {"id": "resp_up", "object": "response", "created_at": 1, "model": "gpt-up-2026", "output": [],
                "status": "in_progress", "usage": None}  # fmt: skip
    yield responses_event("created", response=response, sequence_number=0)
    item = {"id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "f", "arguments": "", "status": "x"}
    if opened == "opened":
        yield responses_event("output_item.added", output_index=0, item=item, sequence_number=1)
    more = {"item_id": "fc_1", "output_index": 0, "delta": WORD, "sequence_number": 2}
    yield from itertools.repeat(responses_event("function_call_arguments.delta", **more))


def endless_call(opened: str) -> Iterator[bytes]:
    """A call's arguments without end; `opened` is whether the call was ever begun."""
    call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"a": "'}}
    if opened == "opened":
        yield w.chat_chunk({"tool_calls": [call]})
    more = {"index": 0, "function": {"arguments": WORD}}
    yield from itertools.repeat(w.chat_chunk({"tool_calls": [more]}))


ENDED = {
    "chat": b'"finish_reason":"length"',
    "messages": b'"stop_reason":"max_tokens"',
    "responses": b'"max_output_tokens"',
}


@pytest.mark.parametrize("family", CLIENTS)
@pytest.mark.parametrize("opened", ["opened", "never opened"])
def test_a_call_that_never_ends_is_ended(family: str, opened: str) -> None:
    with w.world(credit="0.02") as here:
        calls = endless_responses_call if family == "responses" else endless_call
        here.script.answers = [w.Says(chunks=calls(opened))]
        _, out = asyncio.run(here.streamed(family, {**body(family, "gpt"), "tools": TOOLS[family]}))
        assert ENDED[family] in b"".join(out)
        if opened == "opened":
            assert stop_of(family, out) is e.StopReason.MAX_TOKENS
        sound_books(here)


SILENT = {
    "empty text": w.chat_chunk({"content": ""}),
    "a role": w.chat_chunk({"role": "assistant"}),
    "comments": b": alive" + b"." * 100_000 + b"\n\n",
    "a line that does not end": b"data: " + b"x" * 100_000,
}


@pytest.mark.parametrize("kind", SILENT)
def test_a_stream_that_goes_on_and_says_nothing_is_a_failed_try(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(produced, "FEW_BYTES", 4_000_000)
    monkeypatch.setattr(listener, "HEARTBEAT_SECONDS", 600.0)  # a status, however slow the machine is
    with w.world(credit="0.02") as here:
        here.script.default = lambda _: w.Says(chunks=itertools.repeat(SILENT[kind]))
        answer, _ = asyncio.run(here.streamed("messages", body("messages", "gpt")))
        assert answer.status == 502
        (row,) = here.rows()
        balance = here.balance()
        assert (row.outcome, balance.charged_nano, balance.held_nano) == ("upstream_error", 0, 0)


def test_signs_of_life_without_end_after_the_first_word_are_ended() -> None:
    with w.world(credit="0.02") as here:
        chunks = itertools.chain([w.chat_chunk({"content": "hi"})], itertools.repeat(SILENT["empty text"]))
        here.script.answers = [w.Says(chunks=chunks)]
        _, out = asyncio.run(here.streamed("chat", body("chat", "gpt")))
        assert stop_of("chat", out) is e.StopReason.MAX_TOKENS
        sound_books(here)


def test_thinking_that_never_ends_is_ended() -> None:
    with w.world(credit="0.01") as here:
        here.script.answers = [w.Says(chunks=endless_messages("thinking"))]
        _, out = asyncio.run(here.streamed("messages", body("messages", "claude")))
        assert fold(read_events(CLIENTS["messages"], b"".join(out).decode())).stop.reason is e.StopReason.MAX_TOKENS
        sound_books(here)


def test_an_answer_as_long_as_its_limit_allows_is_not_cut() -> None:
    text = "internationalization " * LIMIT
    with w.world(credit="0.01") as here:
        here.script.answers = [w.Says(chunks=w.chat_stream(*[text[:2000]] * 4, completion=LIMIT))]
        _, out = asyncio.run(here.streamed("chat", body("chat", "gpt")))
        assert fold(read_events(CLIENTS["chat"], b"".join(out).decode())).stop.reason is e.StopReason.END
        (row,) = here.rows()
        assert row.outcome == "ok"
