"""Names that one vendor takes and another does not: of arguments, of tools declared twice."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conformance import vendors as v
from tests.conformance import wire
from tests.exchange import world as w

SCHEMA = {
    "type": "object",
    "properties": {
        "$filter": {"type": "string"}, "filter[name]": {"type": "string"}, "filter_name_": {"type": "string"},
        "plain": {"type": "object", "properties": {"$in": {"type": "string"}}},
        "again": {"$ref": "#/properties/filter%5Bname%5D"}, "k" * 70: {"type": "integer"},
    },
    "required": ["$filter", "plain"],
}  # fmt: skip
GIVEN = {"$filter": 'a, "b"', "filter[name]": "x", "plain": {"$in": "$filter"}, "k" * 70: 3}
LONG = "k" * 55 + "_0feddf42"


def renamed(arguments: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    """As the model would write them, by the names that it was given."""
    sent = list(properties)
    order = list(SCHEMA["properties"])
    return {sent[order.index(name)]: value for name, value in arguments.items()}


def test_names_of_arguments_fit_claude_and_come_back() -> None:
    with wire.built_in() as here:
        body: dict[str, Any] = {"model": "claude-sonnet-4-5", "messages": [wire.user()],
                                "tools": [wire.function("f", SCHEMA)]}  # fmt: skip
        sent = wire.sent(here, "chat", body)
        schema = sent["tools"][0]["input_schema"]
        names = list(schema["properties"])
        assert names[:3] == ["_filter", "filter_name__" + names[1].rpartition("_")[2], "filter_name_"]
        assert names[3:5] == ["plain", "again"] and len(names[5]) == 64
        assert schema["required"] == ["_filter", "plain"]
        assert schema["properties"]["again"] == {"$ref": f"#/properties/{names[1]}"}
        assert "$in" in schema["properties"]["plain"]["properties"]
        written = renamed(GIVEN, schema["properties"])
        whole = v.claude_whole({"type": "tool_use", "id": "t1", "name": "f", "input": written}, stop="tool_use")
        _, said, _ = wire.ask(here, "chat", body, whole)
        call = said["choices"][0]["message"]["tool_calls"][0]["function"]
        assert json.loads(call["arguments"]) == GIVEN
        _, frames, _ = wire.ask(here, "chat", {**body, "stream": True}, wire.claude_call("f", json.dumps(written)))
        pieces = [one["function"].get("arguments", "") for frame in frames for choice in frame["choices"]
                  for one in choice["delta"].get("tool_calls", ())]  # fmt: skip
        assert json.loads("".join(pieces)) == GIVEN


def test_a_past_call_has_the_names_that_the_model_knows() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": json.dumps(GIVEN)}}
    body = {"model": "claude-sonnet-4-5", "tools": [wire.function("f", SCHEMA)], "messages": [
        wire.user(), {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "ok"}]}  # fmt: skip
    with wire.built_in() as here:
        sent = wire.sent(here, "chat", body)
        properties = sent["tools"][0]["input_schema"]["properties"]
        assert sent["messages"][1]["content"][0]["input"] == renamed(GIVEN, properties)
        assert wire.sent(here, "chat", {**body, "model": "gemini-3.5-flash"})["contents"][1]["parts"][0][
            "functionCall"]["args"] == GIVEN  # fmt: skip


@pytest.mark.parametrize("model", ["claude-sonnet-4-5", "gemini-3.5-flash", "gpt-6.1-terra"])
def test_a_tool_that_is_declared_twice_is_declared_once(model: str) -> None:
    tools = [wire.function("f"), wire.function("g"), wire.function("f")]
    with wire.built_in() as here:
        sent = wire.sent(here, "chat", {"model": model, "messages": w.user(), "tools": tools})
        told = json.dumps(sent["tools"])
        assert told.count('"f"') == 1 and told.count('"g"') == 1
        two = [wire.function("f"), wire.function("f", SCHEMA)]
        message = wire.refused(here, "chat", {"model": model, "messages": w.user(), "tools": two})
        assert message == "tools[1].function.name: two tools are named 'f'"


def test_more_tools_than_a_vendor_takes_are_refused_by_name() -> None:
    tools = [{"name": f"f{n}", "input_schema": {"type": "object"}} for n in range(129)]
    with wire.built_in() as here:
        message = wire.refused(here, "messages", v.asked("messages", "gpt-4.1", tools=tools))
        assert message == "tools: this model takes at most 128 tools, not 129"


def test_arguments_that_are_no_object_are_refused_by_name() -> None:
    tools = [wire.function("f", {"type": "array", "items": {"type": "string"}})]
    with wire.built_in() as here:
        for model in ("claude-sonnet-4-5", "gemini-3.5-flash", "gpt-6.1-terra"):
            message = wire.refused(here, "chat", {"model": model, "messages": w.user(), "tools": tools})
            assert message == "tools[0].function.parameters: a function's arguments are of type object, not 'array'"
