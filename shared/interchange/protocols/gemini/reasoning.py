"""How much to think, as `thinkingConfig`.

Traits of the model: "thinking" is "level" (Gemini 3: `thinkingLevel`) or "budget" (2.5: `thinkingBudget` in tokens),
absent for a model that does not think; "levels" the words it takes; "budget_range" [least, most]; "can_disable".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.hub.losses import Losses
from interchange.hub.request import Reasoning, ThinkingMode

from .vocabulary import EFFORT_BUDGET, EFFORT_LEVEL, LEVELS

DYNAMIC = -1
SPENT = "thinking.budget_tokens"
LEVEL_LIMITS: tuple[tuple[int, str], ...] = ((1024, "low"), (8192, "medium"))
"""Budgets that a level stands for; greater ones are "high". The reverse of Google's own table (vocabulary)."""


def write_thinking(asked: Reasoning, traits: Mapping[str, Any], losses: Losses) -> dict[str, Any]:
    """`thinkingConfig`, or nothing. A budget or level that the model does not have is brought to the nearest one, and
    reported: the amount of thought steers the answer and does not change what was asked."""
    field = "reasoning_effort" if asked.effort is not None else "thinking"
    off = asked.mode is ThinkingMode.DISABLED or asked.effort == "none" or asked.budget == 0
    style = traits.get("thinking")
    if style not in ("level", "budget"):
        if not off:
            losses.drop(field, "this model does not think on request")
        return {}
    if asked.display == "full":
        losses.drop("thinking.display", "Gemini shows summaries of its thoughts")
    config = {} if off or asked.display == "omitted" or asked == Reasoning() else {"includeThoughts": True}
    if style == "level":
        return {**config, **_level(asked, off, traits, field, losses)}
    return {**config, **_budget(asked, off, traits, field, losses)}


def _level(asked: Reasoning, off: bool, traits: Mapping[str, Any], field: str, losses: Losses) -> dict[str, Any]:
    levels = [level for level in LEVELS if level in traits.get("levels", LEVELS[:4])]
    if off:
        if traits.get("can_disable"):
            return {"thinkingBudget": 0}
        losses.drop(field, f"this model always thinks: said as {levels[0]}")
        return {"thinkingLevel": levels[0].upper()}
    if asked.effort is not None:
        wanted = EFFORT_LEVEL.get(asked.effort, "high")
        if asked.budget is not None:
            losses.drop(SPENT, "this model thinks by level, and the effort says which")
    elif asked.budget is not None and asked.budget != DYNAMIC:
        wanted = next((level for limit, level in LEVEL_LIMITS if asked.budget <= limit), "high")
        losses.drop(SPENT, f"this model thinks by level: said as {_nearest(wanted, levels)}")
    else:
        return {}
    level = _nearest(wanted, levels)
    if level != wanted or asked.effort not in (None, *LEVELS):
        losses.drop(field, f"said as {level}")
    return {"thinkingLevel": level.upper()}


def _nearest(wanted: str, levels: list[str]) -> str:
    """The level itself, else the next stronger one, else the strongest."""
    return next((level for level in levels if LEVELS.index(level) >= LEVELS.index(wanted)), levels[-1])


def _budget(asked: Reasoning, off: bool, traits: Mapping[str, Any], field: str, losses: Losses) -> dict[str, Any]:
    least, most = traits.get("budget_range", (0, EFFORT_BUDGET["high"]))
    if off:
        if traits.get("can_disable", least == 0):
            return {"thinkingBudget": 0}
        losses.drop(field, f"this model always thinks: said as {least} tokens")
        return {"thinkingBudget": least}
    if asked.budget is not None:
        budget = asked.budget
        if asked.effort is not None:
            losses.drop(field, "this model thinks by budget, and one is given")
    elif asked.effort is not None:
        budget = EFFORT_BUDGET.get(asked.effort, most)
        if asked.effort not in EFFORT_LEVEL:
            losses.drop(field, "this model has no such effort: said as its greatest budget")
    else:
        return {"thinkingBudget": DYNAMIC} if asked.mode is ThinkingMode.ADAPTIVE else {}
    if budget == DYNAMIC:
        return {"thinkingBudget": DYNAMIC}
    within = max(least, min(most, budget))
    if within != budget and asked.budget is not None:
        losses.drop(SPENT, f"this model thinks for {least} to {most} tokens: said as {within}")
    return {"thinkingBudget": within}
