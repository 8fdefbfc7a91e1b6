"""When an account is to be looked at by the sweep: an index of the few that are, so that idle ones cost nothing.

The first hold of a balance item puts it into the index, in its own update; further ones leave its place as it is,
which costs the index nothing. A credit that expires stands there under that time, an account with days to close under
the time at which the last is over. What has been looked at, and needs no more, is taken out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from interchange.dataclass import dataclass
from interchange.tables.port import DUE

from .store import Change, ConditionFailed, Store

PARTITION = "DUE"
AT_ONCE = 0
SET = "gsi2pk = :due, gsi2sk = if_not_exists(gsi2sk, :at)"
"""A part of an update that makes its item due, unless it is already."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An item that is due, and since when."""

    pk: str
    sk: str
    at: str

    @property
    def account_id(self) -> str:
        return self.pk.removeprefix("ACCOUNT#")


def place(at_ms: int) -> str:
    return f"{max(0, at_ms):015d}"


def values(at_ms: int) -> dict[str, Any]:
    """Values of the `SET`."""
    return {":due": PARTITION, ":at": place(at_ms)}


def attributes(at_ms: int) -> dict[str, str]:
    """Attributes of a new item."""
    return {"gsi2pk": PARTITION, "gsi2sk": place(at_ms)}


def entries(store: Store, now_ms: int) -> Iterator[Entry]:
    """All that are due, the longest waiting first."""
    for item in store.query_index(PARTITION, before=place(now_ms + 1), index=DUE):
        yield Entry(str(item["pk"]), str(item["sk"]), str(item["gsi2sk"]))


def make(store: Store, account_id: str, at_ms: int) -> None:
    """The account itself, unless it is due already."""
    _make(store, account_id, f"SET {SET}", at_ms)


def make_at_once(store: Store, account_id: str) -> None:
    _make(store, account_id, "SET gsi2pk = :due, gsi2sk = :at", AT_ONCE)


def _make(store: Store, account_id: str, update: str, at_ms: int) -> None:
    with suppress(ConditionFailed):
        change = Change(update, "attribute_exists(pk)", {}, values(at_ms))
        store.change(f"ACCOUNT#{account_id}", "ACCOUNT", change)


def done(store: Store, entry: Entry, charged: int | None = None) -> None:
    """Takes it out. A balance item stays where requests of its are open, or it was charged more than `charged`, which
    is what was seen of it."""
    condition = "gsi2sk = :at"
    more: dict[str, Any] = {":at": entry.at}
    if entry.sk.startswith("BALANCE#"):
        condition += " AND size(holds) = :none AND charged = :charged"
        more |= {":none": 0, ":charged": charged}
    with suppress(ConditionFailed):
        store.change(entry.pk, entry.sk, Change("REMOVE gsi2pk, gsi2sk", condition, {}, more))
