"""Usage rows for the tests of what is made of them."""

from __future__ import annotations

from typing import Any

from interchange.hub.usage import Usage
from interchange.metering.prices import PriceList, charge
from interchange.metering.rows import UsageRow

PRICES = PriceList.read({"input": "2", "output": "10"})


def usage_row(request_id: str, created_ms: int, usage: Usage | None = None, **values: Any) -> UsageRow:
    used = Usage(input=1000, output=100) if usage is None else usage
    defaults: dict[str, Any] = {
        "account_id": "a", "key_id": "k", "family": "chat", "protocol": "openai_chat", "lane": "pass-through",
        "stream": False, "model": "m", "provider": "p", "upstream_model": "u", "usage": used,
        "price_version": PRICES.version, "prices": PRICES.data, "markup": "1",
        "charge_nano": charge(used, PRICES, "1").nano, "hold_nano": 10**9, "outcome": "ok", "status": 200,
        "first_byte_ms": 5, "total_ms": 10,
    }  # fmt: skip
    return UsageRow(request_id=request_id, created_ms=created_ms, **{**defaults, **values})
