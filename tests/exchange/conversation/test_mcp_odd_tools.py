"""One tool, or one part of a result, that is none of MCP's takes nothing else with it, and is named."""

from __future__ import annotations

from typing import Any

import pytest

from interchange.exchange.mcp import McpLimits
from tests.rounds import raw as r

from . import mcp_world as m

LOOKS: m.Call = ("call_1", "look", {})
LEFT_OUT: dict[str, tuple[Any, str]] = {
    "a schema of texts": ({"inputSchema": {"type": "string"}}, "odd"),
    "a schema that is a list": ({"inputSchema": []}, "odd"),
    "a schema that is null": ({"inputSchema": None}, "odd"),
    "properties that are a list": ({"inputSchema": {"type": "object", "properties": [1]}}, "odd"),
    "a property that is a number": ({"inputSchema": {"type": "object", "properties": {"a": 5}}}, "odd"),
    "a name that is none": ({"name": 5}, "tools"),
}
"""(fields of the tool, what names it below its server)"""
ADAPTED: dict[str, tuple[dict[str, Any], str | None]] = {
    "no type": ({"inputSchema": {"properties": {"a": {"type": "string"}}}}, None),
    "a type among others": ({"inputSchema": {"type": ["object", "null"]}}, "odd.input_schema.type"),
    "required that is true": ({"inputSchema": {"type": "object", "required": True}}, "odd.input_schema.required"),
    "a description that is a number": ({"description": 4}, "odd.description"),
    "hints that are a text": ({"annotations": "safe"}, None),
    "a schema of its result that is no object's": ({"outputSchema": {"type": "array"}}, None),
    "icons that are a text": ({"icons": "tree.png"}, None),
}
SCHEMA = {"type": "object", "properties": {}}


def odd(**fields: Any) -> dict[str, Any]:
    return {"name": "odd", "description": "Odd.", "inputSchema": SCHEMA, **fields}


def offered(here: Any) -> set[str]:
    return {tool["function"]["name"] for tool in here.script.bodies[0]["tools"]}


def asked(tools: list[Any], *, strict: bool = False) -> tuple[int, Any, dict[str, str], set[str]]:
    headers = {"x_interchange_strict": "true"} if strict else {}
    with m.world() as here, r.running(tools_list=lambda a: r.answered(a, {"tools": tools})) as (url, _):
        here.script.answers = [m.answer("gpt", "", [LOOKS]), m.answer("gpt", "ok")]
        status, found, told = m.headed(here, "messages", m.messages("gpt", url), **headers)
        return status, found, dict(told), offered(here) if here.script.bodies else set()


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("name", LEFT_OUT)
def test_one_tool_is_left_out_by_name_and_the_rest_are_served(name: str, first: bool) -> None:
    fields, place = LEFT_OUT[name]
    tools = [odd(**fields), r.LOOK] if first else [r.LOOK, odd(**fields)]
    status, found, headers, names = asked(tools)
    assert (status, names) == (200, {"look"}), found
    assert headers["x-interchange-dropped"] == f"mcp_servers[0].{place}"
    assert found["content"][1]["content"][0]["text"] == "an oak"
    status, found, _, _ = asked(tools, strict=True)
    assert (status, f"mcp_servers[0].{place}" in found["error"]["message"]) == (400, True)


@pytest.mark.parametrize("name", ADAPTED)
def test_one_tool_is_adapted_and_named(name: str) -> None:
    fields, place = ADAPTED[name]
    status, found, headers, names = asked([odd(**fields), r.LOOK])
    assert (status, names) == (200, {"look", "odd"}), found
    assert headers.get("x-interchange-dropped") == (f"mcp_servers[0].{place}" if place else None)


def test_the_listing_shows_no_tool_that_was_left_out() -> None:
    tools = [odd(inputSchema={"type": "string"}), r.LOOK]
    with m.world() as here, r.running(tools_list=lambda a: r.answered(a, {"tools": tools})) as (url, _):
        here.script.answers = [m.answer("grok", "ok")]
        status, found = m.asked(here, "responses", m.responses("gpt", url), **m.GATEWAY)
    assert (status, [tool["name"] for tool in found["output"][0]["tools"]]) == (200, ["look"])


def called(value: Any, tool: dict[str, Any] | None = None) -> tuple[Any, list[str]]:
    """(the result as the caller has it, what the server was asked)"""
    manners: dict[str, r.Manner] = {"tools_call": lambda a: r.answered(a, value)}
    manners["tools_list"] = lambda a: r.answered(a, {"tools": [tool or r.LOOK]})
    with m.world() as here, r.running(**manners) as (url, raw):
        here.script.answers = [m.answer("gpt", "", [LOOKS]), m.answer("gpt", "ok")]
        status, found = m.asked(here, "messages", m.messages("gpt", url))
    assert (status, len(here.script.sent)) == (200, 2)
    return found["content"][1], raw.methods


