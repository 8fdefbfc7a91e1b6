"""An account, the state of its books, and the result of a sweep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass

from .ledger import Balance
from .store import Item


@dataclass(frozen=True, slots=True)
class Account:
    """An account without its money. `low_nano` is where its owner wants to be told."""

    account_id: str
    name: str
    created_ms: int
    markup: str = "1"
    low_nano: int | None = None
    closed: str = ""
    """The last day whose usage is summed and kept; "" before the first."""
    ended_ms: int | None = None
    """When the account was closed, for good."""
    is_due: bool = False
    """True where it stands in the index of what is due, now or later."""
    group: str = ""
    """The customers that it is priced with (`tariff`)."""
    zone: str | None = None
    """The time zone of its keys' limits, for new keys."""
    tops_up: bool = False
    """Whether it buys credit by itself (`top_ups`)."""
    email: str = ""
    webhook: str = ""
    """Where its owner is told of things; `webhook_secret` signs the calls."""
    webhook_secret: str = field(default="", repr=False)
    webhook_public: bool = False
    """Whether its calls go to the open internet alone: the owner named it, not the operator."""
    email_asked: str = ""
    email_code: str = field(default="", repr=False)
    """An address that its owner named and has not confirmed, and the code that was sent there."""
    email_asks: str = ""
    """How often an address was named, as "2026-11-28:2"."""
    shared: Mapping[str, Any] = field(default_factory=dict)
    """Limits that its keys share, as each of them keeps them."""


@dataclass(frozen=True, slots=True)
class Audit:
    """One account's books. `gap_nano`, `held_gap_nano` and `credit_gap_nano` are 0 where they balance."""

    account_id: str
    balance: Balance
    held_gap_nano: int = 0
    """The balance's `held` less the sum of its open holds."""
    credit_gap_nano: int = 0
    """The balance's `credited` less the sum of the credit entries."""

    @property
    def sound(self) -> bool:
        return self.balance.gap_nano == self.held_gap_nano == self.credit_gap_nano == 0


@dataclass(frozen=True, slots=True)
class Swept:
    """The result of a sweep: holds settled from their rows, holds released without one, the money of each, and holds
    that could not be resolved (a row that cannot be read, a table that refuses)."""

    settled: int = 0
    released: int = 0
    settled_nano: int = 0
    released_nano: int = 0
    failed: int = 0

    def __add__(self, other: Swept) -> Swept:
        return Swept(
            self.settled + other.settled,
            self.released + other.released,
            self.settled_nano + other.settled_nano,
            self.released_nano + other.released_nano,
            self.failed + other.failed,
        )


def read_account(item: Item) -> Account:
    low = item.get("low_nano")
    return Account(
        account_id=str(item["pk"]).removeprefix("ACCOUNT#"),
        name=str(item["name"]),
        created_ms=int(item["created_ms"]),
        markup=str(item.get("markup") or "1"),
        low_nano=None if low is None else int(low),
        closed=str(item.get("closed") or ""),
        ended_ms=None if item.get("ended_ms") is None else int(item["ended_ms"]),
        is_due="gsi2sk" in item,
        group=str(item.get("group") or ""),
        zone=item.get("zone"),
        tops_up=bool(item.get("tops_up")),
        email=str(item.get("email") or ""),
        webhook=str(item.get("webhook") or ""),
        webhook_secret=str(item.get("webhook_secret") or ""),
        webhook_public=bool(item.get("webhook_public")),
        email_asked=str(item.get("email_asked") or ""),
        email_code=str(item.get("email_code") or ""),
        email_asks=str(item.get("email_asks") or ""),
        shared=dict(item.get("shared") or {}),
    )
