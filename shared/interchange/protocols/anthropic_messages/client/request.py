"""Writes what steers the answer: limits, sampling, stop sequences, output format; reports what has no word here.

Traits: "sampling" False for models that refuse temperature, top_p and top_k (models after Claude Opus 4.6, see the
deprecation notes in the API's specification), "one" for those that take temperature or top_p, not both;
"structured_output" True for those that follow a schema.

How much to think, hub -> wire: `thinking` and `output_config.effort`.

Traits of the model: "thinking" is "adaptive" or "budget", absent for a model that does not think; "effort" True where
it takes `output_config.effort`, "efforts" the words it takes (low, medium, high where not said); "can_disable" False
for one that always thinks.
"""

from __future__ import annotations

from interchange.dataclass import dataclass
from interchange.hub.failure import invalid
from interchange.hub.losses import Losses
from interchange.hub.request import OutputKind, Reasoning, Request, ThinkingMode
from interchange.protocols.account import account
from interchange.protocols.faces import Profile
from interchange.wire.schema import MESSAGES_OUTPUT, sanitize

from ..words import ASKED_TIER, EFFORT_BUDGET, EFFORTS, LEAST_BUDGET, Json

SILENT: dict[str, tuple[object, ...]] = {
    "frequency_penalty": (0,),
    "presence_penalty": (0,),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "store": (False,),
    "verbosity": ("medium",),
}
"""Values that ask for what the API does anyway."""
KNOWN = frozenset(
    {"temperature", "top_p", "top_k", "parallel_tool_calls", "user", "safety_identifier", "audio", "cache"}
)
"""Request fields that are written or judged here, beside those that every client reads."""


@dataclass(frozen=True, slots=True)
class Generation:
    profile: Profile
    losses: Losses
    own: bool

    def write(self, request: Request, thinking: bool) -> Json:
        """Everything but `output_config`. Raises RequestError for what cannot be said and would change the answer."""
        self._refuse(request)
        account(request, KNOWN, self.losses, "Messages has no such parameter", SILENT)
        if not self.own:
            self._report(request)
        written: Json = {**self._sampling(request, thinking)}
        if request.stop:
            written["stop_sequences"] = self._stops(request)
        tier = self._tier(request)
        if tier is not None:
            written["service_tier"] = tier
        user = request.user or request.safety_identifier
        if user is not None:
            written["metadata"] = {"user_id": user}
        return written

    def output_format(self, request: Request) -> Json | None:
        """`output_config.format`."""
        asked = request.output_format
        if asked is None or asked.kind is not OutputKind.SCHEMA:
            return None
        if asked.schema is None:
            raise invalid("response_format: a json_schema format needs a schema", "response_format")
        if self.own:
            return {"type": "json_schema", "schema": dict(asked.schema)}
        if not self.profile.traits.get("structured_output"):
            raise invalid("response_format: this model cannot be held to a schema", "response_format")
        schema, dropped = sanitize(asked.schema, MESSAGES_OUTPUT)
        for item in dropped:
            self.losses.drop(f"response_format.json_schema.schema.{item.path}".rstrip("."), item.reason)
        if asked.description and "description" not in schema:
            schema["description"] = asked.description
        return {"type": "json_schema", "schema": schema}

    def _refuse(self, request: Request) -> None:
        if request.n is not None and request.n > 1:
            raise invalid(f"n: this model answers once a request, not {request.n} times", "n")
        for kind in request.modalities:
            if kind != "text":
                raise invalid(f"modalities: this model answers in text, not in {kind}", "modalities")

    def _report(self, request: Request) -> None:
        if request.audio:
            self.losses.drop("audio", "this model answers in text")
        if request.user is not None and request.safety_identifier not in (None, request.user):
            self.losses.drop("safety_identifier", "Messages takes one identifier of the user: `user` is sent")

    def _sampling(self, request: Request, thinking: bool) -> Json:
        given = {"temperature": request.temperature, "top_p": request.top_p, "top_k": request.top_k}
        asked = {name: value for name, value in given.items() if value is not None}
        if self.own:
            return dict(asked)
        sampling = self.profile.traits.get("sampling", True)
        why = "this model takes no sampling parameters" if sampling is False else "not taken together with thinking"
        kept: Json = {}
        for name, value in asked.items():
            if sampling is False or thinking:
                if value != 1 or name == "top_k":  # 1 is what the absence of temperature and top_p means
                    self.losses.drop(name, why)
            elif name == "temperature" and not 0 <= value <= 1:
                raise invalid(f"temperature: this model takes 0 to 1, not {value}", "temperature")
            else:
                kept[name] = value
        return self._one(kept) if sampling == "one" else kept

    def _one(self, kept: Json) -> Json:
        """Keeps of temperature and top_p the one that says something; 1 is what their absence means."""
        if "temperature" in kept and "top_p" in kept:
            if kept["temperature"] == 1:
                kept.pop("temperature")
            elif kept.pop("top_p") != 1:
                self.losses.drop("top_p", "this model takes temperature or top_p, not both")
        return kept

    def _stops(self, request: Request) -> list[str]:
        for number, stop in enumerate(request.stop):
            if not stop.strip() and not self.own:
                raise invalid(f"stop[{number}]: this model takes no stop sequence of whitespace only", "stop")
        return list(request.stop)

    def _tier(self, request: Request) -> str | None:
        if request.service_tier is None or self.own:
            return request.service_tier
        tier = ASKED_TIER.get(request.service_tier)
        if tier is None:
            self.losses.drop("service_tier", "this provider has no such tier")
        return tier


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
    """Writes thinking as it came in by this protocol."""
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
    name = thinking_field(asked)
    style = profile.traits.get("thinking")
    if asked.mode is ThinkingMode.DISABLED or asked.effort == "none" or asked.budget == 0:
        return _off(profile, losses, name)
    effort = _effort(asked, profile, losses)
    if style == "adaptive":
        return Thinking(_adaptive(asked, effort, losses), effort)
    if style == "budget":
        return Thinking(_budget(asked, max_tokens, losses, name), effort)
    if effort is None:
        losses.drop(name, "this model has no reasoning setting")
    return Thinking(None, effort)


def thinking_field(asked: Reasoning) -> str:
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
    wanted = DISPLAY.get(asked.display or "") or ("summarized" if asked.summary or asked.shown else None)
    return {"type": "adaptive", **({"display": wanted} if wanted else {})}


def _effort(asked: Reasoning, profile: Profile, losses: Losses) -> str | None:
    """The word, or the next stronger one that the model takes, else its strongest."""
    if asked.effort is None or not profile.traits.get("effort"):
        return None
    able = [word for word in EFFORTS if word in profile.traits.get("efforts", EFFORTS[:3])]
    wanted = EFFORTS.index(asked.effort) if asked.effort in EFFORTS else 0
    found = next((word for word in able if EFFORTS.index(word) >= wanted), able[-1] if able else None)
    if found != asked.effort:
        losses.drop("reasoning_effort", f"sent as {found}" if found else "this model takes no effort")
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
            losses.drop("thinking.budget_tokens", f"sent as {budget}: at least {LEAST_BUDGET}, less than max_tokens")
    else:
        share = max(LEAST_BUDGET, max_tokens * 3 // 4)
        if asked.effort is not None and asked.effort not in EFFORT_BUDGET:
            losses.drop(name, "this model has no such effort: sent as high")
        budget = min(EFFORT_BUDGET.get(asked.effort or "high", EFFORT_BUDGET["high"]), share)
    config: Json = {"type": "enabled", "budget_tokens": budget}
    if asked.display == "omitted":
        losses.drop("thinking.display", "this model shows its thinking")
    return config
