"""A conversation that began at a vendor, or behind another gateway, goes on here: with every kind of vendor, by each
protocol, whole and streamed, and then with another one. A vendor refuses state that it did not make; the caller sees an
answer all the same. The callers are the official SDKs."""

from __future__ import annotations

import asyncio
import copy
import os
from typing import Any

import pytest

from tests.exchange.world import world

from .added import PROVIDERS, everyone
from .clients import Client
from .origins import ORIGINS
from .test_continuity import CALL, MODELS, returned

ALL = {**MODELS, "bedrock": "claude-on-bedrock", **{name: f"{name}-1" for name in PROVIDERS}}
STATE = ("encrypted", "signature", "thinking", "reasoning", "redacted", "data")
"""Words of the refusals that a vendor's own foreign state may cost: one request more, before the first byte."""
CASES = [(family, origin, vendor) for family, found in ORIGINS.items() for origin in found for vendor in ALL]
EVERY = bool(os.environ.get("INTERCHANGE_EVERY_ORIGIN"))
"""Each origin with each vendor in both forms, as `make continuity` does; else a third of them, in turns."""


def chosen() -> list[Any]:
    numbered = enumerate(CASES)
    found = [(case, form == 1) for at, case in numbered for form in (0, 1) if EVERY or (at + form) % 6 == 0]
    return [pytest.param(case, stream, id=" ".join([*case, "stream" if stream else "whole"])) for case, stream in found]


@pytest.mark.parametrize("vendor", ["openai", "xai", "gptlike"])
def test_reasoning_that_comes_back_by_its_id_alone_goes_to_its_vendor_whole(vendor: str) -> None:
    """The loop of OpenAI's documentation as it stands: answers are stored, and no encrypted content is asked for."""
    tools = [{"type": "function", "name": "look", "parameters": {"type": "object", "properties": {}}}]

    async def run() -> None:
        with world() as here:
            vendors = everyone(here)
            vendors.made[vendor].script = [[("think", "A"), CALL]]
            asked: dict[str, Any] = {"model": ALL[vendor], "tools": tools, "reasoning": {"effort": "low"}}
            question = [{"role": "user", "content": "Which tree?"}]
            status, answer, _ = await here.whole("responses", {**asked, "input": question})
            assert status == 200
            said = [{**item, "encrypted_content": None} for item in answer["output"]]
            calls = [item["call_id"] for item in said if item["type"] == "function_call"]
            results = [{"type": "function_call_output", "call_id": one, "output": "oak"} for one in calls]
            status, answer, _ = await here.whole("responses", {**asked, "input": [*question, *said, *results]})
            assert (status, answer["output"][-1]["content"][0]["text"]) == (200, "Oak.")
            assert vendors.refused == [] and len(here.rows()) == 2
            assert returned("openai", vendors.made[vendor].bodies[-1], "responses") == vendors.made[vendor].turns[0]

    asyncio.run(run())


@pytest.mark.parametrize("case, stream", chosen())
def test_it_goes_on_with_every_vendor_and_then_with_another(case: tuple[str, str, str], stream: bool) -> None:
    family, origin, vendor = case
    names = list(ALL)
    other = names[(names.index(vendor) + 1 + sum(map(ord, origin)) % (len(names) - 1)) % len(names)]
    client = Client(family, "full", stream)

    async def run() -> None:
        with world() as here:
            vendors = everyone(here)
            history = copy.deepcopy(ORIGINS[family][origin])
            vendors.made[vendor].script = [[("think", "A"), ("text", "I look."), CALL, ("call", "listen")]]
            back, text, calls = await client.turn(here, ALL[vendor], history, reason=True)
            assert (text, calls) == ("I look.", ["look", "listen"])
            history += back
            vendors.made[other].script = [[("think", "B"), CALL]]
            back, _, calls = await client.turn(here, ALL[other], history, reason=True)
            assert calls == ["look"]
            history += back
            back, text, _ = await client.turn(here, ALL[vendor], history, reason=True)
            assert text == "Oak."
            refused = vendors.refused
            assert all(any(word in one for word in STATE) for one in refused), refused
            assert len(here.script.sent) == 3 + len(refused)
            assert len(here.rows()) == 3

    asyncio.run(run())
