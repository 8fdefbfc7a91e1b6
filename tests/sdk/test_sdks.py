"""The stock SDKs, Python and Node, against the running gateway: every pair of protocol and vendor."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest

from tests.patience import PATIENCE_S
from tests.sdk.gateway import Gateway

MODELS = ("gpt-4o-mini", "gpt-5.1", "claude-sonnet-4-5", "gemini-2.5-flash", "gemini-3-flash-preview", "grok-4")
SCHEMA: dict[str, Any] = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
HONEST = "simulator"


def openai_client(gateway: Gateway) -> openai.OpenAI:
    return openai.OpenAI(api_key=gateway.key, base_url=f"{gateway.url}/v1", max_retries=0)


def anthropic_client(gateway: Gateway) -> anthropic.Anthropic:
    return anthropic.Anthropic(api_key=gateway.key, base_url=gateway.url, max_retries=0)


@pytest.mark.parametrize("thinking", [False, True], ids=["plain", "thinking"])
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("model", MODELS)
def test_D16_a_tool_loop_by_the_openai_sdk(gateway: Gateway, model: str, stream: bool, thinking: bool) -> None:
    """Three turns; the client keeps only id, name and arguments of a call, as many do."""
    client = openai_client(gateway)
    tools: Any = [{"type": "function", "function": {"name": "get_weather", "parameters": SCHEMA}}]
    messages: list[Any] = [{"role": "user", "content": "get_weather in Paris"}]
    extra: dict[str, Any] = {"reasoning_effort": "low"} if thinking and model != "gpt-4o-mini" else {}
    reasons = []
    for turn in range(3):
        asked: dict[str, Any] = {"model": model, "messages": messages, "tools": tools, "max_completion_tokens": 4000}
        if stream:
            with client.chat.completions.stream(**asked, **extra) as events:
                answer: Any = events.get_final_completion()
        else:
            answer = client.chat.completions.create(**asked, **extra)
        message = answer.choices[0].message
        reasons.append(answer.choices[0].finish_reason)
        if not message.tool_calls:
            assert HONEST in message.content
            break
        calls = [
            {"id": c.id, "type": "function", "function": {"name": c.function.name, "arguments": c.function.arguments}}
            for c in message.tool_calls
        ]
        assert json.loads(calls[0]["function"]["arguments"]) == {"city": "simulated"}
        messages.append({"role": "assistant", "content": message.content, "tool_calls": calls})
        messages += [{"role": "tool", "tool_call_id": call["id"], "content": "sunny"} for call in calls]
        if turn == 0:
            messages.append({"role": "user", "content": "and get_weather in Rome"})
    assert reasons[0] == "tool_calls" and reasons[-1] in ("stop", "tool_calls")


@pytest.mark.parametrize("thinking", [False, True], ids=["plain", "thinking"])
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("model", MODELS)
def test_D16_a_tool_loop_by_the_anthropic_sdk(gateway: Gateway, model: str, stream: bool, thinking: bool) -> None:
    client = anthropic_client(gateway)
    messages: list[Any] = [{"role": "user", "content": "get_weather in Paris"}]
    asked: dict[str, Any] = {
        "model": model, "messages": messages, "max_tokens": 4000,
        "tools": [{"name": "get_weather", "input_schema": SCHEMA}],
    }  # fmt: skip
    if thinking:
        asked["thinking"] = {"type": "enabled", "budget_tokens": 1024}
    reasons = []
    for _ in range(2):
        if stream:
            with client.messages.stream(**asked) as events:
                answer = events.get_final_message()
        else:
            answer = client.messages.create(**asked)
        reasons.append(answer.stop_reason)
        calls = [block for block in answer.content if block.type == "tool_use"]
        messages.append({"role": "assistant", "content": [block.model_dump() for block in answer.content]})
        results = [{"type": "tool_result", "tool_use_id": call.id, "content": "sunny"} for call in calls]
        messages.append({"role": "user", "content": results})
        assert answer.usage.input_tokens > 0 and answer.usage.output_tokens > 0
    assert reasons == ["tool_use", "end_turn"]


def test_the_node_sdks(gateway: Gateway, node: Path) -> None:
    command = ["node", "pairs.mjs", gateway.url, gateway.key, *MODELS]
    done = subprocess.run(command, cwd=node, capture_output=True, text=True, timeout=120, check=True)
    cases = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(cases) == 6 * len(MODELS)
    lasts = {"chat": "stop", "messages": "end_turn", "responses": "completed"}
    for case in cases:
        assert case.get("stops", [None])[-1] == lasts[case["protocol"]] and HONEST in case["text"], case


def test_seed_python_openai(gateway: Gateway) -> None:
    response = openai_client(gateway).chat.completions.create(
        model="gpt-4o-mini",
        messages=[
            {"role": "system", "content": "You are a friendly assistant."},
            {"role": "user", "content": "Hello! What can you do?"},
        ],
        temperature=0.7,
    )
    assert HONEST in (response.choices[0].message.content or "")
    assert response.usage is not None and response.usage.total_tokens > 0


def test_seed_python_anthropic(gateway: Gateway) -> None:
    response = anthropic_client(gateway).messages.create(
        model="claude-3-5-sonnet-20241022",
        max_tokens=1024,
        system="You are a technical expert.",
        messages=[{"role": "user", "content": "What is the CAP theorem?"}],
    )
    assert HONEST in response.content[0].text  # type: ignore[union-attr]
    assert response.usage.input_tokens and response.usage.output_tokens


@pytest.mark.parametrize("program", ["seed_openai.mjs", "seed_anthropic.mjs"])
def test_seed_node(gateway: Gateway, node: Path, program: str) -> None:
    command = ["node", program, gateway.url, gateway.key]
    done = subprocess.run(command, cwd=node, capture_output=True, text=True, timeout=PATIENCE_S, check=True)
    assert HONEST in done.stdout


def test_seed_curl_chat_stream(gateway: Gateway) -> None:
    body = {
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": "Write a haiku about code."}],
        "stream": True,
    }
    command = ["curl", "-sN", f"{gateway.url}/v1/chat/completions", "-H", f"Authorization: Bearer {gateway.key}",
               "-H", "Content-Type: application/json", "-d", json.dumps(body)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=True)
    assert done.stdout.endswith("data: [DONE]\n\n")
    assert done.stdout.count("data: {") > 5


def test_seed_curl_messages(gateway: Gateway) -> None:
    body = {"model": "claude-3-5-sonnet-20241022", "max_tokens": 1024,
            "messages": [{"role": "user", "content": "Write a haiku about code."}]}  # fmt: skip
    command = ["curl", "-s", f"{gateway.url}/v1/messages", "-H", f"x-api-key: {gateway.key}",
               "-H", "anthropic-version: 2023-06-01", "-H", "Content-Type: application/json",
               "-d", json.dumps(body)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=True)
    assert HONEST in json.loads(done.stdout)["content"][0]["text"]


def test_each_sdk_is_served_under_the_others_base_url(gateway: Gateway) -> None:
    """The OpenAI SDK's base URL has /v1, the Anthropic one's has not; the other way round is served all the same."""
    plain = openai.OpenAI(api_key=gateway.key, base_url=gateway.url, max_retries=0)
    assert plain.models.list().data
    versioned = anthropic.Anthropic(api_key=gateway.key, base_url=f"{gateway.url}/v1", max_retries=0)
    said = versioned.messages.create(model="grok-4", max_tokens=50, messages=[{"role": "user", "content": "hi"}])
    assert said.content
    with pytest.raises(openai.NotFoundError, match="POST /v1/chat/completions"):
        plain.completions.create(model="gpt-4.1", prompt="hi")


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("model", MODELS)
def test_a_tool_loop_by_responses(gateway: Gateway, model: str, stream: bool) -> None:
    """Three turns; the client sends back the output items as it got them."""
    client = openai_client(gateway)
    tools: Any = [{"type": "function", "name": "get_weather", "parameters": SCHEMA, "strict": False}]
    items: list[Any] = [{"role": "user", "content": "get_weather in Paris"}]
    statuses = []
    for turn in range(3):
        asked: dict[str, Any] = {"model": model, "input": items, "tools": tools, "max_output_tokens": 4000}
        if model != "gpt-4o-mini":
            asked |= {"reasoning": {"effort": "low", "summary": "auto"}, "include": ["reasoning.encrypted_content"]}
        if stream:
            with client.responses.stream(**asked) as events:
                answer: Any = events.get_final_response()
        else:
            answer = client.responses.create(**asked)
        statuses.append(answer.status)
        items += [item.model_dump(exclude_none=True) for item in answer.output]
        calls = [item for item in answer.output if item.type == "function_call"]
        if not calls:
            assert HONEST in answer.output_text
            break
        assert turn < 2
        items += [{"type": "function_call_output", "call_id": call.call_id, "output": "sunny"} for call in calls]
    assert len(statuses) > 1 and set(statuses) == {"completed"}
    assert answer.usage.input_tokens > 0
