"""What a caller sees of MCP calls while they happen: each protocol's own events, as the stock SDKs read them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from anthropic.types.beta import BetaRawMessageStreamEvent
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter

from tests.exchange import world as w
from tests.exchange.conversation import mcp_world as m
from tests.exchange.conversation.mcp_world import ADD, BODIES, GATEWAY, chat, messages, responses, vendor
from tests.rounds.servers import Seen

OF_RESPONSES: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
OF_MESSAGES: TypeAdapter[Any] = TypeAdapter(BetaRawMessageStreamEvent)
TWO: list[m.Call] = [("call_1", "add", {"a": 1, "b": 1}), ("call_2", "failing", {})]


def test_responses_tell_a_calls_arguments_and_result_by_their_own_events(
    here: w.World, tools: tuple[str, Seen]
) -> None:
    here.script.answers = [m.answer("gemini", "", TWO, stream=True), m.answer("gemini", "ok", stream=True)]
    events = m.streamed(here, "responses", responses("gemini", tools[0]))
    for event in events:
        OF_RESPONSES.validate_python(event)
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    calls = [event for event in events if event.get("output_index") in (1, 2)]
    assert [(event["type"].removeprefix("response."), event["output_index"]) for event in calls] == [
        ("output_item.added", 1), ("mcp_call.in_progress", 1), ("mcp_call_arguments.delta", 1),
        ("mcp_call_arguments.done", 1), ("output_item.added", 2), ("mcp_call.in_progress", 2),
        ("mcp_call_arguments.delta", 2), ("mcp_call_arguments.done", 2), ("mcp_call.completed", 1),
        ("output_item.done", 1), ("mcp_call.failed", 2), ("output_item.done", 2),
    ]  # fmt: skip
    added, failed = calls[0]["item"], calls[-1]["item"]
    assert (added["status"], added["arguments"], added["output"]) == ("in_progress", "", None)
    assert (failed["status"], failed["error"]["type"]) == ("failed", "mcp_tool_execution_error")
    assert "the disk is full" in failed["error"]["content"][0]["text"]
    assert events[-1]["response"]["output"][1:3] == [calls[9]["item"], failed]


def test_a_list_of_tools_has_its_events(here: w.World, tools: tuple[str, Seen]) -> None:
    here.script.answers = [m.answer("gemini", "ok", stream=True)]
    events = m.streamed(here, "responses", responses("gemini", tools[0]))
    kinds = [event["type"].removeprefix("response.") for event in events]
    assert kinds[:6] == [
        "created", "in_progress", "output_item.added", "mcp_list_tools.in_progress", "mcp_list_tools.completed",
        "output_item.done",
    ]  # fmt: skip
    assert events[2]["item"]["tools"] == []
    assert {"add", "delete"} <= {tool["name"] for tool in events[5]["item"]["tools"]}


def test_messages_tell_a_call_as_the_sdk_reads_it(here: w.World, tools: tuple[str, Seen]) -> None:
    here.script.answers = [m.answer("gemini", "", TWO, stream=True), m.answer("gemini", "ok", stream=True)]
    events = m.streamed(here, "messages", messages("gemini", tools[0]))
    for event in events:
        OF_MESSAGES.validate_python(event)
    shown = [event["content_block"] for event in events if event["type"] == "content_block_start"]
    assert [block["type"] for block in shown] == ["mcp_tool_use"] * 2 + ["mcp_tool_result"] * 2 + ["text"]
    assert [block["is_error"] for block in shown[2:4]] == [False, True]
    assert shown[0]["input"] == {"a": 1, "b": 1}  # whole: Claude Code takes pieces of no such block
    assert not [event for event in events if event.get("delta", {}).get("type") == "input_json_delta"]


def test_chat_merges_a_call_by_its_index(here: w.World, tools: tuple[str, Seen]) -> None:
    here.script.answers = [m.answer("gemini", "", TWO, stream=True), m.answer("gemini", "ok", stream=True)]
    events = m.streamed(here, "chat", chat("gemini", tools[0]))
    place = {"content_offset": 0, "reasoning_offset": 0}
    assert merged(events) == [
        {"index": 0, "id": "call_1", "server_name": "tests", "name": "add", "arguments": '{"a":1,"b":1}',
         "output": "2", "is_error": False, **place},
        {"index": 1, "id": "call_2", "server_name": "tests", "name": "failing", "arguments": "{}", "is_error": True,
         "output": "Error executing tool failing: the disk is full", **place},
    ]  # fmt: skip


def merged(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As clients put a stream's lists together: strings of one index in a row."""
    calls: dict[int, dict[str, Any]] = {}
    for choice in [choice for event in events for choice in event["choices"]]:
        for piece in choice["delta"].get("mcp_calls") or ():
            known = calls.setdefault(piece["index"], {})
            for name, value in piece.items():
                known[name] = known.get(name, "") + value if isinstance(value, str) else value
    return list(calls.values())


