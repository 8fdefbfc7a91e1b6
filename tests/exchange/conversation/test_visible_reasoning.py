"""Reasoning that is asked for is seen, by chat and by Messages, whichever model answers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from interchange.catalog.load import load
from interchange.catalog.models import Model
from interchange.wire import codec
from tests.exchange import world as w

CATALOG = load()
OPENAI = [one for one in CATALOG.models if one.routes[0].provider == "openai" and "richer" in one.traits]
GPT = [one for one in OPENAI if one.traits.get("reasoning")]
PLAIN = [one for one in OPENAI if not one.traits.get("reasoning")]
ADAPTIVE = [one for one in CATALOG.models if one.traits.get("thinking") == "adaptive"]
SUMMARY = {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "Trees are tall."}],
           "encrypted_content": "gAAAA"}  # fmt: skip
SAID = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed",
        "content": [{"type": "output_text", "text": "An oak.", "annotations": []}]}  # fmt: skip
USAGE = {"input_tokens": 10, "output_tokens": 20, "total_tokens": 30, "input_tokens_details": {"cached_tokens": 0},
         "output_tokens_details": {"reasoning_tokens": 12}}  # fmt: skip
UNVERIFIED = {"error": {
    "message": "Your organization must be verified to generate reasoning summaries. Please go to: "
               "https://platform.openai.com/settings/organization/general and click on Verify Organization.",
    "type": "invalid_request_error", "param": "reasoning.summary", "code": "unsupported_value",
}}  # fmt: skip
"""continuedev/continue#12031"""


def answers(outgoing: Any) -> w.Says:
    """As OpenAI does: a summary only where one is asked for, and none by chat completions."""
    assert outgoing.url.endswith("/responses"), "chat completions shows no reasoning"
    asked = codec.loads(outgoing.body).get("reasoning") or {}
    shown = SUMMARY if asked.get("summary") else {**SUMMARY, "summary": []}
    whole = {"id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": "up",
             "error": None, "output": [shown, SAID], "usage": USAGE}  # fmt: skip
    return w.Says(chunks=[codec.dumps(whole)])


def named(model: Model) -> str:
    return model.id


def ask(here: w.World, family: str, **fields: Any) -> tuple[int, Any, Any]:
    here.services = replace(here.services, catalog=CATALOG)
    here.fund("1000")
    return asyncio.run(here.whole(family, {"messages": w.user("Which tree?"), **fields}))


@pytest.mark.parametrize("model", GPT, ids=named)
def test_every_gpt_that_reasons_shows_it_by_chat(model: Model) -> None:
    with w.world() as here:
        here.script.default = answers
        status, answer, headers = ask(here, "chat", model=model.id, reasoning_effort="high")
    assert status == 200, answer
    message = answer["choices"][0]["message"]
    assert (message["reasoning_content"], message["content"]) == ("Trees are tall.", "An oak.")
    assert "x-interchange-dropped" not in headers


@pytest.mark.parametrize("thinking", [{"type": "enabled", "budget_tokens": 2000}, {"type": "adaptive"}],
                         ids=["budget", "adaptive"])  # fmt: skip
@pytest.mark.parametrize("model", GPT, ids=named)
def test_every_gpt_that_reasons_shows_it_by_messages(model: Model, thinking: Any) -> None:
    with w.world() as here:
        here.script.default = answers
        status, answer, _ = ask(here, "messages", model=model.id, max_tokens=4000, thinking=thinking)
        (sent,) = here.script.bodies
    assert status == 200, answer
    assert [(one["type"], one.get("thinking") or one.get("text")) for one in answer["content"]] == [
        ("thinking", "Trees are tall."), ("text", "An oak."),
    ]  # fmt: skip
    if "none" in model.traits["reasoning"]["efforts"]:
        assert sent["reasoning"]["effort"] not in (None, "none"), "without an effort it would not think"


@pytest.mark.parametrize("thinking", [{"type": "enabled", "budget_tokens": 2000}, {"type": "adaptive"}],
                         ids=["budget", "adaptive"])  # fmt: skip
