"""A conversation survives its second turn and its second vendor: every client, every pair of vendors, there and back.

The vendors refuse what the real ones refuse (`vendors`); none of these conversations makes them.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from interchange.wire import codec
from tests.exchange.world import world

from .clients import CLIENTS, Client
from .vendors import Part, _plain, meet

OWN = {"anthropic": {"messages"}, "openai": {"responses"}, "xai": {"responses", "chat"}, "gemini": set[str]()}
"""The protocols that a vendor speaks itself: a client that drops reasoning there does as that vendor allows."""
MODELS = {"anthropic": "claude-sonnet-4-5", "gemini": "gemini-3-flash-preview", "openai": "gpt-5.4", "xai": "grok-4.3"}
CALL: Part = ("call", "look")
SHAPES: dict[str, tuple[str, list[Part]]] = {
    "claude": ("anthropic", [("think", "A"), ("text", "I look."), CALL, ("call", "listen")]),
    "claude redacted": ("anthropic", [("redacted", ""), CALL]),
    "claude both": ("anthropic", [("think", "A"), ("redacted", ""), ("text", "I look."), CALL]),
    "claude between": ("anthropic", [("think", "A"), ("text", "I look."), ("think", "B"), CALL]),
    "gemini": ("gemini", [("think", "A"), ("text", "I look."), CALL, ("call", "listen")]),
    "gemini text": ("gemini", [("think", "A"), ("signed", "I look."), CALL]),
    "gemini text alone": ("gemini", [("signed", "I look."), CALL]),
    "openai": ("openai", [("think", "A"), CALL, ("call", "listen")]),
    "openai between": ("openai", [("think", "A"), ("text", "I look."), ("think", "B"), CALL]),
    "xai": ("xai", [("think", "A"), CALL, ("call", "listen")]),
}
USER = {"role": "user", "content": "Which tree?"}


def named(client: Client) -> str:
    return f"{client.family} {client.keeps} {'stream' if client.stream else 'whole'}"


def returned(vendor: str, body: dict[str, Any], family: str) -> Any:
    """The turn that a vendor was given back, in the form of its `turns`."""
    match vendor:
        case "anthropic":
            return next(turn["content"] for turn in body["messages"] if turn["role"] == "assistant")
        case "gemini":
            parts = next(turn["parts"] for turn in body["contents"] if turn["role"] == "model")
            for part in parts:
                part.get("functionCall", {}).pop("id", None)  # ours, so that results are told apart
            return parts
        case _:
            kinds = ("reasoning", "function_call")
            return [
                _plain(item) for item in body["input"] if item.get("type") in kinds or item.get("role") == "assistant"
            ]


@pytest.mark.parametrize("client", CLIENTS, ids=named)
@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_a_tool_loop_brings_back_what_the_model_said(shape: str, client: Client) -> None:
    name, parts = SHAPES[shape]

    async def run() -> None:
        with world() as here:
            vendors = meet(here)
            vendor = vendors.made[name]
            vendor.script = [list(parts), [CALL]]
            history: list[Any] = [USER]
            back, _, calls = await client.turn(here, MODELS[name], history, reason=True)
            assert calls == [text for kind, text in parts if kind == "call"]
            history += back
            back, _, _ = await client.turn(here, MODELS[name], history, reason=True)
            assert vendors.refused == []
            if client.keeps == "full" or client.family not in OWN[name]:
                body = vendor.bodies[-1]
                if name == "xai" and client.family == "chat":
                    assert body["messages"][1]["reasoning_content"] == "A"
                else:
                    assert returned(name, body, client.family) == vendor.turns[0]
            history += back
            _, text, _ = await client.turn(here, MODELS[name], history, reason=True)
            assert (text, vendors.refused) == ("Oak.", [])

    asyncio.run(run())


@pytest.mark.parametrize("client", CLIENTS, ids=named)
@pytest.mark.parametrize("second", sorted(MODELS))
@pytest.mark.parametrize("first", sorted(MODELS))
def test_a_tool_loop_goes_on_with_another_vendor_and_back(first: str, second: str, client: Client) -> None:
    shapes = [parts for name, parts in SHAPES.values() if name == first]

    async def run() -> None:
        for parts in shapes if not client.stream else shapes[-1:]:
            with world() as here:
                vendors = meet(here)
                vendors.made[first].script = [list(parts)]
                history: list[Any] = [USER]
                back, _, _ = await client.turn(here, MODELS[first], history, reason=True)
                history += back
                vendors.made[second].script = [[("think", "C"), CALL]]
                back, _, calls = await client.turn(here, MODELS[second], history, reason=True)
                assert calls == ["look"]
                history += back
                back, text, _ = await client.turn(here, MODELS[first], history, reason=True)
                assert (text, vendors.refused) == ("Oak.", [])

    asyncio.run(run())


@pytest.mark.parametrize("client", CLIENTS, ids=named)
@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-5.4", "claude-sonnet-4-5", "gemini-2.5-flash", "grok-4"])
def test_a_conversation_is_handed_to_a_model_that_is_asked_for_no_reasoning(model: str, client: Client) -> None:
    async def run() -> None:
        for name, parts in SHAPES.values():
            with world() as here:
                vendors = meet(here)
                vendors.made[name].script = [list(parts)]
                history: list[Any] = [USER]
                for _ in range(2):
                    back, text, _ = await client.turn(here, MODELS[name], history, reason=True)
                    history += back
                assert text == "Oak."
                _, text, _ = await client.turn(here, model, [*history, USER], reason=False)
                assert (text, vendors.refused) == ("Oak.", [])

    asyncio.run(run())


PAGE = Path(__file__).resolve().parents[2] / "docs" / "continuity.md"
KEEPS = {"full": "sends back all it was given", "plain": "sends back text and calls"}
HEAD = """# Changing the model in mid-conversation

