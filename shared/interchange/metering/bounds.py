"""The most that a request can cost, before it is sent. A hold is never shrunk to fit: the output limit is."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal

from interchange.dataclass import dataclass, replace

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
    input_kinds: tuple[str, ...] = INPUT_KINDS
    """The kinds that an input token could be of."""


def bound(prices: PriceList, extent: Extent, markup: str = "1") -> int:
    """Every input token could be of the dearest kind, in the dearest tier that its number reaches."""
    return spoken(prices, extent, extent.output_tokens, markup)


def spoken(prices: PriceList, extent: Extent, output_tokens: int, markup: str = "1") -> int:
    """The bound with so many tokens of output."""
    dearest = max(_cost(one, extent, output_tokens) for one in _reached(prices, extent))
    return ceiling(dearest * Decimal(markup))


def opening(prices: PriceList, extent: Extent, nano: int, markup: str = "1") -> Extent:
    """The extent with no more output than costs `nano`, which may be far less than what is asked for."""
    most = spoken(prices, extent, 0, markup) + nano
    return replace(extent, output_tokens=affordable_output(prices, extent, most, markup))


def affordable_output(prices: PriceList, extent: Extent, available_nano: int, markup: str = "1") -> int:
    """The greatest number of output tokens, of those that the extent has, whose bound fits into `available_nano`; 0
    where not even the input does."""
    factor, tokens = Decimal(markup), max(1, extent.output_tokens)
    for one in _reached(prices, extent):
        left = available_nano - _cost(one, extent, 0) * factor
        if left < 0:
            return 0
        each = one.output * factor * NANO / MILLION
        tokens = min(tokens, int(left / each)) if each else tokens
    return tokens


@dataclass(frozen=True, slots=True)
class Met:
    """Rates that a request could meet: of its tokens' dearest kinds, of a minute, of a million characters; the rest is
    in `rates`."""

    rates: Mapping[str, object]
    input: Decimal
    output: Decimal
    minute: Decimal
    characters: Decimal


def _reached(prices: PriceList, extent: Extent) -> tuple[Met, ...]:
    size = prices.reached(extent.input_tokens)
    return _met(prices, size, extent.service_tiers, extent.regions, extent.input_kinds)


@functools.lru_cache(1024)
def _met(
    prices: PriceList, size: int, tiers: frozenset[str], regions: frozenset[str], kinds: tuple[str, ...]
) -> tuple[Met, ...]:
    met = prices.every_rate(size, tiers, regions)
    return tuple(
        Met(
            rates,
            _dearest(rates, kinds),
            _dearest(rates, OUTPUT_KINDS),
            _rate(rates, "per_minute"),
            _rate(rates, "per_million_characters"),
        )
        for rates in met
    )


def _rate(rates: Mapping[str, object], name: str) -> Decimal:
    return Decimal(str(rates.get(name) or 0))


def _cost(met: Met, extent: Extent, output_tokens: int) -> Decimal:
    rates = met.rates
    total = (extent.input_tokens * met.input + output_tokens * met.output) * NANO / MILLION
    if extent.milliseconds:
        total += met.minute * extent.milliseconds * NANO / 60_000
    if extent.characters:
        total += met.characters * extent.characters * NANO / MILLION
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
