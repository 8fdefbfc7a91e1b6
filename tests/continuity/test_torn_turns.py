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
