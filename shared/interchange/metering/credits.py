"""Credit: top-ups, adjustments and their expiry, each an entry of its own that is made in one transaction with the
balance it changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from interchange.dataclass import dataclass, replace

from . import due
from .credit_shares import Credit, left, read_credit
from .ledger import Balance, UnknownAccount, sum_of
from .store import Change, ConditionFailed, Insert, Item, Store, Update

TRIES = 8
UNTOUCHED = ("credited", "charged", "held")
"""What a shard's money follows from."""


class CreditConflict(Exception):
    """The credit id was used before, for another amount."""


@dataclass(frozen=True, slots=True)
class Expired:
    """An amount that an expiry took back."""

    account_id: str
    credit_id: str
    nano: int


class Credits:
    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, account_id: str, credit: Credit, first: Sequence[Insert | Update] = ()) -> bool:
        """Enters the credit and changes the balance, once per credit id; False for a repeat. `first` are steps that
        must succeed with it (a code that is used up). Raises UnknownAccount, CreditConflict, and ConditionFailed for a
        step of `first`."""
        for number in range(TRIES):
            shards = self._shards(account_id)
            entry = _entry(account_id, credit, sum_of(shards))
            try:
                self._store.transact([*first, Insert(entry), *_shares(shards, credit.nano)])
            except ConditionFailed as failed:
                if failed.step < len(first):
                    raise
                if failed.step == len(first):
                    return _repeated(failed.item, credit)
                if number == TRIES - 1:
                    raise
            else:
                return True
        return False

    def book(self, account_id: str) -> list[Credit]:
        """Every entry, oldest first."""
        found = [read_credit(item) for item in self._store.query(f"ACCOUNT#{account_id}", "CREDIT#")]
        return sorted(found, key=lambda credit: (credit.created_ms, credit.credit_id))

    def entry(self, account_id: str, credit_id: str) -> Credit | None:
        """The entry of that id."""
        item = self._store.get(f"ACCOUNT#{account_id}", f"CREDIT#{credit_id}")
        return None if item is None else read_credit(item)

    def check(self, account_id: str) -> None:
        """Raises UnknownAccount."""
        self._shards(account_id)

    def expire(self, account_id: str, now_ms: int) -> list[Expired]:
        """Takes back what is left of credit that has expired. What open requests hold of it stays theirs: what they do
        not spend is taken back by a later call."""
        due = [one for one in self.book(account_id) if one.expires_ms is not None and one.expires_ms <= now_ms]
        taken = ((credit, self._take_back(account_id, credit, now_ms)) for credit in due)
        return [Expired(account_id, credit.credit_id, nano) for credit, nano in taken if nano]

    def _take_back(self, account_id: str, credit: Credit, now_ms: int) -> int:
        """The rest of the credit by the books as they stand when it is taken: a request that spends of it meanwhile
        would pay twice, so then it is reckoned again. 0 where nothing is left, or the account gives no pause."""
        for _ in range(TRIES):
            shards = self._shards(account_id)
            balance = sum_of(shards)
            book = self.book(account_id)  # after the shards, so that what is entered between the two is noticed
            unspent = left(book, balance.charged_nano, balance.held_nano).get(credit.credit_id, 0)
            if unspent <= 0:
                return 0
            back = _expiry(credit, unspent, sum(1 for one in book if one.of == credit.credit_id), now_ms)
            steps = [_if_untouched(step, shards) for step in _shares(shards, -unspent, all_of_them=True)]
            try:
                self._store.transact([Insert(_entry(account_id, back, balance)), *steps])
            except ConditionFailed:
                continue
            return unspent
        return 0

    def _shards(self, account_id: str) -> list[Item]:
        items = list(self._store.query(f"ACCOUNT#{account_id}", "BALANCE#"))
        if not items:
            raise UnknownAccount(f"no account {account_id}")
        return items


def _expiry(credit: Credit, nano: int, times: int, now_ms: int) -> Credit:
    """The entry that takes it back. Two sweeps at once make the same id, so that one of them does nothing."""
    name = f"{credit.credit_id}.expiry{times + 1}"
    return Credit(name, -nano, f"expiry of {credit.credit_id}", now_ms, of=credit.credit_id, source="expiry")


def _entry(account_id: str, credit: Credit, balance: Balance) -> Item:
    entry: dict[str, Any] = {
        "pk": f"ACCOUNT#{account_id}",
        "sk": f"CREDIT#{credit.credit_id}",
        "nano": credit.nano,
        "reason": credit.reason,
        "created_ms": credit.created_ms,
        "charged": balance.charged_nano,
        "source": credit.source,
    }
    optional = {"expires_ms": credit.expires_ms, "of": credit.of}
    if credit.expires_ms is not None:
        entry |= due.attributes(credit.expires_ms)
    return entry | {name: value for name, value in optional.items() if value is not None}


def _repeated(known: Item, credit: Credit) -> bool:
    # An expiry is computed anew by each sweep, so its repeat may differ; whoever was first has done it.
    if int(known["nano"]) != credit.nano and credit.of is None:
        raise CreditConflict(f"credit {credit.credit_id} was made before, for another amount")
    return False


def _shares(shards: Sequence[Item], nano: int, *, all_of_them: bool = False) -> list[Update]:
    """The updates that bring `nano` to an account's shards: an addition evenly, a taking from those that have it. What
    none has is taken from the first, which then shows a debt: the next top-up repays it. `all_of_them`: also those
    that give nothing."""
    if nano >= 0:
        part, rest = divmod(nano, len(shards))
        return [
            _share(item, part + (rest if number == 0 else 0), bound=False)
            for number, item in enumerate(shards)
            if part or (number == 0 and rest) or (nano == 0 and number == 0)
        ]
    parts: dict[str, int] = {}
    wanted = -nano
    for item in sorted(shards, key=lambda one: -int(one["available"])):
        parts[item["sk"]] = part = min(wanted, max(0, int(item["available"])))
        wanted -= part
    updates = [_share(item, -parts[item["sk"]], bound=True) for item in shards if parts[item["sk"]] or all_of_them]
    if not wanted:
        return updates
    first = shards[0]
    others = [update for update in updates if update.sk != first["sk"]]
    return [_share(first, -parts[first["sk"]] - wanted, bound=False), *others]


def _share(item: Item, nano: int, *, bound: bool) -> Update:
    """`bound`: only while the shard still has that much."""
    condition = "attribute_exists(pk)" + (" AND available >= :least" if bound else "")
    values = {":n": nano} | ({":least": -nano} if bound else {})
    change = Change("SET available = available + :n, credited = credited + :n", condition, {}, values)
    return Update(str(item["pk"]), str(item["sk"]), change)


def _if_untouched(step: Update, shards: Sequence[Item]) -> Update:
    """Only while the shard is as it was read."""
    item = next(one for one in shards if one["sk"] == step.sk)
    same = " AND ".join(f"{name} = :{name}" for name in UNTOUCHED)
    values = {**step.change.values, **{f":{name}": item[name] for name in UNTOUCHED}}
    condition = f"{step.change.condition} AND {same}"
    return replace(step, change=replace(step.change, condition=condition, values=values))
