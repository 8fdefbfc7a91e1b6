"""What vendors are sent in rounds of MCP: a schema for the answer, tools as they take them, and past calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from interchange.catalog.load import load
from interchange.exchange.mcp import Mcp
from interchange.upstream.call import Outgoing
from tests.continuity.vendors import Vendors, meet
from tests.exchange import world as w
from tests.exchange.conversation import mcp_world as m
from tests.exchange.conversation.mcp_world import BODIES, GATEWAY, messages, responses, told
from tests.rounds.servers import ODD_SCHEMA, Seen
from tests.rules.judge import refusals

MODELS = {"anthropic": "claude-sonnet-4-5", "gemini": "gemini-3-flash-preview", "openai": "gpt-5.4", "xai": "grok-4.3"}
SCHEMA = {"type": "object", "properties": {"tree": {"type": "string"}}, "required": ["tree"],
          "additionalProperties": False}  # fmt: skip
FORMS: dict[str, dict[str, Any]] = {
    "messages": {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
    "responses": {"text": {"format": {"type": "json_schema", "name": "t", "schema": SCHEMA, "strict": True}}},
    "chat": {
        "response_format": {"type": "json_schema", "json_schema": {"name": "t", "schema": SCHEMA, "strict": True}}
    },
}
LOOP = {"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}}
ODD: dict[str, dict[str, Any]] = {
    "bare": {"type": "object"}, "empty": {}, "union": ODD_SCHEMA, "text": {"type": "string"},
    "nullable": {"type": ["object", "null"]},
    "open": {"type": "object", "additionalProperties": True, "properties": {"x": {}}},
    "meta": {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "$defs": {"a": LOOP},
             "properties": {"a": {"$ref": "#/$defs/a"}}},
    "rooted": {"$ref": "#/$defs/a", "$defs": {"a": {"type": "object", "properties": {"z": {"type": "integer"}}}}},
}  # fmt: skip


@pytest.fixture
def here() -> Iterator[w.World]:
    with w.world() as made:
        made.services = replace(made.services, mcp=Mcp(m.connect))
        yield made


def protocol(outgoing: Outgoing) -> str:
    if "anthropic" in outgoing.url:
        return "anthropic_messages"
    if "gemini" in outgoing.url:
        return "gemini"
    return "openai_responses" if outgoing.url.endswith("/responses") else "openai_chat"


def judged(outgoing: Outgoing, body: Any) -> list[str]:
    name = outgoing.url.split("//")[1].split("/")[0]
    model = next(one for one in load().models if one.id == MODELS[name])
    return refusals(protocol(outgoing), name, body, {**model.traits, "max_output": model.max_output})


def refused(here: w.World, vendors: Vendors) -> list[str]:
    """By the vendors' types and rules, and by what they want of a history."""
    sent = zip(here.script.sent, here.script.bodies, strict=True)
    return [*vendors.refused, *(said for outgoing, body in sent for said in judged(outgoing, body))]


@pytest.mark.parametrize("family", list(BODIES))
@pytest.mark.parametrize("name", list(MODELS))
def test_the_answer_is_held_to_its_schema_in_each_round(
    here: w.World, tools: tuple[str, Seen], name: str, family: str
) -> None:
    vendors = meet(here)
    vendors.made[name].script = [[("call", "hostile")], [("text", '{"tree":"oak"}')]]
    status, found, headers = m.headed(here, family, BODIES[family](MODELS[name], tools[0], **FORMS[family]), **GATEWAY)
    assert (status, refused(here, vendors)) == (200, [])
    assert told(family, found) == '{"tree":"oak"}'
    assert "x-interchange-dropped" not in headers or ".odd" in headers["x-interchange-dropped"]
    assert ["additionalProperties" in str(body) and "tree" in str(body) for body in here.script.bodies] == [True, True]


@pytest.mark.parametrize("schema", list(ODD))
@pytest.mark.parametrize("family", ["messages", "responses"])
@pytest.mark.parametrize("name", list(MODELS))
def test_no_vendor_refuses_what_a_server_declares(
    here: w.World, tools: tuple[str, Seen], name: str, family: str, schema: str
) -> None:
    """The caller knows the tool from before, so the server need not have it."""
    vendors, listed = meet(here), [{"name": "plant", "description": "Plants.", "input_schema": ODD[schema]}]
    if family == "messages":
        toolset = {"type": "mcp_toolset", "mcp_server_name": "tests", "tools": listed}
        body = messages(MODELS[name], tools[0], tools=[toolset])
    else:
        item = {"type": "mcp_list_tools", "id": "mcpl_1", "server_label": "tests", "tools": listed}
        body = responses(MODELS[name], tools[0], input=[item, {"role": "user", "content": "hi"}])
    status, found, headers = m.headed(here, family, body, **GATEWAY)
    assert (status, refused(here, vendors)) == (200, []), found
    assert "plant" in str(here.script.bodies[0]["tools"])
    if schema in ("text", "nullable"):
        assert ".plant.input_schema.type" in headers["x-interchange-dropped"]


@pytest.mark.parametrize("name", list(MODELS))
def test_what_a_server_leaves_open_is_not_made_required(here: w.World, tools: tuple[str, Seen], name: str) -> None:
    """`strict` is the default of Responses: it would have the model fill in all that is optional."""
    meet(here)
    m.asked(here, "responses", responses(MODELS[name], tools[0]), **GATEWAY)
    if "input" in here.script.bodies[0]:
        assert {tool["strict"] for tool in here.script.bodies[0]["tools"]} == {False}


@pytest.mark.parametrize("name", list(MODELS))
@pytest.mark.parametrize("family", list(BODIES))
def test_calls_of_the_past_are_said_where_no_server_is_named_any_more(here: w.World, family: str, name: str) -> None:
    vendors = meet(here)
    use = {"type": "mcp_tool_use", "id": "mcptoolu_1", "name": "add", "server_name": "s", "input": {}}
    result = {"type": "mcp_tool_result", "tool_use_id": "mcptoolu_1", "is_error": False,
              "content": [{"type": "text", "text": "FIVE"}]}  # fmt: skip
    item = {"type": "mcp_call", "id": "mcp_1", "name": "add", "server_label": "s", "arguments": "{}", "output": "FIVE"}
    call = {"id": "call_1", "server_name": "s", "name": "add", "arguments": "{}", "output": "FIVE", "is_error": False}
    said = {"type": "text", "text": "it is 5"}
    user, answer = {"role": "user", "content": "hi"}, {"role": "assistant", "content": [use, result, said]}
    bodies: dict[str, dict[str, Any]] = {
        "messages": {
            "max_tokens": 100,
            "messages": [user, answer, user],
        },
        "responses": {"input": [user, item, {"role": "assistant", "content": "it is 5"}, user]},
        "chat": {"messages": [user, {"role": "assistant", "content": "it is 5", "mcp_calls": [call]}, user]},
    }
    status, found = m.asked(here, family, {"model": MODELS[name], **bodies[family]})
    assert (status, vendors.refused) == (200, []), found
    assert "FIVE" in str(here.script.bodies)
