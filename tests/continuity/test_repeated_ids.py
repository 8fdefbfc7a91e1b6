"""Vendors that give the calls of each answer the same ids, as some models count from zero and some servers give each
answer one id: the caller has an id for each, and what is remembered of a call is not taken for another's."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from interchange.wire import codec
from tests.exchange.world import Says, chat_answer, world

from .clients import CLIENTS, Client
from .test_continuity import CALL, MODELS, USER, named
from .vendors import Part, meet

ROUNDS = 3
TURN: list[Part] = [CALL, ("call", "listen")]


@pytest.mark.parametrize("client", CLIENTS, ids=named)
def test_each_turn_has_ids_and_signatures_of_its_own(client: Client) -> None:
    async def run() -> None:
        with world() as here:
            vendors = meet(here)
            gemini = vendors.made["gemini"]  # each answer has the id "r", from which those of its calls are made
            gemini.script = [list(TURN) for _ in range(ROUNDS)]
            history: list[Any] = [USER]
            for _ in range(ROUNDS + 1):
                back, text, _ = await client.turn(here, MODELS["gemini"], history, reason=True)
                history += back
            assert (text, vendors.refused) == ("Oak.", [])
            said = [turn["parts"] for turn in gemini.bodies[-1]["contents"] if turn["role"] == "model"]
            calls = [part["functionCall"] for parts in said for part in parts]
            assert len({call.pop("id") for call in calls}) == ROUNDS * len(TURN)
            assert said == gemini.turns[:ROUNDS]

    asyncio.run(run())


def _counted(_sent: Any) -> Says:
    """A server that counts calls from zero in every answer."""
    call = {"id": "call_0", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls", "logprobs": None}
    return Says(chunks=[chat_answer(choices=[choice])])


def test_an_id_that_the_history_has_is_not_given_again() -> None:
    async def run() -> list[str]:
        with world() as here:
            here.script.default = _counted
            tools = [{"name": "look", "input_schema": {"type": "object"}}]
            history: list[Any] = [USER]
            for _ in range(ROUNDS):
                asked = {"model": "gpt", "max_tokens": 50, "tools": tools, "messages": history}
                _, answer, _ = await here.whole("messages", asked)
                (use,) = answer["content"]
                result = {"type": "tool_result", "tool_use_id": use["id"], "content": "oak"}
                history += [{"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}]
            sent = codec.dumps_text(here.script.bodies[-1])
            assert sent.count('"tool_call_id":"call_0"') == 1
            return [turn["content"][0]["id"] for turn in history if turn["role"] == "assistant"]

    assert asyncio.run(run()) == ["call_0", "call_0_2", "call_0_3"]
