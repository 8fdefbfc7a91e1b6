"""Balance items as earlier releases wrote them, brought up to date by the sweep while requests run: each step is one
conditional update or transaction, and may be done twice or be left half done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from . import key_uses, spread
from .store import Change, ConditionFailed, Item, Store

KEYS_A_ROUND = 500
"""Keys that one round moves for one account; the next goes on."""
MAPS = ("uses", "allowances")


def bring_up(store: Store, account_id: str, items: Sequence[Item], is_revoked: Callable[[str], bool]) -> None:
    """Moves limited keys' counters and caps to items of their own, drops revoked keys whose own row says so, the
    account's name, and tells each item how many there are."""
    if any(int(item.get("shards") or 1) < len(items) for item in items):
        with suppress(ConditionFailed):
            spread.split(store, account_id, len(items))
    first = items[0]
    keys = [key for name in MAPS for key in first.get(name) or ()]
    for key_id in list(dict.fromkeys(keys))[:KEYS_A_ROUND]:
        _move(store, account_id, first, key_id)
    gone = {key for item in items for key in item.get("revoked") or ()}
    gone = {key for key in sorted(gone)[:KEYS_A_ROUND] if is_revoked(key)}
    for item in items:
        for change in _tidying(item, gone):
            with suppress(ConditionFailed):
                store.change(str(item["pk"]), str(item["sk"]), change)


def _move(store: Store, account_id: str, first: Mapping[str, Any], key_id: str) -> None:
    """Moves what an earlier release counted beside the item. Where the key has an item already it is dropped: its own
    requests are over by now, and the key's cap was moved when the item was made."""
    if store.get(*key_uses.place(account_id, key_id)) is None:
        key_uses.begin(store, account_id, key_id)
        return
    _, taken = key_uses.moving(first, key_id)
    if taken is not None:
        with suppress(ConditionFailed):
            store.change(f"ACCOUNT#{account_id}", "BALANCE#0", taken)


def _tidying(item: Item, gone: set[str]) -> list[Change]:
    changes = [
        Change(f"REMOVE {name}", f"size({name}) = :none", {}, {":none": 0})
        for name in MAPS
        if name in item and not item[name]
    ]
    if "name" in item:
        changes.append(Change("REMOVE #name", "attribute_exists(pk)", {"#name": "name"}, {}))
    dropped = gone & set(item.get("revoked") or ())
    if dropped:
        changes.append(Change("DELETE revoked :gone", "attribute_exists(pk)", {}, {":gone": dropped}))
    return changes
