"""What goes up in another way than it was said comes back in the caller's: names, tools, ids, nulls, roots."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from interchange.wire import codec
from tests.conformance import vendors as v
from tests.conformance import wire
from tests.exchange import world as w

LINE = "x-anthropic-billing-header: cc_version=2.1.177; cc_entrypoint=cli; cch={hash};"
LONG = "mcp__github_enterprise_server__list_all_open_pull_requests_of_a_repository_by_label"
PATCH = '*** Begin Patch\n*** Update File: a.py\n@@\n-print("é \\n 😀")\n+pass\n*** End Patch'
GRAMMAR = {"type": "grammar", "syntax": "lark", "definition": 'start: "*** Begin Patch" LF'}
APPLY_PATCH = {"type": "custom", "name": "apply_patch", "description": "Edits files.", "format": GRAMMAR}


@pytest.fixture
def here() -> Iterator[w.World]:
    with wire.built_in() as made:
        yield made


@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-5.4", "grok-4.3", "gemini-3.5-flash"])
@pytest.mark.parametrize("as_text", [False, True])
def test_a_coding_agents_telemetry_line_does_not_stand_before_the_prefix(
    here: w.World, model: str, as_text: bool
) -> None:
    bodies = []
    for number in ("36ee5", "99c01"):
        line = LINE.format(hash=number)
        system: Any = [{"type": "text", "text": line}, {"type": "text", "text": "You are X"}]
        system = f"{line}\nYou are X" if as_text else system
        body = {"model": model, "max_tokens": 100, "system": system, "messages": [wire.user()]}
        bodies.append(codec.dumps(wire.sent(here, "messages", body)))
    assert bodies[0] == bodies[1]
    assert b"x-anthropic" not in bodies[0] and b"You are X" in bodies[0]


def test_claude_gets_that_line_as_it_is(here: w.World) -> None:
    system = [{"type": "text", "text": LINE.format(hash="1")}, {"type": "text", "text": "You are X"}]
    body = {"model": "claude-sonnet-4-5", "max_tokens": 9, "system": system, "messages": [wire.user()]}
    assert wire.sent(here, "messages", body)["system"] == system


@pytest.mark.parametrize("model", ["claude-sonnet-4-5", "gemini-3.5-flash", "grok-4.3"])
def test_a_free_form_tool_is_declared_as_a_function(here: w.World, model: str) -> None:
    choice = {"type": "custom", "name": "apply_patch"}
    body = {"model": model, "input": "q", "tools": [APPLY_PATCH], "tool_choice": choice}
    raw = codec.dumps(wire.sent(here, "responses", body)).decode()
    assert "apply_patch" in raw and "Edits files." in raw and "*** Begin Patch" in raw
    assert "custom" not in raw


def _called(model: str, stream: bool) -> Any:
    arguments = codec.dumps_text({"input": PATCH})
    match model:
        case "claude-sonnet-4-5" if stream:
            return wire.claude_call("apply_patch", arguments)
        case "claude-sonnet-4-5":
            use = {"type": "tool_use", "id": "toolu_1", "name": "apply_patch", "input": {"input": PATCH}}
            return v.claude_whole(use, stop="tool_use")
        case "gemini-3.5-flash":
            whole = v.gemini_whole({"functionCall": {"name": "apply_patch", "args": {"input": PATCH}}})
            return [b"data: " + whole + b"\n\n"] if stream else whole
        case _:
            call = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "apply_patch",
                    "status": "completed", "arguments": arguments}  # fmt: skip
            return wire.responses_stream(call) if stream else wire.responses_whole(call)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", ["claude-sonnet-4-5", "gemini-3.5-flash", "grok-4.3"])
def test_its_call_comes_back_as_free_form(here: w.World, model: str, stream: bool) -> None:
    body = {"model": model, "input": "q", "tools": [APPLY_PATCH], "stream": stream}
    status, said, _ = wire.ask(here, "responses", body, _called(model, stream))
    assert status == 200
    if stream:
        deltas = [frame["delta"] for frame in said if frame["type"] == "response.custom_tool_call_input.delta"]
        assert "".join(deltas) == PATCH
        assert not any("function_call" in frame["type"] for frame in said)
        said = said[-1]["response"]
    (item,) = [one for one in said["output"] if one["type"] != "reasoning"]
    assert (item["type"], item["name"], item["input"]) == ("custom_tool_call", "apply_patch", PATCH)
    history = [wire.user(), item, {"type": "custom_tool_call_output", "call_id": item["call_id"], "output": "done"}]
    up = codec.dumps(wire.sent(here, "responses", {"model": model, "input": history, "tools": [APPLY_PATCH]}))
    assert b"Begin Patch" in up and b"done" in up


@pytest.mark.parametrize("stream", [False, True])
def test_a_long_name_of_a_tool_is_shortened_and_comes_back_whole(here: w.World, stream: bool) -> None:
    tool = {"name": LONG, "input_schema": {"type": "object", "properties": {}}}
    body = {"model": "gpt-4.1", "max_tokens": 99, "messages": [wire.user()], "tools": [tool],
            "tool_choice": {"type": "tool", "name": LONG}}  # fmt: skip
    up = wire.sent(here, "messages", body)
    short = up["tools"][0]["function"]["name"]
    assert len(short) == 64 and up["tool_choice"]["function"]["name"] == short
    answer: Any = wire.chat_call(short, "{}") if stream else v.chat_whole(None, [("c1", short, "{}")], "tool_calls")
    _, said, lost = wire.ask(here, "messages", {**body, "stream": stream}, answer)
    blocks = [f["content_block"] for f in said if f["type"] == "content_block_start"] if stream else said["content"]
    assert [block["name"] for block in blocks] == [LONG]
    assert lost == ""
    use = {"type": "tool_use", "id": "c1", "name": LONG, "input": {}}
    result = {"type": "tool_result", "tool_use_id": "c1", "content": "ok"}
    history = [wire.user(), {"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}]
    again = wire.sent(here, "messages", {**body, "messages": history})["messages"][1]
    assert again["tool_calls"][0]["function"]["name"] == short


def test_a_namespace_that_gemini_puts_before_a_name_is_taken_off(here: w.World) -> None:
    body = {"model": "gemini-3.5-flash", "messages": [wire.user()], "tools": [wire.function("f")]}
    _, said, _ = wire.ask(here, "chat", body, v.gemini_whole({"functionCall": {"name": "default_api:f", "args": {}}}))
    assert said["choices"][0]["message"]["tool_calls"][0]["function"]["name"] == "f"


def _round(identity: str, result: str) -> list[dict[str, Any]]:
    call = {"id": identity, "type": "function", "function": {"name": "f", "arguments": "{}"}}
    return [{"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": identity, "content": result}]  # fmt: skip


@pytest.mark.parametrize("identity", ["c0", ""])
@pytest.mark.parametrize("model", ["claude-sonnet-4-5", "gemini-3.5-flash"])
def test_repeated_ids_of_calls_become_unique_by_position(here: w.World, model: str, identity: str) -> None:
    history = [wire.user(), *_round(identity, "one"), *_round(identity, "two"), *_round("c9", "three")]
    body = {"model": model, "messages": history, "tools": [wire.function("f")]}
    up = wire.sent(here, "chat", body)
    assert up == wire.sent(here, "chat", body)
    turns = up.get("messages") or up["contents"]
    blocks = [block for turn in turns for block in turn.get("content") or turn["parts"]]
    calls = [block["id"] for block in blocks if block.get("type") == "tool_use"]
    calls = calls or [block["functionCall"]["id"] for block in blocks if "functionCall" in block]
    results = [
        (block["tool_use_id"], block["content"][0]["text"]) for block in blocks if block.get("type") == "tool_result"
    ]
    answers = [block["functionResponse"] for block in blocks if "functionResponse" in block]
    results = results or [(answer["id"], answer["response"]["output"]) for answer in answers]
    assert len(set(calls)) == 3 and "c9" in calls
    assert results == list(zip(calls, ["one", "two", "three"], strict=True))
    if identity:
        assert calls[0] == identity


OPTIONAL = {
    "type": "object",
    "properties": {
        "a": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "b": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    "required": ["a"],
    "additionalProperties": False,
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("text, right", [
    ('{"a":"x","tags":null,"b":null}', {"a": "x", "b": None}),
    ('{"tags": null, "a": "null, \\"tags\\":null"}', {"a": 'null, "tags":null'}),
    ('{ "b":"y" , "tags" : [ "n" ],"a":"x"}', {"b": "y", "tags": ["n"], "a": "x"}),
])  # fmt: skip
def test_a_null_that_the_strict_schema_made_is_left_out(here: w.World, text: str, right: Any, stream: bool) -> None:
    body = {"model": "gpt-4.1", "max_tokens": 99, "messages": [wire.user()], "stream": stream,
            "output_config": {"format": {"type": "json_schema", "schema": OPTIONAL}}}  # fmt: skip
    answer: Any = w.chat_stream(*wire.pieces(text)) if stream else w.chat_answer(text)
    _, said, _ = wire.ask(here, "messages", body, answer)
    if stream:
        found = "".join(f["delta"].get("text", "") for f in said if f["type"] == "content_block_delta")
    else:
        found = said["content"][0]["text"]
    assert codec.loads(found) == right


@pytest.mark.parametrize("stream", [False, True])
def test_so_is_one_of_a_strict_tools_arguments(here: w.World, stream: bool) -> None:
    tool = {"name": "f", "input_schema": OPTIONAL, "strict": True}
    body = {"model": "gpt-4.1", "max_tokens": 99, "messages": [wire.user()], "tools": [tool], "stream": stream}
    text = '{"tags":null,"a":"x"}'
    answer: Any = wire.chat_call("f", text) if stream else v.chat_whole(None, [("c1", "f", text)], "tool_calls")
    _, said, _ = wire.ask(here, "messages", body, answer)
    if stream:
        parts = [f["delta"].get("partial_json", "") for f in said if f["type"] == "content_block_delta"]
        assert codec.loads("".join(parts)) == {"a": "x"}
    else:
        assert said["content"][0]["input"] == {"a": "x"}


BRANCHES = [
    {"type": "object", "properties": {"id": {"type": "string"}, "n": {"type": "integer"}}, "required": ["id", "n"]},
    {"type": "object", "properties": {"name": {"type": "string"}, "n": {"type": "string"}}, "required": ["name", "n"]},
]


@pytest.mark.parametrize("word", ["anyOf", "oneOf"])
@pytest.mark.parametrize("family, model", [
    ("chat", "claude-sonnet-4-5"), ("messages", "gpt-4.1"), ("messages", "gpt-5.4"), ("responses", "claude-sonnet-4-5"),
    ("messages", "grok-4.3"),
])  # fmt: skip
def test_alternatives_at_a_tools_root_become_one_object(here: w.World, family: str, model: str, word: str) -> None:
    schema = {"type": "object", word: BRANCHES}
    flat = {"name": "f", "description": "D"}
    tools: list[Any] = [{**flat, "input_schema": schema}]
    if family == "chat":
        tools = [{"type": "function", "function": {**flat, "parameters": schema}}]
    if family == "responses":
        tools = [{"type": "function", **flat, "parameters": schema}]
    turn = {"input": "q"} if family == "responses" else {"max_tokens": 99, "messages": [wire.user()]}
    status, said, lost = wire.ask(here, family, {"model": model, **turn, "tools": tools})
    assert status == 200, said
    tool = here.script.bodies[-1]["tools"][0]
    tool = tool.get("function", tool)
    root = tool.get("input_schema") or tool["parameters"]
    assert root["type"] == "object" and not {"anyOf", "oneOf", "allOf", "not"} & root.keys()
    assert set(root["properties"]) == {"id", "name", "n"}
    assert root["properties"]["n"] == {"anyOf": [{"type": "integer"}, {"type": "string"}]}
    assert root["required"] == ["n"]
    assert tool["description"].startswith("D") and word in tool["description"]
    assert word in lost


def test_references_and_conditions_at_a_root_are_taken_in(here: w.World) -> None:
    target = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
        "allOf": [{"properties": {"b": {"type": "integer"}}, "required": ["b"]}],
        "if": {"required": ["b"]},
        "then": {"properties": {"c": {"type": "string"}}, "required": ["c"]},
    }
    schema = {"$ref": "#/$defs/A", "$defs": {"A": target}}
    body = {"model": "claude-sonnet-4-5", "messages": [wire.user()], "tools": [wire.function("f", schema)]}
    root = wire.sent(here, "chat", body)["tools"][0]["input_schema"]
    assert (set(root["properties"]), root["required"], root["type"]) == ({"a", "b", "c"}, ["a", "b"], "object")
    assert "$ref" not in root and "if" not in root


def test_half_a_character_pair_does_not_reach_claude(here: w.World) -> None:
    raw = b'{"model":"claude-sonnet-4-5","messages":[{"role":"user","content":"a \\ud83d b"}]}'
    here.script.default = wire.hello
    status, said, _ = asyncio.run(here.whole("chat", raw))
    assert status == 200, said
    assert here.script.bodies[-1]["messages"][0]["content"][0]["text"] == "a � b"


@pytest.mark.parametrize("model", ["claude-sonnet-4-5", "gemini-3.5-flash"])
def test_arguments_of_null_are_none(here: w.World, model: str) -> None:
    history = [wire.user(), *_round("c1", "ok")]
    history[1]["tool_calls"][0]["function"]["arguments"] = "null"
    up = wire.sent(here, "chat", {"model": model, "messages": history, "tools": [wire.function("f")]})
    if "messages" in up:
        assert up["messages"][1]["content"][0]["input"] == {}
    else:
        assert up["contents"][1]["parts"][0]["functionCall"]["args"] == {}
