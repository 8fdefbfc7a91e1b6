"""Sections A, B and K, end to end: what a caller sees of an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance import vendors as v
from tests.exchange import world as w

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": False}


@pytest.fixture
def here() -> Iterator[w.World]:
    with w.world() as made:
        yield made


def streamed(here: w.World, family: str, model: str, chunks: list[Any], **extra: Any) -> list[dict[str, Any]]:
    here.script.answers = [w.Says(chunks=chunks)]
    answer, seen = asyncio.run(here.streamed(family, v.asked(family, model, stream=True, **extra)))
    assert answer.status == 200, seen
    return v.frames(seen)


def whole(here: w.World, family: str, model: str, raw: bytes, **extra: Any) -> dict[str, Any]:
    here.script.answers = [w.Says(chunks=[raw])]
    status, answer, _ = asyncio.run(here.whole(family, v.asked(family, model, **extra)))
    assert status == 200, answer
    found: dict[str, Any] = answer
    return found


def test_A9_the_last_usage_of_a_stream_has_the_true_input(here: w.World) -> None:
    events = streamed(here, "messages", "gpt", w.chat_stream("hello", prompt=1234, completion=5))
    delta = next(event for event in events if event["type"] == "message_delta")
    assert delta["usage"]["input_tokens"] == 1234
    assert delta["usage"]["output_tokens"] == 5


def test_A10_both_protocols_report_the_same_cached_tokens(here: w.World) -> None:
    usage = {"prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 105,
             "prompt_tokens_details": {"cached_tokens": 75}}  # fmt: skip
    said = [w.chat_chunk({"role": "assistant", "content": "a"}), w.chat_chunk({}, "stop"),
            w.chat_chunk(None, usage=usage), b"data: [DONE]\n\n"]  # fmt: skip
    chat = streamed(here, "chat", "gpt", said, stream_options={"include_usage": True})[-1]["usage"]
    events = streamed(here, "messages", "gpt", said)
    messages = next(event for event in events if event["type"] == "message_delta")["usage"]
    assert chat["prompt_tokens_details"]["cached_tokens"] == messages["cache_read_input_tokens"] == 75
    assert messages["input_tokens"] == 25


def test_A10_of_claude_too_by_its_own_protocol_and_by_chat(here: w.World) -> None:
    raw = v.claude_whole({"type": "text", "text": "a"}, cache_read_input_tokens=40, cache_creation_input_tokens=20)
    chat = whole(here, "chat", "claude", raw)["usage"]
    messages = whole(here, "messages", "claude", raw)["usage"]
    assert messages["cache_read_input_tokens"] == chat["prompt_tokens_details"]["cached_tokens"] == 40
    assert chat["prompt_tokens"] == 10 + 40 + messages["cache_creation_input_tokens"]


@pytest.mark.parametrize("finish", ["tool_calls", "stop"])
def test_A15_text_and_calls_of_a_whole_answer_are_both_kept(here: w.World, finish: str) -> None:
    answer = whole(here, "messages", "gpt", v.chat_whole("Let me see.", v.CALLS, finish))
    assert [block["type"] for block in answer["content"]] == ["text", "tool_use", "tool_use"]
    assert [block["name"] for block in answer["content"][1:]] == ["get_weather", "get_time"]
    assert answer["stop_reason"] == "tool_use"


def test_A15_an_answer_of_calls_alone_has_no_empty_text(here: w.World) -> None:
    answer = whole(here, "messages", "gpt", v.chat_whole("", v.CALLS, "tool_calls"))
    assert [block["type"] for block in answer["content"]] == ["tool_use", "tool_use"]


def test_A17_reasoning_around_a_call_never_turns_into_text(here: w.World) -> None:
    call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
    events = streamed(here, "messages", "grok", [
        w.chat_chunk({"role": "assistant", "reasoning_content": "I should look. "}),
        w.chat_chunk({"tool_calls": [call]}),
        w.chat_chunk({"reasoning_content": "That will do."}),
        w.chat_chunk({}, "tool_calls"),
        w.chat_chunk(None, usage={"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}),
        b"data: [DONE]\n\n",
    ])  # fmt: skip
    started = [event["content_block"]["type"] for event in events if event["type"] == "content_block_start"]
    assert "text" not in started and "tool_use" in started
    deltas = [event["delta"] for event in events if event["type"] == "content_block_delta"]
    thought = "".join(delta["thinking"] for delta in deltas if delta["type"] == "thinking_delta")
    assert thought == "I should look. That will do."


def test_B4_with_tools_the_first_delta_leaves_before_the_upstream_has_ended(here: w.World) -> None:
    async def run() -> None:
        gate = asyncio.Event()
        said = w.messages_stream("a", "b")
        here.script.answers = [w.Says(chunks=[*said[:3], gate, *said[3:]])]
        answer = await here.ask("chat", v.asked("chat", "claude", stream=True, tools=v.weather("chat")))
        assert not isinstance(answer.body, bytes)
        seen = b""
        async for chunk in answer.body:
            seen += chunk
            if b'"content":"a"' in seen and not gate.is_set():
                gate.set()  # nothing more would come if the stream were held back
        assert b"[DONE]" in seen and gate.is_set()

    asyncio.run(asyncio.wait_for(run(), 20))


def test_B9_a_whole_answer_has_all_its_calls_in_order(here: w.World) -> None:
    blocks = [{"type": "tool_use", "id": f"toolu_{n}", "name": f"t{n}", "input": {"n": n}} for n in range(3)]
    answer = whole(here, "chat", "claude", v.claude_whole({"type": "text", "text": "ok"}, *blocks, stop="tool_use"))
    message = answer["choices"][0]["message"]
    assert message["content"] == "ok"
    assert [call["function"]["name"] for call in message["tool_calls"]] == ["t0", "t1", "t2"]
    assert [call["function"]["arguments"] for call in message["tool_calls"]] == ['{"n":0}', '{"n":1}', '{"n":2}']


def test_B10_structured_output_is_in_the_content_in_both_modes(here: w.World) -> None:
    wanted = {"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA, "strict": True}}
    w.traits(here, 1)["structured_output"] = True
    try:
        answer = whole(here, "chat", "claude", v.claude_whole({"type": "text", "text": '{"a":1}'}),
                       response_format=wanted)  # fmt: skip
        chunks = streamed(here, "chat", "claude", w.messages_stream('{"a"', ":1}"), response_format=wanted)
    finally:
        w.traits(here, 1).pop("structured_output")
    assert answer["choices"][0]["message"]["content"] == '{"a":1}'
    assert not answer["choices"][0]["message"].get("tool_calls")
    assert (
        "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks if chunk["choices"]) == '{"a":1}'
    )
    for sent in here.script.bodies:
        assert sent["output_config"]["format"]["type"] == "json_schema"
        assert "tool_choice" not in sent


@pytest.mark.parametrize("family", ["chat", "messages"])
@pytest.mark.parametrize("model", ["gpt", "claude", "gemini"])
def test_K4_a_refusal_of_the_upstream_is_our_status_for_streams_too(here: w.World, family: str, model: str) -> None:
    here.script.answers = [w.Says(status=400, chunks=[b'{"error":{"message":"no such thing","type":"x"}}'])]
    answer, seen = asyncio.run(here.streamed(family, v.asked(family, model, stream=True)))
    assert answer.status == 400
    assert b"no such thing" in b"".join(seen)
    assert here.balance().charged_nano == here.balance().held_nano == 0


@pytest.mark.parametrize("family", ["chat", "messages"])
def test_K6_a_cut_stream_is_not_spliced_and_no_success(here: w.World, family: str) -> None:
    here.script.answers = [w.Says(chunks=[*w.chat_stream("hello")[:2], w.fault()])]
    answer, seen = asyncio.run(here.streamed(family, v.asked(family, "twice", stream=True)))
    text = b"".join(seen)
    assert answer.status == 200
    assert len(here.script.sent) == 1, "no second route after content has gone out"
    assert b"hello" in text and b'"error"' in text
    assert b"end_turn" not in text and b'"finish_reason":"stop"' not in text and b"message_stop" not in text
    (row,) = here.rows()
    assert row.outcome == "truncated"
