"""Cost to the operator: the vendor's list price, times the operator's own discount with that vendor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.usage import Usage

from .money import ceiling
from .prices import Charge, PriceList, charge

ONE = "1"


@dataclass(frozen=True, slots=True)
class Costs:
    """`factors` is what list prices are multiplied by, by provider; 1 for those that are not named."""

    factors: Mapping[str, str] = field(default_factory=dict)

    def served(self, provider: str, usage: Usage, charged: Charge, own: Mapping[str, Any] | None) -> int:
        """Nano-dollars that a request cost which is charged so. `own` is the vendor's price list, where it is not the
        one that the customer is charged by."""
        made = charged if own is None else charge(usage, PriceList.read(own))
        return self._factored(provider, made)

    def tried(self, provider: str, usage: Usage, prices: Mapping[str, Any]) -> int:
        """Cost of a try that served nobody: the vendor's word for what it counted."""
        return self._factored(provider, charge(usage, PriceList.read(prices)))

    def _factored(self, provider: str, made: Charge) -> int:
        total = sum((line.nano for line in made.lines), Decimal(0))
        return ceiling(total * Decimal(self.factors.get(provider, ONE)))
