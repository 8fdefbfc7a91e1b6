"""A hold, and the conditional updates that make and resolve it."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import field
from typing import Any, Protocol

from interchange.dataclass import dataclass

from . import key_limits
from .refusals import (
    AccountInactive,
    AllowanceExceeded,
    DuplicateHold,
    KeyRevoked,
    LedgerError,
    LimitExceeded,
    UnknownAccount,
)
from .store import Change, Item

ACTIVE = "active"


class KeyLimits(key_limits.Counted, Protocol):
    """The limits of a key, as the ledger reads them."""

    @property
    def spend_nano(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class AccountRef:
    account_id: str
    key_id: str
    limits: KeyLimits
    shards: int = 1


@dataclass(frozen=True, slots=True)
class Hold:
    """Money set aside: the ticket without which nothing is sent."""

    request_id: str
    account_id: str
    key_id: str
    shard: int
    nano: int
    opened_ms: int
    expires_ms: int
    capped: bool = False
    counted: key_limits.Windows | None = None
    """The windows in which a limited key's request was counted."""
    tokens: int = 0
    """The bound that was counted then."""
    rates: key_limits.Rates | None = field(default=None, compare=False)


def places(account: AccountRef, request_id: str) -> Iterator[int]:
    """The shards to try, in order. A limited key's counters and allowance stand on shard 0, so that they count all of
    its requests; the rest spread by the request's id."""
    if account.limits.spend_nano is not None or key_limits.is_counted(account.limits):
        yield 0
        return
    first = zlib.crc32(request_id.encode()) % account.shards
    for step in range(account.shards):
        yield (first + step) % account.shards


def holding(hold: Hold, account: AccountRef, seen: key_limits.Windows | None) -> Change:
    names = {"#id": hold.request_id, "#status": "status"}
    record: dict[str, Any] = {
        "nano": hold.nano,
        "opened": hold.opened_ms,
        "expires": hold.expires_ms,
        "key": hold.key_id,
        "capped": hold.capped,
    }
    values: dict[str, Any] = {":n": hold.nano, ":hold": record, ":active": ACTIVE, ":key": hold.key_id}
    sets = ["available = available - :n", "held = held + :n", "holds.#id = :hold"]
    conditions = [
        "attribute_exists(pk) AND #status = :active AND NOT contains(revoked, :key)",
        "available >= :n AND attribute_not_exists(holds.#id)",
    ]
    if hold.capped:
        names["#key"] = hold.key_id
        sets.append("allowances.#key = allowances.#key - :n")
        conditions.append("allowances.#key >= :n")
    if hold.counted is not None and seen is not None:
        record |= {"counted": [hold.counted.minute, hold.counted.day, hold.counted.month], "tokens": hold.tokens}
        parts = key_limits.taking(account.limits, seen, hold.counted, hold.nano, hold.tokens)
        names |= {"#uses": "uses", "#ukey": hold.key_id}
        values |= parts.values
        sets += parts.sets
        conditions += parts.conditions
    return Change("SET " + ", ".join(sets), " AND ".join(conditions), names, values)


def settling(hold: Hold, charge_nano: int, tokens: int, seen: key_limits.Windows | None) -> Change:
    back = hold.nano - charge_nano
    names = {"#id": hold.request_id}
    values: dict[str, Any] = {":hold": hold.nano, ":charge": charge_nano, ":back": back}
    sets = ["available = available + :back", "held = held - :hold", "charged = charged + :charge"]
    conditions = ["attribute_exists(holds.#id)"]
    if hold.capped:
        names["#key"] = hold.key_id
        sets.append("allowances.#key = allowances.#key + :back")
    if hold.counted is not None and seen is not None:
        parts = key_limits.giving_back(hold.counted, seen, back, hold.tokens - tokens)
        names |= {"#uses": "uses", "#ukey": hold.key_id}
        values |= parts.values
        sets += parts.sets
        conditions += parts.conditions
    return Change(f"SET {', '.join(sets)} REMOVE holds.#id", " AND ".join(conditions), names, values)


def is_held(item: Item, hold: Hold) -> bool:
    """True where this very hold stands already: its update was made, and the client tried it again unknowing."""
    held = (item.get("holds") or {}).get(hold.request_id)
    if held is None:
        return False
    return (int(held["nano"]), int(held["opened"]), held["key"]) == (hold.nano, hold.opened_ms, hold.key_id)


def refuse(item: Item, hold: Hold, account: AccountRef) -> None:
    """Raises for every reason but a lack of money on the item, and the counters."""
    if not item:
        raise UnknownAccount(f"no account {hold.account_id}")
    if item["status"] != ACTIVE:
        raise AccountInactive("this account is not active")
    if hold.key_id in (item.get("revoked") or ()):
        raise KeyRevoked("this key is revoked")
    if hold.request_id in item["holds"]:
        raise DuplicateHold(f"request {hold.request_id} is held already")
    if hold.capped and int(item["allowances"].get(hold.key_id, 0)) < hold.nano and int(item["available"]) >= hold.nano:
        raise AllowanceExceeded("", None, int(item["allowances"].get(hold.key_id, 0)))


def refused(full: key_limits.Reached, rates: key_limits.Rates | None) -> LedgerError:
    if full.money:
        return AllowanceExceeded(full.kind, full.limit, full.remaining, full.retry_after_s)
    return LimitExceeded(full.kind, full.limit, full.remaining, full.retry_after_s, rates)
