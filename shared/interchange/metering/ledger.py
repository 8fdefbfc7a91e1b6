"""The ledger: hold, settle, release. Each is one conditional update of one item, for a limited key one transaction with
that key's own item, so no interleaving of requests can overspend, and no crash can charge twice.

An account's money stands in items BALANCE#0 .. BALANCE#n-1 (spread.py). A request takes its whole hold from one of
them: the one its id leads to, where money is brought if it lies on others.
"""

from __future__ import annotations

import functools
import heapq
import itertools
import random
from collections.abc import Iterator
from contextlib import AbstractContextManager

from interchange.dataclass import dataclass, replace
from interchange.waiting import pause

from . import counters, extending, key_limits, key_uses, spread
from .hold import AccountRef, Hold, KeyLimits
from .hold_records import find_hold, read_holds
from .hold_updates import ACTIVE, holding, is_held, refuse, settling
from .refusals import (
    AccountInactive,
    AllowanceExceeded,
    DuplicateHold,
    InsufficientBalance,
    KeyRevoked,
    LedgerError,
    LimitExceeded,
    UnknownAccount,
    short,
)
from .rows import UsageRow, read_row, write_row
from .store import (
    INDEX_PARTS,
    LAST,
    Change,
    ConditionFailed,
    Item,
    Store,
    Update,
    day_partition,
    item_row,
    row_item,
)

__all__ = [
    "ACTIVE", "AccountInactive", "AccountRef", "AllowanceExceeded", "Balance", "DuplicateHold", "Hold",
    "InsufficientBalance", "KeyLimits", "KeyRevoked", "Ledger", "LedgerError", "LimitExceeded", "UnknownAccount",
    "find_hold", "open_holds", "sum_of",
]  # fmt: skip

WINDOW_TRIES = 6
"""How often a hold is tried again because a limited key's minute, day or month began anew."""
SPREAD_TRIES = 6
"""How often because its item was full, and the account has more of them now."""
GATHER_TRIES = 12
"""How often because money that was brought together was taken by another request."""
GATHER_PAUSE_S = 0.005
open_holds = read_holds


