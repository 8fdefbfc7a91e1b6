"""A hold that grows while its request runs: more is set aside, or it is refused, in one conditional update as ever."""

from __future__ import annotations

from collections.abc import Callable

from interchange.dataclass import replace

from . import counters
from .hold import AccountRef, Hold
from .hold_records import find_hold
from .hold_updates import extending
from .refusals import InsufficientBalance, LedgerError, short
from .store import ConditionFailed, Item, Store, Update

TRIES = 12
"""How often it is tried again because a limited key's day or month began anew, or money was brought together."""


class Resolved(LedgerError):
    """The hold stands no longer."""


def extend(store: Store, hold: Hold, account: AccountRef, nano: int, gather: Callable[[int], None]) -> Hold:
    """The hold with `nano` more. `gather` brings so much to its item. Raises InsufficientBalance, AllowanceExceeded and
    Resolved."""
    seen: counters.Seen = {}
    for _ in range(TRIES):
        try:
            _change(store, hold, account, nano, seen)
        except ConditionFailed as failed:
            if failed.step == 0:
                if _grown(failed.item, hold, nano):
                    break
                gather(nano)
                continue
            records = counters.read(store, hold)
            counters.refuse_more(records, hold, account, nano)
            seen = counters.windows(records)
        else:
            break
    else:
        raise InsufficientBalance(0, nano)
    return replace(hold, nano=hold.nano + nano)


def _change(store: Store, hold: Hold, account: AccountRef, nano: int, seen: counters.Seen) -> None:
    balance = Update(f"ACCOUNT#{hold.account_id}", f"BALANCE#{hold.shard}", extending(hold, nano))
    if not hold.limited:
        store.change(balance.pk, balance.sk, balance.change)
        return
    store.transact([balance, *counters.counting_more(hold, account, nano, seen)])


def _grown(item: Item, hold: Hold, nano: int) -> bool:
    """True where it was done, and the answer was lost; False where money must be brought. Raises where neither can
    be."""
    standing = find_hold(item, hold.request_id) if item else None
    if standing is None:
        raise Resolved(f"request {hold.request_id} is not held any more")
    if standing.nano == hold.nano + nano:
        return True
    if int(item.get("shards") or 1) == 1 and int(item["available"]) < nano:
        raise short([item], nano)
    return False
