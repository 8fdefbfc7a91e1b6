"""A caller of Responses that sends back some of a turn's reasoning, and all ids: the vendor finds by an item's id the
reasoning that was before it (cline/cline#12242), so what lost its own goes without an id, in the first request."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import httpx2
import pytest
from openai import AsyncOpenAI

from interchange.wire import codec
from tests.exchange.world import KEY, world

from .added import everyone
from .clients import ToWorld
from .vendors import Part

CALLS: list[Part] = [("call", "look"), ("call", "listen")]
TURNS: dict[str, list[Part]] = {
    "between": [("think", "A"), ("text", "I look."), ("think", "B"), *CALLS],
    "twice": [("think", "A"), ("think", "B"), ("text", "I look."), *CALLS],
    "each": [("think", "A"), CALLS[0], ("think", "B"), CALLS[1]],
    "thrice": [("think", "A"), ("text", "I look."), ("think", "B"), CALLS[0], ("think", "C"), CALLS[1]],
    "answers": [("think", "A"), ("text", "An oak,"), ("think", "B"), ("text", "or an elm.")],
}
MODELS = {"openai": "gpt-5.4", "xai": "grok-4.3", "gptlike": "gptlike-1"}
TOOLS: Any = [{"type": "function", "name": name, "parameters": {"type": "object", "properties": {}}, "strict": False}
              for name in ("look", "listen")]  # fmt: skip
USER: Any = {"role": "user", "content": "Which tree?"}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("turn", sorted(TURNS))
@pytest.mark.parametrize("vendor", sorted(MODELS))
def test_no_item_is_refused_for_its_reasoning(vendor: str, turn: str, stream: bool) -> None:
    thoughts = sum(kind == "think" for kind, _ in TURNS[turn])

    async def run(kept: tuple[bool, ...]) -> None:
        with world() as here:
            vendors = everyone(here)
            made = vendors.made[vendor]
            made.script = [list(TURNS[turn])]
            http = httpx2.AsyncClient(transport=ToWorld(here))
            client = AsyncOpenAI(api_key=KEY, base_url="http://gateway/v1", http_client=http, max_retries=0)
            asked: dict[str, Any] = {"model": MODELS[vendor], "tools": TOOLS, "store": False,
                                     "include": ["reasoning.encrypted_content"]}  # fmt: skip
            history: list[Any] = [USER]
            if stream:
                async with client.responses.stream(input=history, **asked) as events:
                    output: list[Any] = list((await events.get_final_response()).output)
            else:
                output = list((await client.responses.create(input=history, **asked)).output)
            left = iter(kept)
            history += [item for item in output if item.type != "reasoning" or next(left)]
            history += [
                {"type": "function_call_output", "call_id": item.call_id, "output": "oak"}
                for item in output
                if item.type == "function_call"
            ]
            done = await client.responses.create(input=[*history, USER], **asked)
            assert (done.output_text, vendors.refused, len(made.bodies)) == ("Oak.", [], 2)
            sent = made.bodies[1]["input"]
            assert [item["type"] for item in sent if item.get("type") == "reasoning"] == ["reasoning"] * sum(kept)
            named = [item for item in sent if "id" in item and item.get("type") != "reasoning"]
            assert len(named) == len(output) - thoughts or not all(kept), codec.dumps_text(sent)

    for kept in itertools.product((True, False), repeat=thoughts):
        asyncio.run(run(kept))
