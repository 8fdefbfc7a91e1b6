"""Store of whole Responses answers, per account: what `previous_response_id` and item references lead back to.

An answer is one compressed item of the table, or several where it is long; a small pointer for each of its output items
leads to it. Deleting writes over the content at once; what is left of the item expires.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from interchange.dataclass import dataclass
from interchange.tables.port import Item, Table
from interchange.wire import codec

PART_BYTES = 350_000
"""An item may have 400 KB."""
MOST_PARTS = 20
"""7 MB: whatever Lambda carries (6 MB) is kept, pictures too, which do not get smaller."""
MOST_KEYS = 100
"""BatchGetItem's limit."""
DAY_SECONDS = 24 * 3600
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stored:
    """`given` are the items of the request itself, `chain` the ids of the answers before it, oldest first."""

    response: Json
    given: Sequence[Json]
    chain: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return str(self.response["id"])

    @property
    def output(self) -> list[Json]:
        return [item for item in self.response.get("output") or () if isinstance(item, dict)]


class Responses(Protocol):
    def put(self, account_id: str, stored: Stored, now_ms: int) -> bool:
        """False for one that is too large to be kept."""

    def get(self, account_id: str, ids: Iterable[str], now_ms: int) -> dict[str, Stored]: ...

    def holders(self, account_id: str, item_ids: Iterable[str], now_ms: int) -> dict[str, str]:
        """The answer that holds each of the items, by the item's id."""

    def delete(self, account_id: str, stored: Stored, now_ms: int) -> None: ...


class TableResponses:
    def __init__(self, table: Table, days: float) -> None:
        self._table = table
        self._days = days

    def put(self, account_id: str, stored: Stored, now_ms: int) -> bool:
        packed = zlib.compress(
            codec.dumps({"response": stored.response, "given": list(stored.given), "chain": list(stored.chain)})
        )
        parts = [packed[at : at + PART_BYTES] for at in range(0, len(packed), PART_BYTES)]
        if len(parts) > MOST_PARTS:
            return False
        expires = now_ms // 1000 + int(self._days * DAY_SECONDS)
        # the first part last: it says that all of them are there
        for number, part in reversed(list(enumerate(parts))):
            self._table.put(_item(account_id, _part(stored.id, number), expires, part=part, parts=len(parts)))
        for item in stored.output:
            if isinstance(item.get("id"), str):
                self._table.put(_item(account_id, _pointer(item["id"]), expires, holder=stored.id))
        return True

    def get(self, account_id: str, ids: Iterable[str], now_ms: int) -> dict[str, Stored]:
        wanted = list(dict.fromkeys(ids))
        first = self._read(account_id, [_part(one, 0) for one in wanted], now_ms)
        more = [
            _part(one, number)
            for one in wanted
            for number in range(1, int(first.get(_part(one, 0), {}).get("parts", 0)))
        ]
        items = {**first, **self._read(account_id, more, now_ms)}
        found: dict[str, Stored] = {}
        for one in wanted:
            count = int(first.get(_part(one, 0), {}).get("parts", 0))
            keys = [_part(one, number) for number in range(count)]
            parts = [bytes(items[key]["part"]) for key in keys if "part" in items.get(key, {})]
            if parts and len(parts) == count:
                read = codec.loads(zlib.decompress(b"".join(parts)))
                found[one] = Stored(read["response"], read["given"], tuple(read["chain"]))
        return found

    def holders(self, account_id: str, item_ids: Iterable[str], now_ms: int) -> dict[str, str]:
        wanted = list(dict.fromkeys(item_ids))
        found = self._read(account_id, [_pointer(one) for one in wanted], now_ms)
        return {one: str(item["holder"]) for one in wanted if "holder" in (item := found.get(_pointer(one), {}))}

    def delete(self, account_id: str, stored: Stored, now_ms: int) -> None:
        gone = now_ms // 1000 - 1
        parts = self._read(account_id, [_part(stored.id, 0)], now_ms)
        count = max((int(item["parts"]) for item in parts.values()), default=1)
        for number in range(count):
            self._table.put(_item(account_id, _part(stored.id, number), gone))
        for item in stored.output:
            if isinstance(item.get("id"), str):
                self._table.put(_item(account_id, _pointer(item["id"]), gone))

    def _read(self, account_id: str, keys: Sequence[str], now_ms: int) -> Mapping[str, Item]:
        found: dict[str, Item] = {}
        for at in range(0, len(keys), MOST_KEYS):
            some = [(_pk(account_id), key) for key in keys[at : at + MOST_KEYS]]
            items = self._table.get_many(some)
            found |= {item["sk"]: item for item in items if int(item["expires_at"]) > now_ms // 1000}
        return found


def _item(account_id: str, key: str, expires: int, **fields: Any) -> Item:
    return {"pk": _pk(account_id), "sk": key, "expires_at": expires, **fields}


def _pk(account_id: str) -> str:
    return f"RESPONSES#{account_id}"


def _part(response_id: str, number: int) -> str:
    return f"ANSWER#{_short(response_id)}#{number}"


def _pointer(item_id: str) -> str:
    return f"ITEM#{_short(item_id)}"


def _short(identity: str) -> str:
    """A sort key has room for 1,024 bytes; ids are the caller's to write."""
    return identity.encode("ascii", "backslashreplace").decode()[:800]
