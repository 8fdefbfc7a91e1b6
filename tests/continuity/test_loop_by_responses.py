"""A three-turn tool loop with thinking, upstream by Responses: the state of every turn goes back, whatever the caller
keeps. The upstream is the simulator, which refuses reasoning that it did not encrypt itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from interchange.catalog.load import load
from interchange.upstream.call import Outgoing
from interchange.wire.sse import FrameReader
from local.simulator import openai_responses
from tests.exchange import world as w

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
Turn = tuple[list[dict[str, Any]], list[str], str]
"""What the caller sends back, the ids of the calls, and the text."""


def upstream() -> Callable[[Outgoing], w.Says]:
    client = TestClient(Starlette(routes=openai_responses.routes))

    def answer(outgoing: Outgoing) -> w.Says:
        vendor = "xai" if "xai" in outgoing.url else "openai"
        assert outgoing.url.endswith("/responses")
        found = client.post(f"/{vendor}/v1/responses", content=outgoing.body)
        return w.Says(found.status_code, {"content-type": found.headers["content-type"]}, [found.content])

    return answer


def frames(raw: bytes) -> list[dict[str, Any]]:
    found = [frame.data for frame in FrameReader().feed(raw) if frame.data and frame.data != b"[DONE]"]
    return [json.loads(data) for data in found]


def messages_body(model: str, history: list[dict[str, Any]], forced: bool) -> dict[str, Any]:
    choice = {"tool_choice": {"type": "any"}} if forced else {}
    return {"model": model, "max_tokens": 4096, "thinking": {"type": "enabled", "budget_tokens": 2048}, **choice,
            "tools": [{"name": "weather", "input_schema": SCHEMA}], "messages": history}  # fmt: skip


def messages_stream(raw: bytes) -> dict[str, Any]:
    content: list[dict[str, Any]] = []
    for event in frames(raw):
        match event["type"]:
            case "content_block_start":
                content.append({**event["content_block"], "json": ""})
            case "content_block_delta":
                for name, value in event["delta"].items():
                    field = "json" if name == "partial_json" else name
                    if name != "type":
                        content[-1][field] = content[-1].get(field, "") + value
            case _:
                pass
    for block in content:
        written = block.pop("json")
        if block["type"] == "tool_use":
            block["input"] = json.loads(written or "{}")
    return {"content": content}


def messages_turn(answer: dict[str, Any], _bare: bool) -> Turn:
    content = answer["content"]
    calls = [block["id"] for block in content if block["type"] == "tool_use"]
    text = "".join(block["text"] for block in content if block["type"] == "text")
    assert content[0]["type"] == "thinking" and content[0]["thinking"] == "The simulator considers the question."
    results = [{"type": "tool_result", "tool_use_id": name, "content": "sunny"} for name in calls]
    back = [{"role": "assistant", "content": content}]
    return [*back, {"role": "user", "content": results}] if results else back, calls, text


def messages_bare(answer: dict[str, Any], _bare: bool) -> Turn:
    """A client that throws thinking away."""
    back, calls, text = messages_turn(answer, True)
    back[0]["content"] = [block for block in back[0]["content"] if block["type"] != "thinking"]
    return back, calls, text


def chat_body(model: str, history: list[dict[str, Any]], forced: bool) -> dict[str, Any]:
    choice = {"tool_choice": "required"} if forced else {}
    function = {"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}
    return {"model": model, "reasoning_effort": "high", "tools": [function], **choice, "messages": history}


def chat_stream(raw: bytes) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": None, "tool_calls": [], "reasoning_details": []}
    for chunk in frames(raw):
        for choice in chunk["choices"]:
            delta = choice["delta"]
            if delta.get("content"):
                message["content"] = (message["content"] or "") + delta["content"]
            message["reasoning_details"] += delta.get("reasoning_details") or []
            for call in delta.get("tool_calls") or []:
                if call["index"] == len(message["tool_calls"]):
                    message["tool_calls"].append({"id": call["id"], "type": "function", "function": call["function"]})
                else:
                    message["tool_calls"][-1]["function"]["arguments"] += call["function"]["arguments"]
    return {"choices": [{"message": message}]}


def chat_turn(answer: dict[str, Any], bare: bool) -> Turn:
    message = answer["choices"][0]["message"]
    calls = message.get("tool_calls") or []
    back = {"role": "assistant", "content": message["content"]}
    if calls:
        back["tool_calls"] = calls
    if not bare:
        assert message["reasoning_details"]
        back["reasoning_details"] = message["reasoning_details"]
    results = [{"role": "tool", "tool_call_id": call["id"], "content": "sunny"} for call in calls]
    return [back, *results], [call["id"] for call in calls], message["content"] or ""


CALLERS = {
    "messages": ("messages", messages_body, messages_stream, messages_turn),
    "messages without thinking": ("messages", messages_body, messages_stream, messages_bare),
    "chat": ("chat", chat_body, chat_stream, chat_turn),
    "chat without details": ("chat", chat_body, chat_stream, lambda answer, _: chat_turn(answer, True)),
}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("model", ["gpt-5.5", "grok-4.3"])
@pytest.mark.parametrize("caller", sorted(CALLERS))
def test_D16_three_turns_keep_the_state_of_each(caller: str, model: str, stream: bool) -> None:
    family, body, gather, turn = CALLERS[caller]
    if model == "grok-4.3" and family == "chat":
        pytest.skip("xAI takes reasoning with tools by chat completions, and chat is passed through")
    with w.world() as here:
        here.services = replace(here.services, catalog=load())
        here.script.default = upstream()
        history: list[dict[str, Any]] = [{"role": "user", "content": "How is the weather? Look twice."}]
        texts = []
        for forced in (True, True, False):
            asked = {**body(model, history, forced), "stream": stream}
            answer, chunks = asyncio.run(here.streamed(family, asked))
            raw = b"".join(chunks)
            assert answer.status == 200, raw
            back, calls, text = turn(gather(raw) if stream else json.loads(raw), False)
            assert bool(calls) == forced
            history += back
            texts.append(text)
        assert texts[-1].startswith("This is the Interchange simulator")
        last = here.script.bodies[-1]["input"]
        kinds = [item["type"] for item in last]
        assert kinds == ["message", *["reasoning", "function_call", "function_call_output"] * 2]
        assert here.script.bodies[-1]["store"] is False
        assert here.script.bodies[-1]["include"] == ["reasoning.encrypted_content"]
        earlier = here.script.bodies[1]["input"]
        assert last[: len(earlier)] == earlier, "a history grows at its end only, for the prompt cache"
