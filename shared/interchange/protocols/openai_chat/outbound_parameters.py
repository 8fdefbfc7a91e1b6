"""The parameters of a hub request -> chat's, as far as the provider and the model take them."""

from __future__ import annotations

from typing import Any

from interchange.dataclass import dataclass
from interchange.hub import request as r
from interchange.hub.blocks import CacheControl
from interchange.hub.failure import invalid
from interchange.protocols import JsonObject, openai_words
from interchange.wire.schema import OPENAI_STRICT, sanitize

from .outbound_content import Parts
from .vocabulary import NEUTRAL, SAMPLING, SIMPLE

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
        word = openai_words.SERVICE_TIERS.get(request.service_tier)
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
