"""Thinking that Claude did not make, or whose signature is gone, in a history that goes to Claude by each of its doors:
the turn goes without its thoughts, and thinking is off only where Claude would want one in front."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.exchange.world import world

from .added import everyone
from .vendors import Vendor

Json = dict[str, Any]
DOORS = {"anthropic": "claude-sonnet-4-5", "bedrock": "claude-on-bedrock", "claudelike": "claudelike-1"}
USER: Json = {"role": "user", "content": "Which tree?"}
FOREIGN: Json = {"type": "thinking", "thinking": "Hm.", "signature": ""}
LOST: Json = {"type": "redacted_thinking", "data": ""}
LOOK: Json = {"type": "text", "text": "I look."}
CALLS: list[Json] = [
    {"type": "tool_use", "id": f"toolu_{at}", "name": name, "input": {}} for at, name in enumerate(("look", "listen"))
]
RESULTS: Json = {"role": "user", "content": [
    {"type": "tool_result", "tool_use_id": call["id"], "content": "oak"} for call in CALLS]}  # fmt: skip
ENABLED, DISABLED = {"type": "enabled", "budget_tokens": 1024}, {"type": "disabled"}


def said(*blocks: Json) -> Json:
    return {"role": "assistant", "content": list(blocks)}


HISTORIES: dict[str, list[Json]] = {
    "no signature": [USER, said(FOREIGN, LOOK, *CALLS), RESULTS],
    "no data": [USER, said(LOST, LOOK, *CALLS), RESULTS],
    "between texts": [USER, said(LOOK, FOREIGN, LOOK, *CALLS), RESULTS],
    "an answer that was begun": [USER, said(FOREIGN, LOOK)],
    "two turns in a row": [USER, said(FOREIGN, LOOK), said(FOREIGN, *CALLS), RESULTS],
}
"""Each ends in a turn that Claude wants to begin with a thought."""
FINISHED: dict[str, list[Json]] = {
    "a finished loop": [USER, said(FOREIGN, *CALLS), RESULTS, said(FOREIGN, LOOK), USER],
    "an answer": [USER, said(LOST, LOOK), USER],
}


def ask(door: str, messages: list[Json], family: str = "messages") -> tuple[Vendor, list[str], str]:
    """The vendor, what it refused, and what the caller was told of."""
    tools = [{"name": name, "input_schema": {"type": "object", "properties": {}}} for name in ("look", "listen")]
    with world() as here:
        vendors = everyone(here)
        body = {"model": DOORS[door], "max_tokens": 4000, "messages": messages, "tools": tools, "thinking": ENABLED}
        status, answer, headers = asyncio.run(here.whole(family, body))
        assert status == 200, answer
        return vendors.made[door], vendors.refused, headers.get("x-interchange-dropped", "")


def thinking(vendor: Vendor) -> Any:
    (sent,) = vendor.bodies
    return sent.get("thinking") or (sent.get("additionalModelRequestFields") or {}).get("thinking")


def thoughts(vendor: Vendor) -> list[Json]:
    blocks = [block for turn in vendor.bodies[0]["messages"] if isinstance(turn["content"], list)
              for block in turn["content"]]  # fmt: skip
    return [block for block in blocks if "reasoningContent" in block or "thinking" in block.get("type", "")]


@pytest.mark.parametrize("history", sorted(HISTORIES))
@pytest.mark.parametrize("door", sorted(DOORS))
def test_thinking_is_off_where_claude_wants_a_thought_in_front(door: str, history: str) -> None:
    vendor, refused, told = ask(door, HISTORIES[history])
    assert (refused, thoughts(vendor), told) == ([], [], "thinking")
    assert thinking(vendor) in (None, DISABLED)


@pytest.mark.parametrize("history", sorted(FINISHED))
@pytest.mark.parametrize("door", sorted(DOORS))
def test_thinking_stays_on_where_claude_wants_none(door: str, history: str) -> None:
    vendor, refused, told = ask(door, FINISHED[history])
    assert (refused, thoughts(vendor), told) == ([], [], "")
    assert thinking(vendor) == ENABLED


@pytest.mark.parametrize("lost", [FOREIGN, LOST], ids=["thinking", "redacted"])
@pytest.mark.parametrize("door", ["anthropic", "bedrock"])
def test_a_turn_of_which_one_thought_is_lost_goes_without_the_others(door: str, lost: Json) -> None:
    with world() as here:
        vendors = everyone(here)
        made = vendors.made["anthropic"]
        own = {"type": "thinking", "thinking": "A", "signature": made.state("A")}
        made.turns.append([own, LOOK, {**own, "signature": made.state("B")}, *CALLS])
        history = [USER, said(own, LOOK, lost, *CALLS), RESULTS]
        tools = [{"name": name, "input_schema": {"type": "object", "properties": {}}} for name in ("look", "listen")]
        body = {"model": DOORS[door], "max_tokens": 4000, "messages": history, "tools": tools, "thinking": ENABLED}
        status, answer, _ = asyncio.run(here.whole("messages", body))
        assert (status, vendors.refused) == (200, []), answer
        assert (thoughts(vendors.made[door]), thinking(vendors.made[door]) in (None, DISABLED)) == ([], True)