@pytest.mark.parametrize("family", list(BODIES))
def test_a_call_is_shown_before_its_tool_has_answered(here: w.World, tools: tuple[str, Seen], family: str) -> None:
    """The tool waits until the caller has seen its call."""
    url, seen = tools
    seen.gate.clear()
    sign = {"messages": b"mcp_tool_use", "responses": b"mcp_call_arguments.done", "chat": b"mcp_calls"}[family]
    here.script.answers = [m.answer("gemini", "", [("call_1", "gated", {})], stream=True),
                           m.answer("gemini", "ok", stream=True)]  # fmt: skip

    async def run() -> bytes:
        answer = await here.ask(family, {**BODIES[family]("gemini", url), "stream": True})
        assert not isinstance(answer.body, bytes), answer.body
        heard = b""
        async for chunk in answer.body:
            heard += chunk
            if sign in heard:
                seen.gate.set()
        return heard

    heard = asyncio.run(run())
    assert b"through" in heard
    assert b"shut" not in heard


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", m.MODELS)
@pytest.mark.parametrize("family", list(BODIES))
def test_a_stream_folds_to_the_whole_answer(
    here: w.World, tools: tuple[str, Seen], family: str, model: str, stream: bool
) -> None:
    """Both ways show the same calls, results and text."""
    words = vendor(here, model, family)
    here.script.answers = [m.answer(words, "so", [ADD], stream=stream), m.answer(words, "it is 5", stream=stream)]
    body = BODIES[family](model, tools[0])
    if not stream:
        _, found = m.asked(here, family, body, **GATEWAY)
        assert told_whole(family, found) == ("so", "add", "5", "it is 5")
        return
    events = m.streamed(here, family, body, **GATEWAY)
    assert told_streamed(family, events) == ("so", "add", "5", "it is 5")


def told_whole(family: str, found: Any) -> tuple[str, ...]:
    match family:
        case "messages":
            first, use, result, last = found["content"]
            return first["text"], use["name"], result["content"][0]["text"], last["text"]
        case "responses":
            first, call, last = [item for item in found["output"] if item["type"] != "mcp_list_tools"]
            return first["content"][0]["text"], call["name"], call["output"], last["content"][0]["text"]
        case _:
            (call,) = found["choices"][0]["message"]["mcp_calls"]
            text = found["choices"][0]["message"]["content"]
            return text[:2], call["name"], call["output"], text[2:]


def told_streamed(family: str, events: list[dict[str, Any]]) -> tuple[str, ...]:
    match family:
        case "messages":
            blocks = [event["content_block"] for event in events if event["type"] == "content_block_start"]
            texts = [event["delta"]["text"] for event in events if event.get("delta", {}).get("type") == "text_delta"]
            return texts[0], blocks[1]["name"], blocks[2]["content"][0]["text"], "".join(texts[1:])
        case "responses":
            return told_whole(family, events[-1]["response"])
        case _:
            (call,) = merged(events)
            text = "".join(one["delta"].get("content") or "" for event in events for one in event["choices"])
            return text[:2], call["name"], call["output"], text[2:]
