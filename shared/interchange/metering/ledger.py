"""The ledger: hold, settle, release. Each is one conditional update of one item, so no interleaving of requests can
overspend, and no crash can charge twice.

An account's money stands in items BALANCE#0 .. BALANCE#n-1 (n is 1 until it is split). A request takes its whole
hold from one of them: the one its id hashes to, or the next that has enough.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from .rows import UsageRow, read_row, write_row
from .store import Change, ConditionFailed, Item, Store, row_item

ACTIVE = "active"


class LedgerError(Exception):
    """A refusal of the books. Nothing was changed."""


class InsufficientBalance(LedgerError):
    """No shard has `needed_nano`; `available_nano` is the most that any has."""

    def __init__(self, available_nano: int, needed_nano: int) -> None:
        super().__init__(f"{available_nano} nano-dollars available, {needed_nano} needed")
        self.available_nano = available_nano
        self.needed_nano = needed_nano


class KeyRevoked(LedgerError):
    pass


class AccountInactive(LedgerError):
    pass


class UnknownAccount(LedgerError):
    pass


class DuplicateHold(LedgerError):
    """The request id is held already."""


class AllowanceExceeded(LedgerError):
    """The key's own spending cap is reached."""


class LimitExceeded(LedgerError):
    """A rate or concurrency limit of the key."""

    def __init__(self, kind: str, limit: int, remaining: int, retry_after_s: float) -> None:
        super().__init__(f"this key's limit of {limit} {kind} is reached")
        self.kind = kind
        self.limit = limit
        self.remaining = remaining
        self.retry_after_s = retry_after_s


class KeyLimits(Protocol):
    """What the ledger reads of a key's limits."""

    @property
    def spend_nano(self) -> int | None: ...

    @property
    def concurrent(self) -> int | None: ...


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


@dataclass(frozen=True, slots=True)
class Balance:
    """Sums over an account's shards, in nano-dollars. The books balance when
    `credited_nano - charged_nano - held_nano == available_nano`."""

    available_nano: int
    held_nano: int
    charged_nano: int
    credited_nano: int
    active: bool
    shards: int = 1
    open_holds: int = 0

    @property
    def gap_nano(self) -> int:
        return self.credited_nano - self.charged_nano - self.held_nano - self.available_nano


class Ledger:
    def __init__(self, store: Store) -> None:
        self._store = store

    def balance(self, account_id: str) -> Balance:
        """Raises UnknownAccount."""
        items = list(self._store.query(_pk(account_id), "BALANCE#"))
        if not items:
            raise UnknownAccount(f"no account {account_id}")
        return sum_of(items)

    def hold(
        self, account: AccountRef, request_id: str, nano: int, now_ms: int, expires_ms: int, tokens: int = 0
    ) -> Hold:
        """Sets `nano` aside. Raises a LedgerError that says why not."""
        most = 0
        first = zlib.crc32(request_id.encode()) % account.shards
        for step in range(account.shards):
            shard = (first + step) % account.shards
            hold = Hold(
                request_id, account.account_id, account.key_id, shard, nano, now_ms, expires_ms,
                capped=account.limits.spend_nano is not None,
            )  # fmt: skip
            try:
                self._store.change(_pk(account.account_id), f"BALANCE#{shard}", _holding(hold, account))
            except ConditionFailed as failed:
                most = max(most, _why_not(failed.item, hold, account))
            else:
                return hold
        raise InsufficientBalance(most, nano)

    def record(self, row: UsageRow) -> None:
        """Writes the row, once: a second writing of the same request changes nothing."""
        try:
            self._store.insert(row_item(write_row(row)))
        except ConditionFailed:
            return  # the request's first row is its only one

    def settle(self, hold: Hold, charge_nano: int, now_ms: int, tokens: int = 0) -> bool:
        """Resolves the hold with what the request cost. True the first time; False where it was resolved before."""
        allowance = ", allowances.#key = allowances.#key + :back" if hold.capped else ""
        values = {":hold": hold.nano, ":charge": charge_nano, ":back": hold.nano - charge_nano}
        names = {"#id": hold.request_id} | ({"#key": hold.key_id} if hold.capped else {})
        change = Change(
            "SET available = available + :back, held = held - :hold, charged = charged + :charge"
            f"{allowance} REMOVE holds.#id",
            "attribute_exists(holds.#id)",
            names,
            values,
        )
        try:
            self._store.change(_pk(hold.account_id), f"BALANCE#{hold.shard}", change)
        except ConditionFailed:
            return False
        return True

    def release(self, hold: Hold, now_ms: int) -> bool:
        """Gives the hold back whole."""
        return self.settle(hold, 0, now_ms)

    def row(self, request_id: str) -> UsageRow | None:
        item = self._store.get(f"REQUEST#{request_id}", "USAGE")
        return None if item is None else read_row_item(item)

    def rows(
        self, account_id: str, day: str, *, newest_first: bool = False, limit: int | None = None
    ) -> Iterator[UsageRow]:
        """The rows of one account and UTC day ("2026-11-23")."""
        for item in self._store.query_index(f"ACCOUNT#{account_id}#{day}", newest_first=newest_first, limit=limit):
            yield read_row_item(item)


