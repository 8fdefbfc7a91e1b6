"""Facts of one payment, and what an account is due for it.

Events come in any order, more than once, and tell the same thing in several ways. So nothing is booked "for an event":
each adds what it knows to the payment's facts, `due_nano` says what the account should have been given for them in all,
and the difference to what was booked is booked (payments.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from typing import Any, TypeGuard

from interchange.dataclass import dataclass, replace

from .money import NANO

USD = "usd"
MOST_MINOR = 99_999_999_999
"""A thousand million dollars in cents: more is a slip, not money."""
LONGEST_ID = 255
PLACES: Mapping[str, int] = {
    **dict.fromkeys("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split(), 0),
    **dict.fromkeys("bhd jod kwd omr tnd".split(), 3),
}
"""Currency -> decimal places of its smallest unit, where they are not 2 (docs.stripe.com/currencies). Ugandan shillings
have none any more, and are written with two ("Special cases": "to charge 5 UGX, provide an amount value of 500")."""
STEPS: Mapping[str, int] = {"isk": 100, "ugx": 100, **dict.fromkeys("bhd jod kwd omr tnd".split(), 10)}
"""Currency -> what a price must be a multiple of, in smallest units, where that is not 1 (the same page: "Special
cases" and "Three-decimal currencies")."""
KEPT = frozenset({"won", "warning_needs_response", "warning_under_review", "warning_closed", "prevented"})
"""States of a dispute in which the money is ours (docs.stripe.com/api/disputes/object, `status`)."""
ENDED: Mapping[str, int] = {"warning_closed": 1, "prevented": 1, "lost": 2, "won": 3}
"""States that end a dispute -> which of two is the later one. A lost one may be won still, by an appeal
(docs.stripe.com/api/disputes/update, `evidence.appeal`) or a customer who withdraws it
(support.stripe.com/questions/lost-dispute-faq); what is open never comes after them."""


class UnusablePayment(Exception):
    """Raised for what came in and cannot be read as money: somebody must look."""


class PaymentConflict(Exception):
    """Two reports of one payment that cannot both be true."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Amounts in the currency's smallest unit. `paid` is what the customer paid, `bought` what of it is credit:
    without tax, shipping and tip. `rank` is how well the reporter knows that: a checkout better than a bare payment.
    `refunds` and `failed` are refund id -> amount; `refunded` is what a charge reports in all. `disputes` are
    dispute id -> (amount, state). `part_of` is the payment that this one is a part of: there it is counted."""

    account_id: str | None = None
    currency: str | None = None
    paid: int | None = None
    bought: int | None = None
    rank: int = 0
    refunds: Mapping[str, int] = field(default_factory=dict)
    failed: Mapping[str, int] = field(default_factory=dict)
    refunded: int = 0
    disputes: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    part_of: str | None = None

    def merge(self, other: Facts) -> Facts:
        """Both together. Raises PaymentConflict."""
        if self.account_id and other.account_id and self.account_id != other.account_id:
            raise PaymentConflict(f"it was credited to {self.account_id}, and now names {other.account_id}")
        if self.currency and other.currency and self.currency != other.currency:
            raise PaymentConflict(f"it was in {self.currency}, and now is in {other.currency}")
        later = {name: _later(self.disputes.get(name), one) for name, one in other.disputes.items()}
        return replace(
            self._with_amounts(other),
            account_id=self.account_id or other.account_id,
            currency=self.currency or other.currency,
            refunds={**self.refunds, **other.refunds},
            failed={**self.failed, **other.failed},
            refunded=max(self.refunded, other.refunded),
            disputes={**self.disputes, **later},
            part_of=self.part_of or other.part_of,
        )  # fmt: skip

    def of(self, account_id: str | None) -> Facts:
        """These facts, of that account where they name none."""
        return replace(self, account_id=self.account_id or account_id)

    def of_nobody(self) -> Facts:
        """These facts, without the account that they name."""
        return replace(self, account_id=None)

    def _with_amounts(self, other: Facts) -> Facts:
        if other.bought is None or other.rank < self.rank:
            return self if self.paid is not None or other.paid is None else replace(self, paid=other.paid)
        if (
            self.bought is not None
            and other.rank == self.rank
            and (self.paid, self.bought) != (other.paid, other.bought)
        ):
            raise PaymentConflict("it was reported before, with another amount")
        return replace(self, paid=other.paid, bought=other.bought, rank=other.rank)

    @property
    def back(self) -> int:
        """The part of `paid` that went back: refunds that did not fail, and disputes that are not won."""
        refunds = sum(amount for name, amount in self.refunds.items() if name not in self.failed)
        told = max(0, self.refunded - sum(self.failed.values()))
        disputed = sum(amount for amount, state in self.disputes.values() if state not in KEPT)
        return max(refunds, told) + disputed

    def due_nano(self, rate: Decimal) -> int:
        """The amount that the account is due, in nano-dollars, where one unit of the currency is `rate` USD. Of a part
        that went back it loses the same part of what it bought."""
        if not self.paid or not self.bought or self.part_of:
            return 0
        bought = int((self.bought * rate * NANO / 10 ** PLACES.get(self.currency or USD, 2)).to_integral_value())
        return bought - bought * min(self.back, self.paid) // self.paid

    @property
    def contested(self) -> bool:
        """True once anything was asked back."""
        return bool(self.refunds or self.refunded or self.disputes)

    @property
    def disputed(self) -> frozenset[str]:
        """The disputes whose money is not ours."""
        return frozenset(name for name, (_, state) in self.disputes.items() if state not in KEPT)


def _later(before: tuple[int, str] | None, told: tuple[int, str]) -> tuple[int, str]:
    """An event that was overtaken does not open again what has ended."""
    overtaken = before is not None and ENDED.get(before[1], 0) > ENDED.get(told[1], 0)
    return before if before is not None and overtaken else told


def write_facts(facts: Facts) -> dict[str, Any]:
    """Writes facts as an item's attributes, leaving out what is not known."""
    out: dict[str, Any] = {
        "account_id": facts.account_id, "currency": facts.currency, "paid": facts.paid, "bought": facts.bought,
        "rank": facts.rank, "refunds": dict(facts.refunds), "failed": dict(facts.failed), "refunded": facts.refunded,
        "disputes": {name: {"amount": amount, "state": state} for name, (amount, state) in facts.disputes.items()},
        "part_of": facts.part_of,
    }  # fmt: skip
    return {name: value for name, value in out.items() if value is not None}


def read_facts(item: Mapping[str, Any]) -> Facts:
    def number(name: str) -> int | None:
        return None if item.get(name) is None else int(item[name])

    return Facts(
        account_id=item.get("account_id"),
        currency=item.get("currency"),
        paid=number("paid"),
        bought=number("bought"),
        rank=int(item.get("rank") or 0),
        refunds={name: int(one) for name, one in (item.get("refunds") or {}).items()},
        failed={name: int(one) for name, one in (item.get("failed") or {}).items()},
        refunded=int(item.get("refunded") or 0),
        disputes={name: (int(one["amount"]), str(one["state"])) for name, one in (item.get("disputes") or {}).items()},
        part_of=item.get("part_of"),
    )


def check_minor(amount: Any, what: str) -> int:
    """An amount as a payment provider writes it. Raises UnusablePayment."""
    if not isinstance(amount, int) or isinstance(amount, bool) or not 0 <= amount <= MOST_MINOR:
        raise UnusablePayment(f"{what}: no amount that can be booked")
    return amount


def can_be_kept(text: Any) -> TypeGuard[str]:
    """True for a text, of Unicode alone: JSON's escapes can say half of a character (`"\\ud800"`)."""
    return isinstance(text, str) and not any("\ud800" <= letter <= "\udfff" for letter in text)


def check_id(name: Any, what: str) -> str:
    """Raises UnusablePayment."""
    if not can_be_kept(name) or not 0 < len(name) <= LONGEST_ID:
        raise UnusablePayment(f"{what}: no id that can be kept")
    return name
