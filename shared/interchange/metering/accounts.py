"""Accounts and their credit: what an operator does to the books."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from .ledger import ACTIVE, Balance, Ledger, UnknownAccount, open_holds, sum_of
from .store import Change, ConditionFailed, Store


class CreditConflict(Exception):
    """The credit id was used before, for another amount."""


@dataclass(frozen=True, slots=True)
class Audit:
    """One account's books. `gap_nano` is 0 where they balance."""

    account_id: str
    balance: Balance

    @property
    def sound(self) -> bool:
        return self.balance.gap_nano == 0


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did: holds settled from their rows, holds released without one, and the money of each."""

    settled: int = 0
    released: int = 0
    settled_nano: int = 0
    released_nano: int = 0


class Accounts:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._ledger = Ledger(store)

    def create(self, account_id: str, name: str, now_ms: int, shards: int = 1) -> None:
        for shard in range(shards):
            self._store.insert(
                {
                    "pk": f"ACCOUNT#{account_id}",
                    "sk": f"BALANCE#{shard}",
                    "name": name,
                    "status": ACTIVE,
                    "created_ms": now_ms,
                    "available": 0,
                    "held": 0,
                    "charged": 0,
                    "credited": 0,
                    "holds": {},
                    "allowances": {},
                }
            )

    def credit(self, account_id: str, nano: int, reason: str, credit_id: str, now_ms: int) -> bool:
        """Adds to the balance (or takes from it, when negative), once per `credit_id`. False for a repeat. Raises
        UnknownAccount, CreditConflict."""
        record = {"nano": nano, "reason": reason, "created_ms": now_ms}
        change = Change(
            "SET available = available + :n, credited = credited + :n, credits.#id = :record",
            "attribute_exists(pk) AND attribute_exists(credits) AND attribute_not_exists(credits.#id)",
            {"#id": credit_id},
            {":n": nano, ":record": record},
        )
        try:
            self._store.change(f"ACCOUNT#{account_id}", "BALANCE#0", change)
        except ConditionFailed as failed:
            return self._credit_again(failed, account_id, nano, reason, credit_id, now_ms)
        return True

    def _credit_again(
        self, failed: ConditionFailed, account_id: str, nano: int, reason: str, credit_id: str, now_ms: int
    ) -> bool:
        if not failed.item:
            raise UnknownAccount(f"no account {account_id}")
        known = failed.item.get("credits")
        if known is None:
            make = Change("SET credits = :empty", "attribute_not_exists(credits)", {}, {":empty": {}})
            with contextlib.suppress(ConditionFailed):  # another credit made it first
                self._store.change(f"ACCOUNT#{account_id}", "BALANCE#0", make)
            return self.credit(account_id, nano, reason, credit_id, now_ms)
        if int(known[credit_id]["nano"]) != nano:
            raise CreditConflict(f"credit {credit_id} was made before, for another amount")
        return False

    def revoke(self, account_id: str, key_id: str) -> None:
        """From the next hold on, the key is refused: the books know it, whatever a cache says."""
        for shard in range(self._ledger.balance(account_id).shards):
            self._store.change(
                f"ACCOUNT#{account_id}",
                f"BALANCE#{shard}",
                Change("ADD revoked :key", "attribute_exists(pk)", {}, {":key": {key_id}}),
            )

    def allow(self, account_id: str, key_id: str, nano: int) -> None:
        """Caps what a key may spend in all."""
        change = Change("SET allowances.#key = :n", "attribute_exists(pk)", {"#key": key_id}, {":n": nano})
        self._store.change(f"ACCOUNT#{account_id}", "BALANCE#0", change)

    def audit(self) -> list[Audit]:
        found: dict[str, list[dict[str, object]]] = {}
        for item in self._store.scan("BALANCE#"):
            found.setdefault(str(item["pk"]).removeprefix("ACCOUNT#"), []).append(item)
        return [Audit(account_id, sum_of(items)) for account_id, items in sorted(found.items())]

    def sweep(self, now_ms: int) -> Swept:
        """Resolves expired holds: with a row the row's charge is settled, without one the hold is released."""
        done = Swept()
        for item in self._store.scan("BALANCE#"):
            for hold in open_holds(item):
                if hold.expires_ms > now_ms:
                    continue
                row = self._ledger.row(hold.request_id)
                charge = row.charge_nano if row else 0
                if not self._ledger.settle(hold, charge, now_ms):
                    continue
                if row:
                    done = Swept(done.settled + 1, done.released, done.settled_nano + charge, done.released_nano)
                else:
                    done = Swept(done.settled, done.released + 1, done.settled_nano, done.released_nano + hold.nano)
        return done
