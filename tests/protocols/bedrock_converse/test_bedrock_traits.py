"""What newer models of Claude take over Converse, and what they no longer take. The shape of adaptive thinking is that
of a recorded request."""

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
from interchange.wire import codec
from interchange.wire.sse import Frame

TRAITS: dict[str, Any] = {
    "thinking": "adaptive", "efforts": ["low", "medium", "high", "max"], "sampling": False, "prefill": False,
    "forced_tools": False,
}  # fmt: skip
USER = b.Message(b.Role.USER, (b.Text("hi"),))
BEGUN = b.Message(b.Role.ASSISTANT, (b.Text("well"),))
ASKED = r.Request("m", (USER,), max_tokens=4000)


def write(request: r.Request, **traits: Any) -> tuple[dict[str, Any], list[str]]:
    losses = Losses()
    profile = Profile("m", frozenset({"text"}), 64_000, {**TRAITS, **traits})
    return Client().write_request(request, profile, losses), [loss.path for loss in losses.items]


def thinking(**asked: Any) -> tuple[dict[str, Any] | None, list[str]]:
    body, losses = write(replace(ASKED, reasoning=r.Reasoning(**asked)))
    return body.get("additionalModelRequestFields"), losses


def test_adaptive_thinking_is_steered_by_an_effort() -> None:
    said = {"thinking": {"type": "adaptive"}, "output_config": {"effort": "high"}}
    assert thinking(effort="high") == (said, [])
    assert thinking(effort="xhigh")[0] == {**said, "output_config": {"effort": "max"}}
    assert thinking(effort="xhigh")[1] == ["reasoning_effort"]
    assert thinking(mode=r.ThinkingMode.ADAPTIVE) == ({"thinking": {"type": "adaptive"}}, [])


def test_a_budget_is_told_where_the_model_thinks_as_it_sees_fit() -> None:
    found = thinking(mode=r.ThinkingMode.ENABLED, budget=2000)
    assert found == ({"thinking": {"type": "adaptive"}}, ["thinking.budget_tokens"])


def test_thinking_is_turned_off_where_it_can_be() -> None:
    asked = replace(ASKED, reasoning=r.Reasoning(effort="none"))
    assert write(asked)[0]["additionalModelRequestFields"] == {"thinking": {"type": "disabled"}}
    body, losses = write(asked, can_disable=False)
    assert "additionalModelRequestFields" not in body
    assert losses == ["reasoning_effort"]


def test_sampling_that_the_model_does_not_take_is_told() -> None:
    plain = write(ASKED)[0]
    assert write(replace(ASKED, temperature=1.0, top_p=1.0)) == (plain, [])
    body, losses = write(replace(ASKED, temperature=0.5, top_p=0.5, top_k=1))
    assert (body, sorted(losses)) == (plain, ["temperature", "top_k", "top_p"])
    assert write(replace(ASKED, temperature=0.5), sampling=True)[0]["inferenceConfig"]["temperature"] == 0.5


def test_a_schema_is_refused_where_the_model_cannot_be_held_to_it() -> None:
    asked = replace(ASKED, output_format=r.OutputFormat(r.OutputKind.SCHEMA, {"type": "object"}, name="x"))
    assert "outputConfig" in write(asked)[0]
    with pytest.raises(RequestError) as refused:
        write(asked, structured_output=False)
    assert refused.value.failure.param == "response_format"


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (replace(ASKED, messages=(USER, BEGUN)), "messages[1]"),
        (replace(ASKED, tools=(r.FunctionTool("f"),), tool_choice=r.ToolChoice(r.ToolMode.REQUIRED)), "tool_choice"),
    ],
)
def test_what_the_model_cannot_be_made_to_do_is_refused(request_: r.Request, field: str) -> None:
    with pytest.raises(RequestError) as refused:
        write(request_)
    assert refused.value.failure.param == field
    assert write(request_, prefill=True, forced_tools=True)


def test_the_tier_that_served_is_what_is_charged_by() -> None:
    body = {"usage": {"inputTokens": 3, "outputTokens": 4}, "serviceTier": {"type": "priority"}}
    usage = Client().read_usage(body)
    assert usage is not None
    assert (usage.input, usage.output, usage.service_tier) == (3, 4, "priority")
    reader = Client().read_stream()
    for name, data in (("messageStart", {}), ("messageStop", {"stopReason": "end_turn"}), ("metadata", body)):
        list(reader.read(Frame(b"", name, codec.dumps(data))))
    assert reader.usage == usage
