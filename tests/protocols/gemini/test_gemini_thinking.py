"""An effort and a budget together: a model has a word for one of them, and what it does not hear is told."""

from __future__ import annotations

from typing import Any

import pytest

from interchange.hub import blocks as b
from interchange.hub import request as r
from interchange.hub.losses import Losses
from interchange.protocols.faces import Profile
from interchange.protocols.gemini.client import Client

LEVEL = {"thinking": "level", "levels": ["low", "high"]}
BUDGET = {"thinking": "budget", "budget_range": [128, 32768]}
ON, FREE = r.ThinkingMode.ENABLED, r.ThinkingMode.ADAPTIVE
SPENT = "thinking.budget_tokens"


@pytest.mark.parametrize(
    ("traits", "asked", "config", "lost"),
    [
        (BUDGET, r.Reasoning(ON, "low", 2000), {"thinkingBudget": 2000}, ["reasoning_effort"]),
        (BUDGET, r.Reasoning(ON, "low", 99999), {"thinkingBudget": 32768}, ["reasoning_effort", SPENT]),
        (LEVEL, r.Reasoning(ON, "low", 2000), {"thinkingLevel": "LOW"}, [SPENT]),
        (LEVEL, r.Reasoning(FREE, "low", display="full"), {"thinkingLevel": "LOW"}, ["thinking.display"]),
    ],
)
def test_what_is_not_heard_is_told(
    traits: dict[str, Any], asked: r.Reasoning, config: dict[str, Any], lost: list[str]
) -> None:
    losses = Losses()
    request = r.Request("m", (b.Message(b.Role.USER, (b.Text("hi"),)),), reasoning=asked)
    body = Client().write_request(request, Profile("m", traits=traits), losses)
    assert body["generationConfig"]["thinkingConfig"] == {"includeThoughts": True, **config}
    assert [loss.path for loss in losses.items] == lost
