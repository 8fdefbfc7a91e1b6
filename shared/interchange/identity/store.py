"""Keys and accounts in the table: the only file of identity that knows it.

KEY#<sha256>  KEY      key_id, account_id, status, kind, limits, markup, shards; gsi1: KEYS#<account> / key_id;
                       earlier_ms: no secret before this one is good for longer
                       of a secret that was rotated: key_id, until_ms, in no index; the key is found by its id
KEYID#<id>    KEY      digest: from the id, which may be shown, to the item, whose key may not
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.tables.port import Change, ConditionFailed, Insert, Table, Update


class KeyStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, digest: str) -> Mapping[str, Any] | None:
        found = self._table.get(f"KEY#{digest}", "KEY")
        if found is None or "until_ms" not in found:
            return found
        key = self.by_id(str(found["key_id"]))
        if key is None:
            return None
        until_ms = int(found["until_ms"])
        return {**key, "until_ms": min(until_ms, int(key.get("earlier_ms", until_ms)))}

    def add(self, digest: str, key: Mapping[str, Any]) -> None:
        """`key` holds `key_id`, `account_id`, `status`, `name`, `limits`, `markup`, `shards`, `created_ms`. Raises
        ConditionFailed where there is one of that digest or id."""
        index = {"gsi1pk": f"KEYS#{key['account_id']}", "gsi1sk": str(key["key_id"])}
        pointer = {"pk": f"KEYID#{key['key_id']}", "sk": "KEY", "digest": digest, "account_id": key["account_id"]}
        self._table.transact([Insert({"pk": f"KEY#{digest}", "sk": "KEY", **index, **key}), Insert(pointer)])

    def by_id(self, key_id: str) -> Mapping[str, Any] | None:
        pointer = self._table.get(f"KEYID#{key_id}", "KEY")
        return None if pointer is None else self._table.get(f"KEY#{pointer['digest']}", "KEY")

    def rotate(self, key_id: str, digest: str, until_ms: int) -> bool:
        """Gives the key another secret, by its digest; the one before is good until then, and none before that one for
        longer. The id, and with it caps and counters, stays. False where there is no such key, it is not active, or it
        was changed meanwhile."""
        pointer = self._table.get(f"KEYID#{key_id}", "KEY")
        key = None if pointer is None else self._table.get(f"KEY#{pointer['digest']}", "KEY")
        if pointer is None or key is None or key["status"] != "active":
            return False
        same = {":status": key["status"], ":limits": key["limits"], ":markup": key["markup"], ":shards": key["shards"]}
        retire = Change(
            "SET until_ms = :until REMOVE gsi1pk, gsi1sk",
            "#status = :status AND #limits = :limits AND markup = :markup AND shards = :shards",
            {"#status": "status", "#limits": "limits"},
            {**same, ":until": until_ms},
        )
        point = Change("SET digest = :new", "digest = :old", {}, {":new": digest, ":old": pointer["digest"]})
        steps: list[Insert | Update] = [
            Update(f"KEY#{pointer['digest']}", "KEY", retire),
            Insert({**key, "pk": f"KEY#{digest}", "earlier_ms": until_ms}),
            Update(f"KEYID#{key_id}", "KEY", point),
        ]
        try:
            self._table.transact(steps)
        except ConditionFailed:
            return False
        return True

    def of_account(self, account_id: str) -> list[Mapping[str, Any]]:
        return list(self._table.query_index(f"KEYS#{account_id}"))

    def change(self, key_id: str, **values: Any) -> bool:
        """Sets attributes of a key; False where there is no such key."""
        pointer = self._table.get(f"KEYID#{key_id}", "KEY")
        if pointer is None:
            return False
        names = {f"#{name}": name for name in values}
        update = "SET " + ", ".join(f"#{name} = :{name}" for name in values)
        change = Change(update, "attribute_exists(pk)", names, {f":{name}": value for name, value in values.items()})
        try:
            self._table.change(f"KEY#{pointer['digest']}", "KEY", change)
        except ConditionFailed:
            return False
        return True
