"""What a caller wants of thinking -> `reasoning` and `include`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.request import Reasoning, ThinkingMode
from interchange.protocols import JsonObject

from .outbound_content import Parts
from .vocabulary import BUDGET_EFFORTS, EFFORTS


@dataclass(frozen=True, slots=True)
class Thinking:
    """The model's trait `reasoning` is an object for a model that thinks: `efforts` (the words that it takes; without
    it any), `summary` (False: it must not be asked for one). Without the trait a model is not asked, unless by a caller
    of this protocol, who must know."""

    parts: Parts

    def write(self, asked: Reasoning | None) -> JsonObject:
        if asked is None:
            return {}
        trait = self.parts.profile.traits.get("reasoning", {} if self.parts.own else None)
        if not isinstance(trait, Mapping):
            if not _off(asked):
                self.parts.losses.drop(_path(asked), "this model does not think on request")
            return {}
        efforts = trait.get("efforts")
        found = {
            "effort": self._effort(asked, efforts),
            "summary": self._summary(asked, able=trait.get("summary", True)),
        }
        reasoning = {name: word for name, word in found.items() if word is not None}
        return {"reasoning": reasoning} if reasoning else {}

    def _summary(self, asked: Reasoning, *, able: bool) -> str | None:
        """Thinking that is shown comes as a summary, which is only made on request. A bare effort asks for none."""
        if asked.summary is not None:
            return asked.summary
        shown = asked.display in ("summarized", "full") or (asked.mode is not None and asked.display is None)
        if not shown or _off(asked):
            return None
        if not able or not self.parts.dialect.summaries:
            self.parts.losses.drop("thinking.display", "this provider does not show its reasoning")
            return None
        if asked.display == "full":
            self.parts.losses.drop("thinking.display", "this provider shows a summary of its reasoning")
        return "auto"

    def _effort(self, asked: Reasoning, efforts: Sequence[str] | None) -> str | None:
        losses = self.parts.losses
        if asked.mode is ThinkingMode.DISABLED:
            return self._none(efforts)
        word = asked.effort
        if word is None and asked.budget is not None and asked.budget >= 0:
            word = next((effort for most, effort in BUDGET_EFFORTS if asked.budget <= most), "max")
            word = nearest(word, efforts or EFFORTS[1:5])
            losses.drop("thinking.budget_tokens", f"said as the effort {word!r}")
        if word is not None and efforts and word not in efforts:
            able = nearest(word, efforts)
            losses.drop(_path(asked), f"this model has no effort {word!r}; it is asked for {able!r}")
            word = able
        return word  # without a word it thinks as it sees fit: what it does anyway

    def _none(self, efforts: Sequence[str] | None) -> str | None:
        if efforts is None:
            self.parts.losses.drop("thinking", "this model cannot be told not to think")
            return None
        word = nearest("none", efforts)
        if word != "none":
            self.parts.losses.drop("thinking", f"this model always thinks; it is asked for {word!r}")
        return word


def nearest(word: str, efforts: Sequence[Any]) -> str:
    """The word itself, or the next one that the model has: downwards first, so that nobody pays for more than asked."""
    known = [effort for effort in EFFORTS if effort in efforts] or [str(effort) for effort in efforts]
    if word in known or word not in EFFORTS:
        return word if word in known else known[-1]
    lower = [effort for effort in known if EFFORTS.index(effort) < EFFORTS.index(word)]
    if lower and (lower[-1] != "none" or word == "none"):
        return lower[-1]
    higher = [effort for effort in known if EFFORTS.index(effort) > EFFORTS.index(word)]
    return (higher or lower or known)[0]


def _off(asked: Reasoning) -> bool:
    return asked.mode is ThinkingMode.DISABLED or asked.effort == "none"


def _path(asked: Reasoning) -> str:
    return "reasoning_effort" if asked.effort is not None else "thinking"
