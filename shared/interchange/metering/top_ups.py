"""Top-ups that happen by themselves: what an account's owner set, who pays, and the one that is under way.

ACCOUNT#<id>  TOPUP   below, nano, most (nano-dollars; of a calendar month); payer (the payment provider's customer);
                      month, spent; claim, claimed_ms (the one under way); stopped (why it no longer happens)

A claim lasts until it is known what became of it: whoever goes on after a crash asks the payment provider under the
same name, and so pays once.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

from interchange.dataclass import dataclass

from .store import Change, ConditionFailed, Item, Store

GIVEN_UP_MS = 120_000
"""A claim of this age is of a process that died."""


@dataclass(frozen=True, slots=True)
class TopUp:
    """`nano` is bought when the balance is below `below_nano`, and no more than `most_nano` in a calendar month (UTC);
    `nano` of 0 is switched off. `payer` is who pays, "" while no card is kept."""

    account_id: str
    below_nano: int = 0
    nano: int = 0
    most_nano: int = 0
    payer: str = ""
    month: str = ""
    spent_nano: int = 0
    claim: str = ""
    claimed_ms: int = 0
    stopped: str = ""

    def is_due(self, available_nano: int, now_ms: int) -> bool:
        """True where one is to begin, or to be gone on with."""
        if not self.nano or not self.payer or self.stopped:
            return False
        if self.claim:
            return now_ms - self.claimed_ms > GIVEN_UP_MS
        return available_nano < self.below_nano and self.spent_in(now_ms) + self.nano <= self.most_nano

    def spent_in(self, now_ms: int) -> int:
        """The amount that was bought in the month of that moment."""
        return self.spent_nano if self.month == month_of(now_ms) else 0


class TopUps:
    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, account_id: str) -> TopUp:
        item = self._store.get(f"ACCOUNT#{account_id}", "TOPUP")
        return TopUp(account_id) if item is None else _read(account_id, item)

    def set(self, account_id: str, below_nano: int, nano: int, most_nano: int) -> None:
        """Sets what its owner wants; of 0 USD it is switched off. One that had stopped begins again."""
        self._change(account_id, "SET below = :below, nano = :nano, most = :most REMOVE stopped", "",
                     {":below": below_nano, ":nano": nano, ":most": most_nano})  # fmt: skip

    def remember(self, account_id: str, payer: str) -> None:
        """Remembers who pays from now on."""
        self._change(account_id, "SET payer = :payer", "", {":payer": payer})

    def claim(self, top_up: TopUp, now_ms: int) -> str | None:
        """The name under which this process, and no other, buys now; None where another does."""
        name = top_up.claim or secrets.token_hex(16)
        known = "claim = :before AND claimed_ms = :at" if top_up.claim else "attribute_not_exists(claim)"
        before = {":before": top_up.claim, ":at": top_up.claimed_ms} if top_up.claim else {}
        condition = f"{known} AND nano = :nano AND attribute_not_exists(stopped)"
        values = {":claim": name, ":now": now_ms, ":nano": top_up.nano, **before}
        try:
            self._change(top_up.account_id, "SET claim = :claim, claimed_ms = :now", condition, values)
        except ConditionFailed:
            return None
        return name

    def done(self, top_up: TopUp, claim: str, now_ms: int) -> None:
        """It was bought. A repeat does nothing."""
        spent = top_up.spent_in(now_ms) + top_up.nano
        self._end(top_up.account_id, "SET #month = :month, spent = :spent REMOVE claim, claimed_ms", claim,
                  {":month": month_of(now_ms), ":spent": spent}, {"#month": "month"})  # fmt: skip

    def stop(self, top_up: TopUp, claim: str, why: str) -> None:
        """It could not be bought, and is not tried again before its owner says so."""
        self._end(top_up.account_id, "SET stopped = :why REMOVE claim, claimed_ms", claim, {":why": why[:300]})

    def _end(
        self, account_id: str, update: str, claim: str, values: dict[str, Any], names: dict[str, str] | None = None
    ) -> None:
        try:
            self._change(account_id, update, "claim = :claim", {":claim": claim, **values}, names)
        except ConditionFailed:
            return  # ended before

    def _change(
        self, account_id: str, update: str, condition: str, values: dict[str, Any], names: dict[str, str] | None = None
    ) -> None:
        change = Change(update, condition or "attribute_not_exists(nothing)", names or {}, values)
        self._store.change(f"ACCOUNT#{account_id}", "TOPUP", change)


def month_of(now_ms: int) -> str:
    return datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y-%m")


def _read(account_id: str, item: Item) -> TopUp:
    return TopUp(
        account_id,
        below_nano=int(item.get("below") or 0),
        nano=int(item.get("nano") or 0),
        most_nano=int(item.get("most") or 0),
        payer=str(item.get("payer") or ""),
        month=str(item.get("month") or ""),
        spent_nano=int(item.get("spent") or 0),
        claim=str(item.get("claim") or ""),
        claimed_ms=int(item.get("claimed_ms") or 0),
        stopped=str(item.get("stopped") or ""),
    )
