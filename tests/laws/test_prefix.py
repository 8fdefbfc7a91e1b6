"""Prefix stability: what a turn adds stands behind what the turns before it said, byte by byte, for every vendor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from interchange.hub.failure import RequestError
from scripts import compatibility
from tests.laws import prefix
from tests.laws.test_caller_paths import RECORDED
from tests.recordings.read import every

Json = dict[str, Any]
BILLING = Path(__file__).resolve().parents[2] / "docs" / "billing.md"
TURNS = 10
SETTINGS = ("tools", "system", "instructions", "tool_choice", "response_format", "output_config", "text")
"""What stands before a conversation, or steers it."""
CHAT, MESSAGES, RESPONSES = compatibility.CALLERS


def session(turns: int = TURNS) -> Iterator[Json]:
    """A coding agent's: a line of telemetry that is another one each time, long instructions, many tools; each turn
    reads a file."""
    system = "You are a coding agent. " + "Follow the rules of the repository. " * 300
    tools = [
        {"name": f"tool_{n}", "description": "Does one thing well. " * 20,
         "input_schema": {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}}
        for n in range(16)
    ]  # fmt: skip
    messages: list[Json] = [{"role": "user", "content": [{"type": "text", "text": "Mend the failing test."}]}]
    for turn in range(turns):
        line = f"x-anthropic-billing-header: cc_version=2.1.177; cc_entrypoint=cli; cch={turn * 7919:05x};"
        yield {
            "model": "m", "max_tokens": 32000, "metadata": {"user_id": "u" * 160}, "tools": tools,
            "system": [{"type": "text", "text": line},
                       {"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}],
            "messages": [*messages[:-1], _marked(messages[-1])],
        }  # fmt: skip
        use = {"type": "tool_use", "id": f"toolu_{turn}", "name": "tool_1", "input": {"path": f"src/file_{turn}.py"}}
        said = {"type": "text", "text": f"I look at file {turn}."}
        result = {"type": "tool_result", "tool_use_id": use["id"], "content": f"line {turn}\n" * 150}
        messages += [{"role": "assistant", "content": [said, use]}, {"role": "user", "content": [result]}]


def _marked(turn: Json) -> Json:
    *rest, last = turn["content"]
    return {**turn, "content": [*rest, {**last, "cache_control": {"type": "ephemeral"}}]}


def upstream(target: compatibility.Target, *, telemetry: bool = False) -> list[Json]:
    face = compatibility.face_of(target)
    return [prefix.written(MESSAGES.server, face.client, face.profile, body, telemetry=telemetry) for body in session()]


@pytest.mark.parametrize("target", compatibility.TARGETS, ids=lambda target: target.title)
def test_an_agents_session_is_found_again_from_its_beginning(target: compatibility.Target) -> None:
    bodies = upstream(target)
    for before, after in pairwise(bodies):
        first, second = prefix.pieces(before), prefix.pieces(after)
        if target.protocol == "anthropic_messages":  # its own line stands, and changes; everything else does not
            first, second = first[:1] + first[2:], second[:1] + second[2:]
        assert prefix.shared(first, second) == len(first)


def _follows(before: Json, after: Json, name: str) -> bool:
    """True where the later request is the earlier one with more said."""
    same = all(before.get(field) == after.get(field) for field in SETTINGS)
    first, second = before.get(name), after.get(name)
    if not (same and isinstance(first, list) and isinstance(second, list)) or len(first) >= len(second):
        return False
    if any("tools" in item for item in second[len(first) :]):  # new tools are another prefix, wherever they come from
        return False
    return [prefix.unmarked(turn) for turn in second[: len(first)]] == [prefix.unmarked(turn) for turn in first]


def recorded(caller: compatibility.Caller) -> list[tuple[Json, Json]]:
    name = "input" if caller is RESPONSES else "messages"
    sessions: dict[str, list[Json]] = defaultdict(list)
    for record in every(RECORDED[caller.server.protocol]):
        body = record.get("request_json")
        if isinstance(body, dict) and "model" in body:
            sessions[str(record.get("source", "")).partition("#")[0]].append(body)
    return [
        (before, after)
        for bodies in sessions.values()
        for before, after in pairwise(bodies)
        if _follows(before, after, name)
    ]


@pytest.mark.parametrize("target", compatibility.TARGETS, ids=lambda target: target.title)
@pytest.mark.parametrize("caller", compatibility.CALLERS, ids=lambda caller: caller.title)
def test_recorded_sessions_keep_their_prefix(caller: compatibility.Caller, target: compatibility.Target) -> None:
    face = compatibility.face_of(target)
    count = 0
    for before, after in recorded(caller):
        try:
            first, second = (_said(caller, face, body) for body in (before, after))
        except RequestError:
            continue
        count += 1
        assert prefix.shared(first, second) >= len(first), (before, after)
    assert count


def _said(caller: compatibility.Caller, face: compatibility.Face, body: Json) -> list[str]:
    return prefix.pieces(prefix.written(caller.server, face.client, face.profile, body))


def table() -> list[str]:
    """The figures of docs/billing.md."""
    rows = []
    for target in compatibility.TARGETS:
        before, after = (prefix.cacheable(upstream(target, telemetry=kept)) for kept in (True, False))
        rows.append(f"| {target.title} | {before:.0%} | {after:.0%} |")
    return rows


def test_the_page_has_the_figures() -> None:
    text = BILLING.read_text()
    assert all(row in text for row in table()), "\n".join(table())
