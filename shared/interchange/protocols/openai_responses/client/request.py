"""The parameters of a hub request -> Responses', as far as the provider and the model take them.

What a caller wants of thinking -> `reasoning` and `include`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub import request as r
from interchange.hub.failure import invalid
from interchange.hub.request import Reasoning
from interchange.protocols.account import account
from interchange.protocols.faces import JsonObject
from interchange.protocols.openai import efforts
from interchange.protocols.parameters import known
from interchange.wire.schema import OPENAI_STRICT, sanitize

from ..words import ENCRYPTED, HOLDERS, LOGPROBS, NEUTRAL, ROWS, SAMPLING, SIMPLE
from .content import Parts
from .tools import CALLS

_KNOWN = known(ROWS) | {"verbosity", "logprobs", "audio", "cache"}
"""Request fields that are written or judged here, beside those that every client reads."""
NO_SETTING = "this model has no reasoning setting"
_SHARED = frozenset({"prompt_cache_options", "moderation"})
"""Fields that chat completions spell the same, unknown to the hub."""


def held(name: str) -> bool:
    """True for an extra that is a member of a field that holds others."""
    return name.partition(".")[0] in HOLDERS and "." in name


def with_held(out: JsonObject, extra: Mapping[str, Any], parts: Parts) -> JsonObject:
    """The request with a caller's own members in the fields that hold them."""
    for name in filter(held, extra if parts.own else ()):
        holder, _, member = name.partition(".")
        if holder == "reasoning" and parts.profile.traits.get(holder) is False:
            parts.losses.drop(name, NO_SETTING)
        else:
            out = {**out, holder: {**out.get(holder, {}), member: extra[name]}}
    return out


@dataclass(frozen=True, slots=True)
class Parameters:
    """Traits of the model read here: `sampling` (False: refuses SAMPLING), `structured_output` (False: no schemas),
    `unsupported` (a list of request fields)."""

    parts: Parts

    def write(self, request: r.Request) -> JsonObject:
        self._refuse(request)
        out: JsonObject = {}
        for name, said in SIMPLE.items():
            value = getattr(request, name)
            if value is not None and self._takes(said, value):
                out[said] = value
        account(request, _KNOWN, self.parts.losses, "Responses has no such parameter", NEUTRAL)
        for part in (self._limit, self._text, self._tier, self._logprobs, self._state, self._cache):
            out |= part(request)
        if request.stream:
            out["stream"] = True
        return out | self._extra(request)

    def _refuse(self, request: r.Request) -> None:
        """Refuses what would change the answer: stop sequences, several answers, sound."""
        if request.stop:
            raise invalid("stop: this model does not take stop sequences", "stop", "unsupported_parameter")
        if request.n not in (None, 1):
            raise invalid("n: this model gives one answer a request", "n", "unsupported_parameter")
        if set(request.modalities) - {"text"}:
            raise invalid("modalities: this model answers in text only", "modalities", "unsupported_parameter")
        if request.audio is not None:
            self.parts.losses.drop("audio", "the answer is text")

    def _takes(self, said: str, value: Any) -> bool:
        traits = self.parts.profile.traits
        refused = said in SAMPLING and not traits.get("sampling", True)
        if said in self.parts.dialect.parameters and said not in traits.get("unsupported", ()) and not refused:
            return True
        if value not in NEUTRAL.get(said, ()):
            reason = "not supported by this model" if refused else "this provider has no such parameter"
            self.parts.losses.drop(said, reason)
        return False

    def _limit(self, request: r.Request) -> JsonObject:
        if request.max_tokens is None:
            return {}
        least = self.parts.dialect.least_output
        if request.max_tokens < least and not self.parts.own:
            raise invalid(f"max_tokens: this model takes {least} at least", "max_tokens", "integer_below_min_value")
        return {"max_output_tokens": request.max_tokens}

    def _text(self, request: r.Request) -> JsonObject:
        text: JsonObject = {}
        if request.output_format is not None and (form := self._format(request.output_format)):
            text["format"] = form
        if request.verbosity is not None and self._takes("text.verbosity", request.verbosity):
            text["verbosity"] = request.verbosity
        return {"text": text} if text else {}

    def _format(self, wanted: r.OutputFormat) -> JsonObject:
        if wanted.kind is r.OutputKind.TEXT:
            return {"type": "text"} if self.parts.own else {}
        if wanted.kind is r.OutputKind.JSON:
            return {"type": "json_object"}
        if self.parts.profile.traits.get("structured_output", True) is False:
            raise invalid("response_format: this model has no json_schema", "response_format")
        return {"type": "json_schema", **self._schema(wanted)}

    def _schema(self, wanted: r.OutputFormat) -> JsonObject:
        """Other protocols promise that the schema is kept to, so theirs is strict unless they say otherwise; chat's
        own default is not to be."""
        out: JsonObject = {"name": wanted.name or "answer"}
        if wanted.description is not None:
            out["description"] = wanted.description
        strict = wanted.strict if wanted.strict is not None or self.parts.own else not self.parts.kin
        schema: Mapping[str, Any] = wanted.schema or {}
        if strict and not self.parts.kin:
            schema, dropped = sanitize(schema, OPENAI_STRICT)
            for loss in dropped:
                self.parts.losses.drop(f"output_config.format.schema.{loss.path}", loss.reason)
        out["schema"] = schema
        if strict is not None:
            out["strict"] = strict
        return out

    def _tier(self, request: r.Request) -> JsonObject:
        if request.service_tier is None:
            return {}
        word = request.service_tier if self.parts.own else efforts.SERVICE_TIERS.get(request.service_tier)
        if word is not None and "service_tier" in self.parts.dialect.parameters:
            return {"service_tier": word}
        if word not in NEUTRAL["service_tier"]:
            self.parts.losses.drop("service_tier", "this provider has no such tier")
        return {}

    def _logprobs(self, request: r.Request) -> JsonObject:
        """`include` asks for them; how many is a parameter."""
        if not request.logprobs and request.top_logprobs is None:
            return {}
        if not self._takes("top_logprobs", request.top_logprobs or 1):
            return {}
        return {} if request.top_logprobs is None else {"top_logprobs": request.top_logprobs}

    def _state(self, request: r.Request) -> JsonObject:
        """Nothing is stored unless the caller asks; so reasoning must come back encrypted to be carried on."""
        own = self.parts.own
        unasked = {} if own else {"store": False}
        out: JsonObject = unasked if request.store is None else {"store": request.store}
        include: list[str] = list(request.extra.get("include", ())) if own else []
        if self._thinks(request):
            include.append(ENCRYPTED)
        if request.logprobs and self._takes("top_logprobs", 1):
            include.append(LOGPROBS)
        out = out if own or "store" in self.parts.dialect.parameters else {}
        return {**out, "include": include} if include else out

    def _thinks(self, request: r.Request) -> bool:
        """True for a model whose trait says so, or that a caller of this protocol asks to, where no trait does."""
        trait = self.parts.profile.traits.get("reasoning", {} if self.parts.own and request.reasoning else None)
        return isinstance(trait, Mapping)

    def _cache(self, request: r.Request) -> JsonObject:
        """Caching without breakpoints is what this provider does unasked."""
        if request.cache is not None and request.cache.ttl is not None:
            self.parts.losses.drop("cache_control.ttl", "this provider decides how long it caches")
        return {}

    def _extra(self, request: r.Request) -> JsonObject:
        if self.parts.own:
            return {name: value for name, value in request.extra.items() if not held(name) and name != "include"}
        shared = _SHARED if self.parts.kin else frozenset()
        told = {CALLS} if CALLS in self.parts.dialect.parameters else set()  # said beside the tools
        for name in request.extra:
            if name not in shared and name not in told:
                self.parts.losses.drop(name, "Responses has no such parameter")
        return {name: value for name, value in request.extra.items() if name in shared}