def read_row_item(item: Item) -> UsageRow:
    return read_row(json.loads(item["row"]))


def sum_of(items: list[Item]) -> Balance:
    return Balance(
        available_nano=sum(int(item["available"]) for item in items),
        held_nano=sum(int(item["held"]) for item in items),
        charged_nano=sum(int(item["charged"]) for item in items),
        credited_nano=sum(int(item["credited"]) for item in items),
        active=all(item["status"] == ACTIVE for item in items),
        shards=len(items),
        open_holds=sum(len(item["holds"]) for item in items),
    )


def open_holds(item: Item) -> Iterator[Hold]:
    """The holds of one balance item."""
    account_id = str(item["pk"]).removeprefix("ACCOUNT#")
    shard = int(str(item["sk"]).removeprefix("BALANCE#"))
    for request_id, held in item["holds"].items():
        yield Hold(
            request_id, account_id, held["key"], shard, int(held["nano"]), int(held["opened"]), int(held["expires"]),
            capped=bool(held.get("capped")),
        )  # fmt: skip


def _holding(hold: Hold, account: AccountRef) -> Change:
    names = {"#id": hold.request_id, "#status": "status"}
    record = {
        "nano": hold.nano,
        "opened": hold.opened_ms,
        "expires": hold.expires_ms,
        "key": hold.key_id,
        "capped": hold.capped,
    }
    values: dict[str, Any] = {":n": hold.nano, ":hold": record, ":active": ACTIVE, ":key": hold.key_id}
    update = "SET available = available - :n, held = held + :n, holds.#id = :hold"
    condition = (
        "attribute_exists(pk) AND #status = :active AND NOT contains(revoked, :key) "
        "AND available >= :n AND attribute_not_exists(holds.#id)"
    )
    if hold.capped:
        names["#key"] = hold.key_id
        update += ", allowances.#key = allowances.#key - :n"
        condition += " AND allowances.#key >= :n"
    if account.limits.concurrent is not None:
        values[":most"] = account.limits.concurrent
        condition += " AND size(holds) < :most"
    return Change(update, condition, names, values)


def _why_not(item: Item, hold: Hold, account: AccountRef) -> int:
    """What is available on the item, where the lack of it was the reason; raises for every other reason."""
    if not item:
        raise UnknownAccount(f"no account {hold.account_id}")
    if item["status"] != ACTIVE:
        raise AccountInactive("this account is not active")
    if hold.key_id in (item.get("revoked") or ()):
        raise KeyRevoked("this key is revoked")
    if hold.request_id in item["holds"]:
        raise DuplicateHold(f"request {hold.request_id} is held already")
    if hold.capped and int(item["allowances"].get(hold.key_id, 0)) < hold.nano and int(item["available"]) >= hold.nano:
        raise AllowanceExceeded("this key's spending cap does not cover the request")
    most = account.limits.concurrent
    if most is not None and len(item["holds"]) >= most:
        raise LimitExceeded("concurrent requests", most, 0, 1.0)
    return int(item["available"])


def _pk(account_id: str) -> str:
    return f"ACCOUNT#{account_id}"
