"""Health of the vendors, as processes share it with each other and with the operator: one small item a vendor, for a
short time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from interchange.tables.port import Table

PARTITION = "VENDORS"
SECONDS_KEPT = 7 * 24 * 3600
"""For the operator's command; a rest itself says until when it counts."""


class Rests:
    def __init__(self, table: Table) -> None:
        self._table = table

    def save(self, provider: str, state: dict[str, Any], now_ms: int) -> None:
        """Over what was known before: the last process to see the vendor knows best. The last success and the last
        refusals of the operator stay, whoever saw them."""
        expires = now_ms // 1000 + SECONDS_KEPT
        known = self._table.get(PARTITION, provider)
        state = state if known is None else _merged(state, json.loads(str(known["state"])))
        self._table.put({"pk": PARTITION, "sk": provider, "state": json.dumps(state), "expires_at": expires})

    def load(self) -> dict[str, dict[str, Any]]:
        """By provider: one query of a few small items."""
        return {str(item["sk"]): json.loads(str(item["state"])) for item in self._table.query(PARTITION)}


def _merged(state: dict[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    refused: dict[str, int] = dict(known.get("refused") or {})
    for cause, moment in (state.get("refused") or {}).items():
        refused[cause] = max(int(moment), int(refused.get(cause) or 0))
    served = max(int(state.get("served_ms") or 0), int(known.get("served_ms") or 0))
    return {**state, "served_ms": served, "refused": refused}
