"""The ledger: hold, settle, release. Each is one conditional update of one item, so no interleaving of requests can
overspend, and no crash can charge twice.

An account's money stands in items BALANCE#0 .. BALANCE#n-1 (n is 1 until it is split). A request takes its whole
hold from one of them: the one its id hashes to, or the next that has enough.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import replace

from interchange.dataclass import dataclass

from . import key_limits
from .hold_updates import ACTIVE, AccountRef, Hold, KeyLimits, holding, is_held, places, refuse, refused, settling
from .refusals import (
    AccountInactive,
    AllowanceExceeded,
    DuplicateHold,
    InsufficientBalance,
    KeyRevoked,
    LedgerError,
    LimitExceeded,
    UnknownAccount,
)
from .rows import UsageRow, read_row, write_row
from .store import LAST, Change, ConditionFailed, Item, Store, Update, row_item

__all__ = [
    "ACTIVE", "AccountInactive", "AccountRef", "AllowanceExceeded", "Balance", "DuplicateHold", "Hold",
    "InsufficientBalance", "KeyLimits", "KeyRevoked", "Ledger", "LedgerError", "LimitExceeded", "UnknownAccount",
    "open_holds", "sum_of",
]  # fmt: skip

WINDOW_TRIES = 6
"""How often a hold is tried again because a limited key's minute, day or month began anew."""


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
        """Sets `nano` aside on one shard; money that lies on others is brought there where it must be. Raises a
        LedgerError that says why not."""
        hold = Hold(
            request_id, account.account_id, account.key_id, 0, nano, now_ms, expires_ms,
            capped=account.limits.spend_nano is not None,
            counted=key_limits.Windows.at(now_ms) if key_limits.is_counted(account.limits) else None,
            tokens=tokens,
        )  # fmt: skip
        for shard in places(account, request_id):
            try:
                return self._hold_on(replace(hold, shard=shard), account)
            except InsufficientBalance as short:
                if account.shards == 1:
                    raise short from None
        home = next(iter(places(account, request_id)))
        self._gather(account, home, nano)
        return self._hold_on(replace(hold, shard=home), account)

    def _hold_on(self, hold: Hold, account: AccountRef) -> Hold:
        """A limited key's counters may begin a new minute, day or month: then the update is tried again with what the
        item shows. An update whose answer was lost on the way is found done."""
        seen = hold.counted
        for _ in range(WINDOW_TRIES):
            if hold.counted is not None and seen is not None:
                hold = replace(hold, counted=hold.counted.not_before(seen))
            try:
                item = self._store.change(_pk(hold.account_id), f"BALANCE#{hold.shard}", holding(hold, account, seen))
            except ConditionFailed as failed:
                item = failed.item
                if not is_held(item, hold):
                    seen = self._seen_again(item, hold, account, seen)
                    continue
            if hold.counted is None:
                return hold
            return replace(hold, rates=key_limits.left(account.limits, item["uses"][hold.key_id], hold.opened_ms))
        raise LimitExceeded("requests at the same moment", WINDOW_TRIES, 0, 1.0)

    def _seen_again(
        self, item: Item, hold: Hold, account: AccountRef, seen: key_limits.Windows | None
    ) -> key_limits.Windows:
        """The windows to try with next; raises where the refusal stands."""
        refuse(item, hold, account)
        if hold.counted is None or seen is None:
            raise _short([item], hold.nano)
        record = (item.get("uses") or {}).get(hold.key_id)
        if record is None:
            self._begin_counting(item, hold)
            record = key_limits.EMPTY
        full = key_limits.reached(account.limits, record, hold.opened_ms, hold.nano, hold.tokens)
        if full is not None:
            raise refused(full, key_limits.left(account.limits, record, hold.opened_ms))
        if int(item["available"]) < hold.nano:
            raise _short([item], hold.nano)
        return key_limits.Windows.of(record)

    def _begin_counting(self, item: Item, hold: Hold) -> None:
        """A key's counters, all at nothing. Who comes second finds them made."""
        names, empty = {"#uses": "uses", "#ukey": hold.key_id}, dict(key_limits.EMPTY)
        if "uses" in item:
            change = Change("SET #uses.#ukey = :e", "attribute_not_exists(#uses.#ukey)", names, {":e": empty})
        else:
            made = {":e": {hold.key_id: empty}}
            change = Change("SET #uses = :e", "attribute_not_exists(#uses)", {"#uses": "uses"}, made)
        with suppress(ConditionFailed):
            self._store.change(_pk(hold.account_id), f"BALANCE#{hold.shard}", change)

    def _gather(self, account: AccountRef, home: int, nano: int) -> None:
        """Brings money from the account's other shards to one, so that what is there in all can be held at once. Raises
        InsufficientBalance where it is not enough in all."""
        pk = _pk(account.account_id)
        items = {int(str(item["sk"]).removeprefix("BALANCE#")): item for item in self._store.query(pk, "BALANCE#")}
        there = sum(max(0, int(item["available"])) for item in items.values())
        if there < nano or home not in items:
            raise _short(list(items.values()), nano)
        missing = nano - int(items[home]["available"])
        for shard, item in sorted(items.items(), key=lambda one: -int(one[1]["available"])):
            part = min(missing, int(item["available"]))
            if shard == home or part <= 0:
                continue
            self.move(account.account_id, shard, home, part)
            missing -= part

    def move(self, account_id: str, source: int, target: int, nano: int) -> bool:
        """Moves available money between two shards of an account. False where the source has no longer enough."""
        pk = _pk(account_id)
        take = Change("SET available = available - :n, credited = credited - :n", "available >= :n", {}, {":n": nano})
        give = Change(
            "SET available = available + :n, credited = credited + :n", "attribute_exists(pk)", {}, {":n": nano}
        )
        try:
            self._store.transact([Update(pk, f"BALANCE#{source}", take), Update(pk, f"BALANCE#{target}", give)])
        except ConditionFailed:
            return False
        return True

    def together(self) -> AbstractContextManager[None]:
        """What is written within may become lasting at one moment. Its order stays."""
        return self._store.together()

    def record(self, row: UsageRow) -> None:
        """Writes the row, once: a second writing of the same request changes nothing."""
        try:
            self._store.insert(row_item(write_row(row)))
        except ConditionFailed:
            return  # the request's first row is its only one

    def settle(self, hold: Hold, charge_nano: int, now_ms: int, tokens: int = 0) -> bool:
        """Resolves the hold with what the request cost. True the first time; False where it was resolved before."""
        seen = hold.counted
        while True:
            try:
                change = settling(hold, charge_nano, tokens, seen)
                self._store.change(_pk(hold.account_id), f"BALANCE#{hold.shard}", change)
            except ConditionFailed as failed:
                if hold.request_id not in (failed.item.get("holds") or {}) or hold.counted is None:
                    return False
                seen = key_limits.Windows.of(failed.item["uses"][hold.key_id])  # a window has passed meanwhile
            else:
                return True

    def release(self, hold: Hold, now_ms: int) -> bool:
        """Gives the hold back whole."""
        return self.settle(hold, 0, now_ms)

    def row(self, request_id: str) -> UsageRow | None:
        item = self._store.get(f"REQUEST#{request_id}", "USAGE")
        return None if item is None else read_row_item(item)

    def rows(
        self,
        account_id: str,
        day: str,
        *,
        newest_first: bool = False,
        limit: int | None = None,
        after: str = "",
        before: str = LAST,
    ) -> Iterator[UsageRow]:
        """The rows of one account and UTC day ("2026-11-23"), between two of `store.row_place`, both left out."""
        found = self._store.query_index(
            f"ACCOUNT#{account_id}#{day}", newest_first=newest_first, limit=limit, after=after, before=before
        )
        for item in found:
            yield read_row_item(item)


def read_row_item(item: Item) -> UsageRow:
    return read_row(json.loads(item["row"]))


def _short(items: list[Item], needed_nano: int) -> InsufficientBalance:
    return InsufficientBalance(
        sum(int(item["available"]) for item in items),
        needed_nano,
        sum(int(item["held"]) for item in items),
        sum(len(item["holds"]) for item in items),
    )


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
            counted=key_limits.Windows(*(int(one) for one in held["counted"])) if held.get("counted") else None,
            tokens=int(held.get("tokens") or 0),
        )  # fmt: skip


def _pk(account_id: str) -> str:
    return f"ACCOUNT#{account_id}"
