"""Kinds that vendors bill apart: the rates that a model's price must have for nothing to be given away.

A kind without a rate is charged at a nearer one (`metering.prices.FALLBACK`). These are the kinds for which that would
be too little, or too much, or nothing. Sources: https://platform.openai.com/docs/pricing, https://docs.x.ai/docs/models,
https://platform.claude.com/docs/en/about-claude/pricing, https://ai.google.dev/gemini-api/docs/pricing.
"""

from __future__ import annotations

from collections.abc import Mapping

from interchange.dataclass import dataclass

from .models import Model

ALL: frozenset[str] = frozenset()
"""Of providers and kinds: whichever."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`rate` must be there, or one of `instead`: for models of these kinds, with a route to one of these providers,
    that take or give that modality."""

    rate: str
    kinds: frozenset[str] = ALL
    providers: frozenset[str] = ALL
    takes: str | None = None
    gives: str | None = None
    instead: tuple[str, ...] = ()
    alike: tuple[str, str] | None = None
    """Two rates that make it superfluous where they are equal, or the second is not there."""

    def missing(self, model: Model) -> bool:
        concerned = (
            (not self.kinds or model.kind in self.kinds)
            and (not self.providers or any(route.provider in self.providers for route in model.routes))
            and (self.takes is None or self.takes in model.input)
            and (self.gives is None or self.gives in model.output)
            and not (self.alike is not None and _alike(model, *self.alike))
        )
        return concerned and all(getattr(model.price, name) is None for name in (self.rate, *self.instead))


def _alike(model: Model, one: str, other: str) -> bool:
    return getattr(model.price, other) in (None, getattr(model.price, one))


CHAT, CLAUDE = frozenset({"chat"}), frozenset({"anthropic"})
RULES = (
    Rule("output", CHAT),
    Rule("cache_write_5m", CHAT, CLAUDE),
    Rule("cache_write_1h", CHAT, CLAUDE),
    Rule("input_audio", CHAT, takes="audio"),
    Rule("cache_read_audio", CHAT, frozenset({"gemini"}), takes="audio", alike=("input", "input_audio")),
    Rule("input_audio", frozenset({"transcription"}), takes="audio", instead=("per_minute",)),
    Rule("output", frozenset({"transcription"}), instead=("per_minute",)),
    Rule("output_audio", gives="audio", instead=("per_million_characters", "per_minute")),
    Rule("input_image", frozenset({"image"}), frozenset({"openai"}), takes="image", instead=("per_image",)),
    Rule("output_image", gives="image", instead=("per_image",)),
)
CALLS: Mapping[str, tuple[str, ...]] = {
    "anthropic": ("web_search",),
    "gemini": ("web_search",),
    "openai": ("web_search", "code_execution"),
    "xai": ("web_search", "x_search", "code_execution"),
}
"""Tools of each provider whose calls have a fee."""
SAME_CALL: Mapping[str, tuple[str, ...]] = {"web_search": ("grounded_prompt",)}
"""What a fee may be for instead: the prompt that searches, however often."""


LIMITED: Mapping[str, frozenset[str]] = {
    "anthropic": frozenset({"web_search", "web_fetch", "other"}), "bedrock": ALL, "openai": ALL,
}  # fmt: skip
"""Providers that take a limit on the calls of tools which they run, and of which ones: `max_uses` of Messages' tools
(anthropic-sdk-python 2.14.0, `types/beta/beta_{web_search,web_fetch,advisor}_tool_*_param.py`), `max_tool_calls` of
Responses (openai-python 3.57.0, `types/responses/response_create_params.py`). xAI and Gemini document none. Bedrock's
Converse runs no tools."""


def limits_calls(model: Model, kind: str) -> bool:
    """True where every provider of the model holds to a limit on the calls of such a tool."""
    limited = (LIMITED.get(route.provider) for route in model.routes)
    return all(kinds is not None and (not kinds or kind in kinds) for kinds in limited)


CONTAINERS = frozenset({"openai"})
"""Providers that charge for a container by its memory: 1 GB is what a call's fee is for
(https://developers.openai.com/api/docs/pricing)."""
UNPRICED: Mapping[str, Mapping[str, str]] = {
    "xai": {
        "search_parameters": "the provider charges for each source that it finds; declare the tool `web_search`",
        "deferred": "the answer would wait at the provider, and be charged for",
    }
}
"""Fields by which a request asks a provider for what no price covers (https://docs.x.ai/docs/api-reference)."""
LONGER: tuple[tuple[str, str, int], ...] = (("anthropic-beta", "context-1m-", 1_000_000),)
"""Headers, and beginnings of their words, that ask for a longer context, at prices of its own, and how long it is:
https://platform.claude.com/docs/en/build-with-claude/context-windows"""


def within_context(headers: Mapping[str, str], model: Model) -> Mapping[str, str]:
    """The caller's headers without words that ask for more context than the model's entry has, and a price for."""
    kept = dict(headers)
    for name, begins, context in LONGER:
        words = [word.strip() for word in kept.get(name, "").split(",")]
        if model.context is not None and model.context < context and any(word.startswith(begins) for word in words):
            kept[name] = ",".join(word for word in words if not word.startswith(begins))
            if not kept[name]:
                del kept[name]
    return kept


SPEEDS: Mapping[str, tuple[str, ...]] = {
    "anthropic": ("speed", "inference_geo"),
    "gemini": ("service_tier",),
    "openai": ("service_tier",),
}
"""Fields by which a request asks a provider for what costs more: a speed, a place."""
DEARER = frozenset({"fast", "priority", "ultrafast", "us"})
"""Words of such a thing."""


def bills_by(model: Model, field: str) -> bool:
    return any(field in SPEEDS.get(route.provider, ()) for route in model.routes)


def unpriced(model: Model) -> tuple[str, ...]:
    """The rates that the model's price must have and has not."""
    return tuple(dict.fromkeys(rule.rate for rule in RULES if rule.missing(model)))


def without_fee(model: Model) -> tuple[str, ...]:
    """The tools whose calls the model's providers bill, and its customers would have for nothing."""
    providers = {route.provider for route in model.routes} if model.kind == "chat" else set()
    calls = dict.fromkeys(kind for name in sorted(providers) for kind in CALLS.get(name, ()))
    return tuple(kind for kind in calls if not has_fee(model.price.per_call or {}, kind))


def has_fee(fees: Mapping[str, str], kind: str) -> bool:
    return any(name in fees for name in (kind, *SAME_CALL.get(kind, ())))
