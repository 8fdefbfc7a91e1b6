"""A limited key's own item: what it has used of its limits, and what is left of its cap.

It stands beside the balance, not in it, so that an account may have any number of limited keys; a hold of such a key
changes both items in one transaction. Earlier releases kept it in BALANCE#0 (`uses.<key>`, `allowances.<key>`): whoever
needs it first takes it out of there, in one transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from .key_limits import EMPTY
from .store import Change, ConditionFailed, Insert, Item, Store, Update

SORT = "USES"
ACCOUNT, USER, MODEL = "@account", "@user.", "@model."
"""Names of counters that are no key's: the account's own, and those of an end user and of a pattern of models, by the
first 8 bytes of a digest."""


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def place(account_id: str, key_id: str) -> tuple[str, str]:
    return f"USES#{account_id}#{key_id}", SORT


def read(store: Store, account_id: str, key_id: str) -> Item:
    """The key's item, made where there is none yet."""
    pk, sk = place(account_id, key_id)
    found = store.get(pk, sk)
    if found is None:
        begin(store, account_id, key_id)
        found = store.get(pk, sk)
    return found or {}


def seen(store: Store, account_id: str, key_id: str) -> Item:
    """The key's item as it is, or would be when it is made; nothing is written."""
    found = store.get(*place(account_id, key_id))
    if found is not None:
        return found
    return moving(store.get(f"ACCOUNT#{account_id}", "BALANCE#0") or {}, key_id)[0]


def begin(store: Store, account_id: str, key_id: str) -> None:
    """All at nothing, or as an earlier release left it. Who comes second finds it made."""
    pk, sk = place(account_id, key_id)
    first = store.get(f"ACCOUNT#{account_id}", "BALANCE#0") or {}
    made, taken = moving(first, key_id)
    item = {"pk": pk, "sk": sk, **EMPTY, **made}
    with suppress(ConditionFailed):
        if taken is None:
            store.insert(item)
        else:
            store.transact([Insert(item), Update(f"ACCOUNT#{account_id}", "BALANCE#0", taken)])


def moving(first: Mapping[str, Any], key_id: str) -> tuple[Item, Change | None]:
    """The part of BALANCE#0 that is the key's, as its own item has it, and the update that takes it out; None for
    nothing."""
    uses, allowances = (first.get("uses") or {}).get(key_id), (first.get("allowances") or {}).get(key_id)
    made: Item = {name: int(value) for name, value in (uses or {}).items()}
    removed, conditions, values = [], [], {}
    for found, attribute, mark in ((uses, "uses", ":u"), (allowances, "allowances", ":a")):
        if found is not None:
            removed.append(f"{attribute}.#key")
            conditions.append(f"{attribute}.#key = {mark}")
            values[mark] = found
    if allowances is not None:
        made["allowance"] = int(allowances)
    if not removed:
        return made, None
    return made, Change("REMOVE " + ", ".join(removed), " AND ".join(conditions), {"#key": key_id}, values)


def allow(store: Store, account_id: str, key_id: str, nano: int, before: int | None = None) -> None:
    """Caps what the key may spend in all. What was spent under the cap before stays spent; `before` is that cap, where
    the item does not know it yet."""
    while True:
        known = read(store, account_id, key_id)
        was = known.get("cap", before)
        first = was is None or "allowance" not in known
        given = {":n": nano - (0 if first else int(was or 0)), ":cap": nano}
        condition = "attribute_exists(pk) AND attribute_not_exists(cap)"
        if "cap" in known:
            given[":was"], condition = int(known["cap"]), "cap = :was"
        update = "SET allowance = :n, cap = :cap" if first else "SET allowance = allowance + :n, cap = :cap"
        with suppress(ConditionFailed):
            store.change(*place(account_id, key_id), Change(update, condition, {}, given))
            return


def renew(store: Store, account_id: str, key_id: str, nano: int) -> None:
    """Begins the cap anew: nothing of it is spent. What runs gives back what it does not use."""
    read(store, account_id, key_id)
    change = Change("SET allowance = :n, cap = :n", "attribute_exists(pk)", {}, {":n": nano})
    store.change(*place(account_id, key_id), change)
