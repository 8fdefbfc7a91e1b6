"""Store of reasoning state: expendable items of the table, per account, for a day."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Protocol

from interchange.tables.port import Table

SECONDS_KEPT = 24 * 3600
LARGEST_BYTES = 300_000
"""An item may have 400 KB; what is larger is not kept, and the model then thinks anew."""
MOST_IDS = 100
"""BatchGetItem's limit; the latest calls are the ones that a vendor checks."""
LONGEST_NAME = 200
"""Characters of an id that stands in the key itself; a sort key has room for 1,024 bytes."""


class Memory(Protocol):
    def put(self, account_id: str, records: Mapping[str, bytes], now_ms: int) -> None: ...

    def get(self, account_id: str, names: Iterable[str], now_ms: int) -> dict[str, bytes]: ...

    def forget(self, account_id: str, names: Iterable[str], now_ms: int) -> None:
        """Removes what there is under these names."""


class TableMemory:
    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, account_id: str, records: Mapping[str, bytes], now_ms: int) -> None:
        expires = now_ms // 1000 + SECONDS_KEPT
        for name, record in records.items():
            if len(record) <= LARGEST_BYTES:
                item = {"pk": _pk(account_id), "sk": _sort(name), "record": record, "expires_at": expires}
                self._table.put(item)

    def get(self, account_id: str, names: Iterable[str], now_ms: int) -> dict[str, bytes]:
        latest = list(dict.fromkeys(names))[-MOST_IDS:]
        if not latest:
            return {}
        kept_as = {_sort(name): name for name in latest}
        items = self._table.get_many([(_pk(account_id), place) for place in kept_as])
        return {kept_as[item["sk"]]: item["record"] for item in items if int(item["expires_at"]) > now_ms // 1000}

    def forget(self, account_id: str, names: Iterable[str], now_ms: int) -> None:
        """Writes over what is there, for the table's port has no delete; what is left expires."""
        wanted = list(dict.fromkeys(map(_sort, names)))
        for at in range(0, len(wanted), MOST_IDS):
            for item in self._table.get_many([(_pk(account_id), place) for place in wanted[at : at + MOST_IDS]]):
                self._table.put({"pk": item["pk"], "sk": item["sk"], "expires_at": now_ms // 1000 - 1})


def _pk(account_id: str) -> str:
    return f"STATE#{account_id}"


def _sort(name: str) -> str:
    """A key of its own for each id: a caller's may be of any length, and hold what is no text at all."""
    if len(name) <= LONGEST_NAME and name.isascii():
        return f"CALL#{name}"
    return f"CALL#{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()}"
