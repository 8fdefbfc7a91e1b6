"""Streams that end, and are no answer: by any protocol they are a failed try, or end with the failure's event."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from interchange.exchange import call
from tests.exchange import world as w
from tests.faults.test_faults import FAILED
from tests.faults.words import candidate, chat_frames, event, messages_frames, response, responses_frames, typed

FAMILIES = ("chat", "messages", "responses")
MODELS = {"chat": "gpt", "messages": "claude", "gemini": "gemini", "responses": "gpt"}
ROLE = chat_frames("", None)[0]
DONE = b"data: [DONE]\n\n"
MANY = 20_000


def said(**choice: Any) -> bytes:
    return event({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "up",
                  "choices": [{"index": 0, **choice}]})  # fmt: skip


def parts(found: Any) -> bytes:
    return event({"candidates": [{"content": {"role": "model", "parts": found}, "index": 0, "finishReason": "STOP"}]})


NO_ANSWERS: dict[str, tuple[str, Sequence[bytes]]] = {
    "a role alone": ("chat", [ROLE, DONE]),
    "an error as the finish reason": ("chat", [ROLE, said(delta={"content": ""}, finish_reason="error"), DONE]),
    "a number for the text": ("chat", [ROLE, said(delta={"content": 5}), DONE]),
    "an object for the text": ("chat", [ROLE, said(delta={"content": {}}), DONE]),
    "too many parts": ("chat", [said(delta={"content": [{"type": "x"}] * MANY}), DONE]),
    "a stop alone": ("messages", [typed({"type": "message_stop"})]),
    "a number for a part's text": ("gemini", [event({"candidates": [candidate({"text": 5})]})]),
    "a text for the parts": ("gemini", [parts("a" * MANY)]),
    "a part that is none": ("gemini", [parts([None, {"text": "x"}])]),
    "more parts than an answer holds": ("gemini", [parts([{"executableCode": {"code": "x"}}] * MANY)]),
}


def body(family: str, model: str, *, stream: bool = True) -> dict[str, Any]:
    told = {"input": "hi"} if family == "responses" else {"messages": w.user(), "max_tokens": 50}
    return {"model": model, "stream": stream, **told}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("kind", NO_ANSWERS)
def test_a_stream_that_is_no_answer_is_a_failed_try(family: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call, "BACKOFF_SECONDS", 0.0)
    speaks, frames = NO_ANSWERS[kind]
    with w.world() as here:
        here.script.default = lambda _: w.Says(chunks=frames)
        answer, chunks = asyncio.run(here.streamed(family, body(family, MODELS[speaks])))
        assert answer.status == 502 and len(here.script.sent) == 2
        assert json.loads(b"".join(chunks))["error"]["message"]
        balance = here.balance()
        assert (balance.charged_nano, balance.held_nano) == (0, 0)
        assert not [event for event, _ in here.reports if event == "fault"]


TEXT = responses_frames("hello", None)[:4]
SECRET = "at 10.1.2.3:80 for proj_abc123def456"
BROKEN: dict[str, tuple[str, Sequence[bytes]]] = {
    "cancelled": ("responses", [*TEXT, typed({"type": "response.cancelled", "response": response("", None,
                                                                                                  "cancelled")})]),
    "completed with an error": ("responses", [*TEXT, typed({"type": "response.completed", "response": {
        **response("hello", None), "error": {"code": "server_error", "message": SECRET}}})]),
    "failed for the operator's purse": ("responses", [*TEXT, typed({"type": "response.failed", "response": {
        **response("", None, "failed"), "error": {"code": "insufficient_quota", "message": SECRET}}})]),
    "an error in a choice": ("chat", [ROLE, said(delta={"content": "hello"}), said(
        delta={"content": ""}, finish_reason="error", error={"code": 502, "message": f"Provider {SECRET}"})]),
    "an error with a place beside it": ("chat", [ROLE, said(delta={"content": "hello"}), event(
        {"error": {"message": "boom", "code": 500, "metadata": {"host": "10.1.2.3:80"}}})]),
    "our own code": ("chat", [ROLE, said(delta={"content": "hello"}), event(
        {"error": {"message": "boom", "code": "insufficient_quota", "type": "insufficient_quota"}})]),
    "no credit": ("messages", [*messages_frames("hello", None)[:3], typed({"type": "error", "error": {
        "type": "invalid_request_error", "message": "Your credit balance is too low"}})]),
}  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("kind", BROKEN)
def test_a_failure_after_text_is_an_event_that_clients_know(family: str, kind: str) -> None:
    speaks, frames = BROKEN[kind]
    with w.world() as here:
        provider = here.services.providers["openai"]
        spoken = "openai_responses" if speaks == "responses" else "openai_chat"
        named = {"openai": replace(provider, clients={spoken: provider.clients[spoken]})}
        here.services = replace(here.services, providers={**here.services.providers, **named})
        here.script.default = lambda _: w.Says(chunks=frames)
        answer, chunks = asyncio.run(here.streamed(family, body(family, MODELS[speaks])))
        seen = b"".join(chunks).decode()
        assert answer.status == 200 and here.rows()[0].outcome == "truncated" and here.balance().charged_nano > 0
        assert FAILED.search(seen.rpartition("data: ")[0].rpartition("\n\n")[2] + seen.rpartition("data: ")[2]), seen
        if family == "chat":  # what openai-python looks for in a chunk (`_streaming.py`)
            assert isinstance(json.loads(seen.rpartition("data: ")[2])["error"], dict)
        assert not any(word in seen for word in ("10.1.2.3", "proj_abc", "insufficient_quota", "credit"))
