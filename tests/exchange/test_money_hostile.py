"""What a hostile caller, a broken vendor or a failing table could do to the books."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from interchange.wire import codec
from tests.exchange import world as w

CHAT: dict[str, Any] = {"model": "gpt", "max_tokens": 100, "messages": [{"role": "user", "content": "hi"}]}


def claude_answer(output: int = 500) -> bytes:
    usage = {"input_tokens": 10, "output_tokens": output}
    return codec.dumps(
        {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-up", "stop_reason": "end_turn",
         "stop_sequence": None, "content": [{"type": "text", "text": "hello"}], "usage": usage}
    )  # fmt: skip


@pytest.mark.parametrize(("names", "length"), [(4000, 200), (40_000, 8), (2, 300_000)])
def test_more_losses_than_a_row_can_hold_do_not_make_the_answer_free(names: int, length: int) -> None:
    unknown = {f"{'x' * length}{number}": 1 for number in range(names)}
    with w.world() as here:
        here.script.answers = [w.Says(chunks=[claude_answer()])]
        status, _, headers = asyncio.run(here.whole("chat", {**CHAT, "model": "claude", **unknown}))
        assert status == 200
        (row,) = here.rows()
        assert row.charge_nano == 10 * 2000 + 500 * 10_000 == here.balance().charged_nano
        assert headers["x-interchange-charge-usd"] == "0.00502"
        assert here.balance().held_nano == 0
        assert f"{names} in all" in row.dropped[-1]


def test_an_answer_that_is_kept_for_a_repeat_is_kept_whatever_was_dropped() -> None:
    unknown = {f"{'x' * 200}{number}": 1 for number in range(4000)}
    with w.world() as here:
        here.script.answers = [w.Says(chunks=[claude_answer()])]
        asked = {**CHAT, "model": "claude", **unknown}
        first = asyncio.run(here.whole("chat", asked, idempotency_key="one"))
        again = asyncio.run(here.whole("chat", asked, idempotency_key="one"))
        assert first[:2] == again[:2]
        assert again[2]["idempotent-replayed"] == "true"
        assert len(here.rows()) == 1
