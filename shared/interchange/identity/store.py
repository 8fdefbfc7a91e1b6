"""Keys and accounts in the table: the only file of identity that knows it.

KEY#<sha256>  KEY      key_id, account_id, status, limits, markup, shards; gsi1: KEYS#<account> / key_id
KEYID#<id>    KEY      digest: from the id, which may be shown, to the item, whose key may not
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.tables.port import Change, ConditionFailed, Table


class KeyStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, digest: str) -> Mapping[str, Any] | None:
        return self._table.get(f"KEY#{digest}", "KEY")

    def add(self, digest: str, key: Mapping[str, Any]) -> None:
        """`key` holds `key_id`, `account_id`, `status`, `name`, `limits`, `markup`, `shards`, `created_ms`. Raises
        ConditionFailed where there is one of that digest or id."""
        index = {"gsi1pk": f"KEYS#{key['account_id']}", "gsi1sk": str(key["key_id"])}
        self._table.insert({"pk": f"KEY#{digest}", "sk": "KEY", **index, **key})
        pointer = {"pk": f"KEYID#{key['key_id']}", "sk": "KEY", "digest": digest, "account_id": key["account_id"]}
        self._table.insert(pointer)

    def by_id(self, key_id: str) -> Mapping[str, Any] | None:
        pointer = self._table.get(f"KEYID#{key_id}", "KEY")
        return None if pointer is None else self.find(pointer["digest"])

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
