"""Requests that are nearly right: what can be said otherwise goes so, the rest is refused by the caller's field."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from interchange.exchange.conversation.losses import LossReport
from interchange.hub.failure import RequestError
from interchange.protocols.faces import Server
from scripts import compatibility
from tests.laws import reported as r
from tests.laws.ways import way_of, written

Json = dict[str, Any]
CHAT, MESSAGES, RESPONSES = (caller.server for caller in compatibility.CALLERS)
EVERYWHERE = ["gpt-4.1", "gpt-5.6", "claude-sonnet-4-5", "gemini-2.5-flash", "grok-4.3", "nova-2-lite"]


def sent(server: Server, body: Json, model: str) -> Json:
    made = written(server, body, way_of(model))
    assert made is not None
    assert made.refusals(server.protocol) == []
    return made.body


def test_what_is_said_between_a_call_and_its_result_stands_behind_the_result() -> None:
    """Anthropic joins users' turns that follow each other; a chat vendor wants a call's result next."""
    turns = [r.user(), r.said([r.use("t1"), r.use("t2")]), r.user("wait"), r.user([r.result("t1"), r.text("one")]),
             r.user([r.result("t2"), r.text("two")])]  # fmt: skip
    messages = sent(MESSAGES, r.messages(*turns, tools=[r.claude()]), "gpt-4.1")["messages"]
    assert [one["role"] for one in messages] == ["user", "assistant", "tool", "tool", "user", "user", "user"]
    assert [one["content"] for one in messages[4:]] == ["wait", "one", "two"]


@pytest.mark.parametrize("model", EVERYWHERE)
def test_a_tool_without_a_name_is_refused_by_its_field(model: str) -> None:
    asked: list[tuple[Server, Json]] = [
        (CHAT, r.chat(tools=[r.f(), r.f("")])), (MESSAGES, r.messages(tools=[r.claude(), r.claude("")])),
        (RESPONSES, r.responses(tools=[r.flat(), r.flat("")])),
    ]  # fmt: skip
    for server, body in asked:
        way = way_of(model)
        try:
            assert written(server, body, way) is None  # its own protocol: the vendor refuses it
        except RequestError as refused:
            assert refused.failure.param == "tools[1].name"


@pytest.mark.parametrize("model", EVERYWHERE)
def test_a_call_without_a_name_is_refused_by_its_field(model: str) -> None:
    asked: list[tuple[Server, Json, str]] = [
        (CHAT, r.chat(r.user(), r.said(None, tool_calls=[r.call(name="")]), r.done(), tools=[r.f()]),
         "messages[1].tool_calls[0]"),
        (MESSAGES, r.messages(r.user(), r.said([r.use(name="")]), r.user([r.result()]), tools=[r.claude()]),
         "messages[1].content[0].name"),
        (RESPONSES, r.responses(r.user(), r.ran(name=""), r.output(), tools=[r.flat()]), "input[1].name"),
    ]  # fmt: skip
    for server, body, param in asked:
        with contextlib.suppress(RequestError), LossReport(server, body).refusals():
            assert written(server, body, way_of(model)) is None  # its own protocol: the vendor refuses it
            continue
        with pytest.raises(RequestError) as refused, LossReport(server, body).refusals():
            written(server, body, way_of(model))
        assert str(refused.value.failure.param).startswith(param)


@pytest.mark.parametrize("model", ["gpt-4.1", "claude-sonnet-4-5", "nova-2-lite"])
def test_what_is_no_schema_inside_one_allows_anything(model: str) -> None:
    inside = {"type": "object", "properties": {"a": [{"type": "string"}], "b": {"type": "string"}},
              "required": ["a", "b", "a"]}  # fmt: skip
    for strict in (None, True):
        body = r.messages(tools=[r.claude("f", inside, **({} if strict is None else {"strict": strict}))])
        server = MESSAGES
        if model.startswith("claude"):
            server, body = CHAT, r.chat(tools=[r.f("f", inside, **({} if strict is None else {"strict": strict}))])
        (tool,) = _schemas(sent(server, body, model))
        assert tool["properties"] == {"a": {}, "b": {"type": "string"}}
        assert tool["required"] == ["a", "b"]


def _schemas(body: Json) -> list[Json]:
    tools = body.get("tools") or [one["toolSpec"] for one in body["toolConfig"]["tools"]]
    found = []
    for tool in tools:
        inner = tool.get("function", tool)
        schema = inner.get("parameters") or inner.get("input_schema") or inner["inputSchema"]["json"]
        found.append(schema)
    return found


def test_values_that_are_objects_are_not_enumerated_to_a_strict_decoder() -> None:
    """The anthropic SDK's `transform_schema`: "Enum values must be primitive"."""
    schema: Json = {"type": "object", "properties": {"a": {"enum": ["x", {"b": 1}]}}, "required": ["a"]}
    body = sent(CHAT, r.chat(tools=[r.f("f", schema, strict=True)]), "claude-sonnet-4-5")
    assert body["tools"][0].get("strict") is not True
    assert body["tools"][0]["input_schema"]["properties"]["a"] == schema["properties"]["a"]
    form = {"type": "json_schema", "json_schema": {"name": "r", "schema": schema}}
    assert "output_config" not in sent(CHAT, r.chat(response_format=form), "claude-sonnet-4-5")


def test_a_cached_prefix_lasts_as_long_as_the_vendor_has_words_for() -> None:
    day: Json = {"cache_control": {"type": "ephemeral", "ttl": "24h"}}
    with pytest.raises(RequestError) as refused:
        CHAT.read_request(r.chat(r.user([r.text(**day)])))
    assert refused.value.failure.param == "messages[0].content[0].cache_control.ttl"
    body = sent(MESSAGES, r.messages(r.user([r.text(**day)])), "nova-2-lite")
    assert body["messages"][0]["content"][1] == {"cachePoint": {"type": "default"}}


def test_a_word_that_is_no_type_is_no_type_of_a_strict_answer() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "STRING"}, "b": {"type": {"x": 1}}}}
    form = {"type": "json_schema", "json_schema": {"name": "r", "strict": True, "schema": schema}}
    told = sent(CHAT, r.chat(response_format=form), "claude-sonnet-4-5")
    assert "output_config" not in told
    assert "STRING" in told["system"][0]["text"]
    asked = r.messages(output_config={"format": {"type": "json_schema", "schema": schema}})
    assert sent(MESSAGES, asked, "gpt-4.1")["response_format"]["json_schema"]["strict"] is False


def test_an_array_says_what_it_holds_where_that_was_no_schema() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "array", "items": 0}}}
    tool = sent(MESSAGES, r.messages(tools=[r.claude("f", schema)]), "gpt-4.1")["tools"][0]["function"]
    assert tool["parameters"]["properties"]["a"] == {"type": "array", "items": {}}
