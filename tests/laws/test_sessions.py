"""Prefix stability of whole sessions: what an agent's turn sends up begins with what the turn before it sent, byte by
byte up to the new turn, at every vendor and by every protocol, with the model's own answers sent back in between."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.laws import prefix, sessions
from tests.laws.sessions import AGENTS, REMINDER

MODELS = {
    "gpt-5.4": "openai", "gpt-4.1": "openai", "claude-sonnet-4-5": "anthropic", "gemini-3-flash-preview": "gemini",
    "gemini-2.5-flash": "gemini", "grok-4.3": "xai", "claude-on-bedrock": "bedrock", "thinker-1": "thinker",
}  # fmt: skip
LINE = "x-anthropic-billing-header"
HEAD = re.compile(r'\{("type":"message",)?"role":"user"\}')
"""A turn's, before its parts."""


def stable(body: sessions.Json) -> list[str]:
    """What of a request the next one has too: all but the reminder at its end, and its turn's head where it stands
    alone in it. Claude's own agent's line stands, and changes, at Claude alone."""
    found = prefix.pieces(body)
    at = next((at for at, piece in enumerate(found) if REMINDER in piece), len(found))
    alone = 0 < at < len(found) and HEAD.fullmatch(found[at - 1]) is not None
    return found[: at - alone]


def unlined(body: sessions.Json) -> sessions.Json:
    system = body.get("system")
    if not isinstance(system, list):
        return body
    return {**body, "system": [block for block in system if not block["text"].startswith(LINE)]}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("agent", AGENTS)
def test_a_turn_begins_with_the_turn_before_it(agent: str, model: str, stream: bool) -> None:
    vendor = MODELS[model]
    bodies = asyncio.run(sessions.run(AGENTS[agent](model), vendor, stream=stream))
    assert len(bodies) == len(sessions.SCRIPT)
    for before, after in pairwise(unlined(body) if vendor == "anthropic" else body for body in bodies):
        kept, now = stable(before), prefix.pieces(after)
        assert now[: len(kept)] == kept
        assert len(now) > len(kept) > 3


def test_another_process_sends_the_same_bytes() -> None:
    """The order of a set differs from process to process, and so would a prompt that is made in it."""
    root, found = Path(__file__).parents[2], set()
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "tests.laws.sessions"], cwd=root, env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3_000:]
        found.add(done.stdout)
    (same,) = found
    assert len(same.split()) == 3
