"""What Messages and Gemini would refuse in words of their own is refused here, by the caller's field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from interchange.hub import blocks as b
from interchange.hub import request as r
from interchange.hub.failure import RequestError
from interchange.hub.losses import Losses
from interchange.protocols.anthropic_messages.client import Client as Messages
from interchange.protocols.bedrock_converse.client import Client as Converse
from interchange.protocols.faces import Client, Profile
from interchange.protocols.gemini.client import Client as Gemini
from interchange.protocols.openai_chat.client import Client as Chat
from interchange.protocols.openai_responses.client import Client as Responses

ASKED = r.Request("m", (b.Message(b.Role.USER, (b.Text("hi"),)),), max_tokens=4000, protocol="openai_chat")
CLIENTS: dict[str, Client] = {"messages": Messages(), "gemini": Gemini()}
THINKS = Profile("m", frozenset({"text"}), 64_000, {"thinking": "budget", "structured_output": True})
EVERYWHERE = pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)


def write(client: Client, **fields: Any) -> tuple[dict[str, Any], list[str]]:
    losses = Losses()
    return client.write_request(replace(ASKED, **fields), THINKS, losses), [loss.path for loss in losses.items]


@EVERYWHERE
@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"messages": (b.Message(b.Role.USER, ()),)}, "messages"),
        ({"stop": ("",)}, "stop"),
        ({"output_format": r.OutputFormat(r.OutputKind.SCHEMA, name="x")}, "response_format"),
        ({"tools": (r.FunctionTool(""),)}, "tools[0].name"),
        ({"tools": (r.FunctionTool("a b"),)}, "tools[0].name"),
        ({"tools": (r.FunctionTool("a" * 129),)}, "tools[0].name"),
    ],
)
def test_it_is_refused_by_its_name(client: Client, fields: dict[str, Any], param: str) -> None:
    with pytest.raises(RequestError) as refused:
        write(client, **fields)
    assert refused.value.failure.param == param


@EVERYWHERE
def test_an_effort_that_is_none_is_told(client: Client) -> None:
    assert write(client, reasoning=r.Reasoning(effort="bogus"))[1] == ["reasoning_effort"]
    assert write(client, reasoning=r.Reasoning(effort="high"))[1] == []


def test_a_schema_that_is_no_object_is_refused_for_messages() -> None:
    with pytest.raises(RequestError) as refused:
        write(CLIENTS["messages"], tools=(r.FunctionTool("f", schema={"type": "array"}),))
    assert refused.value.failure.param == "tools[0].parameters"
    body, _ = write(CLIENTS["messages"], tools=(r.FunctionTool("f", schema={"type": ["object", "null"]}),))
    assert body["tools"][0]["input_schema"] == {"type": "object"}


@pytest.mark.parametrize("client", [Gemini(), Chat()], ids=lambda one: one.protocol)
def test_no_tokens_at_all_are_for_messages_alone(client: Client) -> None:
    with pytest.raises(RequestError) as refused:
        write(client, max_tokens=0, protocol="anthropic_messages")
    assert refused.value.failure.param == "max_tokens"


def _turn(role: b.Role, *blocks: b.Block) -> b.Message:
    return b.Message(role, blocks)


HI, CALL_A, CALL_B = b.Text("hi"), b.ToolUse("a", "f", "{}"), b.ToolUse("b", "f", "{}")
RESULT_A, RESULT_B, RESULT_C = (b.ToolResult(identity, (HI,)) for identity in "abc")
USER, MODEL = b.Role.USER, b.Role.ASSISTANT
BROKEN = {
    "a call of the second of two turns has no result": (
        [_turn(USER, HI), _turn(MODEL, CALL_A), _turn(MODEL, HI, CALL_B), _turn(USER, RESULT_A)],
        "messages[2].content[1]",
    ),
    "a call at the end has no result": (
        [_turn(USER, HI), _turn(MODEL, HI), _turn(MODEL, HI, CALL_A)],
        "messages[2].content[1]",
    ),
    "a call has no result, and the user goes on": (
        [_turn(USER, HI), _turn(MODEL, CALL_A), _turn(USER, HI)],
        "messages[1].content[0]",
    ),
    "a result has no call": (
        [_turn(USER, HI), _turn(MODEL, CALL_A), _turn(USER, RESULT_A, RESULT_C)],
        "messages[2].content[1]",
    ),
    "a call has two results": (
        [_turn(USER, HI), _turn(MODEL, CALL_A), _turn(USER, RESULT_A, RESULT_A)],
        "messages[2].content[1]",
    ),
}
SPEAKERS: dict[str, Client] = {**CLIENTS, "converse": Converse(), "chat": Chat(), "responses": Responses()}


OPENAI = {"a call of the second of two turns has no result": "messages[1].content[0]", "a call has two results": None}
"""Each of two turns stands for itself there, and a second result is nobody's fault."""


@pytest.mark.parametrize("client", SPEAKERS.values(), ids=SPEAKERS)
@pytest.mark.parametrize("fault", BROKEN)
def test_calls_and_results_that_do_not_meet_are_told_by_their_own_place(client: Client, fault: str) -> None:
    messages, param = BROKEN[fault]
    if client.protocol.startswith("openai_") and fault in OPENAI:
        if OPENAI[fault] is None:
            return
        param = str(OPENAI[fault])
    with pytest.raises(RequestError) as refused:
        write(client, messages=tuple(messages), protocol="other", tools=(r.FunctionTool("f"),))
    assert refused.value.failure.param == param
    assert refused.value.failure.message.startswith(f"{param}: ")
