"""Arguments of a tool in every pair: whatever the schema that went up allows the model to write comes back as the
caller's schema has it, whole and streamed, strict and not."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pydantic import BaseModel, Field

from interchange.wire import codec
from tests.conformance import wire
from tests.exchange import world as w
from tests.laws import called, parsed
from tests.laws.test_parsed import Deep, Maps, Optionals, Tree, Unions, Words

Json = dict[str, Any]
MODELS = (
    "gpt-4.1",
    "gpt-5.4",
    "claude-sonnet-4-5",
    "claude-opus-5",
    "gemini-3.5-flash",
    "gemini-2.5-flash",
    "grok-4.3",
)


class Anything(BaseModel):
    payload: Any
    settings: dict[str, Any] = {}
    either: str | int | list[str] | None = None
    when: datetime.datetime
    gone: dict[str, str] | None = None
    kind: Literal["a"] = "a"
    size: int | None = Field(default=None, ge=1)


def tree(**more: Any) -> Json:
    node = {"type": "object", "properties": {"name": {"type": "string"}, "next": {"$ref": "#/$defs/node"}},
            "required": ["name"]}  # fmt: skip
    return {"type": "object", "properties": {"root": {"$ref": "#/$defs/node"}}, "required": ["root"],
            "$defs": {"node": {**node, **more}}}  # fmt: skip


SCHEMAS: dict[str, Json] = {
    **{kind.__name__: kind.model_json_schema() for kind in (Optionals, Maps, Unions, Tree, Words, Deep, Anything)},
    "optional": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"},
                                                  "inner": {"type": "object", "properties": {"c": {"type": "string"}}}},
                 "required": ["a"], "additionalProperties": False},
    "optional enum": {"type": "object", "properties": {"unit": {"type": "string", "enum": ["c", "f"]},
                                                       "mode": {"const": "x"}}, "additionalProperties": False},
    "optional list": {"type": "object", "properties": {"rows": {"type": "array", "items": {
        "type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "array", "items": {"type": "string"}}},
        "required": ["a"], "additionalProperties": False}}}, "additionalProperties": False},
    "tree": tree(),
    "closed tree": {**tree(additionalProperties=False), "additionalProperties": False},
    "alternatives": {"anyOf": [{"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
                               {"type": "object", "properties": {"b": {"type": "integer"}}, "required": ["b"]}]},
    "types": {"type": "object", "properties": {"a": {"type": ["string", "null"]}, "b": {"type": ["integer", "string"]}},
              "required": ["a", "b"], "additionalProperties": False},
    "patterns": {"type": "object", "properties": {"m": {"type": "object", "patternProperties": {
        "^x": {"type": "string"}}}}, "required": ["m"]},
    "odd names": {"type": "object", "properties": {"a b": {"type": "string"}, "type": {"type": "string"},
                                                   "$ref": {"type": "string"}, "x/y": {"type": "integer"}},
                  "required": ["a b", "type"], "additionalProperties": False},
    "nothing": {"type": "object", "properties": {}},
}  # fmt: skip


MERGED = ("alternatives",)
"""Alternatives at the root become one object (T11), in words: a decoder holds no model to having one of them."""


def _chat(here: w.World, model: str, schema: Json, strict: bool, stream: bool) -> str:
    client = parsed.of_openai(here)
    declared: Any = {"name": "f", "parameters": schema, "strict": strict}
    asked: Any = {"model": model, "messages": w.user(), "tools": [{"type": "function", "function": declared}]}
    if not stream:
        answer: Any = client.chat.completions.create(**asked)
        return str(answer.choices[0].message.tool_calls[0].function.arguments)
    with client.chat.completions.stream(**asked) as events:
        answer = events.get_final_completion()
    return str(answer.choices[0].message.tool_calls[0].function.arguments)


def _responses(here: w.World, model: str, schema: Json, strict: bool, stream: bool) -> str:
    client = parsed.of_openai(here)
    declared = {"type": "function", "name": "f", "parameters": schema, "strict": strict}
    asked: Any = {"model": model, "input": "q", "tools": [declared]}
    if not stream:
        answer: Any = client.responses.create(**asked)
    else:
        with client.responses.stream(**asked) as events:
            answer = events.get_final_response()
    return str(next(item.arguments for item in answer.output if item.type == "function_call"))


def _messages(here: w.World, model: str, schema: Json, strict: bool, stream: bool) -> str:
    client = parsed.of_anthropic(here)
    declared = {"name": "f", "input_schema": {"type": "object", **schema}, "strict": strict}
    asked: Any = {"model": model, "max_tokens": 999, "messages": w.user(), "tools": [declared]}
    if not stream:
        answer = client.messages.create(**asked)
    else:
        with client.messages.stream(**asked) as events:
            answer = events.get_final_message()
    return codec.dumps_text(next(block.input for block in answer.content if block.type == "tool_use"))


CALLS = {"chat": _chat, "responses": _responses, "messages": _messages}


@pytest.fixture
def here() -> Iterator[w.World]:
    with wire.built_in() as made:
        yield made


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("strict", [False, True], ids=["loose", "strict"])
@pytest.mark.parametrize("family", CALLS)
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", SCHEMAS)
def test_arguments_are_what_the_callers_schema_allows(
    here: w.World, name: str, model: str, family: str, strict: bool, stream: bool
) -> None:
    schema = SCHEMAS[name]
    for last in (False, True):
        here.script.default = called.Answering({}, last)
        found = codec.loads(CALLS[family](here, model, schema, strict, stream))
        if name in MERGED and strict:
            assert isinstance(found, dict)
            continue
        wrong = [error.message for error in Draft202012Validator(schema).iter_errors(found)]
        assert not wrong, (wrong, found, here.script.bodies[-1])
        full = name not in ("Maps",) or (found["labels"] and found["nested"])
        assert full, "a map may hold something"
