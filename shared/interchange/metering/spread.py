"""Spreads an account's money over balance items: how many there are, and how they become more.

An update is billed, and limited, by the size of the whole item, which grows with its open holds. Each hold's update
returns the item: where it has many, the account is split further, in one transaction, and no item takes more than
MOST_OPEN. Shards are never joined.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from .hold import AccountRef
from .refusals import UnknownAccount
from .store import Change, ConditionFailed, Insert, Item, Store, Update

MOST_SHARDS = 64
"""A credit changes all of them in one transaction, which holds 100 items."""
SPLIT_OVER = 12
"""Open holds of one item above which the account is split: then an item stays at about 1 KB, one write unit."""
MOST_OPEN = 32
"""Open holds that an item takes while the account can still be split: under 2 KB, two write units."""
MOST_OPEN_AT_LAST = 5_000
"""And when it cannot: under 400 KB, beyond which the table refuses the item."""
OTHER_HOMES = 2
GROWTH = 4
HOLDS_A_PART = 4
"""So many further holds must fit into each part, else an account is split only where an item has no more room."""
MOVING_READS = 4
REMEMBERED = 10_000
"""Accounts whose number of shards a process remembers."""


class Spread:
    """Knowledge of this process of the accounts' shards. Thread-safe."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self._lock = threading.Lock()

        self._busy: set[str] = set()

    def shards(self, account: AccountRef) -> int:
        return max(account.shards, self._known.get(account.account_id, 1))

    def learn(self, account_id: str, item: Mapping[str, Any]) -> None:
        """From a balance item: each says how many there are."""
        count = int(item.get("shards") or 1)
        with self._lock:
            self._busy.discard(account_id)
            if count >= MOST_SHARDS and len(item.get("holds") or ()) > MOST_OPEN:
                self._busy.add(account_id)
            if count > self._known.get(account_id, 1):
                if len(self._known) >= REMEMBERED:
                    self._known.clear()
                    self._busy.clear()
                self._known[account_id] = count

    def room(self, account: AccountRef, tried: int) -> int:
        """Number of holds that an item of the account may have open. An account that has all of its items fills them
        evenly first: a request that finds one full tries OTHER_HOMES more, unless what was seen last says that all are.
        """
        splits = self.shards(account) < MOST_SHARDS
        evenly = splits or (tried <= OTHER_HOMES and account.account_id not in self._busy)
        return min(MOST_OPEN, MOST_OPEN_AT_LAST) if evenly else MOST_OPEN_AT_LAST


def home(request_id: str, shards: int, tried: int = 0) -> int:
    """The shard that a request's id leads to, or leads to next."""
    return zlib.crc32(f"{tried or ''}{request_id}".encode()) % shards


def shards_of(store: Store, account_id: str) -> list[Item]:
    """The account's balance items by number. Raises UnknownAccount."""
    items = list(store.query(f"ACCOUNT#{account_id}", "BALANCE#"))
    if not items:
        raise UnknownAccount(f"no account {account_id}")
    return sorted(items, key=number_of)


def shards_at_rest(store: Store, account_id: str) -> list[Item] | None:
    """Like `shards_of`, as they were at one moment: two readings between which no money moved from one to another. None
    where it does not stop moving."""
    items = shards_of(store, account_id)
    for _ in range(MOVING_READS):
        again = shards_of(store, account_id)
        if [item["credited"] for item in again] == [item["credited"] for item in items]:
            return again
        items = again
    return None


def number_of(item: Mapping[str, Any]) -> int:
    return int(str(item["sk"]).removeprefix("BALANCE#"))


def new_shard(pk: str, number: int, shards: int, **values: Any) -> Item:
    money = dict.fromkeys(("available", "held", "charged", "credited"), 0)
    return {"pk": pk, "sk": f"BALANCE#{number}", "shards": shards, "holds": {}, **money, **values}


def split(store: Store, account_id: str, shards: int) -> int:
    """Brings the account to `shards` items with equal parts of what is available, in one transaction that nothing comes
    between: money, status and revoked keys are as they were read, or it is done again. Returns how many there are
    then; raises ConditionFailed where the account gives no pause."""
    for last in (False, False, False, True):
        items = shards_of(store, account_id)
        if len(items) >= shards and all(int(item.get("shards") or 1) >= len(items) for item in items):
            return len(items)
        try:
            store.transact(_steps(items, max(shards, len(items))))
        except ConditionFailed:
            if last:
                raise
        else:
            return max(shards, len(items))
    raise AssertionError("the last try returns or raises")


def _steps(items: Sequence[Item], shards: int) -> list[Insert | Update]:
    first, fresh = items[0], range(len(items), shards)
    part = sum(int(item["available"]) for item in items) // shards
    given = [max(0, int(item["available"]) - max(0, part)) if fresh else 0 for item in items]
    each, rest = divmod(sum(given), len(fresh)) if fresh else (0, 0)
    same = {name: first[name] for name in ("status", "created_ms", "revoked") if first.get(name) is not None}
    inserts = [
        Insert(new_shard(first["pk"], number, shards, **same) | _money(each + (rest if number == fresh[0] else 0)))
        for number in fresh
    ]
    return [*inserts, *(_giving(item, nano, shards) for item, nano in zip(items, given, strict=True))]


def _money(nano: int) -> dict[str, int]:
    return {"available": nano, "credited": nano}


def _giving(item: Item, nano: int, shards: int) -> Update:
    """Takes `nano` from the item, which must still have it, be of the same status, know the same revoked keys, and of
    no more items: those of an account are not read at one moment."""
    values: dict[str, Any] = {":n": nano, ":shards": shards, ":status": item["status"]}
    condition = "#status = :status AND " + ("revoked = :r" if item.get("revoked") else "attribute_not_exists(revoked)")
    if item.get("revoked"):
        values[":r"] = item["revoked"]
    if nano:
        condition += " AND available >= :n"
    condition += " AND (attribute_not_exists(#shards) OR #shards <= :shards)"
    update = "SET available = available - :n, credited = credited - :n, #shards = :shards"
    change = Change(update, condition, {"#status": "status", "#shards": "shards"}, values)
    return Update(str(item["pk"]), str(item["sk"]), change)
