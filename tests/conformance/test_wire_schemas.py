"""Schemas with values whose keys or type are not known beforehand: no model is given one that only {} could satisfy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from interchange.hub.blocks import Message, Role, Text
from interchange.hub.losses import Losses
from interchange.hub.request import OutputFormat, OutputKind, Request
from interchange.protocols.bedrock_converse.client import Client
from interchange.protocols.faces import Profile
from interchange.rewrites import rewrite
from interchange.wire import codec
from tests.conformance import vendors as v
from tests.conformance import wire
from tests.exchange import world as w

STRINGS = {"type": "string"}
OPEN: dict[str, Any] = {
    "map": {"type": "object", "additionalProperties": STRINGS},
    "map beside names": {"type": "object", "properties": {"a": STRINGS}, "additionalProperties": STRINGS},
    "more properties": {"type": "object", "properties": {"a": STRINGS}, "additionalProperties": True},
    "object of any kind": {"type": "object"},
    "by pattern": {"type": "object", "patternProperties": {"^x-": STRINGS}, "additionalProperties": False},
    "by the form of names": {"type": "object", "propertyNames": {"pattern": "^[a-z]+$"}},
    "tuple": {"type": "array", "prefixItems": [STRINGS, {"type": "integer"}]},
    "older tuple": {"type": "array", "items": [STRINGS, {"type": "integer"}]},
    "array of anything": {"type": "array"},
    "anything": {"description": "any JSON value"},
    "behind a reference": {"$ref": "#/$defs/Labels"},
    "in a list": {"type": "array", "items": {"type": "object", "additionalProperties": STRINGS}},
    "among alternatives": {"anyOf": [{"type": "object", "additionalProperties": STRINGS}, {"type": "null"}]},
}


def _around(labels: Any) -> Any:
    return {
        "type": "object",
        "properties": {"labels": labels, "n": {"type": "integer"}},
        "required": ["labels"],
        "additionalProperties": False,
        "$defs": {"Labels": {"type": "object", "additionalProperties": STRINGS}},
    }


def asked(family: str, model: str, schema: Any, strict: bool | None = None) -> Any:
    said: dict[str, Any] = {} if strict is None else {"strict": strict}
    match family:
        case "chat":
            form: Any = {"type": "json_schema", "json_schema": {"name": "a", "schema": schema, **said}}
            return {"model": model, "messages": [wire.user()], "response_format": form}
        case "responses":
            form = {"type": "json_schema", "name": "a", "schema": schema, **said}
            return {"model": model, "input": "q", "text": {"format": form}}
        case _:
            form = {"type": "json_schema", "schema": schema}
            return {"model": model, "max_tokens": 99, "messages": [wire.user()], "output_config": {"format": form}}


def with_tool(family: str, model: str, schema: Any) -> Any:
    match family:
        case "chat":
            return {"model": model, "messages": [wire.user()], "tools": [wire.function("f", schema, strict=True)]}
        case "responses":
            tool = {"type": "function", "name": "f", "parameters": schema, "strict": True}
            return {"model": model, "input": "q", "tools": [tool]}
        case _:
            tool = {"name": "f", "input_schema": schema, "strict": True}
            return {"model": model, "max_tokens": 99, "messages": [wire.user()], "tools": [tool]}


NOT_SCHEMAS: list[Any] = [{"properties": None}, {"properties": []}, {"anyOf": None}, {"oneOf": {}}, {"enum": None}]
"""Words that say nothing of a value, where they hold what no such word may."""


@pytest.fixture
def here() -> Iterator[w.World]:
    with wire.built_in() as made:
        yield made


@pytest.mark.parametrize("name", OPEN)
@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-5.4", "grok-4.3"])
def test_an_open_schema_is_given_as_it_is_where_strict_can_be_left_out(here: w.World, model: str, name: str) -> None:
    schema = _around(OPEN[name])
    status, said, lost = wire.ask(here, "messages", asked("messages", model, schema))
    assert status == 200, said
    up = here.script.bodies[-1]
    if "text" in up:
        given, strict = up["text"]["format"]["schema"], up["text"]["format"]["strict"]
    elif "response_format" in up:
        form = up["response_format"]["json_schema"]
        given, strict = form["schema"], form["strict"]
    assert (given, strict) == (schema, False)
    assert "output_config.format" in lost


@pytest.mark.parametrize("name", OPEN)
@pytest.mark.parametrize("family", ["chat", "responses"])
def test_claude_is_told_an_open_schema_in_words(here: w.World, family: str, name: str) -> None:
    schema = _around(OPEN[name])
    status, said, lost = wire.ask(here, family, asked(family, "claude-sonnet-4-5", schema))
    assert status == 200, said
    up = here.script.bodies[-1]
    assert "output_config" not in up
    assert codec.dumps_text(schema) in up["system"][-1]["text"]
    assert "format" in lost


NEWEST: Any = {
    "older tuple": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]},
    "array of anything": {"type": "array", "items": {}},
}
"""Of a tool: what the vendors refuse as it is, in the words of the newest draft."""


@pytest.mark.parametrize("name", OPEN)
@pytest.mark.parametrize("family, model", [("messages", "gpt-4.1"), ("responses", "claude-sonnet-4-5"),
                                           ("chat", "claude-sonnet-4-5")])  # fmt: skip
def test_a_strict_tool_loses_the_promise_and_not_its_field(here: w.World, family: str, model: str, name: str) -> None:
    schema = _around(OPEN[name])
    status, said, lost = wire.ask(here, family, with_tool(family, model, schema))
    assert status == 200, said
    tool = here.script.bodies[-1]["tools"][0]
    tool = tool.get("function", tool)
    assert (tool.get("input_schema") or tool["parameters"]) == _around(NEWEST.get(name, OPEN[name]))
    assert not tool.get("strict")
    assert "tools[0]" in lost and "strict" in lost


@pytest.mark.parametrize("family", ["chat", "messages", "responses"])
@pytest.mark.parametrize("name", ["map", "by pattern", "by the form of names", "object of any kind"])
def test_gemini_is_given_a_map_as_one(here: w.World, family: str, name: str) -> None:
    up = wire.sent(here, family, asked(family, "gemini-3.5-flash", _around(OPEN[name])))
    labels = up["generationConfig"]["responseJsonSchema"]["properties"]["labels"]
    assert labels["type"] == "object" and "properties" not in labels
    assert labels.get("additionalProperties", STRINGS) == STRINGS


CLOSED = {"type": "object", "properties": {"a": STRINGS, "b": {"type": "array", "items": STRINGS}}, "required": ["a"]}


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("schema", NOT_SCHEMAS)
@pytest.mark.parametrize("model", ["gpt-4.1", "grok-4.3"])
def test_an_answer_of_no_type_is_not_held_to_its_schema(here: w.World, model: str, schema: Any, nested: bool) -> None:
    """OpenAI under strict: "schema must have a 'type' key"."""
    body = asked("messages", model, _around(schema) if nested else schema)
    status, said, lost = wire.ask(here, "messages", body)
    assert status == 200, said
    assert here.script.bodies[-1]["response_format"]["json_schema"]["strict"] is False
    assert "output_config.format" in lost


@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-5.4"])
def test_a_schema_that_names_all_stays_strict(here: w.World, model: str) -> None:
    status, said, _ = wire.ask(here, "messages", asked("messages", model, CLOSED))
    assert status == 200, said
    up = here.script.bodies[-1]
    form = up["text"]["format"] if "text" in up else up["response_format"]["json_schema"]
    assert form["strict"] is True and form["schema"]["additionalProperties"] is False


def test_so_it_does_for_claude(here: w.World) -> None:
    up = wire.sent(here, "chat", asked("chat", "claude-sonnet-4-5", CLOSED))
    assert up["output_config"]["format"]["schema"]["additionalProperties"] is False


def test_a_tool_without_arguments_stays_strict(here: w.World) -> None:
    up = wire.sent(here, "messages", with_tool("messages", "gpt-4.1", {"type": "object"}))
    assert up["tools"][0]["function"]["strict"] is True


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("text, right", [
    ('```json\n{"labels":{"a":"x"}}\n```', '{"labels":{"a":"x"}}'),
    ('\n```\n{"labels":{"a":"```"}}\n```\n', '{"labels":{"a":"```"}}'),
    ('{"labels":{"a":"x"}}', '{"labels":{"a":"x"}}'),
    ("`n` is unknown", "`n` is unknown"),
    ("```", "```"),
    ("```json", "```json"),
])  # fmt: skip
def test_the_fence_around_json_that_was_asked_for_in_words_is_taken_off(
    here: w.World, text: str, right: str, stream: bool
) -> None:
    body = {**asked("chat", "claude-sonnet-4-5", _around(OPEN["map"])), "stream": stream}
    answer: Any = w.messages_stream(*wire.pieces(text)) if stream else v.claude_whole({"type": "text", "text": text})
    _, said, _ = wire.ask(here, "chat", body, answer)
    if stream:
        found = "".join(f["choices"][0]["delta"].get("content") or "" for f in said if f["choices"])
    else:
        found = said["choices"][0]["message"]["content"]
    assert found == right


def test_converse_is_told_an_open_schema_and_held_to_a_closed_one() -> None:
    client, profile = Client(), Profile("m", frozenset({"text"}), 100, {"structured_output": True})

    def written(schema: Any) -> Any:
        form = OutputFormat(OutputKind.SCHEMA, schema)
        turn = Message(Role.USER, (Text("q"),))
        asked = Request("m", (turn,), output_format=form, protocol="openai_chat")
        request, _ = rewrite(asked, client.rules(profile), Losses())
        return client.write_request(request, profile, Losses())

    told = written(_around(OPEN["map"]))
    assert "outputConfig" not in told and "additionalProperties" in told["system"][-1]["text"]
    held = written(CLOSED)["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"]
    assert codec.loads(held)["additionalProperties"] is False


OLD: Any = {
    "type": "object",
    "properties": {
        "pair": {"type": "array", "items": [{"type": "string"}, {"type": "integer"}], "additionalItems": False},
        "list": {"type": "array"},
        "share": {"type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": 1, "exclusiveMaximum": False},
        "any": {"type": "any", "required": True, "description": "what you like"},
    },
    "required": ["pair"],
}
NEW: Any = {
    "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
    "list": {"type": "array", "items": {}},
    "share": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
    "any": {"description": "what you like"},
}


@pytest.mark.parametrize("family, model", [
    ("messages", "gpt-4.1"), ("messages", "gpt-5.4"), ("chat", "claude-sonnet-4-5"), ("responses", "claude-sonnet-4-5"),
    ("messages", "grok-4.3"),
])  # fmt: skip
def test_a_schema_of_an_older_draft_is_said_in_the_newest(here: w.World, family: str, model: str) -> None:
    tool = {"name": "f", "input_schema": OLD} if family == "messages" else wire.function("f", OLD)
    if family == "responses":
        tool = {"type": "function", **tool["function"]}
    said = {"input": "q"} if family == "responses" else {"messages": [wire.user()]}
    limit = {"max_tokens": 99} if family == "messages" else {}
    status, _, dropped = wire.ask(here, family, {"model": model, "tools": [tool], **said, **limit})
    assert status == 200
    declared = here.script.bodies[-1]["tools"][0]
    declared = declared.get("function", declared)
    assert (declared.get("parameters") or declared.get("input_schema"))["properties"] == NEW
    assert "any.type" in dropped and "any.required" in dropped
