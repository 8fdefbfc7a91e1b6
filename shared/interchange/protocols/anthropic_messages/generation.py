"""What steers the answer, hub -> wire: limits, sampling, stop sequences, output format, and what has no word here.

Traits: "sampling" False for models that refuse temperature, top_p and top_k (models after Claude Opus 4.6, see the
deprecation notes in the API's specification), "one" for those that take temperature or top_p, not both;
"structured_output" True for those that follow a schema.
"""

from __future__ import annotations

from interchange.dataclass import dataclass
from interchange.hub.failure import invalid
from interchange.hub.losses import Losses
from interchange.hub.request import OutputKind, Request
from interchange.protocols import Profile
from interchange.wire.schema import MESSAGES_OUTPUT, sanitize

from .vocabulary import ASKED_TIER, Json

JSON_ONLY = "Answer with one valid JSON object and nothing else: no text around it, no code fence."
"""There is no JSON mode without a schema."""
SILENT: dict[str, tuple[object, ...]] = {
    "frequency_penalty": (None, 0),
    "presence_penalty": (None, 0),
    "logprobs": (None, False),
    "top_logprobs": (None, 0),
    "store": (None, False),
    "verbosity": (None, "medium"),
}
"""Values that ask for what the API does anyway."""
UNSAID = (
    "frequency_penalty", "presence_penalty", "seed", "min_p", "logprobs", "top_logprobs", "logit_bias", "verbosity",
    "metadata", "store", "prompt_cache_key", "prompt_cache_retention",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Generation:
    profile: Profile
    losses: Losses
    own: bool

    def write(self, request: Request, thinking: bool) -> Json:
        """Everything but `output_config`. Raises RequestError for what cannot be said and would change the answer."""
        self._refuse(request)
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

    def instruction(self, request: Request) -> Json | None:
        """Text for the system prompt, for what can only be asked for."""
        if request.output_format is None or request.output_format.kind is not OutputKind.JSON:
            return None
        self.losses.drop("response_format", "said as an instruction: there is no JSON mode without a schema")
        return {"type": "text", "text": JSON_ONLY}

    def _refuse(self, request: Request) -> None:
        if request.n is not None and request.n > 1:
            raise invalid(f"n: this model answers once a request, not {request.n} times", "n")
        for kind in request.modalities:
            if kind != "text":
                raise invalid(f"modalities: this model answers in text, not in {kind}", "modalities")

    def _report(self, request: Request) -> None:
        for name in UNSAID:
            if getattr(request, name) not in SILENT.get(name, (None,)):
                self.losses.drop(name, "Messages has no such parameter")
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
        if sampling == "one" and "temperature" in kept and "top_p" in kept and kept.pop("top_p") != 1:
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
