"""What Converse cannot be made to do is told or refused, with the caller's field: never left out in silence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from interchange.hub import blocks as b
from interchange.hub import request as r
from interchange.hub.failure import RequestError
from interchange.hub.losses import Losses
from interchange.protocols.bedrock_converse.client import Client
from interchange.protocols.faces import Profile

CLAUDE = Profile("m", frozenset({"text"}), 64_000, {"thinking": "budget", "continuation": ("anthropic_messages",)})
USER = b.Message(b.Role.USER, (b.Text("hi"),))
CALL = b.Message(b.Role.ASSISTANT, (b.ToolUse("c1", "f", "{}"),))
RESULT = b.Message(b.Role.USER, (b.ToolResult("c1", (b.Text("r"),)),))
ASKED = r.Request("m", (USER,), max_tokens=4000)
F, G = r.FunctionTool("f"), r.FunctionTool("g")


def write(request: r.Request) -> tuple[dict[str, Any], list[str]]:
    losses = Losses()
    return Client().write_request(request, CLAUDE, losses), [loss.path for loss in losses.items]


def choice(mode: r.ToolMode, *names: str) -> r.ToolChoice:
    return r.ToolChoice(mode, names)


REFUSED: dict[str, tuple[r.Request, str]] = {
    "a picture for the system": (replace(ASKED, system=(b.Image(b.UrlSource("https://a.example")),)), "system[0]"),
    "a forced tool that is not there": (replace(ASKED, tools=(F,), tool_choice=choice(r.ToolMode.NAMED, "z")),
                                        "tool_choice"),
    "a forced tool without tools": (replace(ASKED, tool_choice=choice(r.ToolMode.REQUIRED)), "tool_choice"),
    "an allowed tool that is not there": (replace(ASKED, tools=(F,), tool_choice=choice(r.ToolMode.REQUIRED, "z")),
                                          "tool_choice"),
    "a result without a call": (replace(ASKED, messages=(USER, RESULT)), "messages[1].content[0]"),
    "a call without a result": (replace(ASKED, messages=(USER, CALL, USER), tools=(F,)), "messages[1].content[0]"),
    "a last call without a result": (replace(ASKED, messages=(USER, CALL), tools=(F,)), "messages[1].content[0]"),
    "two results of one call": (
        replace(ASKED, messages=(USER, CALL, b.Message(b.Role.USER, RESULT.content * 2))), "messages[2].content[1]"),
    "sound": (replace(ASKED, modalities=("text", "audio")), "modalities"),
    "a temperature above one": (replace(ASKED, temperature=1.5), "temperature"),
    "a temperature below zero": (replace(ASKED, temperature=-1), "temperature"),
    "an empty stop sequence": (replace(ASKED, stop=("",)), "stop"),
    "a tool's name": (replace(ASKED, tools=(r.FunctionTool("a b"),)), "tools[0].name"),
    "a tool that takes a list": (replace(ASKED, tools=(r.FunctionTool("f", schema={"type": "array"}),)),
                                 "tools[0].parameters"),
    "no room for an answer": (replace(ASKED, max_tokens=0), "max_tokens"),
    "nothing to answer": (replace(ASKED, messages=(b.Message(b.Role.USER, ()),)), "messages"),
    "a schema that is not there": (replace(ASKED, output_format=r.OutputFormat(r.OutputKind.SCHEMA, name="x")),
                                   "response_format"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_by_its_name(case: str) -> None:
    request, param = REFUSED[case]
    with pytest.raises(RequestError) as refused:
        write(request)
    assert refused.value.failure.param == param


TOLD: dict[str, tuple[r.Request, str]] = {
    "caching of the whole": (replace(ASKED, cache=b.CacheControl()), "cache_control"),
    "instructions in between": (replace(ASKED, messages=(USER, b.Message(b.Role.DEVELOPER, (b.Text("x"),)))),
                                "messages[1].role"),
    "instructions alone": (replace(ASKED, messages=(), system=(b.Text("x"),)), "system"),
    "a voice": (replace(ASKED, audio={"voice": "alloy"}), "audio"),
    "a field of a message": (replace(ASKED, messages=(replace(USER, extra={"x": 1}),)), "messages[0].x"),
    "a field of a tool": (replace(ASKED, tools=(replace(F, extra={"x": 1}),)), "tools[0].x"),
    "an effort that is none": (replace(ASKED, reasoning=r.Reasoning(effort="bogus")), "reasoning_effort"),
    "a budget too large": (replace(ASKED, reasoning=r.Reasoning(budget=5000)), "thinking.budget_tokens"),
    "a budget too small": (replace(ASKED, reasoning=r.Reasoning(budget=1)), "thinking.budget_tokens"),
    "thinking before a forced tool": (
        replace(ASKED, reasoning=r.Reasoning(budget=2000), tools=(F,), tool_choice=choice(r.ToolMode.REQUIRED)),
        "thinking"),
    "thinking on from a turn without": (
        replace(ASKED, reasoning=r.Reasoning(budget=2000), messages=(USER, CALL, RESULT), tools=(F,)), "thinking"),
}  # fmt: skip


@pytest.mark.parametrize("case", TOLD)
def test_it_is_told_by_its_name(case: str) -> None:
    request, path = TOLD[case]
    _, told = write(request)
    assert told == [path]


def names(body: dict[str, Any]) -> list[str]:
    return [spec["toolSpec"]["name"] for spec in body["toolConfig"]["tools"]]


def test_an_allowed_subset_is_declared_alone() -> None:
    body, told = write(replace(ASKED, tools=(F, G), tool_choice=choice(r.ToolMode.REQUIRED, "g")))
    assert (names(body), body["toolConfig"]["toolChoice"], told) == (["g"], {"any": {}}, [])


def test_a_history_with_calls_has_its_tools_declared() -> None:
    """ValidationException otherwise: toolConfig must be defined with toolUse and toolResult blocks."""
    body, _ = write(replace(ASKED, messages=(USER, CALL, RESULT)))
    assert names(body) == ["f"]
    body, told = write(replace(ASKED, messages=(USER, CALL, RESULT), tools=(F, G), tool_choice=choice(r.ToolMode.NONE)))
    assert (names(body), "toolChoice" in body["toolConfig"], told) == (["f", "g"], False, ["tool_choice"])


def test_thinking_goes_on_with_its_own_state() -> None:
    thought = b.Thinking("t", b.Continuation("anthropic_messages", "sig"))
    turn = b.Message(b.Role.ASSISTANT, (thought, *CALL.content))
    body, told = write(replace(ASKED, reasoning=r.Reasoning(budget=2000), messages=(USER, turn, RESULT), tools=(F,)))
    assert (body["additionalModelRequestFields"]["thinking"]["budget_tokens"], told) == (2000, [])
