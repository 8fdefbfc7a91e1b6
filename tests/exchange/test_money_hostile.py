"""What a hostile caller, a broken vendor or a failing table could do to the books."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from interchange.exchange import hold as hold_module
from interchange.exchange import settle
from interchange.metering.ledger import Hold, Ledger
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


LONG = "hello " * 100
INPUT, OUTPUT = 2000, 10_000
"""Nano-dollars a token."""


def said(usage: Any, *, stream: bool) -> list[bytes]:
    if stream:
        delta, stop, last = w.chat_chunk({"content": LONG}), w.chat_chunk({}, "stop"), w.chat_chunk(None, usage=usage)
        return [delta, stop, last, b"data: [DONE]\n\n"]
    return [codec.dumps({**codec.loads(w.chat_answer(LONG)), "usage": usage})]


@pytest.mark.parametrize("family", ["chat", "messages"])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("usage", "input_told"),
    [
        (None, None),
        ({}, None),
        ({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}, None),
        ({"prompt_tokens": -10, "completion_tokens": -5, "total_tokens": -15}, None),
        ({"prompt_tokens": 10, "completion_tokens": 0, "total_tokens": 10}, 10),
        ({"prompt_tokens": 10, "completion_tokens": 10**15}, None),
        ({"prompt_tokens": 10, "completion_tokens": 1e300}, None),
        ("none", None),
    ],
)
def test_I12_output_that_the_vendor_does_not_count_is_charged_by_its_length(
    family: str, stream: bool, usage: Any, input_told: int | None
) -> None:
    with w.world() as here:
        here.script.answers = [w.Says(chunks=said(usage, stream=stream))]
        answer, _ = asyncio.run(here.streamed(family, {**CHAT, "max_tokens": 200, "stream": stream}))
        assert answer.status == 200
        (row,) = here.rows()
        assert row.usage.output == len(LONG) // 4
        assert row.usage.input == input_told if input_told else 0 < row.usage.input < 100
        assert row.charge_nano == row.usage.input * INPUT + row.usage.output * OUTPUT == here.balance().charged_nano
        assert here.balance().held_nano == 0


def test_an_empty_answer_costs_its_input_alone() -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 0, "total_tokens": 10}
    ending = [w.chat_chunk({}, "stop"), w.chat_chunk(None, usage=usage), b"data: [DONE]\n\n"]
    with w.world() as here:
        stream = w.Says(chunks=[w.chat_chunk({"content": ""}), *ending])
        here.script.answers = [w.Says(chunks=[w.chat_answer("", 10, 0)]), stream]
        asyncio.run(here.whole("chat", CHAT))
        asyncio.run(here.streamed("chat", {**CHAT, "stream": True}))
        assert [row.charge_nano for row in here.rows()] == [10 * INPUT, 10 * INPUT]


def test_sound_that_was_cut_off_is_not_free() -> None:
    with w.world() as here:
        sound = w.chat_chunk({"audio": {"id": "a", "data": "A" * 64_000}})
        here.script.answers = [w.Says(chunks=[sound])]
        asyncio.run(here.streamed("chat", {**CHAT, "modalities": ["text", "audio"], "stream": True}))
        (row,) = here.rows()
        assert (row.outcome, row.usage.output, row.usage.output_audio) == ("truncated", 0, 20)
        assert row.usage.input > 0


@pytest.mark.parametrize("stream", [False, True])
def test_a_fault_in_the_reckoning_keeps_no_caller_waiting(monkeypatch: pytest.MonkeyPatch, stream: bool) -> None:
    def broken(*_: object) -> None:
        raise ArithmeticError("no such sum")

    monkeypatch.setattr(settle, "charge", broken)
    with w.world() as here:
        here.script.answers = [w.Says(chunks=w.chat_stream("hello") if stream else [w.chat_answer()])]
        asking = here.streamed("chat", {**CHAT, "stream": stream})
        answer, _ = asyncio.run(asyncio.wait_for(asking, 10))
        assert answer.status == 200
        assert "fault" in [event for event, _ in here.reports]
        assert here.balance().open_holds == 1


@pytest.mark.parametrize("credit", ["10", "0.000001"])
def test_who_leaves_while_the_hold_is_made_gets_it_back(monkeypatch: pytest.MonkeyPatch, credit: str) -> None:
    """The hold is written by a thread, which knows nothing of the caller."""
    with w.world(credit) as here:
        begun, go = threading.Event(), threading.Event()
        hold = Ledger.hold

        def slowly(*arguments: Any, **named: Any) -> Hold:
            begun.set()
            assert go.wait(10)
            return hold(*arguments, **named)

        monkeypatch.setattr(Ledger, "hold", slowly)

        async def leave() -> None:
            asking = asyncio.create_task(here.ask("chat", CHAT))
            await asyncio.to_thread(begun.wait, 10)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            go.set()
            await asyncio.gather(*hold_module.LEAVING)

        asyncio.run(leave())
        balance = here.balance()
        assert (balance.open_holds, balance.held_nano, here.script.sent) == (0, 0, [])
        assert "release_failed" not in [event for event, _ in here.reports]


def test_a_memory_that_fails_does_not_undo_the_charge(monkeypatch: pytest.MonkeyPatch) -> None:
    thought = {"type": "thinking", "thinking": "hm", "signature": "c2ln"}
    call = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}
    answer = {**codec.loads(claude_answer()), "content": [thought, call], "stop_reason": "tool_use"}

    def full(*_: object) -> None:
        raise OSError("no room")

    with w.world() as here:
        monkeypatch.setattr(type(here.services.memory), "put", full)
        here.script.answers = [w.Says(chunks=[codec.dumps(answer)])]
        status, _, headers = asyncio.run(here.whole("chat", {**CHAT, "model": "claude", "max_tokens": 1000}))
        assert (status, headers["x-interchange-charge-usd"]) == (200, "0.00502")
        assert [event for event, _ in here.reports] == ["memory_failed", "request"]
        assert here.balance().held_nano == 0


@pytest.mark.parametrize("model", ["gpt", "grok"])
def test_of_two_output_limits_the_one_that_was_held_for_goes_out(model: str) -> None:
    """A vendor that read the other would answer at a length that nobody has set money aside for."""
    with w.world() as here:
        here.script.answers = [w.Says(chunks=[w.chat_answer()])]
        asked = {**CHAT, "model": model, "max_tokens": 900, "max_completion_tokens": 1}
        asyncio.run(here.whole("chat", asked))
        (body,) = here.script.bodies
        assert (body["max_tokens"], body["max_completion_tokens"]) == (1, 1)
