"""Whatever a vendor answers, and however many ask at once: no balance below zero, no charge above its hold."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import pytest

from interchange.metering.prices import PriceList, charge
from interchange.upstream.call import Outgoing
from interchange.wire import codec
from tests.exchange import world as w
from tests.exchange.test_endless_answers import endless

CLIENTS = 64
LIES: list[Any] = [0, 1, 10, 999, 10**6, 9 * 10**8, 10**9 + 1, 10**30, -5, None, "7", 1.5, float("inf")]
MODELS = ("gpt", "claude", "gemini", "grok")
TEXTS = ["", "hi", "word " * 50, "\N{SNOWMAN}" * 400]


class Liar:
    """A vendor of four protocols that reports any usage, or none, goes on for ever, breaks off or refuses."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def answer(self, outgoing: Outgoing) -> w.Says:
        match self.random.randrange(10):
            case 0:
                return w.Says(status=self.random.choice([400, 429, 500, 529]), chunks=[b'{"error":{"message":"no"}}'])
            case 1 if codec.loads(outgoing.body or b"{}").get("stream") or "stream" in outgoing.url:
                return endless(outgoing)
            case 2:
                return w.Says(chunks=[*self._frames(outgoing)[:-1], w.fault()])
            case _:
                return w.Says(chunks=[0.001, *self._frames(outgoing)])

    def lie(self) -> Any:
        return self.random.choice(LIES)

    def _frames(self, outgoing: Outgoing) -> list[Any]:
        body = codec.loads(outgoing.body or b"{}")
        text = self.random.choice(TEXTS)
        if "gemini" in outgoing.url:
            return self._gemini(text, stream="stream" in outgoing.url)
        if outgoing.url.endswith("/messages"):
            return self._messages(text, stream=bool(body.get("stream")))
        return self._chat(text, stream=bool(body.get("stream")))

    def _chat(self, text: str, *, stream: bool) -> list[Any]:
        usage = {"prompt_tokens": self.lie(), "completion_tokens": self.lie(), "total_tokens": self.lie(),
                 "prompt_tokens_details": {"cached_tokens": self.lie(), "audio_tokens": self.lie()},
                 "completion_tokens_details": {"reasoning_tokens": self.lie()}}  # fmt: skip
        if not stream:
            return [_dumped({**codec.loads(w.chat_answer(text)), "usage": usage})]
        return [w.chat_chunk({"role": "assistant", "content": text}), w.chat_chunk({}, "stop"),
                _framed({"id": "c1", "object": "chat.completion.chunk", "created": 7, "model": "m", "choices": [],
                         "usage": usage}), b"data: [DONE]\n\n"]  # fmt: skip

    def _messages(self, text: str, *, stream: bool) -> list[Any]:
        usage = {name: self.lie() for name in ("input_tokens", "output_tokens", "cache_read_input_tokens",
                                               "cache_creation_input_tokens")}  # fmt: skip
        usage["server_tool_use"] = {"web_search_requests": self.lie()}
        if not stream:
            answer = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-up", "usage": usage,
                      "content": [{"type": "text", "text": text}], "stop_reason": "end_turn",
                      "stop_sequence": None}  # fmt: skip
            return [_dumped(answer)]
        frames = w.messages_stream(text)
        frames[-2] = _framed({"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None},
                              "usage": usage}, "message_delta")  # fmt: skip
        return frames

    def _gemini(self, text: str, *, stream: bool) -> list[Any]:
        usage = {name: self.lie() for name in ("promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount",
                                               "totalTokenCount", "cachedContentTokenCount")}  # fmt: skip
        candidate = {"content": {"parts": [{"text": text}], "role": "model"}, "finishReason": "STOP", "index": 0}
        answer = {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "gemini-up"}
        return [_framed(answer)] if stream else [_dumped(answer)]


def _dumped(value: Any) -> bytes:
    """Also what our own codec would not write: infinite and endless numbers."""
    return json.dumps(value).encode()


def _framed(value: Any, event: str | None = None) -> bytes:
    head = b"" if event is None else b"event: " + event.encode() + b"\n"
    return head + b"data: " + _dumped(value) + b"\n\n"


async def _client(here: w.World, number: int, chance: random.Random) -> None:
    """Asks, sometimes leaves in the middle, and looks at the balance each time."""
    for _ in range(3):
        family = chance.choice(["chat", "messages", "responses"])
        stream = chance.random() < 0.6
        limit = {"max_output_tokens" if family == "responses" else "max_tokens": chance.choice([1, 50, 900])}
        said = {"input": "hi"} if family == "responses" else {"messages": w.user()}
        if family == "chat" and chance.random() < 0.3:
            limit = {}
        answer = await here.ask(family, {"model": chance.choice(MODELS), **limit, **said, "stream": stream})
        assert answer.status in (200, 400, 402, 429, 500, 502, 503, 529), answer
        if not isinstance(answer.body, bytes):
            async for _chunk in answer.body:
                if chance.random() < 0.2:
                    break
            await answer.body.aclose()  # type: ignore[attr-defined]
        assert here.balance().available_nano >= 0
        await asyncio.sleep(0)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("credit", ["0.02", "5"])
def test_books_are_exact_whatever_the_vendor_says(seed: int, credit: str) -> None:
    async def run(here: w.World) -> None:
        chance = random.Random(seed)
        await asyncio.gather(*(_client(here, number, random.Random(chance.random())) for number in range(CLIENTS)))
        for _ in range(500):
            if not here.balance().open_holds and asyncio.all_tasks() == {asyncio.current_task()}:
                return  # a hold is settled in a thread, before its task has told of it
            await asyncio.sleep(0.01)
        raise AssertionError("a request has not ended")

    with w.world(credit=credit) as here:
        here.script.default = Liar(seed).answer
        asyncio.run(run(here))
        rows = here.rows()
        balance = here.balance()
        assert balance.available_nano >= 0
        assert (balance.gap_nano, balance.held_nano, balance.open_holds) == (0, 0, 0)
        assert balance.charged_nano == sum(row.charge_nano for row in rows)
        for row in rows:
            cost = charge(row.usage, PriceList.read(row.prices), row.markup).nano
            assert row.charge_nano == min(cost, row.hold_nano)
            assert row.absorbed_nano == cost - row.charge_nano
        absorbed = [fields for event, fields in here.reports if event == "charge_absorbed"]
        assert len(absorbed) == sum(row.absorbed_nano > 0 for row in rows)
        assert not [fields for event, fields in here.reports if event == "fault"]
        assert rows
