"""A tool loop of three turns with every chat model of the catalog, by each protocol: the vendors refuse what the real
ones refuse, and the model is the next one of the list in the last turn."""

from __future__ import annotations

import asyncio

import pytest

from interchange.catalog.load import load
from interchange.catalog.models import Model
from tests.exchange.world import world

from .clients import CLIENTS, Client
from .test_continuity import CALL, USER, named
from .vendors import Part, meet

SPOKEN = {"openai", "anthropic", "gemini", "xai"}
"""Vendors that `vendors` stands for. What Bedrock alone serves speaks Converse: tests/protocols/bedrock_converse."""
MODELS = [one for one in load().models if one.kind == "chat" and one.routes[0].provider in SPOKEN]
UNTOOLED = {"gpt-4o-audio-preview"}
"""Answers by sound."""


def label(model: Model) -> str:
    return model.id


def reasons(model: Model) -> bool:
    return bool(model.traits.get("reasoning") or model.traits.get("thinking"))


WHOLE_OR_STREAM = [one for one in CLIENTS if one.stream == (one.keeps == "plain")]
"""Each model meets each protocol and each kind of client; `test_continuity` has all of them with a model a vendor."""


@pytest.mark.parametrize("client", WHOLE_OR_STREAM, ids=named)
@pytest.mark.parametrize("model", [one for one in MODELS if one.id not in UNTOOLED], ids=label)
def test_a_thread_with_tools_goes_on_for_three_turns(model: Model, client: Client) -> None:
    able = [one for one in MODELS if one.id not in UNTOOLED]
    second = able[(able.index(model) + 7) % len(able)]
    thought: list[Part] = [("think", "A")] if reasons(model) else []

    async def run() -> None:
        with world() as here:
            vendors = meet(here)
            vendor = vendors.made[model.routes[0].provider]
            vendor.script = [[*thought, ("text", "I look."), CALL, ("call", "listen")], [*thought, CALL]]
            history = [USER]
            back, text, calls = await client.turn(here, model.id, history, reason=bool(thought))
            assert (text, calls) == ("I look.", ["look", "listen"])
            history += back
            back, _, calls = await client.turn(here, model.id, history, reason=bool(thought))
            assert calls == ["look"]
            history += back
            back, text, _ = await client.turn(here, model.id, history, reason=bool(thought))
            assert text == "Oak."
            history += [*back, USER]
            _, text, _ = await client.turn(here, second.id, history, reason=reasons(second))
            assert (text, vendors.refused) == ("Oak.", [])

    asyncio.run(run())
