"""A client of Claude's own protocol that sends a turn back sorted, its thinking first (BerriAI/litellm#23047): the
vendor has it as it was said. The vendor refuses any other order (`vendors`)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from interchange.continuity.order import kept_as, places
from interchange.wire import codec
from tests.exchange.world import world

from .clients import Client
from .test_continuity import MODELS, USER
from .vendors import Part, meet

INTERLEAVED: dict[str, list[Part]] = {
    "a text between": [("think", "A"), ("text", "I look."), ("think", "B"), ("call", "look"), ("call", "listen")],
    "a call between": [("think", "A"), ("call", "look"), ("think", "B"), ("call", "listen")],
    "sealed": [("redacted", ""), ("text", "I look."), ("think", "B"), ("text", "And listen."), ("call", "look")],
}
RANKS = {"thinking": 0, "redacted_thinking": 0, "text": 1, "tool_use": 2}


def sorted_again(turn: Any) -> Any:
    content = sorted(turn["content"], key=lambda block: RANKS[block.type])
    return {**turn, "content": [block.model_dump(exclude_none=True) for block in content]}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("shape", INTERLEAVED)
def test_claude_has_a_sorted_turn_back_as_it_said_it(shape: str, stream: bool) -> None:
    client = Client("messages", "full", stream)

    async def run() -> None:
        with world() as here:
            vendors = meet(here)
            vendor = vendors.made["anthropic"]
            vendor.script = [
                INTERLEAVED[shape],
                [("think", "C"), ("text", "Once more."), ("think", "D"), ("call", "look")],
            ]
            history: list[Any] = [USER]
            for _ in range(2):
                said, *results = (await client.turn(here, MODELS["anthropic"], history, reason=True))[0]
                history += [sorted_again(said), *results]
            _, text, _ = await client.turn(here, MODELS["anthropic"], history, reason=True)
            assert (text, vendors.refused) == ("Oak.", [])
            assert [
                turn["content"] for turn in vendor.bodies[-1]["messages"] if turn["role"] == "assistant"
            ] == vendor.turns[:2]
            assert len(here.script.sent) == 3

    asyncio.run(run())


def test_a_turn_that_was_said_in_that_order_stays_as_it_came() -> None:
    client = Client("messages", "full", False)

    async def run() -> None:
        with world() as here:
            vendors = meet(here)
            vendors.made["anthropic"].script = [[("think", "A"), ("think", "B"), ("text", "I look."), ("call", "look")]]
            back, _, _ = await client.turn(here, MODELS["anthropic"], [USER], reason=True)
            _, text, _ = await client.turn(here, MODELS["anthropic"], [USER, *back], reason=True)
            assert (text, vendors.refused) == ("Oak.", [])

    asyncio.run(run())


def test_a_turn_of_other_blocks_than_were_said_stays_as_it_came() -> None:
    record = codec.dumps([("thought", "a"), ("text", ""), ("thought", "b"), ("call", "c")])
    assert places([("thought", "a"), ("thought", "b"), ("text", ""), ("call", "c")], record) == [0, 2, 1, 3]
    assert places([("thought", "a"), ("text", ""), ("call", "c")], record) is None
    assert places([("thought", "a"), ("thought", "x"), ("text", ""), ("call", "c")], record) is None
    assert kept_as("c") == "order:c"