A tool loop begins with one vendor's model, goes on with another's and comes back: A -> B -> A. The vendors of the test
refuse what the real ones refuse (order of thinking, signatures, state of others, unknown fields, unpaired calls: see
`tests/continuity/vendors.py`, where each refusal has its source), the callers are the official SDKs. Every conversation
goes on, in every cell; the cell says what becomes of the reasoning that A's model had said:

- **kept**: it goes back to A whole and where it stood, so A continues its own thoughts;
- **anew**: A is asked without it, and thinks anew.

Reasoning never goes to a vendor that did not make it. `make continuity` writes this page.
"""


def kept(first: str, second: str, client: Client) -> str:
    async def run() -> str:
        with world() as here:
            vendors = meet(here)
            _, parts = next(shape for shape in SHAPES.values() if shape[0] == first)
            vendors.made[first].script = [list(parts)]
            back, _, _ = await client.turn(here, MODELS[first], [USER], reason=True)
            states = set(vendors.made[first].states)
            vendors.made[second].script = [[("think", "C"), CALL]]
            more, _, _ = await client.turn(here, MODELS[second], [USER, *back], reason=True)
            await client.turn(here, MODELS[first], [USER, *back, *more], reason=True)
            assert vendors.refused == []
            sent = codec.dumps_text(vendors.made[first].bodies[-1])
            if not states:  # xAI's chat completions have no state but the text
                return "kept" if '"reasoning_content":"A"' in sent else "anew"
            return "kept" if all(state in sent for state in states) else "anew"

    return asyncio.run(run())


def page() -> str:
    lines = [HEAD]
    for client in (one for one in CLIENTS if not one.stream):
        lines.append(f"## {client.family}, {KEEPS[client.keeps]}\n")
        lines.append("| A, then B | " + " | ".join(MODELS) + " |\n|---|" + "---|" * len(MODELS))
        for first in MODELS:
            cells = ["-" if first == second else kept(first, second, client) for second in MODELS]
            lines.append(f"| {first} | " + " | ".join(cells) + " |")
        lines.append("")
    return "\n".join(lines)


def test_the_page_shows_what_becomes_of_reasoning() -> None:
    written = page()
    if os.environ.get("INTERCHANGE_WRITE_CONTINUITY"):
        PAGE.write_text(written)
    assert PAGE.read_text() == written, "run `make continuity`"
