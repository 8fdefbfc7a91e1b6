"""The conditional updates that make and resolve a hold, and why one is refused."""

from __future__ import annotations

from . import due, key_limits
from .hold import Hold
from .hold_records import find_hold, record_name, write_record
from .refusals import (
    AccountInactive,
    AllowanceExceeded,
    DuplicateHold,
    KeyRevoked,
    LedgerError,
    LimitExceeded,
    UnknownAccount,
)
from .store import Change, Item

ACTIVE = "active"


def holding(hold: Hold, room: int) -> Change:
    """The balance's part. `room` is how many holds the item may have open."""
    values = {":n": hold.nano, ":hold": write_record(hold), ":active": ACTIVE, ":key": hold.key_id, ":room": room}
    return Change(
        f"SET available = available - :n, held = held + :n, holds.#id = :hold, {due.SET}",
        "attribute_exists(pk) AND #status = :active AND NOT contains(revoked, :key) "
        "AND available >= :n AND attribute_not_exists(holds.#id) AND size(holds) < :room",
        {"#id": record_name(hold.request_id), "#status": "status"},
        values | due.values(hold.opened_ms),
    )


def extending(hold: Hold, nano: int) -> Change:
    """The balance's part of a hold that grows by `nano`."""
    return Change(
        "SET available = available - :more, held = held + :more, holds.#id.n = :after",
        "holds.#id.n = :before AND available >= :more",
        {"#id": record_name(hold.request_id)},
        {":more": nano, ":before": hold.nano, ":after": hold.nano + nano},
    )


def settling(hold: Hold, charge_nano: int) -> Change:
    """The balance's part. It knows the hold by its amount too: one that grew unseen is settled as what it is."""
    values = {":hold": hold.nano, ":charge": charge_nano, ":back": hold.nano - charge_nano}
    return Change(
        "SET available = available + :back, held = held - :hold, charged = charged + :charge REMOVE holds.#id",
        f"holds.#id.{'nano' if hold.name else 'n'} = :hold",
        {"#id": hold.name or record_name(hold.request_id)},
        values,
    )


def is_held(item: Item, hold: Hold) -> bool:
    """True where this very hold stands already: its update was made, and the client tried it again unknowing."""
    held = find_hold(item, hold.request_id) if item else None
    if held is None:
        return False
    return (held.nano, held.opened_ms, held.key_id) == (hold.nano, hold.opened_ms, hold.key_id)


def refuse(item: Item, hold: Hold) -> None:
    """Raises for every reason that the balance has but a lack of money or of room."""
    if not item:
        raise UnknownAccount(f"no account {hold.account_id}")
    if item["status"] != ACTIVE:
        raise AccountInactive("this account is not active")
    if hold.key_id in (item.get("revoked") or ()):
        raise KeyRevoked("this key is revoked")
    if find_hold(item, hold.request_id) is not None:
        raise DuplicateHold(f"request {hold.request_id} is held already")


def refused(full: key_limits.Reached, rates: key_limits.Rates | None, whose: str) -> LedgerError:
    if full.money:
        return AllowanceExceeded(full.kind, full.limit, full.remaining, full.retry_after_s, whose)
    return LimitExceeded(full.kind, full.limit, full.remaining, full.retry_after_s, rates, whose)
