"""The catalog's shape, validated where it comes in. The file is a list of entries; see `docs/catalog.md`.

Prices are decimal strings in USD: per million tokens for token kinds, per unit for the rest. Routes are tried in order.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Kind = Literal["chat", "embedding", "image", "transcription", "speech", "moderation"]
Modality = Literal["text", "image", "document", "audio", "video", "embedding"]


def _amount(value: str) -> str:
    amount = Decimal(value)
    if not amount.is_finite() or amount < 0 or amount > 100_000:
        raise ValueError("a price is a decimal from 0 to 100000 in USD per its unit")
    return value


Usd = Annotated[str, Field(pattern=r"^\d+(\.\d+)?$"), AfterValidator(_amount)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Rates(_Entry):
    """USD per million tokens by kind, and per unit for the rest. A kind without a rate is charged at the rate it
    falls back to (see `metering.prices.FALLBACK`): cache reads at `input`, reasoning at `output`, ..."""

    input: Usd | None = None
    cache_read: Usd | None = None
    cache_write_5m: Usd | None = None
    cache_write_1h: Usd | None = None
    output: Usd | None = None
    reasoning: Usd | None = None
    input_audio: Usd | None = None
    input_image: Usd | None = None
    output_audio: Usd | None = None
    output_image: Usd | None = None
    per_minute: Usd | None = None
    """USD per minute of sound."""
    per_million_characters: Usd | None = None
    per_image: dict[str, Usd] | None = None
    """USD per image by "size", "quality" or "size/quality"; "default" for the rest."""
    per_call: dict[str, Usd] | None = None
    """USD per executed call of a vendor-run tool, by hub kind ("web_search": "0.01")."""


class Tier(_Entry):
    """Rates that replace the base ones for the WHOLE request once its total input exceeds `above` tokens."""

    above: int = Field(gt=0)
    rates: Rates


class Price(Rates):
    tiers: tuple[Tier, ...] = Field(default=(), strict=False)
    """Long-context tiers."""
    service_tiers: dict[str, Rates] = {}
    """Replacing rates by the service tier that the vendor reports: "batch", "flex", "priority"."""


class Route(_Entry):
    provider: str
    model: str
    protocol: str | None = None
    """Overrides the provider's protocol ("openai_responses" for a model that needs it)."""
    traits: dict[str, Any] = {}


class Provider(_Entry):
    """A provider that needs no code, because its wire format is known: an entry under `providers`, by name."""

    base_url: str = Field(pattern=r"^https?://[^\s/]+")
    """As its own SDK takes it: for chat completions it ends where `/chat/completions` begins."""
    key: str | None = Field(default=None, pattern=r"^[A-Z][A-Z0-9_]*$")
    """The environment variable (or the name in the deployment's secret) that holds the key; without it the provider is
    called without one."""
    protocol: str = "openai_chat"
    key_header: str = Field(default="authorization", pattern=r"^[a-z0-9-]+$")
    """Carries the key: as a bearer token in `authorization`, as it is in any other."""
    headers: dict[str, str] = {}
    fetches: tuple[Literal["image", "document"], ...] = Field(default=("image",), strict=False)
    """Media that it downloads from a URL itself; the gateway fetches the rest."""
    dialect: dict[str, Any] = {}
    """What it does differently, in the words of its protocol: see docs/catalog.md."""


class Model(_Entry):
    id: str
    routes: tuple[Route, ...] = Field(min_length=1, strict=False)
    kind: Kind = "chat"
    name: str | None = None
    context: int | None = Field(default=None, gt=0)
    max_output: int | None = Field(default=None, gt=0)
    input: tuple[Modality, ...] = Field(default=("text",), strict=False)
    output: tuple[Modality, ...] = Field(default=("text",), strict=False)
    price: Price
    created: int | None = None
    aliases: tuple[str, ...] = Field(default=(), strict=False)
    traits: dict[str, Any] = {}
    """Words that the protocols' tables look up for every route: see docs/catalog.md."""
