"""The parameters of a hub request -> chat's, as far as the provider and the model take them.

What a caller wants of thinking -> `reasoning_effort`, or the field of the dialect.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub import request as r
from interchange.hub.blocks import CacheControl
from interchange.hub.failure import invalid
from interchange.hub.request import Reasoning, ThinkingMode
from interchange.protocols.account import account
from interchange.protocols.faces import JsonObject
from interchange.protocols.openai import efforts
from interchange.protocols.parameters import known
from interchange.wire.schema import OPENAI_STRICT, sanitize

from ..words import NEUTRAL, ROWS, SAMPLING, SIMPLE
from .content import Parts

_KNOWN = known(ROWS) | {"cache"}
"""Request fields that are written or judged here, beside those that every client reads."""
_BINDING = frozenset({"n", "modalities"})
"""Left out, these would change what the answer is: refused instead."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """Traits of the model read here: `sampling` (False: refuses SAMPLING), `stop` (False: no stop sequences), `n`
    (False: one answer only), `max_tokens_field`, `structured_output` (False: no schemas), `unsupported` (a list of
    request fields)."""

    parts: Parts
    own: bool

    def write(self, request: r.Request) -> JsonObject:
        account(request, _KNOWN, self.parts.losses, "chat has no such parameter", NEUTRAL)
        out: JsonObject = {}
        for name, said in SIMPLE.items():
            value = getattr(request, name)
            if value is not None and self._takes(said, value):
                out[said] = value
        if request.max_tokens is not None:
            out[str(self._trait("max_tokens_field", self.parts.dialect.max_tokens))] = request.max_tokens
        if request.modalities and self._takes("modalities", request.modalities):
            out["modalities"] = list(request.modalities)
        for part in (self._stop, self._format, self._tier, self._stream):
            out |= part(request)
        if request.cache is not None:
            out |= self._cache(request.cache)
        return out | self._extra(request)

    def _trait(self, name: str, default: Any) -> Any:
        return self.parts.profile.traits.get(name, default)

    def _takes(self, said: str, value: Any) -> bool:
        refused = said in SAMPLING and not self._trait("sampling", True)
        supported = said in self.parts.dialect.parameters and said not in self._trait("unsupported", ())
        if supported and not refused and (said != "n" or self._trait("n", True)):
            return True
        if said in NEUTRAL and value in NEUTRAL[said]:
            return False  # says no more than its absence
        if said in _BINDING:
            raise invalid(f"{said}: not supported by this model", said, "unsupported_parameter")
        self.parts.losses.drop(
            said, "not supported by this model" if refused else "this provider has no such parameter"
        )
        return False

    def _stop(self, request: r.Request) -> JsonObject:
        limit = self.parts.dialect.max_stops
        if not request.stop:
            return {}
        if "stop" not in self.parts.dialect.parameters or not self._trait("stop", True):
            raise invalid("stop: this model does not take stop sequences", "stop", "unsupported_parameter")
        if limit is not None and len(request.stop) > limit:
            raise invalid(f"stop: this model takes at most {limit} stop sequences", "stop")
        return {"stop": list(request.stop)}

    def _format(self, request: r.Request) -> JsonObject:
        wanted = request.output_format
        if wanted is None:
            return {}
        if wanted.kind is r.OutputKind.TEXT:
            return {"response_format": {"type": "text"}} if self.own else {}
        unable = wanted.kind is r.OutputKind.SCHEMA and self._trait("structured_output", True) is False
        if unable or wanted.kind not in self.parts.dialect.formats:
            raise invalid(f"response_format: this provider has no {wanted.kind}", "response_format")
        if wanted.kind is r.OutputKind.JSON:
            return {"response_format": {"type": "json_object"}}
        return {"response_format": {"type": "json_schema", "json_schema": self._schema(wanted)}}

    def _schema(self, wanted: r.OutputFormat) -> JsonObject:
        """Other protocols promise that the schema is kept to, so theirs is strict unless they say otherwise."""
        out: JsonObject = {"name": wanted.name or "answer"}
        if wanted.description is not None:
            out["description"] = wanted.description
        strict = wanted.strict if wanted.strict is not None or self.own else True
        schema = wanted.schema
        if schema is not None and strict and not self.own and self.parts.dialect.strict:
            schema, dropped = sanitize(schema, OPENAI_STRICT)
            for loss in dropped:
                self.parts.losses.drop(f"output_config.format.schema.{loss.path}", loss.reason)
        if schema is not None:
            out["schema"] = schema
        if strict is not None and self.parts.dialect.strict:
            out["strict"] = strict
        return out

    def _tier(self, request: r.Request) -> JsonObject:
        if request.service_tier is None:
            return {}
        word = efforts.SERVICE_TIERS.get(request.service_tier)
        if self.own:
            word = request.service_tier
        if word is None or "service_tier" not in self.parts.dialect.parameters:
            if word in NEUTRAL["service_tier"]:
                return {}
            self.parts.losses.drop("service_tier", "this provider has no such tier")
            return {}
        return {"service_tier": word}

    def _stream(self, request: r.Request) -> JsonObject:
        """Usage is always asked for: it is what the charge is computed from."""
        return {"stream": True, "stream_options": {"include_usage": True}} if request.stream else {}

    def _cache(self, cache: CacheControl) -> JsonObject:
        """Caching without breakpoints is what chat providers do unasked."""
        if self.parts.cache_words == "cache_control":
            return self.parts.cache(cache, "cache_control")
        if cache.ttl is not None:
            self.parts.losses.drop("cache_control.ttl", "this provider decides how long it caches")
        return {}

    def _extra(self, request: r.Request) -> JsonObject:
        if not self.own:
            for name in request.extra:
                self.parts.losses.drop(name, "chat has no such parameter")
            return {}
        extra = dict(request.extra)
        options = extra.pop("stream_options", None)
        if options and request.stream:
            extra["stream_options"] = {**options, "include_usage": True}
        return extra


@dataclass(frozen=True, slots=True)
class Thinking:
    """The model's trait `reasoning` is an object for a model that thinks: `efforts` (the words that it takes; without
    it any, none where it is empty), `style` (overrides the dialect's), `budget` (True: the style `thinking` takes one).
    False is a model that is never asked; without the trait it is not asked, unless by a caller of this protocol, who
    must know."""

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
        if not efforts.off(asked):
            self.parts.losses.drop(efforts.path(asked), "this model has no reasoning setting")
        return {}

    def _effort(self, asked: Reasoning, rules: Mapping[str, Any]) -> JsonObject:
        word = efforts.write_effort(asked, rules.get("efforts"), self.parts.losses)
        return {} if word is None else {"reasoning_effort": word}

    def _thinking(self, asked: Reasoning, rules: Mapping[str, Any]) -> JsonObject:
        """DeepSeek's and other vendors' `thinking: {type}`, with an effort beside it."""
        out: JsonObject = {}
        disabled = efforts.off(asked)
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
            if effort := self._effort(Reasoning(effort=asked.effort), rules):
                out["effort"] = effort["reasoning_effort"]
        elif asked.budget is not None and asked.budget >= 0:
            out["max_tokens"] = asked.budget
        elif asked.mode is not None:
            out["enabled"] = True
        if asked.display == "omitted":
            out["exclude"] = True
        return {"reasoning": out} if out else {}