class Crowded(Exception):
    """The item has as many open holds as it may have."""


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
        self._spread = spread.Spread()

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
            counted=_windows(account, now_ms),
            tokens=tokens,
            beside=tuple(one.name for one in account.counted),
        )  # fmt: skip
        for tried in range(SPREAD_TRIES):
            shards, room = self._spread.shards(account), self._spread.room(account, tried)
            home = spread.home(request_id, shards, tried)
            try:
                return self._hold_at_home(replace(hold, shard=home) if home else hold, account, shards, room)
            except Crowded:
                if self._spread.shards(account) == shards < spread.MOST_SHARDS:
                    self._split(account, shards)
        raise LimitExceeded("open requests of the account", spread.MOST_OPEN_AT_LAST * spread.MOST_SHARDS, 0, 1.0)

    def _hold_at_home(self, hold: Hold, account: AccountRef, shards: int, room: int) -> Hold:
        """Raises Crowded also where the account was split meanwhile: its money lies elsewhere now."""
        for number in range(GATHER_TRIES):
            if number:
                pause(random.random() * GATHER_PAUSE_S * number)  # noqa: S311 - so that two do not chase each other
            try:
                return self._hold_on(hold, account, room)
            except InsufficientBalance:
                if self._spread.shards(account) > shards:
                    raise Crowded from None
                if shards == 1:
                    raise
                self._gather(account, hold.shard, hold.nano)
        raise LimitExceeded("requests at the same moment", GATHER_TRIES, 0, 1.0)

    def _hold_on(self, hold: Hold, account: AccountRef, room: int) -> Hold:
        """A limited key's counters may begin a new minute, day or month: then the update is tried again with what the
        item shows. An update whose answer was lost on the way is found done."""
        seen: counters.Seen = {}
        for _ in range(WINDOW_TRIES):
            hold = counters.later(hold, seen)
            try:
                item = self._make(hold, account, seen, room)
            except ConditionFailed as failed:
                if failed.step == 0 and is_held(failed.item, hold):
                    return self._with_rates(hold, account)
                seen = self._seen_again(failed, hold, account, room)
            else:
                self._look_around(item, hold, account)
                return self._with_rates(replace(hold, spare_nano=max(0, int(item.get("available") or 0))), account)
        raise LimitExceeded("requests at the same moment", WINDOW_TRIES, 0, 1.0)

    def _make(self, hold: Hold, account: AccountRef, seen: counters.Seen, room: int) -> Item:
        """The balance item with the hold in it."""
        pk, sk, change = _pk(hold.account_id), f"BALANCE#{hold.shard}", holding(hold, room)
        if not hold.limited:
            return self._store.change(pk, sk, change)
        self._store.transact([Update(pk, sk, change), *counters.counting_in(hold, account, seen)])
        return self._store.get(pk, sk) or {}

    def _with_rates(self, hold: Hold, account: AccountRef) -> Hold:
        limits = account.limits
        if limits.requests_per_minute is None and limits.tokens_per_minute is None:
            return hold
        record = key_uses.read(self._store, hold.account_id, hold.key_id)
        return replace(hold, rates=key_limits.left(limits, record, hold.opened_ms))

    def _seen_again(self, failed: ConditionFailed, hold: Hold, account: AccountRef, room: int) -> counters.Seen:
        """The windows to try with next; raises where the refusal stands."""
        if failed.step == 0:
            refuse(failed.item, hold)
        records: dict[str, Item] = {}
        if hold.limited:
            records = counters.read(self._store, hold)
            affords = failed.step != 0 or int(failed.item["available"]) >= hold.nano
            counters.refuse(records, hold, account, affords=affords)
        if failed.step == 0:
            self._spread.learn(hold.account_id, failed.item)
            if int(failed.item["available"]) < hold.nano:
                raise short([failed.item], hold.nano)
            if len(failed.item["holds"]) >= room:
                raise Crowded
        return {} if hold.counted is None else counters.windows(records)

    def _look_around(self, item: Item, hold: Hold, account: AccountRef) -> None:
        """After a hold: the item says how many there are, and whether it is time for more. Little money is left
        together, as long as the item has room, so that requests need not bring it together again."""
        if not item:
            return
        self._spread.learn(account.account_id, item)
        shards = self._spread.shards(account)
        enough = int(item["available"]) >= spread.GROWTH * spread.HOLDS_A_PART * hold.nano
        if enough and len(item["holds"]) > spread.SPLIT_OVER and shards < spread.MOST_SHARDS:
            self._split(account, shards)

    def _split(self, account: AccountRef, shards: int) -> None:
        """The hold stands already, or is tried again: whatever keeps the account from being split now, the next one
        tries."""
        try:
            made = spread.split(self._store, account.account_id, min(shards * spread.GROWTH, spread.MOST_SHARDS))
        except Exception:  # noqa: BLE001 - see above
            return
        self._spread.learn(account.account_id, {"shards": made})

    def _gather(self, account: AccountRef, home: int, nano: int) -> None:
        """Brings money from the account's other shards to one, so that what is there in all can be held at once;
        nothing where it does not stop moving between them. Raises InsufficientBalance where it is not enough in all."""
        found = spread.shards_of(self._store, account.account_id)
        if sum(max(0, int(item["available"])) for item in found) < nano:
            rested = spread.shards_at_rest(self._store, account.account_id)
            if rested is None:
                return
            found = rested
        items = {spread.number_of(item): item for item in found}
        there = sum(max(0, int(item["available"])) for item in found)
        if there < nano or home not in items:
            raise short(list(items.values()), nano)
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
        """Lets what is written within become lasting at one moment. Its order stays."""
        return self._store.together()

    def record(self, row: UsageRow) -> None:
        """Writes the row, once: a second writing of the same request changes nothing."""
        try:
            self._store.insert(row_item(write_row(row), packs=not self._store.near))
        except ConditionFailed:
            return  # the request's first row is its only one

    def extend(self, hold: Hold, account: AccountRef, nano: int) -> Hold:
        """The same hold with `nano` more set aside, brought together from the account's other items where it must be.
        Raises a LedgerError that says why not: InsufficientBalance and AllowanceExceeded say what is left."""
        return extending.extend(self._store, hold, account, nano, functools.partial(self._gather, account, hold.shard))

    def spare(self, hold: Hold, account: AccountRef, wanted_nano: int) -> int:
        """The amount by which the hold could grow at this moment, as far as `wanted_nano`: of what is available, within
        the key's caps. Reads no more than it must."""
        spare = hold.spare_nano
        if spare < wanted_nano and self._spread.shards(account) > 1:
            spare = self.balance(hold.account_id).available_nano
        if not hold.limited:
            return spare
        cap = counters.spare(self._store, hold, account)
        return spare if cap is None else min(spare, cap)

    def settle(self, hold: Hold, charge_nano: int, now_ms: int, tokens: int = 0) -> bool:
        """Resolves the hold with what the request cost. True the first time; False where it was resolved before."""
        seen: counters.Seen = {}
        while True:
            balance = Update(_pk(hold.account_id), f"BALANCE#{hold.shard}", settling(hold, charge_nano))
            try:
                if not hold.limited:
                    self._store.change(balance.pk, balance.sk, balance.change)
                else:
                    self._store.transact([balance, *counters.counting_out(hold, charge_nano, tokens, seen)])
            except ConditionFailed as failed:
                if failed.step == 0:
                    standing = find_hold(failed.item, hold.request_id) if failed.item else None
                    if standing is None or standing.nano == hold.nano:
                        return False
                    hold = replace(hold, nano=standing.nano)  # it grew, and nobody heard
                    continue
                records = counters.read(self._store, hold)
                if hold.capped and "allowance" not in records[hold.key_id]:
                    key_uses.allow(self._store, hold.account_id, hold.key_id, 0)
                seen = counters.windows(records)  # a window has passed meanwhile
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
        """The rows of an account and UTC day ("2026-11-23") by time, between two of `store.row_place`, left out."""
        parts = {day_partition(account_id, day, shard) for shard in range(self._shards_now(account_id))}
        queries = [
            self._store.query_index(part, newest_first=newest_first, limit=limit, after=after, before=before)
            for part in sorted(parts)
        ]
        found = heapq.merge(*queries, key=lambda item: str(item["gsi1sk"]), reverse=newest_first)
        for item in itertools.islice(found, limit):
            yield read_row_item(item)

    def _shards_now(self, account_id: str) -> int:
        first = self._store.get(_pk(account_id), "BALANCE#0") or {}
        return max(int(first.get("shards") or 1), INDEX_PARTS if "shards" not in first else 1)


def read_row_item(item: Item) -> UsageRow:
    return read_row(item_row(item))


def _windows(account: AccountRef, now_ms: int) -> key_limits.Windows | None:
    counted = account.counted or key_limits.is_counted(account.limits)
    return key_limits.Windows.at(now_ms, account.limits.zone) if counted else None


def sum_of(items: list[Item]) -> Balance:
    return Balance(
        available_nano=sum(int(item["available"]) for item in items),
        held_nano=sum(int(item["held"]) for item in items),
        charged_nano=sum(int(item["charged"]) for item in items),
        credited_nano=sum(int(item["credited"]) for item in items),
        active=all(item["status"] == ACTIVE for item in items),
        shards=len(items),
        open_holds=sum(len(item.get("holds") or ()) for item in items),
    )


def _pk(account_id: str) -> str:
    return f"ACCOUNT#{account_id}"
