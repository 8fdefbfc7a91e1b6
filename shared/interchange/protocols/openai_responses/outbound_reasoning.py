"""What a caller wants of thinking -> `reasoning` and `include`."""

from __future__ import annotations

from collections.abc import Mapping

from interchange.dataclass import dataclass
from interchange.hub.request import Reasoning
from interchange.protocols import JsonObject, openai_efforts

from .outbound_content import Parts


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
            if not openai_efforts.off(asked):
                self.parts.losses.drop(openai_efforts.path(asked), "this model does not think on request")
            return {}
        found = {
            "effort": openai_efforts.write_effort(asked, trait.get("efforts"), self.parts.losses),
            "summary": self._summary(asked, able=trait.get("summary", True)),
        }
        reasoning = {name: word for name, word in found.items() if word is not None}
        return {"reasoning": reasoning} if reasoning else {}

    def _summary(self, asked: Reasoning, *, able: bool) -> str | None:
        """Thinking that is shown comes as a summary, which is only made on request. A bare effort asks for none."""
        if asked.summary is not None:
            return asked.summary
        shown = asked.display in ("summarized", "full") or (asked.mode is not None and asked.display is None)
        if not shown or openai_efforts.off(asked):
            return None
        if not able or not self.parts.dialect.summaries:
            self.parts.losses.drop("thinking.display", "this provider does not show its reasoning")
            return None
        if asked.display == "full":
            self.parts.losses.drop("thinking.display", "this provider shows a summary of its reasoning")
        return "auto"
