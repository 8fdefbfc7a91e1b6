"""What a caller wants of thinking -> `reasoning_effort`, or the field of the dialect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.request import Reasoning, ThinkingMode
from interchange.protocols import JsonObject

from .outbound_content import Parts
from .vocabulary import BUDGET_EFFORTS, EFFORTS


@dataclass(frozen=True, slots=True)
class Thinking:
    """The model's trait `reasoning` is an object for a model that thinks on request: `efforts` (the words that it
    takes; without it any), `style` (overrides the dialect's), `budget` (True: the style `thinking` takes one). Without
    the trait a model is not asked, unless by a caller of this protocol, who must know."""

    parts: Parts
    own: bool

    def write(self, asked: Reasoning | None) -> JsonObject:
        trait = self.parts.profile.traits.get("reasoning", {} if self.own else None)
        if asked is None:
            return {}
        if not isinstance(trait, Mapping):
            return self._unable(asked)
        rules: Mapping[str, Any] = trait
        if asked.display not in (None, "omitted"):
            self.parts.losses.drop("thinking.display", "the provider decides what it shows of its reasoning")
        if asked.summary is not None:
            self.parts.losses.drop("reasoning.summary", "chat has no reasoning summaries")
        match rules.get("style", self.parts.dialect.reasoning_style):
            case "thinking":
                return self._thinking(asked, rules)
            case "object":
                return self._object(asked, rules)
            case _:
                return self._effort(asked, rules)

    def _unable(self, asked: Reasoning) -> JsonObject:
        if asked.mode is not ThinkingMode.DISABLED and asked.effort != "none":
            self.parts.losses.drop(_path(asked), "this model does not think on request")
        return {}

    def _effort(self, asked: Reasoning, rules: Mapping[str, Any]) -> JsonObject:
        efforts = rules.get("efforts")
        if asked.mode is ThinkingMode.DISABLED:
            return self._disabled(efforts)
        word = asked.effort
        if word is None and asked.budget is not None and asked.budget >= 0:
            word = next((effort for most, effort in BUDGET_EFFORTS if asked.budget <= most), "max")
            word = _nearest(word, efforts or EFFORTS[1:5])
            self.parts.losses.drop("thinking.budget_tokens", f"said as the effort {word!r}")
        if word is None:
            return {}  # thinking as the model sees fit: what it does anyway
        if efforts and word not in efforts:
            nearest = _nearest(word, efforts)
            self.parts.losses.drop(_path(asked), f"this model has no effort {word!r}; it is asked for {nearest!r}")
            word = nearest
        return {"reasoning_effort": word}

    def _disabled(self, efforts: Any) -> JsonObject:
        if efforts is None:
            self.parts.losses.drop("thinking", "this model cannot be told not to think")
            return {}
        word = _nearest("none", efforts)
        if word != "none":
            self.parts.losses.drop("thinking", f"this model always thinks; it is asked for {word!r}")
        return {"reasoning_effort": word}

    def _thinking(self, asked: Reasoning, rules: Mapping[str, Any]) -> JsonObject:
        """DeepSeek's and other vendors' `thinking: {type}`, with an effort beside it."""
        out: JsonObject = {}
        disabled = asked.mode is ThinkingMode.DISABLED or asked.effort == "none"
        if asked.mode is not None or disabled:
            out["thinking"] = {"type": "disabled" if disabled else "enabled"}
        if asked.budget is not None and asked.budget >= 0:
            if rules.get("budget", False):
                out["thinking"]["budget_tokens"] = asked.budget
            else:
                self.parts.losses.drop("thinking.budget_tokens", "this model takes no budget")
        if asked.effort is not None and not disabled:
            out |= self._effort(Reasoning(effort=asked.effort), rules)
        return out

    def _object(self, asked: Reasoning, rules: Mapping[str, Any]) -> JsonObject:
        """OpenRouter's `reasoning`."""
        if asked.mode is ThinkingMode.DISABLED:
            return {"reasoning": {"enabled": False}}
        out: JsonObject = {}
        if asked.effort is not None:
            out["effort"] = self._effort(Reasoning(effort=asked.effort), rules)["reasoning_effort"]
        elif asked.budget is not None and asked.budget >= 0:
            out["max_tokens"] = asked.budget
        elif asked.mode is not None:
            out["enabled"] = True
        if asked.display == "omitted":
            out["exclude"] = True
        return {"reasoning": out} if out else {}


def _nearest(word: str, efforts: Any) -> str:
    """The word itself, or the next one that the model has: downwards first, so that nobody pays for more than asked."""
    known = [effort for effort in EFFORTS if effort in efforts] or list(efforts)
    if word in known or word not in EFFORTS:
        return word if word in known else str(known[-1])
    lower = [effort for effort in known if EFFORTS.index(effort) < EFFORTS.index(word)]
    if lower and (lower[-1] != "none" or word == "none"):
        return str(lower[-1])
    higher = [effort for effort in known if EFFORTS.index(effort) > EFFORTS.index(word)]
    return str((higher or lower or known)[0])


def _path(asked: Reasoning) -> str:
    return "reasoning_effort" if asked.effort is not None else "thinking"
