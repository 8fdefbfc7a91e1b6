"""What caching saved of a charge."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal

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


def saved_by_caching(row: UsageRow) -> int:
    """Nano-dollars that the request's cached tokens cost less than they would have as plain input at its own rates,
    and the written ones more: negative where nothing was read back. 0 where nothing was charged."""
    if row.charge_nano == 0:
        return 0
    saved = Decimal(0)
    for usage, data, markup in row.billed:
        counts = {kind: getattr(usage, kind) for kind in INSTEAD}
        if not any(counts.values()):
            continue
        rates = PriceList.read(data).rates(usage.total_input, usage.service_tier, usage.region)
        for kind, count in counts.items():
            plain, cached = rate_of(rates, INSTEAD[kind]), rate_of(rates, kind)
            if count and plain is not None and cached is not None:
                saved += (Decimal(plain) - Decimal(cached)) * count * Decimal(markup)
    return int((saved * NANO / MILLION).to_integral_value(ROUND_FLOOR))
