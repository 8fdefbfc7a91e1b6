"""The counters of a limited request: the key's own, and beside it the account's, its end user's and its model's where
those have limits. Each stands in an item of its own (key_uses.py); all change in one transaction with the money.
"""

from __future__ import annotations

from collections.abc import Mapping

from interchange.dataclass import replace

from . import key_limits, key_uses
from .hold import AccountRef, Hold, Metered
from .hold_updates import refused
from .key_limits import Parts, Windows
from .refusals import AllowanceExceeded
from .store import Item, Store, Update

Seen = Mapping[str, Windows]
"""A counter's name -> the windows that its item is expected to show; those of the hold where it is not named."""
USER_DAYS_KEPT = 62
"""An end user's counters go when he has not been seen for longer than any window."""


def names(hold: Hold) -> tuple[str, ...]:
    return (hold.key_id, *hold.beside)


def places(hold: Hold) -> list[tuple[str, str]]:
    return [key_uses.place(hold.account_id, name) for name in names(hold)]


def later(hold: Hold, seen: Seen) -> Hold:
    """Counted in windows that none of its counters has passed."""
    for windows in seen.values():
        if hold.counted is not None:
            hold = replace(hold, counted=hold.counted.not_before(windows))
    return hold


def counting_in(hold: Hold, account: AccountRef, seen: Seen) -> list[Update]:
    steps = []
    for one in _meters(hold, account):
        parts = Parts(conditions=["attribute_exists(pk)"])
        if hold.counted is not None:
            key_limits.take(parts, one.limits, seen.get(one.name, hold.counted), hold.counted, hold.nano, hold.tokens)
        if hold.capped and one.name == hold.key_id:
            _cap(parts, hold.nano)
        if one.name.startswith(key_uses.USER):
            parts.sets.append("expires_at = :end")
            parts.values[":end"] = hold.opened_ms // 1000 + USER_DAYS_KEPT * 86_400
        steps.append(Update(*key_uses.place(hold.account_id, one.name), parts.change()))
    return steps


def counting_more(hold: Hold, account: AccountRef, nano: int, seen: Seen) -> list[Update]:
    steps = []
    for one in _meters(hold, account):
        parts = Parts(conditions=["attribute_exists(pk)"])
        if hold.counted is not None:
            key_limits.take_more(parts, one.limits, hold.counted, seen.get(one.name, hold.counted), nano)
        if hold.capped and one.name == hold.key_id:
            _cap(parts, nano)
        steps.append(Update(*key_uses.place(hold.account_id, one.name), parts.change()))
    return steps


def counting_out(hold: Hold, charge_nano: int, tokens: int, seen: Seen) -> list[Update]:
    back, steps = hold.nano - charge_nano, []
    for name in names(hold):
        parts = Parts(conditions=["attribute_exists(pk)"])
        if hold.counted is not None:
            key_limits.give_back(parts, hold.counted, seen.get(name, hold.counted), back, hold.tokens - tokens)
        if hold.capped and name == hold.key_id:
            parts.sets.append("allowance = allowance + :cap")
            parts.conditions.append("attribute_exists(allowance)")
            parts.values[":cap"] = back
        steps.append(Update(*key_uses.place(hold.account_id, name), parts.change()))
    return steps


def read(store: Store, hold: Hold) -> dict[str, Item]:
    """Each counter's item, made where there is none yet."""
    return {name: key_uses.read(store, hold.account_id, name) for name in names(hold)}


def windows(records: Mapping[str, Item]) -> dict[str, Windows]:
    return {name: Windows.of(record) for name, record in records.items()}


def refuse(records: Mapping[str, Item], hold: Hold, account: AccountRef, *, affords: bool) -> None:
    """Raises where a counter does not let the request in; `affords` is whether the balance would, which otherwise is
    the reason to give for a want of money."""
    for one in _meters(hold, account):
        record = records[one.name]
        if hold.counted is not None:
            full = key_limits.reached(one.limits, record, hold.opened_ms, hold.nano, hold.tokens)
            if full is not None:
                raise refused(full, key_limits.left(one.limits, record, hold.opened_ms), one.whose)
    left = _allowance(records[hold.key_id])
    if hold.capped and affords and left < hold.nano:
        raise AllowanceExceeded("", None, left)


def refuse_more(records: Mapping[str, Item], hold: Hold, account: AccountRef, nano: int) -> None:
    for one in _meters(hold, account):
        left = key_limits.spendable(one.limits, records[one.name], hold.opened_ms)
        if left is not None and left < nano:
            raise AllowanceExceeded("of its day, week or month", None, left, whose=one.whose)
    if hold.capped and _allowance(records[hold.key_id]) < nano:
        raise AllowanceExceeded("", None, _allowance(records[hold.key_id]))


def spare(store: Store, hold: Hold, account: AccountRef) -> int | None:
    """The amount that the caps leave; None where there are none."""
    records = read(store, hold)
    caps = [key_limits.spendable(one.limits, records[one.name], hold.opened_ms) for one in _meters(hold, account)]
    if hold.capped:
        caps.append(_allowance(records[hold.key_id]))
    return min((cap for cap in caps if cap is not None), default=None)


def _meters(hold: Hold, account: AccountRef) -> list[Metered]:
    """Those that the hold was counted on; one whose limits have gone meanwhile is counted still."""
    known = {one.name: one for one in account.meters}
    return [account.own, *(known[name] for name in hold.beside if name in known)]


def _allowance(record: Item) -> int:
    """Not below zero, where the cap was lowered to less than was spent."""
    return max(0, int(record.get("allowance") or 0))


def _cap(parts: Parts, nano: int) -> None:
    parts.sets.append("allowance = allowance - :n")
    parts.conditions.append("allowance >= :n")
    parts.values[":n"] = nano
