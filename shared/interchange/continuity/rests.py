"""What processes tell each other, and the operator, of their vendors: one small item a vendor, for a short time."""

from __future__ import annotations

import json
from typing import Any

from interchange.tables.port import Table

PARTITION = "VENDORS"
SECONDS_KEPT = 7 * 24 * 3600
"""For the operator's command; a rest itself says until when it counts."""


class Rests:
    def __init__(self, table: Table) -> None:
        self._table = table

    def save(self, provider: str, state: dict[str, Any], now_ms: int) -> None:
        """Over what was known before: the last process to see the vendor knows best."""
        expires = now_ms // 1000 + SECONDS_KEPT
        self._table.put({"pk": PARTITION, "sk": provider, "state": json.dumps(state), "expires_at": expires})

    def load(self) -> dict[str, dict[str, Any]]:
        """By provider: one query of a few small items."""
        return {str(item["sk"]): json.loads(str(item["state"])) for item in self._table.query(PARTITION)}
