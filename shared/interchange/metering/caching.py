"""The part of a charge that caching saved."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from functools import lru_cache

from .money import NANO
from .prices import MILLION, PriceList, rate_of
from .rows import UsageRow

INSTEAD = {
    "cache_read": "input",
    "cache_read_audio": "input_audio",
    "cache_read_image": "input_image",
    "cache_write_5m": "input",
    "cache_write_1h": "input",
}
"""What a token of a cache would have been without one."""
MOST_LISTS = 1024
_LISTS: dict[str, PriceList] = {}
"""By version: a day's rows have few, and each would be written out to be recognised."""


def saved_by_caching(row: UsageRow) -> int:
    """Nano-dollars that the request's cached tokens cost less than they would have as plain input at its own rates,
    and the written ones more: negative where nothing was read back. 0 where nothing was charged."""
    used = row.usage
    if row.charge_nano == 0 or not (used.total_cache_read or used.cache_write_5m or used.cache_write_1h):
        return 0
    saved = Decimal(0)
    for usage, data, markup in row.billed:
        prices = _listed(row) if data is row.prices else PriceList.read(data)
        size = prices.reached(usage.total_input)
        for kind, less in _cheaper(prices, size, usage.service_tier, usage.region):
            saved += less * getattr(usage, kind) * Decimal(markup)
    return int((saved * NANO / MILLION).to_integral_value(ROUND_FLOOR))


def _listed(row: UsageRow) -> PriceList:
    found = _LISTS.get(row.price_version)
    if found is None or found.data != row.prices:
        if len(_LISTS) >= MOST_LISTS:
            _LISTS.clear()
        found = _LISTS[row.price_version] = PriceList.read(row.prices)
    return found


@lru_cache(maxsize=MOST_LISTS)
def _cheaper(prices: PriceList, size: int, tier: str | None, region: str | None) -> list[tuple[str, Decimal]]:
    """Kinds of cached tokens with what a million of them cost less than plain ones."""
    rates = prices.rates(size, tier, region)
    both = [(kind, rate_of(rates, plain), rate_of(rates, kind)) for kind, plain in INSTEAD.items()]
    return [
        (kind, Decimal(plain) - Decimal(cached))
        for kind, plain, cached in both
        if plain is not None and cached is not None and plain != cached
    ]
