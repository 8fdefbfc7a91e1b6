"""A caller that sends back its calls without the text that stood between the thoughts: Claude refuses such a turn's
thinking (BerriAI/litellm#23047), so it is not given it; other vendors have their reasoning back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from interchange.wire import codec
from tests.exchange.world import World, world

from .added import everyone
from .clients import CLIENTS as EVERY
from .clients import Client, Turn
from .test_begun_elsewhere import ALL
from .test_continuity import USER
from .vendors import Part

BETWEEN: list[Part] = [("think", "A"), ("text", "I look."), ("think", "B"), ("call", "look"), ("call", "listen")]
BEFORE: list[Part] = [("think", "A"), ("text", "I look."), ("call", "look"), ("call", "listen")]


@dataclass(frozen=True)
class Silent(Client):
    """Keeps no text beside calls."""

    async def turn(self, here: World, model: str, history: list[Any], *, reason: bool, force: bool = False) -> Turn:
        (said, *more), text, calls = await super().turn(here, model, history, reason=reason, force=force)
        if calls and self.family == "responses":
            back = [said, *more]
            return [item for item in back if _kind(item) != "message"], text, calls
        if calls:
            plain = said if isinstance(said, dict) else said.model_dump(exclude_none=True)
            said = {**plain, "content": None}
        return [said, *more], text, calls


def _kind(item: Any) -> str:
    return str(item.get("type", "message") if isinstance(item, dict) else item.type)


CLIENTS = [
    Silent(family, keeps, stream)
    for family in ("chat", "responses")
    for keeps in ("full", "plain")
    for stream in (False, True)
]


def named(client: Client) -> str:
    return f"{client.family} {client.keeps} {'stream' if client.stream else 'whole'}"


@pytest.mark.parametrize("client", CLIENTS, ids=named)
@pytest.mark.parametrize("vendor", ["anthropic", "bedrock", "claudelike"])
def test_claude_is_not_given_the_thinking_of_a_turn_in_parts(vendor: str, client: Client) -> None:
    async def run() -> None:
        with world() as here:
            vendors = everyone(here)
            made = vendors.made[vendor]
            made.script = [list(BETWEEN), [("think", "C"), ("call", "look")]]
            history: list[Any] = [USER]
            for _ in range(2):
                history += (await client.turn(here, ALL[vendor], history, reason=True))[0]
            _, text, _ = await client.turn(here, ALL[vendor], history, reason=True)
            assert (text, vendors.refused, len(made.bodies)) == ("Oak.", [], 3)
            sent = codec.dumps_text(made.bodies[1])
            assert not any(state in sent for state in list(made.states)[:2])
            assert any(
                named in here.rows()[1].dropped for named in ("reasoning", "reasoning.effort", "reasoning_effort")
            )

    asyncio.run(run())


@pytest.mark.parametrize("client", CLIENTS, ids=named)
@pytest.mark.parametrize("vendor", ["gemini", "openai", "xai"])
def test_other_vendors_have_their_reasoning_back(vendor: str, client: Client) -> None:
    async def run() -> None:
        with world() as here:
            vendors = everyone(here)
            made = vendors.made[vendor]
            made.script = [list(BEFORE)]
            history: list[Any] = [USER]
            history += (await client.turn(here, ALL[vendor], history, reason=True))[0]
            _, text, _ = await client.turn(here, ALL[vendor], history, reason=True)
            assert (text, vendors.refused, len(made.bodies)) == ("Oak.", [], 2)

    asyncio.run(run())


SEARCHED: dict[str, list[Part]] = {
    "called": [
        ("think", "A"),
        ("text", "I search."),
        ("ran", "oak"),
        ("think", "B"),
        ("text", "So."),
        ("call", "look"),
    ],
    "answered": [("think", "A"), ("text", "I search."), ("ran", "oak"), ("think", "B"), ("text", "An oak.")],
    "sealed": [("redacted", ""), ("ran", "oak"), ("think", "B"), ("text", "An oak.")],
}
"""Turns in which Claude thought again behind what its own server had found."""
ORDERED: dict[str, list[Part]] = {
    "between": [("think", "A"), ("text", "An oak,"), ("think", "B"), ("text", "or an elm.")],
    "in front": [("redacted", ""), ("think", "B"), ("text", "An oak.")],
    "thrice": [
        ("think", "A"),
        ("text", "An oak,"),
        ("think", "B"),
        ("text", "an elm,"),
        ("think", "C"),
        ("text", "a fir."),
    ],
}
"""Answers that called nothing, and are the latest of Claude's when the caller goes on."""


@pytest.mark.parametrize("client", EVERY, ids=named)
@pytest.mark.parametrize("turn", sorted(SEARCHED))
def test_thinking_behind_a_search_that_the_caller_cannot_send_back_stays_away(turn: str, client: Client) -> None:
    async def run() -> None:
        with world() as here:
            vendors = everyone(here)
            made = vendors.made["anthropic"]
            made.script = [list(SEARCHED[turn])]
            history: list[Any] = [USER]
            back, _, calls = await client.turn(here, ALL["anthropic"], history, reason=True)
            history += back if calls else [*back, USER]
            _, text, _ = await client.turn(here, ALL["anthropic"], history, reason=True)
            assert (text, vendors.refused, len(made.bodies)) == ("Oak.", [], 2)
            said = next(turn["content"] for turn in made.bodies[1]["messages"] if turn["role"] == "assistant")
            assert (said == made.turns[0]) is (client.keeps == "full" and client.family == "messages")

    asyncio.run(run())


@pytest.mark.parametrize("client", [one for one in EVERY if one.keeps == "full"], ids=named)
@pytest.mark.parametrize("turn", sorted(ORDERED))
@pytest.mark.parametrize("vendor", ["anthropic", "claudelike"])
def test_an_answer_without_a_call_keeps_the_order_of_its_thinking(vendor: str, turn: str, client: Client) -> None:
    async def run() -> None:
        with world() as here:
            vendors = everyone(here)
            made = vendors.made[vendor]
            made.script = [list(ORDERED[turn])]
            history: list[Any] = [USER]
            history += [*(await client.turn(here, ALL[vendor], history, reason=True))[0], USER]
            _, text, _ = await client.turn(here, ALL[vendor], history, reason=True)
            assert (text, vendors.refused, len(made.bodies)) == ("Oak.", [], 2)
            assert made.bodies[1]["messages"][1]["content"] == made.turns[0]

    asyncio.run(run())
