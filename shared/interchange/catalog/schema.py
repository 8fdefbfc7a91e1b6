"""The schema of a catalog file, by pydantic: the fields of `models.py` with their limits (a test compares both).

Loaded only where a file comes in from outside. The built-in catalog is held to it by the tests and by `catalog check`,
so that a cold start pays neither for pydantic nor for validating the same data each time.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from interchange.whole import WHOLE

Whole = Annotated[int, Field(gt=0), WHOLE]
Kind = Literal["chat", "embedding", "image", "transcription", "speech", "moderation"]
Modality = Literal["text", "image", "document", "audio", "video", "embedding"]


def _amount(value: str) -> str:
    amount = Decimal(value)
    if not amount.is_finite() or amount < 0 or amount > 100_000:
        raise ValueError("a price is a decimal from 0 to 100000 in USD per its unit")
    return value


def _day(value: str) -> str:
    try:
        date.fromisoformat(value)
    except ValueError as error:
        raise ValueError("there is no such day; it is written as 2027-01-31") from error
    return value


COUNTED = ("chat", "embedding")
"""Kinds whose requests are counted in tokens of input, whatever else they are counted in."""

_WRITTEN: Any = {"pattern": r"^(100000(\.0{1,9})?|[0-9]{1,5}(\.[0-9]{1,18})?)$"}
Usd = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?$", json_schema_extra=_WRITTEN), AfterValidator(_amount)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Rates(_Entry):
    input: Usd | None = None
    cache_read: Usd | None = None
    cache_read_audio: Usd | None = None
    cache_read_image: Usd | None = None
    cache_write_5m: Usd | None = None
    cache_write_1h: Usd | None = None
    output: Usd | None = None
    reasoning: Usd | None = None
    input_audio: Usd | None = None
    input_image: Usd | None = None
    output_audio: Usd | None = None
    output_image: Usd | None = None
    per_minute: Usd | None = None
    per_million_characters: Usd | None = None
    per_image: dict[str, Usd] | None = None
    per_call: dict[str, Usd] | None = None


class Tier(_Entry):
    above: Whole
    rates: Rates


class ServiceTier(Rates):
    tiers: tuple[Tier, ...] = Field(default=(), strict=False)


class Price(Rates):
    tiers: tuple[Tier, ...] = Field(default=(), strict=False)
    service_tiers: dict[str, ServiceTier] = {}
    """Replacing rates by the service tier that the vendor reports: "batch", "fast", "flex", "priority"."""
    regions: dict[str, Usd] = {}


class Route(_Entry):
    provider: str
    model: str = Field(min_length=1)
    protocol: str | None = None
    """Overrides the provider's protocol ("openai_responses" for a model that needs it)."""
    traits: dict[str, Any] = {}
    priority: Annotated[int, Field(ge=0, le=1000), WHOLE] = 0
    weight: float | None = Field(default=None, ge=0, le=1_000_000, strict=False)
    first_byte: float | None = Field(default=None, gt=0, le=3600, strict=False)
    cost: Price | None = None


class Provider(_Entry):
    base_url: str = Field(pattern=r"^https?://[^\s/]+")
    key: str | None = Field(default=None, pattern=r"^[A-Z][A-Z0-9_]*$")
    protocol: str = "openai_chat"
    key_header: str = Field(default="authorization", pattern=r"^[a-z0-9-]+$")
    headers: dict[str, str] = {}
    fetches: tuple[Literal["image", "document"], ...] = Field(default=("image",), strict=False)
    dialect: dict[str, Any] = {}
    owner: str | None = Field(default=None, pattern=r"^[a-z0-9_.-]+$")


class Model(_Entry):
    id: str = Field(min_length=1)
    routes: tuple[Route, ...] = Field(min_length=1, strict=False)
    kind: Kind = "chat"
    name: str | None = None
    context: Whole | None = None
    max_output: Whole | None = None
    input: tuple[Modality, ...] = Field(default=("text",), strict=False)
    output: tuple[Modality, ...] = Field(default=("text",), strict=False)
    price: Price
    created: Annotated[int, WHOLE] | None = None
    aliases: tuple[str, ...] = Field(default=(), strict=False)
    traits: dict[str, Any] = {}
    first_byte: float | None = Field(default=None, gt=0, le=3600, strict=False)
    cost: Price | None = None
    deprecated: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_day)] | None = None
    successor: str | None = None

    @field_validator("price", mode="after")
    @classmethod
    def _priced(cls, price: Price, info: ValidationInfo) -> Price:
        """Checks that there is a rate to begin with: else what is counted would be charged nothing. Free is written as
        "0"."""
        if info.data.get("kind") in COUNTED and price.input is None:
            raise ValueError("`input` is required")
        if all(getattr(price, name) is None for name in Rates.model_fields):
            raise ValueError("at least one rate is required")
        return price
