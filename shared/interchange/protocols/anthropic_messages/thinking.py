"""How much to think, hub -> wire: `thinking` and `output_config.effort`.

Traits of the model: "thinking" is "adaptive" or "budget", absent for a model that does not think; "effort" True where
it takes `output_config.effort`, "efforts" the words it takes (low, medium, high where not said); "can_disable" False
for one that always thinks.
"""

from __future__ import annotations

from interchange.dataclass import dataclass
from interchange.hub.losses import Losses
from interchange.hub.request import Reasoning, Request, ThinkingMode
from interchange.protocols import Profile

from .vocabulary import EFFORT_BUDGET, EFFORTS, LEAST_BUDGET, Json

DYNAMIC = -1
DISPLAY = {"full": "summarized", "summarized": "summarized", "omitted": "omitted"}


@dataclass(frozen=True, slots=True)
class Thinking:
    """`config` is the `thinking` object, `effort` the word, each None where it is not said."""

    config: Json | None = None
    effort: str | None = None

    @property
    def on(self) -> bool:
        return self.config is not None and self.config["type"] != "disabled"


def write_own(asked: Reasoning) -> Thinking:
    """As it came in by this protocol."""
    if asked.mode is None:
        return Thinking(None, asked.effort)
    config: Json = {"type": asked.mode.value}
    if asked.budget is not None:
        config["budget_tokens"] = asked.budget
    if asked.display is not None:
        config["display"] = asked.display
    return Thinking(config, asked.effort)


def write_thinking(request: Request, profile: Profile, losses: Losses, max_tokens: int) -> Thinking:
    asked = request.reasoning
    if asked is None:
        return Thinking()
    name = field(asked)
    style = profile.traits.get("thinking")
    if asked.mode is ThinkingMode.DISABLED or asked.effort == "none" or asked.budget == 0:
        return _off(profile, losses, name)
    effort = _effort(asked, profile, losses)
    if style == "adaptive":
        return Thinking(_adaptive(asked, effort, losses), effort)
    if style == "budget":
        return Thinking(_budget(asked, max_tokens, losses, name), effort)
    if effort is None:
        losses.drop(name, "this model does not think on request")
    return Thinking(None, effort)


def field(asked: Reasoning) -> str:
    """The caller's field, as well as can be known."""
    return "reasoning_effort" if asked.effort is not None else "thinking"


def _off(profile: Profile, losses: Losses, name: str) -> Thinking:
    if profile.traits.get("can_disable") is False:
        losses.drop(name, "this model always thinks")
        return Thinking()
    return Thinking({"type": "disabled"}) if profile.traits.get("thinking") == "adaptive" else Thinking()


def _adaptive(asked: Reasoning, effort: str | None, losses: Losses) -> Json:
    if asked.budget not in (None, DYNAMIC):
        losses.drop("thinking.budget_tokens", "this model thinks as it sees fit, steered by an effort")
    elif asked.effort is not None and effort is None:
        losses.drop("reasoning_effort", "this model thinks as it sees fit")
    wanted = DISPLAY.get(asked.display or "") or ("summarized" if asked.summary else None)
    return {"type": "adaptive", **({"display": wanted} if wanted else {})}


def _effort(asked: Reasoning, profile: Profile, losses: Losses) -> str | None:
    """The word, or the next stronger one that the model takes, else its strongest."""
    if asked.effort is None or not profile.traits.get("effort"):
        return None
    able = [word for word in EFFORTS if word in profile.traits.get("efforts", EFFORTS[:3])]
    wanted = EFFORTS.index(asked.effort) if asked.effort in EFFORTS else 0
    found = next((word for word in able if EFFORTS.index(word) >= wanted), able[-1] if able else None)
    if found != asked.effort:
        losses.drop("reasoning_effort", f"said as {found}" if found else "this model takes no effort")
    return found


def _budget(asked: Reasoning, max_tokens: int, losses: Losses, name: str) -> Json | None:
    """1024 <= budget < max_tokens. A caller's own budget is brought into these bounds, and that is told; an effort's
    leaves a quarter of the output to the answer."""
    if max_tokens <= LEAST_BUDGET:
        losses.drop(name, f"thinking takes at least {LEAST_BUDGET} tokens of max_tokens: there is no room for it")
        return None
    if asked.budget is not None and asked.budget != DYNAMIC:
        budget = min(max(asked.budget, LEAST_BUDGET), max_tokens - 1)
        if budget != asked.budget:
            losses.drop("thinking.budget_tokens", f"said as {budget}: at least {LEAST_BUDGET}, less than max_tokens")
    else:
        share = max(LEAST_BUDGET, max_tokens * 3 // 4)
        if asked.effort is not None and asked.effort not in EFFORT_BUDGET:
            losses.drop(name, "this model has no such effort: said as high")
        budget = min(EFFORT_BUDGET.get(asked.effort or "high", EFFORT_BUDGET["high"]), share)
    config: Json = {"type": "enabled", "budget_tokens": budget}
    if asked.display == "omitted":
        losses.drop("thinking.display", "this model shows its thinking")
    return config
