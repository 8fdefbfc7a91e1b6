"""A stream that fails late, while its caller is given the status, or while the books are slow: it ends as a status or
as its protocol's failure event, never as an empty success."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any

import pytest

from interchange.exchange import listener, settle
from interchange.upstream.call import ConnectionFault
from interchange.wire import codec
from tests.exchange import world as w

FAILED = re.compile(r'^event: error|"error": ?\{|event: response\.failed|event: error', re.MULTILINE)
FAMILIES = pytest.mark.parametrize("family", ["chat", "messages", "responses"])
MODELS = pytest.mark.parametrize("model", ["gpt", "claude", "gemini"])
BEAT = 0.1
"""Stands for the ten seconds after which the caller is given its status."""


def body(family: str, model: str) -> dict[str, Any]:
    if family == "responses":
        return {"model": model, "input": "hi", "stream": True}
    return {"model": model, "messages": w.user(), "max_tokens": 10, "stream": True}


def says_so(answer: Any, chunks: list[bytes]) -> bool:
    text = b"".join(chunks).decode()
    return 400 <= answer.status < 600 or bool(FAILED.search(text))


def slow(here: w.World, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each write of the settlement takes so long."""
    settled = settle._write

    def later(*arguments: Any) -> None:
        time.sleep(seconds)
        settled(*arguments)

    monkeypatch.setattr(settle, "_write", later)


@FAMILIES
@MODELS
@pytest.mark.parametrize("settling", [0.0, 0.15])
def test_a_refusal_around_the_heartbeat_is_never_an_empty_success(
    family: str, model: str, settling: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "HEARTBEAT_SECONDS", BEAT)
    with w.world() as here:
        slow(here, settling, monkeypatch)
        for step in range(8):
            refusal = [BEAT * (0.6 + 0.1 * step), b'{"error":{"message":"bad thing"}}']
            here.script.answers = [w.Says(400, chunks=refusal)]
            answer, chunks = asyncio.run(here.streamed(family, body(family, model)))
            assert says_so(answer, chunks), (step, answer.status, chunks)
        assert {(row.outcome, row.charge_nano) for row in here.rows()} == {("upstream_error", 0)}
        assert here.balance().held_nano == 0


@FAMILIES
@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_a_failure_while_the_table_hangs_is_told(family: str, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "HEARTBEAT_SECONDS", BEAT)
    with w.world() as here:
        slow(here, 5 * BEAT, monkeypatch)
        refusal = w.Says(status, chunks=[b'{"error":{"message":"bad thing"}}'])
        here.script.answers = [refusal, refusal]
        answer, chunks = asyncio.run(here.streamed(family, body(family, "gpt")))
        assert says_so(answer, chunks), (answer.status, chunks)


@FAMILIES
@pytest.mark.parametrize("kind", ["silent", "cut", "malformed", "empty", "deadline", "fault"])
def test_whatever_fails_after_the_status_is_told(family: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "HEARTBEAT_SECONDS", BEAT)
    late: dict[str, list[Any]] = {
        "silent": [2 * BEAT, ConnectionFault("nothing", sent=True, silent=True)],
        "cut": [2 * BEAT, w.fault()],
        "malformed": [2 * BEAT, b"data: {x\n\n"],
        "empty": [2 * BEAT],
        "deadline": [60.0],
        "fault": [2 * BEAT, ArithmeticError("ours")],
    }
    with w.world() as here:
        here.script.answers = [w.Says(chunks=late[kind]), w.Says(chunks=late[kind])]
        answer, chunks = asyncio.run(here.streamed(family, body(family, "gpt"), seconds=3.0 + 5 * BEAT))
        assert says_so(answer, chunks), chunks
        assert [row.charge_nano for row in here.rows()] == [0]


def _begun(model: str) -> list[bytes]:
    """A vendor's stream that has said something."""
    match model:
        case "gpt" | "grok":
            return [
                w.messages_frame("response.created", sequence_number=0, response={"id": "resp_1", "output": []}),
                w.messages_frame("response.output_text.delta", sequence_number=1, output_index=0, item_id="msg_1",
                                 content_index=0, delta="Hel"),
            ]  # fmt: skip
        case "gemini":
            said = {"candidates": [{"content": {"role": "model", "parts": [{"text": "Hel"}]}, "index": 0}]}
            return [b"data: " + codec.dumps(said) + b"\r\n\r\n"]
        case _:
            return w.messages_stream("Hel")[:3]


@pytest.mark.parametrize("ends", ["cut", "malformed", "early"])
@pytest.mark.parametrize("model", ["gpt", "grok", "claude", "gemini"])
def test_the_error_event_of_a_broken_responses_stream_is_numbered_on(model: str, ends: str) -> None:
    """The SDKs hand `sequence_number` on, and a client that resumes counts by it."""
    end: dict[str, list[Any]] = {"cut": [w.fault()], "malformed": [b"data: {x\n\n"], "early": []}
    with w.world() as here:
        here.script.answers = [w.Says(chunks=[*_begun(model), *end[ends]])]
        _, pieces = asyncio.run(here.streamed("responses", body("responses", model)))
    events = [codec.loads(line[6:]) for line in b"".join(pieces).split(b"\n") if line.startswith(b"data: {")]
    assert events[-1]["type"] in ("error", "response.failed") and b"Hel" in b"".join(pieces)
    assert [event["sequence_number"] for event in events] == list(range(len(events)))


@pytest.mark.parametrize("model", ["gpt", "grok", "claude", "gemini"])
def test_the_error_event_of_a_stream_that_never_began_is_the_first(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "HEARTBEAT_SECONDS", BEAT)
    with w.world() as here:
        silent = [3 * BEAT, ConnectionFault("nothing", sent=True, silent=True)]
        here.script.answers = [w.Says(chunks=list(silent)), w.Says(chunks=list(silent))]
        answer, pieces = asyncio.run(here.streamed("responses", body("responses", model)))
    events = [codec.loads(line[6:]) for line in b"".join(pieces).split(b"\n") if line.startswith(b"data: {")]
    assert answer.status == 200 and events[-1]["type"] in ("error", "response.failed")
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
