"""The catalog's entries as the code uses them. The file is a list of them; see `docs/catalog.md`, and `schema.py` for
what a file is held to.

Prices are decimal strings in USD: per million tokens for token kinds, per unit for the rest. Routes are tried in order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, fields
from typing import Any, Literal

from interchange.dataclass import dataclass

Kind = Literal["chat", "embedding", "image", "transcription", "speech", "moderation"]
REASONING = ("reasoning", "thinking", "reasoning_beyond_limit")
"""Traits of models that think before they answer."""
Modality = Literal["text", "image", "document", "audio", "video", "embedding"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """USD per million tokens by kind, and per unit for the rest. A kind without a rate is charged at the rate it
    falls back to (see `metering.prices.FALLBACK`): cache reads at `input`, reasoning at `output`, ..."""

    input: str | None = None
    cache_read: str | None = None
    cache_read_audio: str | None = None
    cache_read_image: str | None = None
    cache_write_5m: str | None = None
    cache_write_1h: str | None = None
    output: str | None = None
    reasoning: str | None = None
    input_audio: str | None = None
    input_image: str | None = None
    output_audio: str | None = None
    output_image: str | None = None
    per_minute: str | None = None
    """USD per minute of sound."""
    per_million_characters: str | None = None
    per_image: Mapping[str, str] | None = None
    """USD per image by "size", "quality" or "size/quality"; "default" for the rest."""
    per_call: Mapping[str, str] | None = None
    """USD per executed call of a vendor-run tool, by hub kind ("web_search": "0.01")."""

    def rates(self) -> dict[str, Any]:
        """Those that are set, as JSON."""
        found = {name: getattr(self, name) for name in RATES}
        return {
            name: dict(rate) if isinstance(rate, Mapping) else rate for name, rate in found.items() if rate is not None
        }


RATES = tuple(item.name for item in fields(Rates))


@dataclass(frozen=True, slots=True)
class Tier:
    """Rates that replace the base ones for the WHOLE request once its total input exceeds `above` tokens."""

    above: int
    rates: Rates


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTier(Rates):
    tiers: tuple[Tier, ...] = ()
    """Long-context tiers of this service tier."""

    def data(self) -> dict[str, Any]:
        return {**self.rates(), "tiers": _tiers(self.tiers)} if self.tiers else self.rates()


@dataclass(frozen=True, slots=True, kw_only=True)
class Price(Rates):
    tiers: tuple[Tier, ...] = ()
    """Long-context tiers."""
    service_tiers: Mapping[str, ServiceTier] = field(default_factory=dict)
    """Replacing rates by the service tier that the vendor reports: "batch", "fast", "flex", "priority"."""
    regions: Mapping[str, str] = field(default_factory=dict)
    """What the rates of tokens are multiplied by, by the region of inference that the vendor reports: {"us": "1.1"}."""

    def data(self) -> dict[str, Any]:
        """The price list's JSON form: the one that usage rows keep, so its shape does not change."""
        services = {name: rates.data() for name, rates in self.service_tiers.items()}
        regions = {"regions": dict(self.regions)} if self.regions else {}
        return {**self.rates(), "tiers": _tiers(self.tiers), "service_tiers": services, **regions}


def _tiers(tiers: tuple[Tier, ...]) -> list[dict[str, Any]]:
    return [{"above": tier.above, "rates": tier.rates.rates()} for tier in tiers]


@dataclass(frozen=True, slots=True)
class Route:
    provider: str
    model: str
    protocol: str | None = None
    """Overrides the provider's protocol ("openai_responses" for a model that needs it)."""
    traits: Mapping[str, Any] = field(default_factory=dict)
    priority: int = 0
    """Routes of a smaller one are asked first."""
    weight: float | None = None
    """The share of requests among routes of one priority; without any, the order of the file counts."""
    first_byte: float | None = None
    """Seconds; the model's otherwise."""
    cost: Price | None = None
    """What this vendor charges the operator; the model's otherwise."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider that needs no code, because its wire format is known: an entry under `providers`, by name."""

    base_url: str
    """As its own SDK takes it: for chat completions it ends where `/chat/completions` begins."""
    key: str | None = None
    """The environment variable (or the name in the deployment's secret) that holds the key; without it the provider is
    called without one."""
    protocol: str = "openai_chat"
    key_header: str = "authorization"
    """Carries the key: as a bearer token in `authorization`, as it is in any other."""
    headers: Mapping[str, str] = field(default_factory=dict)
    fetches: tuple[str, ...] = ("image",)
    """Media that it downloads from a URL itself; the gateway fetches the rest."""
    dialect: Mapping[str, Any] = field(default_factory=dict)
    """What it does differently, in the words of its protocol: see docs/catalog.md."""
    owner: str | None = None
    """Whose account its key belongs to, where several providers share one: they then share reasoning state too."""


@dataclass(frozen=True, slots=True)
class Model:
    id: str
    routes: tuple[Route, ...]
    price: Price
    kind: Kind = "chat"
    name: str | None = None
    context: int | None = None
    max_output: int | None = None
    input: tuple[Modality, ...] = ("text",)
    output: tuple[Modality, ...] = ("text",)
    created: int | None = None
    aliases: tuple[str, ...] = ()
    traits: Mapping[str, Any] = field(default_factory=dict)
    """Words that the protocols' tables look up for every route: see docs/catalog.md."""
    first_byte: float | None = None
    """Seconds that a try may take to the answer's first byte; the deployment's otherwise."""
    cost: Price | None = None
    """What the vendors charge the operator, where `price` is not their list price."""
    deprecated: str | None = None
    """The day from which it is no longer served ("2027-01-31")."""
    successor: str | None = None
    """The id of the model to be taken in its place."""

    @property
    def asked_for_as(self) -> tuple[str, ...]:
        """Names that callers may use: the id, then the aliases."""
        return (self.id, *self.aliases)

    @property
    def reasons(self) -> bool:
        """True where the traits say that it thinks before it answers, or can be told to."""
        every = (self.traits, *(route.traits for route in self.routes))
        return any(traits.get(name) for traits in every for name in REASONING)

    @property
    def names(self) -> frozenset[str]:
        """Names of the model, here and at its vendors."""
        return frozenset((*self.asked_for_as, *(route.model for route in self.routes)))


def read_model(entry: Mapping[str, Any]) -> Model:
    """From an entry that keeps to the schema."""
    known = dict(entry)
    known["routes"] = tuple(_read_route(route) for route in entry["routes"])
    known["price"] = read_price(entry["price"])
    known |= {name: tuple(entry[name]) for name in ("input", "output", "aliases") if name in entry}
    if entry.get("cost") is not None:
        known["cost"] = read_price(entry["cost"])
    return Model(**known)


def _read_route(entry: Mapping[str, Any]) -> Route:
    own = entry.get("cost")
    return Route(**{**entry, "cost": None if own is None else read_price(own)})


def read_price(entry: Mapping[str, Any]) -> Price:
    known = _with_tiers(entry)
    if "service_tiers" in entry:
        services = entry["service_tiers"].items()
        known["service_tiers"] = {name: ServiceTier(**_with_tiers(rates)) for name, rates in services}
    return Price(**known)


def _with_tiers(entry: Mapping[str, Any]) -> dict[str, Any]:
    if "tiers" not in entry:
        return dict(entry)
    return {**entry, "tiers": tuple(Tier(tier["above"], Rates(**tier["rates"])) for tier in entry["tiers"])}


def read_provider(entry: Mapping[str, Any]) -> Provider:
    known = dict(entry)
    if "fetches" in entry:
        known["fetches"] = tuple(entry["fetches"])
    return Provider(**known)
