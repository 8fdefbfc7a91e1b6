"""The ledger's items.

ACCOUNT#<id>  BALANCE#<shard>   available, held, charged, credited (N, nano-dollars), holds (M, hold_records.py),
                                status (S), shards (N, how many there are), revoked (SS, until the key's row says so)
USES#<id>#<key> USES            a limited key's counters and what is left of its cap (key_uses.py)
ACCOUNT#<id>  ACCOUNT           name, markup, low-balance threshold; gsi1: ACCOUNTS / id, nothing scans the table
ACCOUNT#<id>  CREDIT#<id>       one top-up, adjustment or expiry; its id is what makes it happen once
ACCOUNT#<id>  DAY#<day>         a closed day: its sums by key and model
ACCOUNT#<id>  LABEL#<label>#<day> of a closed day: its sums by the callers' users, tags or metadata
ACCOUNT#<id>  RUNNING#<day>     an open day: its sums so far, as far as its rows are sure to be complete
ACCOUNT#<id>  CHANGE#<time>#<n> what a management key changed, and which
CODE#<digest> CODE              a redemption code; gsi1: CODES#<batch> / digest
SWEEP         TOUR              how far the sweep's tour of all accounts has come
REQUEST#<id>  USAGE             the usage row; gsi1: ACCOUNT#<id>#<day>[#<part>] / time#id

gsi2: DUE / time, of balances with open holds, credits that expire and accounts with days to close (due.py)
"""

from __future__ import annotations

import functools
import json
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from interchange.tables.port import LAST, Change, ConditionFailed, Insert, Item, Table, Update

__all__ = [
    "DAY_MS", "LAST", "Change", "ConditionFailed", "Insert", "Item", "Store", "Update", "day_of", "row_item",
    "row_place",
]  # fmt: skip

Store = Table
"""Where the books are kept: any of the table's engines."""


DAY_MS = 86_400_000


def day_of(now_ms: int) -> str:
    """The UTC day, "2026-11-23"."""
    return _named(now_ms // DAY_MS)


@functools.lru_cache(64)
def _named(day: int) -> str:
    return datetime.fromtimestamp(day * DAY_MS / 1000, UTC).strftime("%Y-%m-%d")


def row_place(created_ms: int, request_id: str = "") -> str:
    """Sort key of a row among those of its account and day."""
    return f"{created_ms:015d}#{request_id}"


INDEX_PARTS = 16
"""Partitions of the index that one account's rows of a day lie on, where the account has so many balance items: each
takes 1,000 write units a second."""
PLAIN_ROW = 720
"""Bytes of JSON: beside them an item has 300 bytes of keys and names."""
PACKING = (1, zlib.DEFLATED, 11, 4)
"""The fastest level (of a row of a kilobyte the best one saves 12 bytes more, in half as much time again), and a window
of two kilobytes: to make ready for 32 takes five times as long as the work itself."""
KEPT_IN_KEYS = ("request_id", "created_ms")


def row_item(row: Mapping[str, Any], *, packs: bool = True) -> Item:
    """A usage row as an item: its JSON beside what the index needs, without what the keys say and what is nothing. It
    stays below a kilobyte, one write unit; where prices have many rates the JSON is compressed for it (`packed`). A
    table that has no such units needs none of it: without `packs` the JSON is as it is."""
    told = {name: value for name, value in row.items() if name not in KEPT_IN_KEYS and value not in (None, [], {})}
    text = _written({**NOTHING, **told})
    return {
        "pk": f"REQUEST#{row['request_id']}",
        "sk": "USAGE",
        "gsi1pk": day_partition(row["account_id"], day_of(row["created_ms"]), int(row.get("shard") or 0)),
        "gsi1sk": row_place(row["created_ms"], row["request_id"]),
        **({"row": text.decode()} if not packs or len(text) <= PLAIN_ROW else {"packed": _packed(text)}),
    }


def _packed(text: bytes) -> bytes:
    packer = zlib.compressobj(*PACKING)
    return packer.compress(text) + packer.flush()


def _written(fields: Mapping[str, Any]) -> bytes:
    """JSON with its names in order; by the standard library what orjson refuses: lone surrogates, integers beyond 64
    bits."""
    try:
        return orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return json.dumps(fields, separators=(",", ":"), sort_keys=True).encode()


NOTHING: Mapping[str, Any] = {"first_byte_ms": None, "usage": {}, "prices": {}}
"""Fields that a row must have, though there be nothing in them."""


def item_row(item: Mapping[str, Any]) -> dict[str, Any]:
    """The row's fields again; the inverse of `row_item`. Raises TypeError for what is none."""
    text = item["row"] if "row" in item else zlib.decompress(bytes(item["packed"]))
    found: dict[str, Any] = json.loads(text)
    created, _, request_id = str(item.get("gsi1sk") or "").partition("#")
    return {"request_id": request_id, "created_ms": int(created), **found} if created else found


def day_partition(account_id: str, day: str, shard: int) -> str:
    """Partition in which the index has the rows of requests that were held on that shard. Shard 0 has the name that all
    had once."""
    part = shard % INDEX_PARTS
    return f"ACCOUNT#{account_id}#{day}" + (f"#{part}" if part else "")
