"""Answers that say little or nothing (cut off in a thought, blank, empty), and the turns that follow them: what a stock
client sends back of them is taken, by the vendor that said it and by every other."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.exchange.world import world

from .clients import CLIENTS, Client
from .test_continuity import MODELS, named
from .vendors import Part, meet

FIRST = {"role": "user", "content": "Which tree?"}
THEN = {"role": "user", "content": "Go on."}
LITTLE: dict[str, list[Part]] = {"a thought": [("think", "A")], "two thoughts": [("think", "A"), ("think", "B")]}


@pytest.mark.parametrize("client", CLIENTS, ids=named)
@pytest.mark.parametrize("second", ["openai", "xai"])
@pytest.mark.parametrize("said", sorted(LITTLE))
def test_reasoning_with_nothing_behind_it_is_not_sent_back(said: str, second: str, client: Client) -> None:
    async def run() -> None:
        with world() as here:
            vendors = meet(here)
            vendors.made[second].script = [list(LITTLE[said])]
            back, _, _ = await client.turn(here, MODELS[second], [FIRST], reason=True)
            _, text, _ = await client.turn(here, MODELS[second], [FIRST, *back, THEN], reason=True)
            assert (text, vendors.refused, len(vendors.made[second].bodies)) == ("Oak.", [], 2)

    asyncio.run(run())


BLANK: dict[str, list[Part]] = {
    "nothing": [],
    "a blank": [("text", "\n")],
    "an empty text": [("text", "")],
    "a blank before a call": [("text", "\n\n"), ("call", "look")],
    "a blank behind a text": [("text", "I look."), ("text", " "), ("call", "look")],
    "a thought": [("think", "A")],
    "a thought, a blank, a call": [("think", "A"), ("text", "\n\n"), ("call", "look")],
}


@pytest.mark.parametrize("client", CLIENTS, ids=named)
@pytest.mark.parametrize("second", [*sorted(MODELS.values()), "gpt-4.1"])
@pytest.mark.parametrize("said", sorted(BLANK))
def test_an_answer_that_says_next_to_nothing_can_be_gone_on_from(said: str, second: str, client: Client) -> None:
    async def run() -> None:
        for first, model in MODELS.items():
            if first == "anthropic" and said == "a thought, a blank, a call":
                continue  # whether Claude takes its own blank back, or misses it, nobody has told
            with world() as here:
                vendors = meet(here)
                vendors.made[first].script = [list(BLANK[said])]
                back, _, _ = await client.turn(here, model, [FIRST], reason=True)
                _, text, _ = await client.turn(here, second, [FIRST, *back, THEN], reason=second != "gpt-4.1")
                assert (text, vendors.refused) == ("Oak.", []), first

    asyncio.run(run())


def test_reasoning_is_sent_back_where_its_model_went_on() -> None:
    async def run() -> None:
        with world() as here:
            vendors = meet(here)
            vendors.made["openai"].script = [[("think", "A"), ("think", "B"), ("text", "An oak.")], [("think", "C")]]
            client, history = Client("responses", "full", False), list[Any]([FIRST])
            for _ in range(3):
                history += [*(await client.turn(here, MODELS["openai"], history, reason=True))[0], THEN]
            sent = [item.get("type", "message") for item in vendors.made["openai"].bodies[-1]["input"]]
            assert sent == ["message", "reasoning", "reasoning", "message", "message", "message"]

    asyncio.run(run())
