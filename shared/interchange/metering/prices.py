"""From usage to a charge: one function for every path, exact, rounded up once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Protocol

from interchange.dataclass import dataclass
from interchange.hub.usage import Usage

from .money import NANO, ceiling

MILLION = 1_000_000
FALLBACK: dict[str, tuple[str, ...]] = {
    "input": (),
    "cache_read": ("input",),
    "cache_read_audio": ("cache_read", "input"),
    "cache_read_image": ("cache_read", "input"),
    "cache_write_5m": ("input",),
    "cache_write_1h": ("cache_write_5m", "input"),
    "input_audio": ("input",),
    "input_image": ("input",),
    "output": ("input",),
    "reasoning": ("output", "input"),
    "output_audio": ("output", "input"),
    "output_image": ("output", "input"),
}
"""Where a kind without a rate of its own is charged: the nearest kind, never nothing."""
CALLS: dict[str, tuple[str, ...]] = {"web_search": ("web_search_preview",), "web_search_preview": ("web_search",)}
"""Kinds of calls that are one thing under two prices: which of them it is, is seen only when it has been answered."""


@dataclass(frozen=True, slots=True)
class Line:
    """One factor of a charge: `quantity` units of `kind` at `rate_usd` per `per` units."""

    kind: str
    quantity: int
    rate_usd: str
    per: int

    @property
    def nano(self) -> Decimal:
        return Decimal(self.rate_usd) * self.quantity * NANO / self.per


@dataclass(frozen=True, slots=True)
class Charge:
    """`nano` is the sum of the lines times the markup, rounded up once. `unpriced` names kinds that were used and have
    no rate at all: an alarm, not a gift."""

    nano: int
    lines: tuple[Line, ...]
    unpriced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PriceList:
    """The JSON form of a catalog price. `version` is a digest of it: equal prices have equal versions."""

    data: Mapping[str, Any]
    version: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PriceList) and self.version == other.version

    def __hash__(self) -> int:
        return hash(self.version)

    @staticmethod
    def read(data: Mapping[str, Any]) -> PriceList:
        text = json.dumps(data, sort_keys=True, separators=(",", ":"))
        return _read(text)

    def rates(self, total_input: int, service_tier: str | None = None, region: str | None = None) -> dict[str, Any]:
        """The rates for a request of that size, tier and region: the highest long-context tier that it exceeds replaces
        the base for the whole request; the service tier's own rates replace both, and its own long-context tiers
        those; the region's factor multiplies what tokens cost then."""
        return dict(_rates(self, self.reached(total_input), service_tier, region))

    def reached(self, total_input: int) -> int:
        """The least size that meets the same rates."""
        return max((mark + 1 for mark in _marks(self) if total_input > mark), default=0)

    def every_rate(
        self, total_input: int, tiers: Iterable[str] | None = None, regions: Iterable[str] | None = None
    ) -> Iterator[dict[str, Any]]:
        """Each set of rates that a request of at most that size could meet: at the base rates, and in those service
        tiers and regions; in all that there are where it is None."""
        services = self.data.get("service_tiers") or {}
        for size in (0, *(mark + 1 for mark in _marks(self) if total_input > mark)):
            for tier in (None, *(services if tiers is None else tiers)):
                for region in (None, *((self.data.get("regions") or {}) if regions is None else regions)):
                    yield self.rates(size, tier, region)


class Priced(Protocol):
    """A price of the catalog, which never changes."""

    def data(self) -> Mapping[str, Any]: ...


def listed(price: Priced) -> PriceList:
    """The list of a price; read once for each, as long as few are asked for."""
    kept = _LISTED.get(id(price))
    if kept is None or kept[0] is not price:
        if len(_LISTED) >= _MOST_LISTED:
            _LISTED.clear()
        kept = _LISTED[id(price)] = (price, PriceList.read(price.data()))
    return kept[1]


_MOST_LISTED = 1024
_LISTED: dict[int, tuple[Priced, PriceList]] = {}
"""By the price's own identity, which it has as long as it is kept here."""


@lru_cache(maxsize=1024)
def _rates(prices: PriceList, size: int, service_tier: str | None, region: str | None) -> Mapping[str, Any]:
    """Rates by the least size that meets them."""
    found = _of_size(prices.data, size)
    own = (prices.data.get("service_tiers") or {}).get(service_tier)
    if own:
        found |= _of_size(own, size)
    factor = (prices.data.get("regions") or {}).get(region)
    return found if factor is None else _times(found, Decimal(factor))


@lru_cache(maxsize=1024)
def _marks(prices: PriceList) -> tuple[int, ...]:
    """The sizes above which another rate begins."""
    services = prices.data.get("service_tiers") or {}
    lists = (prices.data, *services.values())
    return tuple(sorted({int(tier["above"]) for rates in lists for tier in rates.get("tiers") or ()}))


def _of_size(rates: Mapping[str, Any], total_input: int) -> dict[str, Any]:
    found = {name: value for name, value in rates.items() if name not in _NESTED and value is not None}
    for tier in sorted(rates.get("tiers") or (), key=lambda one: int(one["above"])):
        if total_input > int(tier["above"]):
            found |= {name: value for name, value in tier["rates"].items() if value is not None}
    return found