@pytest.mark.parametrize("model", PLAIN, ids=named)
def test_a_gpt_that_does_not_reason_is_not_asked_to(model: Model, thinking: Any) -> None:
    """OpenAI: "Unsupported parameter: 'reasoning_effort' is not supported with this model."."""
    with w.world() as here:
        here.script.answers = [w.Says(chunks=[w.chat_answer()])]
        status, answer, headers = ask(here, "messages", model=model.id, max_tokens=4000, thinking=thinking)
        (sent,) = here.script.bodies
    assert (status, headers["x-interchange-dropped"]) == (200, "thinking"), answer
    assert not {"reasoning", "reasoning_effort"} & set(sent)


def test_every_gpt_is_asked_by_its_trait() -> None:
    assert {one.id for one in PLAIN} and {one.id for one in GPT}
    assert not [one.id for one in GPT if "reasoning" not in one.traits["richer"]["for"]]
    assert not [one.id for one in PLAIN if "reasoning" in one.traits["richer"]["for"]]


@pytest.mark.parametrize("model", ADAPTIVE, ids=named)
def test_a_claude_that_hides_its_thinking_unless_asked_is_asked_by_chat(model: Model) -> None:
    with w.world() as here:
        here.script.answers = [w.Says(chunks=[claude()])]
        status, answer, _ = ask(here, "chat", model=model.id, reasoning_effort="high")
        (sent,) = here.script.bodies
    assert status == 200, answer
    assert sent["thinking"] == {"type": "adaptive", "display": "summarized"}
    assert answer["choices"][0]["message"]["reasoning_content"] == "Trees are tall."


def claude() -> bytes:
    content = [{"type": "thinking", "thinking": "Trees are tall.", "signature": "sig"},
               {"type": "text", "text": "An oak."}]  # fmt: skip
    return codec.dumps({"id": "msg_1", "type": "message", "role": "assistant", "model": "up", "content": content,
                        "stop_reason": "end_turn", "stop_sequence": None,
                        "usage": {"input_tokens": 10, "output_tokens": 20}})  # fmt: skip


@pytest.mark.parametrize("hidden", [{"reasoning": {"effort": "high", "exclude": True}}, {"reasoning_effort": "none"}])
def test_reasoning_that_is_not_to_be_seen_stays_with_the_callers_protocol(hidden: Any) -> None:
    with w.world() as here:
        here.script.answers = [w.Says(chunks=[w.chat_answer()])]
        status, answer, _ = ask(here, "chat", model="gpt-5.4", **hidden)
        assert here.script.sent[0].url.endswith("/chat/completions")
    assert status == 200, answer


@pytest.mark.parametrize("family", ["chat", "messages"])
def test_an_account_that_may_see_no_summaries_is_served_without(family: str) -> None:
    """One request more, nothing charged for it, and the caller reads what is missing."""
    fields: dict[str, Any] = {"reasoning_effort": "high"}
    if family == "messages":
        fields = {"max_tokens": 4000, "thinking": {"type": "enabled", "budget_tokens": 2000}}
    with w.world() as here:
        here.script.answers = [w.Says(400, chunks=[codec.dumps(UNVERIFIED)])]
        here.script.default = answers
        status, answer, headers = ask(here, family, model="gpt-5.4", **fields)
        first, second = here.script.bodies
        assert len(here.rows()) == 1
    assert status == 200, answer
    assert (first["reasoning"]["summary"], "summary" in second["reasoning"]) == ("auto", False)
    assert first["reasoning"]["effort"] == second["reasoning"]["effort"]
    assert any(name in headers["x-interchange-dropped"] for name in ("thinking", "reasoning"))


def test_an_account_that_refuses_even_without_a_summary_is_not_asked_a_third_time() -> None:
    refused = w.Says(400, chunks=[codec.dumps(UNVERIFIED)])
    with w.world() as here:
        here.script.answers = [refused, refused]
        status, _, _ = ask(here, "chat", model="gpt-5.4", reasoning_effort="high")
        assert len(here.script.sent) == 2
        assert here.rows()[0].charge_nano == 0 if here.rows() else True
    assert status >= 400
