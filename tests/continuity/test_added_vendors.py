"""Tool loops with Bedrock and with providers that are data, one for each wire format: their reasoning comes back to
them, for every client; a conversation goes from each of them to each other vendor and back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.exchange.world import world

from .added import everyone
from .clients import CLIENTS, Client
from .test_begun_elsewhere import ALL
from .test_continuity import CALL, USER, named, returned
from .vendors import Part

OWN = {"bedrock": "", "thinker": "chat", "claudelike": "messages", "gptlike": "responses", "geminilike": ""}
"""The vendors, and the caller's protocol that each of them speaks itself: a client that drops reasoning there does as
that vendor allows."""
FORMAT = {"claudelike": "anthropic", "gptlike": "openai", "geminilike": "gemini"}
FIRST: list[Part] = [("think", "A"), ("text", "I look."), CALL, ("call", "listen")]


def given_back(vendor: str, body: dict[str, Any], family: str) -> Any:
    match vendor:
        case "thinker":
            return next(one.get("reasoning_content") for one in body["messages"] if one["role"] == "assistant")
        case "bedrock":
            return next(turn["content"] for turn in body["messages"] if turn["role"] == "assistant")
        case _:
            return returned(FORMAT[vendor], body, family)


@pytest.mark.parametrize("client", CLIENTS, ids=named)
@pytest.mark.parametrize("vendor", sorted(OWN))
def test_a_tool_loop_brings_back_what_the_model_said(vendor: str, client: Client) -> None:
    async def run() -> None:
        with world() as here:
            vendors = everyone(here)
            made = vendors.made[vendor]
            made.script = [list(FIRST), [("think", "B"), CALL]]
            history: list[Any] = [USER]
            for _ in range(2):
                back, _, calls = await client.turn(here, ALL[vendor], history, reason=True)
                assert calls
                history += back
            assert vendors.refused == []
            if client.keeps == "full" or client.family != OWN[vendor]:
                expected = "A" if vendor == "thinker" else made.turns[0]
                assert given_back(vendor, made.bodies[-1], client.family) == expected
            _, text, _ = await client.turn(here, ALL[vendor], history, reason=True)
            assert (text, vendors.refused) == ("Oak.", [])

    asyncio.run(run())


@pytest.mark.parametrize("client", CLIENTS, ids=named)
@pytest.mark.parametrize("first", sorted(OWN))
def test_it_goes_on_with_each_other_vendor_and_back(first: str, client: Client) -> None:
    async def run() -> None:
        for second in list(ALL)[:: 4 if client.stream else 1]:
            with world() as here:
                vendors = everyone(here)
                vendors.made[first].script = [list(FIRST)]
                history: list[Any] = [USER]
                back, _, _ = await client.turn(here, ALL[first], history, reason=True)
                history += back
                vendors.made[second].script = [[("think", "C"), CALL]]
                back, _, calls = await client.turn(here, ALL[second], history, reason=True)
                assert calls == ["look"], second
                history += back
                _, text, _ = await client.turn(here, ALL[first], history, reason=True)
                assert text == "Oak."
                assert vendors.refused == [], second

    asyncio.run(run())


class Forgetful(Client):
    """Keeps all of one turn, and text and calls alone of the next, as agents do that compact their history."""

    async def turn(self, here: Any, model: str, history: list[Any], *, reason: bool, force: bool = False) -> Any:
        keeps = "full" if len(history) % 2 else "plain"
        return await Client(self.family, keeps, self.stream).turn(here, model, history, reason=reason)


@pytest.mark.parametrize("family", ["chat", "messages", "responses"])
@pytest.mark.parametrize("first", sorted(ALL))
def test_a_client_that_keeps_the_reasoning_of_some_turns_alone(first: str, family: str) -> None:
    client = Forgetful(family, "full", stream=False)

    async def run() -> None:
        with world() as here:
            vendors = everyone(here)
            made = vendors.made[first]
            made.script = [list(FIRST), [("think", "B"), CALL], [("think", "C"), CALL]]
            history: list[Any] = [USER]
            for _ in range(3):
                back, _, calls = await client.turn(here, ALL[first], history, reason=True)
                assert calls
                history += back
            back, text, _ = await client.turn(here, ALL[first], history, reason=True)
            assert (text, vendors.refused) == ("Oak.", [])
            for second in ALL:
                _, text, _ = await client.turn(here, ALL[second], [*history, *back, USER], reason=True)
                assert text == "Oak."
                assert vendors.refused == [], second
                vendors.made[second].refused.clear()

    asyncio.run(run())
