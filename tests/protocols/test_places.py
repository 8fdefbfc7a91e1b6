"""What is told to a caller is told by a path that stands in the caller's own body."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from interchange.continuity.seal import Seal
from interchange.hub import blocks as b
from interchange.hub.failure import RequestError
from interchange.hub.places import told
from interchange.protocols.anthropic_messages.server import Server as Messages
from interchange.protocols.faces import Server
from interchange.protocols.openai_chat.server import Server as Chat
from interchange.protocols.openai_responses.server import Server as Responses
from tests.recordings.read import carried

SEAL = Seal(b"sixteen bytes key")
SERVERS: dict[str, Server] = {
    "openai_chat": Chat(SEAL),
    "openai_responses": Responses(SEAL),
    "anthropic_messages": Messages(SEAL),
}
STEP = re.compile(r"\[(\d+)\]|\.?([^.\[]+)")


def bodies(protocol: str) -> Iterator[dict[str, Any]]:
    for record in carried(protocol):
        body = record.get("request_json")
        if isinstance(body, dict) and "model" in body:
            yield body


def at(body: Any, path: str) -> Any:
    for number, name in STEP.findall(path):
        body = body[int(number)] if number else body[name]
    return body


def blocks(request: Any) -> Iterator[tuple[str, b.Block]]:
    for number, block in enumerate(request.system):
        yield f"system[{number}]", block
    for turn, message in enumerate(request.messages):
        for number, block in enumerate(message.content):
            yield f"messages[{turn}].content[{number}]", block


def says(place: Any, block: b.Block) -> bool:
    """True where that part of the body is what the block was read from."""
    match block:
        case b.Text(text=text):
            return place == text or (isinstance(place, dict) and place.get("text") == text)
        case b.ToolUse():
            return block.id in (place.get("id"), place.get("call_id")) or place.get("name") == block.name  # legacy
        case b.ToolResult():
            if place.get("role") == "function":
                return True
            return block.tool_use_id in (place.get("tool_call_id"), place.get("call_id"), place.get("tool_use_id"))
        case b.Image() | b.Document() | b.Audio():
            return isinstance(place, dict) and "type" in place
        case _:
            return place is not None


@pytest.mark.parametrize("protocol", SERVERS)
def test_every_block_is_found_where_it_stands(protocol: str) -> None:
    server, seen = SERVERS[protocol], 0
    for body in bodies(protocol):
        try:
            request = server.read_request(body)
        except RequestError:
            continue
        places = server.places(body)
        for path, block in blocks(request):
            assert says(at(body, told(path, places)), block), (path, told(path, places))
            seen += 1
    assert seen > 200


PICTURE = {"type": "image_url", "image_url": {"url": "https://a.example/b.png", "detail": "high"}}
TOOLS = [{"type": "function", "function": {"name": "f", "parameters": {}}}]
SPACE = [{"type": "namespace", "tools": [{}, {}]}, {"type": "function"}]
SERVED = [{"type": "mcp", "server_url": "u", "require_approval": "never"}, {"type": "function"}]


@pytest.mark.parametrize(
    ("protocol", "body", "hub", "here"),
    [
        ("openai_chat", {"messages": [], "tools": TOOLS}, "tools[0].parameters.a", "tools[0].function.parameters.a"),
        ("openai_chat", {"messages": [], "tools": TOOLS}, "tools[0].cache_control", "tools[0].cache_control"),
        ("openai_chat", {"messages": [], "functions": [{}]}, "tools[0].name", "functions[0].name"),
        ("openai_chat", {"messages": [], "tools": TOOLS, "web_search_options": {}}, "tools[1].x",
         "web_search_options.x"),
        ("openai_chat", {"messages": [], "logprobs": True}, "top_logprobs", "logprobs"),
        ("openai_chat", {"messages": [{"role": "user", "content": [PICTURE]}]}, "messages[0].content[0].detail",
         "messages[0].content[0].image_url.detail"),
        ("openai_chat", {"messages": [{"role": "user", "content": "x", "cache_control": {"type": "ephemeral"}}]},
         "messages[0].content[0].cache_control", "messages[0].cache_control"),
        ("openai_chat", {"messages": [], "max_completion_tokens": 1}, "max_tokens", "max_completion_tokens"),
        ("openai_responses", {"input": "x"}, "messages[0].content[0]", "input"),
        ("openai_responses", {"input": "x", "instructions": "y"}, "system[0]", "instructions"),
        ("openai_responses", {"input": "x"}, "max_tokens", "max_output_tokens"),
        ("openai_responses", {"input": "x"}, "reasoning_effort", "reasoning.effort"),
        ("openai_responses", {"input": "x"}, "response_format.json_schema.schema.a", "text.format.schema.a"),
        ("openai_responses", {"input": "x"}, "metadata", "metadata"),
        ("openai_responses", {"input": "x", "tools": SPACE}, "tools[1].name", "tools[0].tools[1].name"),
        ("openai_responses", {"input": "x", "tools": SPACE}, "tools[2]", "tools[1]"),
        ("openai_responses", {"input": "x", "tools": SERVED}, "tools[0].name", "tools[1].name"),
        ("openai_responses", {"input": "x", "max_tokens": 1}, "max_tokens", "max_tokens"),
        ("openai_responses", {"input": "x", "instructions": "y"}, "system", "instructions"),
        ("anthropic_messages", {"messages": [], "stop": "x"}, "stop", "stop"),
        ("anthropic_messages", {"messages": []}, "stop[1]", "stop_sequences[1]"),
        ("anthropic_messages", {"messages": []}, "user", "metadata.user_id"),
        ("anthropic_messages", {"messages": [], "tools": [{}]}, "tools[0].parameters.a", "tools[0].input_schema.a"),
        ("anthropic_messages", {"messages": [], "output_config": {"format": {}}}, "response_format",
         "output_config.format"),
    ],
)  # fmt: skip
def test_a_parameter_is_told_by_its_own_name(protocol: str, body: dict[str, Any], hub: str, here: str) -> None:
    assert told(hub, SERVERS[protocol].places({"model": "m", **body})) == here


def test_turns_that_were_gathered_are_told_apart() -> None:
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    body = {
        "model": "m",
        "messages": [
            {"role": "system", "content": "s"},
            {"role": "developer", "content": [{"type": "text", "text": "t"}]},
            {"role": "user", "content": "x"},
            {"role": "assistant", "content": "y", "tool_calls": [call, {**call, "id": "b"}]},
            {"role": "tool", "tool_call_id": "a", "content": "1"},
            {"role": "tool", "tool_call_id": "b", "content": [{"type": "text", "text": "2"}]},
            {"role": "user", "name": "bob", "content": [{"type": "text", "text": "z"}]},
        ],
    }
    places = SERVERS["openai_chat"].places(body)
    assert told("system[1].cache_control", places) == "messages[1].content[0].cache_control"
    assert told("messages[0].content[0]", places) == "messages[2].content"
    assert told("messages[1].content[2].arguments", places) == "messages[3].tool_calls[1].function.arguments"
    assert told("messages[2].content[1].content[0]", places) == "messages[5].content[0]"
    assert told("messages[3].name", places) == "messages[6].name"


@pytest.mark.parametrize(
    ("said", "hub", "here"),
    [
        ({"reasoning": {"effort": "low"}}, "reasoning_effort", "reasoning.effort"),
        ({"reasoning_effort": "low", "reasoning": {"max_tokens": 9}}, "reasoning_effort", "reasoning_effort"),
        ({"reasoning": {"max_tokens": 9}}, "thinking.budget_tokens", "reasoning.max_tokens"),
        ({"reasoning": {"max_tokens": 9}}, "thinking", "reasoning"),
        ({"thinking": {"type": "enabled"}, "reasoning": {}}, "thinking.budget_tokens", "thinking.budget_tokens"),
    ],
)
def test_thinking_is_told_by_the_field_that_asked_for_it(said: dict[str, Any], hub: str, here: str) -> None:
    assert told(hub, SERVERS["openai_chat"].places({"model": "m", "messages": [], **said})) == here
