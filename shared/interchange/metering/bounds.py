"""The most that a request can cost, before it is sent. A hold is never shrunk to fit: the output limit is."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import field, replace
from decimal import Decimal

from interchange.dataclass import dataclass

from .money import NANO, ceiling
from .prices import CALLS, MILLION, PriceList, image_rate, rate_of

INPUT_KINDS = (
    "input", "cache_read", "cache_read_audio", "cache_read_image", "cache_write_5m", "cache_write_1h", "input_audio",
    "input_image",
)  # fmt: skip
OUTPUT_KINDS = ("output", "reasoning", "output_audio", "output_image")
IMAGE_TOKENS = 8_000
"""Tokens of one image, unless the model's trait `image_tokens` says otherwise."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Upper bounds of the quantities a request can use. `image_price` picks a key of `per_image`. `service_tiers` and
    `regions` are those that the request asks for, or that the operator's own project has by default: the price's base
    rates are always possible."""

    input_tokens: int = 0
    output_tokens: int = 0
    images: int = 0
    image_price: str | None = None
    milliseconds: int = 0
    characters: int = 0
    tool_calls: Mapping[str, int] = field(default_factory=dict)
    service_tiers: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()


def bound(prices: PriceList, extent: Extent, markup: str = "1") -> int:
    """Every input token could be of the dearest kind, in the dearest tier that its number reaches."""
    met = _met(prices, prices.reached(extent.input_tokens), extent.service_tiers, extent.regions)
    return ceiling(max(_cost(one, extent) for one in met) * Decimal(markup))


def affordable_output(prices: PriceList, extent: Extent, available_nano: int, markup: str = "1") -> int:
    """The greatest number of output tokens whose bound fits into `available_nano`; 0 where not even the input does."""
    low, high = 0, max(1, extent.output_tokens)
    if bound(prices, replace(extent, output_tokens=0), markup) > available_nano:
        return 0
    while low < high:
        middle = (low + high + 1) // 2
        if bound(prices, replace(extent, output_tokens=middle), markup) <= available_nano:
            low = middle
        else:
            high = middle - 1
    return low


@dataclass(frozen=True, slots=True)
class Met:
    """Rates that a request could meet, with the dearest of its tokens' kinds."""

    rates: Mapping[str, object]
    input: Decimal
    output: Decimal


@functools.lru_cache(1024)
def _met(prices: PriceList, size: int, tiers: frozenset[str], regions: frozenset[str]) -> tuple[Met, ...]:
    met = prices.every_rate(size, tiers, regions)
    return tuple(Met(rates, _dearest(rates, INPUT_KINDS), _dearest(rates, OUTPUT_KINDS)) for rates in met)


def _cost(met: Met, extent: Extent) -> Decimal:
    rates = met.rates
    total = (extent.input_tokens * met.input + extent.output_tokens * met.output) * NANO / MILLION
    total += Decimal(str(rates.get("per_minute") or 0)) * extent.milliseconds * NANO / 60_000
    total += Decimal(str(rates.get("per_million_characters") or 0)) * extent.characters * NANO / MILLION
    images = rates.get("per_image")
    if isinstance(images, dict) and images:
        total += Decimal(image_rate(images, extent.image_price)) * extent.images * NANO
    calls = rates.get("per_call")
    for name, count in extent.tool_calls.items():
        fees = (
            [calls[kind] for kind in (name, *CALLS.get(name, ())) if kind in calls] if isinstance(calls, dict) else []
        )
        total += max(map(Decimal, fees), default=Decimal(0)) * count * NANO
    return total


def _dearest(rates: Mapping[str, object], kinds: tuple[str, ...]) -> Decimal:
    return max((Decimal(rate) for kind in kinds if (rate := rate_of(rates, kind)) is not None), default=Decimal(0))
