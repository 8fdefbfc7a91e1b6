"""Accounts: what an operator does to the books."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from . import key_uses
from .account import Account, Audit, Swept, read_account
from .credit_shares import Credit
from .credits import CreditConflict, Credits
from .earlier import bring_up
from .ledger import ACTIVE, Hold, Ledger, UnknownAccount, open_holds, sum_of
from .refusals import LedgerError
from .rows import request_of
from .spread import MOST_SHARDS, new_shard, shards_of, split
from .store import Change, ConditionFailed, Insert, Item, Store

__all__ = ["Account", "Accounts", "Audit", "CreditConflict", "Swept"]

SUSPENDED = "suspended"


class Accounts:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._ledger = Ledger(store)
        self.credits = Credits(store)

    def create(self, account_id: str, name: str, now_ms: int, shards: int = 1, markup: str = "1") -> None:
        """Raises ConditionFailed where there is one of that id."""
        pk = f"ACCOUNT#{account_id}"
        made = [new_shard(pk, shard, shards, status=ACTIVE, created_ms=now_ms) for shard in range(shards)]
        index = {"gsi1pk": "ACCOUNTS", "gsi1sk": account_id}
        profile = {"name": name, "created_ms": now_ms, "markup": markup}
        self._store.transact([*map(Insert, made), Insert({"pk": pk, "sk": "ACCOUNT", **index, **profile})])

    def get(self, account_id: str) -> Account:
        """Raises UnknownAccount."""
        item = self._store.get(f"ACCOUNT#{account_id}", "ACCOUNT")
        if item is None:
            raise UnknownAccount(f"no account {account_id}")
        return read_account(item)

    def all(self) -> Iterator[Account]:
        """Every account, by id. From the index, which may lag behind by a moment."""
        for item in self._store.query_index("ACCOUNTS"):
            yield read_account(item)

    def some(self, after: str, most: int) -> list[Account]:
        """Accounts by id, behind that one."""
        return [read_account(item) for item in self._store.query_index("ACCOUNTS", after=after, limit=most)]

    def change(self, account_id: str, **values: Any) -> Account:
        """Sets attributes, such as `name`, `markup`, `low_nano` or `closed`. Raises UnknownAccount."""
        names = {f"#{name}": name for name in values}
        update = "SET " + ", ".join(f"#{name} = :{name}" for name in values)
        change = Change(update, "attribute_exists(pk)", names, {f":{name}": value for name, value in values.items()})
        try:
            return read_account(self._store.change(f"ACCOUNT#{account_id}", "ACCOUNT", change))
        except ConditionFailed as failed:
            raise UnknownAccount(f"no account {account_id}") from failed

    def credit(
        self, account_id: str, nano: int, reason: str, credit_id: str, now_ms: int, expires_ms: int | None = None
    ) -> bool:
        """Adds to the balance (or takes from it, when negative), once per `credit_id`. False for a repeat. Raises
        UnknownAccount, CreditConflict."""
        return self.credits.add(account_id, Credit(credit_id, nano, reason, now_ms, expires_ms=expires_ms))

    def suspend(self, account_id: str, *, suspended: bool = True) -> None:
        """A suspended account's requests are refused from the next hold on; what runs is settled."""
        values = {":status": SUSPENDED if suspended else ACTIVE}
        self._each_shard(
            account_id, Change("SET #status = :status", "attribute_exists(pk)", {"#status": "status"}, values)
        )

    def revoke(self, account_id: str, key_id: str) -> None:
        """From the next hold on, the key is refused: the books know it, whatever a cache says."""
        self._each_shard(account_id, Change("ADD revoked :key", "attribute_exists(pk)", {}, {":key": {key_id}}))

    def forget(self, account_id: str, key_id: str) -> None:
        """Drops a revoked key from the books, once its own row says so: the row is read, strongly, before each hold."""
        self._each_shard(account_id, Change("DELETE revoked :key", "attribute_exists(pk)", {}, {":key": {key_id}}))

    def allow(self, account_id: str, key_id: str, nano: int, before: int | None = None) -> None:
        """Caps what a key may spend in all; what it spent under the cap `before` stays spent."""
        key_uses.allow(self._store, account_id, key_id, nano, before)

    def renew(self, account_id: str, key_id: str, nano: int) -> None:
        """Begins a key's cap anew."""
        key_uses.renew(self._store, account_id, key_id, nano)

    def split(self, account_id: str, shards: int) -> int:
        """Spreads an account over `shards` items at least, so that it takes as many more writes a second; it is done by
        itself where many requests are open. Runs beside requests, and again after a crash. Returns the number of
        shards; raises LedgerError for fewer than there are, ValueError for too many."""
        items = shards_of(self._store, account_id)
        if shards > MOST_SHARDS:
            raise ValueError(f"shards: at most {MOST_SHARDS}")
        if shards < len(items):
            raise LedgerError(f"shards: the account has {len(items)} already, and shards are never joined")
        return split(self._store, account_id, shards)

    def _each_shard(self, account_id: str, change: Change) -> None:
        seen: set[str] = set()
        while fresh := [item for item in self.shards(account_id) if item["sk"] not in seen]:
            for item in fresh:  # and those that a split makes meanwhile
                self._store.change(str(item["pk"]), str(item["sk"]), change)
                seen.add(str(item["sk"]))

    def shards(self, account_id: str) -> list[Item]:
        """Its balance items. Raises UnknownAccount."""
        return shards_of(self._store, account_id)

    def running(self, account_id: str) -> set[str]:
        """The ids of the requests that hold money now."""
        return {hold.request_id for hold in self.holds(account_id)}

    def holds(self, account_id: str) -> Iterator[Hold]:
        """Raises UnknownAccount."""
        for item in self.shards(account_id):
            yield from open_holds(item)

    def audit(self) -> list[Audit]:
        return [self.audit_of(account.account_id) for account in self.all()]

    def audit_of(self, account_id: str) -> Audit:
        """Each shard is read once and is whole in itself. The credit book is a second read, so it is read again where
        a credit was made between the two."""
        for _ in range(3):
            items = self.shards(account_id)
            balance = sum_of(items)
            credited = sum(credit.nano for credit in self.credits.book(account_id))
            if credited == balance.credited_nano:
                break
        held = sum(hold.nano for item in items for hold in open_holds(item))
        return Audit(account_id, balance, balance.held_nano - held, balance.credited_nano - credited)

    def sweep(self, now_ms: int) -> Swept:
        """`sweep_of` every account."""
        return sum((self.sweep_of(account.account_id, now_ms) for account in self.all()), Swept())

    def sweep_of(self, account_id: str, now_ms: int, is_revoked: Callable[[str], bool] = lambda _key: False) -> Swept:
        """Resolves expired holds: with a row the row's charge is settled, without one the hold is released. One that
        cannot be resolved keeps no other waiting. What an earlier release wrote is brought up to date; `is_revoked` is
        what a key's own row says."""
        done, items = Swept(), self.shards(account_id)
        for item in items:
            for hold in open_holds(item):
                if hold.expires_ms > now_ms:
                    continue
                try:
                    done += self._resolve(hold, now_ms)
                except Exception:  # noqa: BLE001 - whatever is wrong with it is counted, and the alarm is raised
                    done += Swept(failed=1)
        bring_up(self._store, account_id, items, is_revoked)
        return done

    def _resolve(self, hold: Hold, now_ms: int) -> Swept:
        row = self._ledger.row(request_of(hold.request_id))
        charge = row.share(hold.request_id) if row else 0
        if not self._ledger.settle(hold, charge, now_ms, row.usage.total if row else 0):
            return Swept()
        return Swept(settled=1, settled_nano=charge) if row else Swept(released=1, released_nano=hold.nano)