def _times(rates: Mapping[str, Any], factor: Decimal) -> dict[str, Any]:
    return {name: f"{Decimal(rate) * factor:f}" if name in FALLBACK else rate for name, rate in rates.items()}


_NESTED = frozenset({"tiers", "service_tiers", "regions"})


@lru_cache(maxsize=1024)
def _read(text: str) -> PriceList:
    return PriceList(json.loads(text), hashlib.sha256(text.encode()).hexdigest()[:16])


def has_price(data: Mapping[str, Any]) -> bool:
    """False for a price list whose every rate is zero: what it prices is free on purpose."""
    rates = [rate for name, rate in data.items() if name not in _NESTED and rate is not None]
    amounts = [one for rate in rates for one in (rate.values() if isinstance(rate, Mapping) else (rate,))]
    return any(Decimal(str(amount)) > 0 for amount in amounts)


def rate_of(rates: Mapping[str, Any], kind: str) -> str | None:
    """The rate of a token kind, by itself or by its fallback."""
    for name in (kind, *FALLBACK[kind]):
        if rates.get(name) is not None:
            return str(rates[name])
    return None


def image_rate(by_image: Mapping[str, str], kind: str | None) -> str:
    """USD an image: by "size/quality", else by either of them, else the default, else the dearest."""
    names = [] if kind is None else [kind, *kind.split("/")]
    found = next((by_image[name] for name in (*names, "default") if name in by_image), None)
    return str(found if found is not None else max(by_image.values(), key=Decimal))


def charge(usage: Usage, prices: PriceList, markup: str = "1") -> Charge:
    """Computes what `usage` costs. Reasoning has a rate of its own only where the price says so."""
    rates = prices.rates(usage.total_input, usage.service_tier, usage.region)
    lines: list[Line] = []
    unpriced: list[str] = []
    for kind, quantity, rate, per in _quantities(usage, rates):
        if quantity <= 0:
            continue
        if rate is None:
            unpriced.append(kind)
            continue
        lines.append(Line(kind, quantity, rate, per))
    total = sum((line.nano for line in lines), Decimal(0)) * Decimal(markup)
    return Charge(ceiling(total), tuple(lines), tuple(unpriced))


def charge_all(usages: Iterable[Usage], prices: PriceList, markup: str = "1") -> Charge:
    """The sum over several answers, each at the rates that its own size has; rounded up once."""
    return charge_each((usage, prices, markup) for usage in usages)


def charge_each(billed: Iterable[tuple[Usage, PriceList, str]]) -> Charge:
    """The sum over several answers, each by a price list and a markup of its own; rounded up once."""
    return summed((charge(usage, prices), markup) for usage, prices, markup in billed)


def summed(found: Iterable[tuple[Charge, str]]) -> Charge:
    """The sum of charges, none of which is marked up yet or is a sum itself, each with its markup; rounded up once."""
    made = [(one, Decimal(markup)) for one, markup in found]
    lines = tuple(line for one, _ in made for line in one.lines)
    unpriced = tuple(dict.fromkeys(kind for one, _ in made for kind in one.unpriced))
    return Charge(ceiling(sum((line.nano * markup for one, markup in made for line in one.lines), Decimal(0))), lines,
                  unpriced)  # fmt: skip


def _quantities(usage: Usage, rates: Mapping[str, Any]) -> Iterator[tuple[str, int, str | None, int]]:
    timed = rates.get("per_minute")
    by_image = rates.get("per_image") or {}
    reasoning = usage.reasoning if rates.get("reasoning") is not None else 0
    tokens = {
        "input": usage.input,
        "cache_read": usage.cache_read,
        "cache_read_audio": usage.cache_read_audio,
        "cache_read_image": usage.cache_read_image,
        "cache_write_5m": usage.cache_write_5m,
        "cache_write_1h": usage.cache_write_1h,
        "input_audio": usage.input_audio,
        "input_image": usage.input_image,
        "output": usage.output - reasoning,
        "reasoning": reasoning,
        "output_audio": usage.output_audio,
        "output_image": usage.output_image,
    }
    for kind, quantity in tokens.items():
        if quantity <= 0:
            continue
        rate = rate_of(rates, kind)
        if rate is None and (timed is not None or by_image or rates.get("per_million_characters") is not None):
            continue  # billed by another unit
        yield kind, quantity, rate, MILLION
    yield "minutes", usage.milliseconds, timed, 60_000
    yield "characters", usage.characters, rates.get("per_million_characters"), MILLION
    if by_image:
        yield "images", usage.images, image_rate(by_image, usage.image_kind), 1
    calls = rates.get("per_call") or {}
    for name, count in usage.tool_calls.items():
        fee = next((calls[kind] for kind in (name, *CALLS.get(name, ())) if kind in calls), None)
        if fee is not None:
            yield f"calls.{name}", count, str(fee), 1
