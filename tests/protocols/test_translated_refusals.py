"""What Messages and Gemini would refuse in words of their own is refused here, by the caller's field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from interchange.hub import blocks as b
from interchange.hub import request as r
from interchange.hub.failure import RequestError
from interchange.hub.losses import Losses
from interchange.protocols import Client, Profile
from interchange.protocols.anthropic_messages.client import Client as Messages
from interchange.protocols.gemini.client import Client as Gemini
from interchange.protocols.openai_chat.client import Client as Chat

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
