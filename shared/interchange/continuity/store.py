"""Where reasoning state is kept: expendable items of the table, per account, for a day."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

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


class TableMemory:
    """Over DynamoDB. `client` is boto3's."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def put(self, account_id: str, records: Mapping[str, bytes], now_ms: int) -> None:
        expires = str(now_ms // 1000 + SECONDS_KEPT)
        for name, record in records.items():
            if len(record) <= LARGEST_BYTES:
                item = {**_key(account_id, name), "record": {"B": record}, "expires_at": {"N": expires}}
                self._client.put_item(TableName=self._table, Item=item)

    def get(self, account_id: str, names: Iterable[str], now_ms: int) -> dict[str, bytes]:
        latest = list(dict.fromkeys(names))[-MOST_IDS:]
        if not latest:
            return {}
        kept_as = {_sort(name): name for name in latest}
        keys = [_key(account_id, name) for name in latest]
        answer = self._client.batch_get_item(RequestItems={self._table: {"Keys": keys, "ConsistentRead": True}})
        items = answer["Responses"].get(self._table, [])
        return {
            kept_as[item["sk"]["S"]]: item["record"]["B"]
            for item in items
            if int(item["expires_at"]["N"]) > now_ms // 1000
        }


def _key(account_id: str, name: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"STATE#{account_id}"}, "sk": {"S": _sort(name)}}


def _sort(name: str) -> str:
    """A key of its own for each id: a caller's may be of any length, and hold what is no text at all."""
    if len(name) <= LONGEST_NAME and name.isascii():
        return f"CALL#{name}"
    return f"CALL#{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()}"
