"""What a caller pays for the input where the vendor never counted it: what the request says, not the JSON around it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from interchange.estimate import estimate_tokens
from interchange.exchange.conversation import ask
from interchange.wire import codec
from tests.exchange import world as w

WORDY = [{"role": "user", "content": "the same words again " * 2_000}]
"""41 KB, 8,000 tokens."""
AROUND = [{"role": "user", "content": [{"type": "text", "text": "hi"}]} for _ in range(500)]
"""More JSON than words."""
CUT = [w.chat_chunk({"content": "hello"})]
UNCOUNTED = [w.chat_chunk({"content": "hello"}), w.chat_chunk({}, "stop"), b"data: [DONE]\n\n"]


def row(here: w.World, family: str, model: str, turns: Any, chunks: list[bytes]) -> Any:
    here.script.answers = [w.Says(chunks=chunks)]
    asked = {"model": model, "max_tokens": 50, "messages": turns, "stream": True}
    asyncio.run(here.streamed(family, asked))
    return here.rows()[-1]


@pytest.mark.parametrize("family", ["chat", "messages"])
@pytest.mark.parametrize("turns", [WORDY, AROUND], ids=["words", "json"])
@pytest.mark.parametrize(("chunks", "outcome"), [(CUT, "truncated"), (UNCOUNTED, "ok")])
def test_input_that_was_not_counted_is_estimated_by_what_it_says(
    family: str, turns: Any, chunks: list[bytes], outcome: str
) -> None:
    with w.world() as here:
        found = row(here, family, "gpt", turns, chunks)
        request = here.faces()[family].server.read_request({"model": "gpt", "max_tokens": 50, "messages": turns})
        assert found.outcome == outcome
        assert found.usage.input == estimate_tokens(request, {})
        size = len(codec.dumps(turns))
        assert found.usage.input < size / 4, "a body's length is no count of its tokens"
        assert found.charge_nano == found.usage.input * 2000 + 2 * 10_000 <= found.hold_nano


def test_a_cut_answer_of_claude_has_the_input_that_its_beginning_told() -> None:
    with w.world() as here:
        found = row(here, "messages", "claude", WORDY, w.messages_stream("hello", prompt=10)[:3])
        assert (found.outcome, found.usage.input, found.usage.output) == ("truncated", 10, 2)


def test_the_estimate_never_exceeds_what_was_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ask, "estimate_tokens", lambda *_: 10**9)
    with w.world() as here:
        found = row(here, "chat", "gpt", w.user(), CUT)
        assert found.charge_nano <= found.hold_nano
        assert found.absorbed_nano == 0


def test_nobody_estimates_what_the_vendor_has_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def counted(*_: object) -> int:
        raise AssertionError("the vendor has counted it")

    monkeypatch.setattr(ask, "estimate_tokens", counted)
    with w.world() as here:
        found = row(here, "chat", "gpt", WORDY, w.chat_stream("hello"))
        assert found.usage.input == 10
