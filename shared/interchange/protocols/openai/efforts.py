"""Maps a caller's wish for thinking to one of the efforts that a model has."""

from __future__ import annotations

from collections.abc import Sequence

from interchange.hub.losses import Losses
from interchange.hub.request import EFFORTS, Reasoning, ThinkingMode


def write_effort(asked: Reasoning, efforts: Sequence[str] | None, losses: Losses) -> str | None:
    """`efforts` None takes any word, an empty list none. Without a word the model thinks as it sees fit: what it does
    anyway, unless it may leave it be, as those do that know "none"."""
    if efforts is not None and not efforts:
        _drop_effort(asked, losses)
        return None
    if asked.mode is ThinkingMode.DISABLED:
        return _write_none(efforts, losses)
    word = asked.effort
    if word is None and asked.budget is not None and asked.budget >= 0:
        word = next((effort for most, effort in BUDGET_EFFORTS if asked.budget <= most), "max")
        word = nearest(word, efforts or EFFORTS[1:5])
        losses.drop("thinking.budget_tokens", f"sent as the effort {word!r}")
    if word is None and asked.mode is not None and "none" in (efforts or ()):
        word = nearest("medium", efforts or ())
    if word is not None and efforts and word not in efforts:
        able = nearest(word, efforts)
        losses.drop(path(asked), f"this model has no effort {word!r}; it is asked for {able!r}")
        word = able
    return word


def _drop_effort(asked: Reasoning, losses: Losses) -> None:
    """Reports what was asked of a model that thinks as it sees fit, and refuses to be told how much."""
    if off(asked):
        losses.drop(path(asked), "this model always thinks")
    elif asked.effort is not None:
        losses.drop(path(asked), "this model decides how much it thinks")
    elif asked.budget is not None and asked.budget >= 0:
        losses.drop("thinking.budget_tokens", "this model decides how much it thinks")


def _write_none(efforts: Sequence[str] | None, losses: Losses) -> str | None:
    if efforts is None:
        losses.drop("thinking", "this model cannot be told not to think")
        return None
    word = nearest("none", efforts)
    if word != "none":
        losses.drop("thinking", f"this model always thinks; it is asked for {word!r}")
    return word


def nearest(word: str, efforts: Sequence[str]) -> str:
    """The word itself, or the next one that the model has: downwards first, so that nobody pays for more than asked."""
    known = [effort for effort in EFFORTS if effort in efforts] or [str(effort) for effort in efforts]
    if word in known or word not in EFFORTS:
        return word if word in known else known[-1]
    lower = [effort for effort in known if EFFORTS.index(effort) < EFFORTS.index(word)]
    if lower and (lower[-1] != "none" or word == "none"):
        return lower[-1]
    higher = [effort for effort in known if EFFORTS.index(effort) > EFFORTS.index(word)]
    return (higher or lower or known)[0]


def off(asked: Reasoning) -> bool:
    return asked.mode is ThinkingMode.DISABLED or asked.effort == "none"


def path(asked: Reasoning) -> str:
    return "reasoning_effort" if asked.effort is not None else "thinking"


SERVICE_TIERS: dict[str, str] = {
    "auto": "auto",
    "default": "default",
    "flex": "flex",
    "scale": "scale",
    "priority": "priority",
    "fast": "fast",
    "standard": "default",
    "standard_only": "default",
}
"""Any protocol's word for a tier -> OpenAI's."""
BUDGET_EFFORTS: tuple[tuple[int, str], ...] = ((1024, "minimal"), (4096, "low"), (16384, "medium"), (32768, "high"))
"""Thinking budgets up to so many tokens, as an effort; a greater one is the greatest effort that the model has."""
