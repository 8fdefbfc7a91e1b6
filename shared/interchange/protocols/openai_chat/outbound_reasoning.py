"""What a caller wants of thinking -> `reasoning_effort`, or the field of the dialect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.request import Reasoning, ThinkingMode
from interchange.protocols import JsonObject, openai_efforts

from .outbound_content import Parts


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
        if not openai_efforts.off(asked):
            self.parts.losses.drop(openai_efforts.path(asked), "this model does not think on request")
        return {}

    def _effort(self, asked: Reasoning, rules: Mapping[str, Any]) -> JsonObject:
        word = openai_efforts.write_effort(asked, rules.get("efforts"), self.parts.losses)
        return {} if word is None else {"reasoning_effort": word}

    def _thinking(self, asked: Reasoning, rules: Mapping[str, Any]) -> JsonObject:
        """DeepSeek's and other vendors' `thinking: {type}`, with an effort beside it."""
        out: JsonObject = {}
        disabled = openai_efforts.off(asked)
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
