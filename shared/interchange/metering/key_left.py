"""Remains of a key's limits, from the item in which they are counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.dataclass import dataclass

from . import key_limits, key_uses
from .hold import KeyLimits
from .store import Store


@dataclass(frozen=True, slots=True)
class Left:
    """None where there is no such limit. Money in nano-dollars."""

    spend_nano: int | None
    day_nano: int | None
    week_nano: int | None
    month_nano: int | None
    requests: int | None
    tokens: int | None
    concurrent: int | None


def left_of(store: Store, account_id: str, key_id: str, limits: KeyLimits, now_ms: int) -> Left:
    record: Mapping[str, Any] = {**key_limits.EMPTY, **key_uses.seen(store, account_id, key_id)}
    was, now = key_limits.Windows.of(record), key_limits.Windows.at(now_ms, limits.zone)

    def rest(limit: int | None, counter: str, *, current: bool) -> int | None:
        return None if limit is None else max(0, limit - (int(record[counter]) if current else 0))

    return Left(
        spend_nano=None if limits.spend_nano is None else max(0, int(record.get("allowance") or 0)),
        day_nano=rest(limits.spend_per_day_nano, "dn", current=was.day >= now.day),
        week_nano=rest(limits.spend_per_week_nano, "wn", current=was.week >= now.week),
        month_nano=rest(limits.spend_per_month_nano, "mn", current=was.month >= now.month),
        requests=rest(limits.requests_per_minute, "r", current=was.minute >= now.minute),
        tokens=rest(limits.tokens_per_minute, "t", current=was.minute >= now.minute),
        concurrent=rest(limits.concurrent, "c", current=True),
    )
