"""The ledger's items.

ACCOUNT#<id>  BALANCE#<shard>   available, held, charged, credited (N, nano-dollars), holds (M), allowances (M),
                                revoked (SS), status (S), shards (N, on shard 0), name (S)
ACCOUNT#<id>  ACCOUNT           name, markup, low-balance threshold; gsi1: ACCOUNTS / id, nothing scans the table
ACCOUNT#<id>  CREDIT#<id>       one top-up, adjustment or expiry; its id is what makes it happen once
ACCOUNT#<id>  DAY#<day>         a closed day: its sums by key and model
ACCOUNT#<id>  RUNNING#<day>     an open day: its sums so far, as far as its rows are sure to be complete
ACCOUNT#<id>  CHANGE#<time>#<n> what a management key changed, and which
CODE#<digest> CODE              a redemption code; gsi1: CODES#<batch> / digest
REQUEST#<id>  USAGE             the usage row; gsi1: ACCOUNT#<id>#<day> / time
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from interchange.tables.port import LAST, Change, ConditionFailed, Insert, Item, Table, Update

__all__ = [
    "LAST", "Change", "ConditionFailed", "Insert", "Item", "Store", "Update", "day_of", "row_item", "row_place",
]  # fmt: skip

Store = Table
"""Where the books are kept: any of the table's engines."""


def day_of(now_ms: int) -> str:
    return datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y-%m-%d")


def row_place(created_ms: int, request_id: str = "") -> str:
    """Where a row stands among those of its account and day."""
    return f"{created_ms:015d}#{request_id}"


def row_item(row: Mapping[str, Any]) -> Item:
    """A usage row as an item: its JSON whole, beside what the index needs."""
    return {
        "pk": f"REQUEST#{row['request_id']}",
        "sk": "USAGE",
        "gsi1pk": f"ACCOUNT#{row['account_id']}#{day_of(row['created_ms'])}",
        "gsi1sk": row_place(row["created_ms"], row["request_id"]),
        "row": json.dumps(row, separators=(",", ":"), sort_keys=True),
    }
