"""Tools in the words in which models are shown them. The expected text is that of OpenAI's harmony documentation."""

from __future__ import annotations

from typing import Any

from interchange.estimate.declarations import DEEPEST, declare, declare_schema
from interchange.hub.request import CustomTool, FunctionTool, HostedTool, OutputFormat, OutputKind, Tool

WEATHER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "location": {"type": "string", "description": "The city and state, e.g. San Francisco, CA"},
        "format": {"type": "string", "enum": ["celsius", "fahrenheit"], "default": "celsius"},
    },
    "required": ["location"],
}


def test_functions_are_declared_as_types() -> None:
    tools: tuple[Tool, ...] = (
        FunctionTool("get_location", "Gets the location of the user.", {"type": "object", "properties": {}}),
        FunctionTool("get_current_weather", "Gets the current weather in the provided location.", WEATHER),
        HostedTool("web_search", "p", {}),
    )
    assert (
        declare(tools)
        == """namespace functions {

// Gets the location of the user.
type get_location = () => any;

// Gets the current weather in the provided location.
type get_current_weather = (_: {
// The city and state, e.g. San Francisco, CA
location: string,
format?: "celsius" | "fahrenheit", // default: celsius
}) => any;

} // namespace functions"""
    )


def test_nested_and_odd_schemas_are_told() -> None:
    schema = {"properties": {
        "list": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": ["integer", "null"]}}}},
        "either": {"anyOf": [{"type": "string"}, {"const": 3}]},
        "far": {"$ref": "#/$defs/Far"}, "nothing": {"$ref": "#/$defs/None"}, "odd": 7,
    }, "$defs": {"Far": {"type": "boolean"}}}  # fmt: skip
    text = declare([FunctionTool("f", None, schema), CustomTool("sql", "d", {"type": "text"})])
    for line in ("list?: {", "  a?: number | null,", '}[],', "either?: string | 3,", "far?: boolean,", "nothing?: any,",
                 "odd?: any,", "type sql = "):  # fmt: skip
        assert line in text


def test_a_schema_that_branches_into_itself_stays_small() -> None:
    members = {f"m{number}": {"$ref": "#/$defs/Node"} for number in range(20)}
    node = {"type": "object", "properties": members}
    text = declare([FunctionTool("f", None, {"properties": members, "$defs": {"Node": node}})])
    assert len(text) < 500_000 and DEEPEST < 20


def test_a_schema_of_the_answer_is_its_json_less_what_is_not_shown() -> None:
    form = OutputFormat(OutputKind.SCHEMA, {**WEATHER, "additionalProperties": False, "title": "W"}, "weather")
    text = declare_schema(form)
    assert text.startswith("weather\n{") and '"location"' in text
    assert "additionalProperties" not in text and '"W"' not in text
