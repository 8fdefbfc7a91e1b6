"""Efforts of reasoning go to the models that take them, whoever asks and by whichever of a vendor's protocols."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from interchange.catalog.load import load
from interchange.catalog.models import Model
from interchange.wire import codec
from tests.exchange import world as w

CATALOG = load()
ASKED = [one for one in CATALOG.models if one.kind == "chat" and one.routes[0].provider in ("openai", "xai")]
"""Models whose vendors take an effort as a parameter, of those models that have any."""
WITHOUT = [one for one in ASKED if not (one.traits.get("reasoning") or {}).get("efforts")]
GROK = [one.id for one in WITHOUT if one.routes[0].provider == "xai"]
PATCH: dict[str, Any] = {"type": "custom", "name": "apply_patch"}
CODEX: dict[str, Any] = {"tools": [{**PATCH, "format": {"type": "text"}}], "reasoning": {"effort": "high"}}
"""A free-form tool, as Codex declares it: xAI has none, so the request is written anew within its protocol."""
DRAWN: dict[str, Any] = {
    "input": [*w.user(), {"type": "custom_tool_call", "id": "ctc_25de2f84-163c-6e9e-e42e-cd1dbd6f9ed0_0",
                          "call_id": "xs_1", "status": "completed", "name": "x_keyword_search", "input": "{}"}],
    "reasoning": {"effort": "high"},
}  # fmt: skip
"""A search of xAI's, which OpenAI is told of in words."""


def named(model: Model) -> str:
    return model.id


def answers(outgoing: Any) -> w.Says:
    if outgoing.url.endswith("/chat/completions"):
        return w.Says(chunks=[w.chat_answer()])
    said = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
            "content": [{"type": "output_text", "text": "hello", "annotations": []}]}  # fmt: skip
    whole = {"id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": "up",
             "output": [said], "usage": {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}}  # fmt: skip
    return w.Says(chunks=[codec.dumps(whole)])


def ask(family: str, model: str, **fields: Any) -> tuple[Mapping[str, Any], list[str]]:
    """The body that goes up, and what was named as dropped."""
    body = {"model": model, ("input" if family == "responses" else "messages"): w.user(), **fields}
    with w.world() as here:
        here.services = replace(here.services, catalog=CATALOG)
        here.fund("1000")
        here.script.default = answers
        status, told, headers = asyncio.run(here.whole(family, body))
        (sent,) = here.script.bodies
    assert status == 200, told
    return sent, headers.get("x-interchange-dropped", "").split(", ")


def effort(body: Mapping[str, Any]) -> Any:
    return body.get("reasoning_effort") or (body.get("reasoning") or {}).get("effort")


def test_every_model_says_whether_it_takes_efforts() -> None:
    """Of one that says nothing, a caller of its own protocol is taken to know."""
    assert not [one.id for one in ASKED if "reasoning" not in one.traits]
    assert {"grok-4", "grok-4.20", "grok-code-fast-1"} <= set(GROK)


@pytest.mark.parametrize("model", GROK)
@pytest.mark.parametrize(("family", "fields", "lost"), [
    ("responses", CODEX, "reasoning.effort"),
    ("chat", {"tools": [{"type": "custom", "custom": PATCH}], "reasoning_effort": "high"}, "reasoning_effort"),
    ("chat", {"tools": [{"type": "web_search"}], "reasoning_effort": "high"}, "reasoning_effort"),
    ("messages", {"max_tokens": 4000, "thinking": {"type": "enabled", "budget_tokens": 2000}},
     "thinking.budget_tokens"),
    ("messages", {"max_tokens": 4000, "thinking": {"type": "disabled"}}, "thinking"),
    ("messages", {"max_tokens": 4000, "output_config": {"effort": "high"}}, "output_config.effort"),
])  # fmt: skip
def test_a_grok_that_sets_its_own_effort_is_not_told_one(
    model: str, family: str, fields: dict[str, Any], lost: str
) -> None:
    """400 "Model grok-4-latest does not support parameter reasoningEffort.": BerriAI/litellm#16265; of grok-code-fast-1
    charmbracelet/crush#2078, of grok-4.20 docs.x.ai/docs/guides/reasoning and NousResearch/hermes-agent#23435."""
    sent, dropped = ask(family, model, **fields)
    assert effort(sent) is None
    assert lost in dropped


@pytest.mark.parametrize("model", GROK)
def test_a_grok_that_sets_its_own_effort_is_asked_for_its_state(model: str) -> None:
    """docs.x.ai/docs/guides/reasoning: "the reasoning content is encrypted by us and can be returned"."""
    sent, _ = ask("responses", model, **CODEX)
    assert sent["include"] == ["reasoning.encrypted_content"]
    sent, _ = ask("messages", model, max_tokens=4000, tools=[{"type": "web_search_20250305", "name": "web_search"}])
    assert sent["include"] == ["reasoning.encrypted_content"]


@pytest.mark.parametrize("model", [one for one in WITHOUT if "richer" in one.traits and one.id not in GROK], ids=named)
def test_a_gpt_that_does_not_reason_is_not_told_an_effort_by_its_own_protocol(model: Model) -> None:
    """OpenAI: "Unsupported parameter: 'reasoning.effort' is not supported with this model."."""
    sent, dropped = ask("responses", model.id, **DRAWN)
    assert "reasoning" not in sent
    assert "reasoning.effort" in dropped


@pytest.mark.parametrize("include", [
    [], ["reasoning.encrypted_content"], ["message.output_text.logprobs"],
    ["web_search_call.action.sources", "reasoning.encrypted_content", "message.output_text.logprobs"],
])  # fmt: skip
def test_what_is_to_come_back_is_asked_for_where_a_request_is_written_anew(include: list[str]) -> None:
    """Codex asks for the state of its reasoning; beside its free-form tools it was not asked for."""
    sent, dropped = ask("responses", "grok-4.3", **CODEX, include=include)
    assert sorted(sent["include"]) == sorted({*include, "reasoning.encrypted_content"})
    assert (effort(sent), dropped) == ("high", [""])


def test_what_stands_beside_an_effort_is_sent_where_a_request_is_written_anew() -> None:
    """`mode` and `context` of openai-python `types/shared_params/reasoning.py`: a request is held for by its mode."""
    beside = {"effort": "high", "context": "all_turns", "mode": "pro"}
    sent, dropped = ask(
        "responses", "gpt-5.5", **{**DRAWN, "reasoning": beside, "text": {"new": 1, "verbosity": "low"}}
    )
    assert sent["reasoning"] == {**beside}
    assert (sent["text"], dropped) == ({"verbosity": "low", "new": 1}, [""])
    sent, dropped = ask("responses", "gpt-4.1", **{**DRAWN, "reasoning": beside})
    assert "reasoning" not in sent
    assert {"reasoning.effort", "reasoning.context", "reasoning.mode"} <= set(dropped)