@dataclass(frozen=True, slots=True)
class Thinking:
    """The model's trait `reasoning` is an object for a model that thinks: `efforts` (the words that it takes; without
    it any, none where it is empty), `summary` (False: it must not be asked for one). False is a model that is never
    asked; without the trait it is not asked, unless by a caller of this protocol, who must know."""

    parts: Parts

    def write(self, asked: Reasoning | None) -> JsonObject:
        if asked is None:
            return {}
        trait = self.parts.profile.traits.get("reasoning", {} if self.parts.own else None)
        if not isinstance(trait, Mapping):
            if not efforts.off(asked):
                self.parts.losses.drop(efforts.path(asked), NO_SETTING)
            return {}
        found = {
            "effort": efforts.write_effort(asked, trait.get("efforts"), self.parts.losses),
            "summary": self._summary(asked, able=trait.get("summary", True)),
        }
        reasoning = {name: word for name, word in found.items() if word is not None}
        return {"reasoning": reasoning} if reasoning else {}

    def _summary(self, asked: Reasoning, *, able: bool) -> str | None:
        """Thinking that is shown comes as a summary, which is only made on request. A bare effort asks for one where
        the caller's protocol would show it."""
        if asked.summary is not None:
            return asked.summary
        shown = asked.display in ("summarized", "full") or (asked.mode is not None and asked.display is None)
        if efforts.off(asked) or not (shown or asked.shown):
            return None
        if not able or not self.parts.dialect.summaries:
            if shown:
                self.parts.losses.drop("thinking.display", "this provider does not show its reasoning")
            return None
        if asked.display == "full":
            self.parts.losses.drop("thinking.display", "this provider shows a summary of its reasoning")
        return "auto"