def test_a_part_that_nobody_knows_leaves_the_others_of_its_result() -> None:
    parts = [{"type": "text", "text": "an oak"}, {"type": "video", "data": "x"}, 7, {"type": "text", "text": None}]
    found, _ = called({"content": parts})
    assert not found["is_error"]
    assert [part["text"] for part in found["content"]] == [
        "an oak", "[left out: content of kind 'video']", "[left out: content of no kind]",
        "[left out: content of kind 'text']",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"content": [], "structuredContent": {"kind": "oak"}}, '{"kind":"oak"}'),
        ({"content": [{"type": "text", "text": "an oak"}], "structuredContent": {"kind": "oak"}}, "an oak"),
        ({"content": [], "structuredContent": ["oak"]}, '["oak"]'),
        ({"content": [{"type": "text", "text": ""}], "structuredContent": {"kind": "oak"}}, '{"kind":"oak"}'),
    ],
)
def test_structured_content_is_said_where_no_text_says_it(value: Any, text: str) -> None:
    found, _ = called(value)
    assert ("".join(part["text"] for part in found["content"]), found["is_error"]) == (text, False)


def test_a_result_is_not_held_to_a_pattern_that_its_server_chose() -> None:
    """The pattern takes longer than the sun will last, and nobody else would be served meanwhile."""
    pattern = {"type": "object", "properties": {"a": {"type": "string", "pattern": "^(a+)+$"}}}
    value = {"content": [{"type": "text", "text": "an oak"}], "structuredContent": {"a": "a" * 60 + "!"}}
    found, methods = called(value, {**r.LOOK, "outputSchema": pattern})
    assert found["content"][0]["text"] == "an oak"
    assert methods.count("tools/list") == 1


def test_a_tool_that_the_caller_pins_is_called_without_a_list() -> None:
    pinned = [{"name": "look", "description": "Looks.", "input_schema": SCHEMA}]
    toolset = {"type": "mcp_toolset", "mcp_server_name": "tests", "tools": pinned}
    with m.world() as here, r.running(tools_list=lambda _: [5.0]) as (url, raw):
        here.script.answers = [m.answer("gpt", "", [LOOKS]), m.answer("gpt", "ok")]
        _, found = m.asked(here, "messages", m.messages("gpt", url, tools=[toolset]))
    assert found["content"][1]["content"][0]["text"] == "an oak"
    assert "tools/list" not in raw.methods


def many(number: int) -> list[Any]:
    return [{**r.LOOK, "name": f"look_{at}", "description": f"Looks at tree {at}."} for at in range(number)]


def searched(number: int, query: str, rounds: int = 1) -> tuple[int, Any, list[set[str]]]:
    """(status, answer, names declared in each round)"""
    toolset = {"type": "mcp_toolset", "mcp_server_name": "tests", "default_config": {"defer_loading": True}}
    limits = McpLimits(rounds=50, tools=20)
    listed: r.Manner = lambda a: r.answered(a, {"tools": many(number)})  # noqa: E731
    with m.world(limits=limits) as here, r.running(tools_list=listed) as (url, _):
        asks = [m.answer("gpt", "", [(f"call_{n}", "mcp_tool_search", {"query": query})]) for n in range(rounds)]
        here.script.answers = [*asks, m.answer("gpt", "ok")]
        status, found = m.asked(here, "messages", m.messages("gpt", url, tools=[toolset]))
        names = [{tool["function"]["name"] for tool in body["tools"]} for body in here.script.bodies]
    return status, found, names


def test_deferred_tools_have_a_limit_of_their_own() -> None:
    status, found, names = searched(300, "tree 200")
    assert (status, names[0]) == (200, {"mcp_tool_search"}), found
    assert "look_200" in names[1]
    status, found, names = searched(1_001, "tree")
    assert (status, names) == (400, [])
    assert "1001 deferred tools, 1000 at most" in found["error"]["message"]


def test_searches_load_no_more_tools_than_may_be_declared() -> None:
    status, _, names = searched(100, "tree", rounds=5)
    assert (status, [len(found) for found in names]) == (200, [1, 9, 17, 21, 21, 21])


def test_too_many_tools_are_refused_with_what_helps() -> None:
    status, found, _, _ = asked(many(129))
    message = found["error"]["message"]
    assert (status, "129 tools, 128 at most" in message, "defer their loading" in message) == (400, True, True)
