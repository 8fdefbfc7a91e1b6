"""Payments as Stripe reports them: its signature scheme and the two events that mean money has come in.

Signature (docs.stripe.com/webhooks/signature): the header `Stripe-Signature: t=<unix seconds>,v1=<hex>[,v1=<hex>]`,
where v1 is HMAC-SHA256 of `<t>.<raw body>` under the endpoint's secret. Several v1 appear while a secret is rolled.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from interchange.dataclass import dataclass

from .credit_shares import Credit
from .money import NANO

TOLERANCE_S = 300
"""The age of a signature beyond which it is refused: Stripe's own libraries' default."""
CENTS = 100
MOST_CENTS = 99_999_999_999
"""A thousand million dollars: more is a slip, not money."""
LONGEST_ID = 255
CURRENCY = "usd"


class BadSignature(Exception):
    """The event is not from Stripe, or too old."""


class UnusablePayment(Exception):
    """Money came in that cannot be credited: somebody must look."""


@dataclass(frozen=True, slots=True)
class Payment:
    """`payment_id` names the payment itself, which several events may report; crediting by it credits once."""

    account_id: str
    payment_id: str
    event_id: str
    nano: int

    def credit(self, now_ms: int) -> Credit:
        return Credit(f"payment-{self.payment_id}", self.nano, f"payment {self.event_id}", now_ms, source="payment")


def verify(body: bytes, header: str, secrets: Sequence[str], now_s: int) -> dict[str, Any]:
    """The event that the body holds. Raises BadSignature."""
    stamp, signatures = _parts(header)
    if abs(now_s - stamp) > TOLERANCE_S:
        raise BadSignature("the signature is too old")
    signed = f"{stamp}.".encode() + body
    wanted = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets if secret]
    if not any(hmac.compare_digest(one, given) for one in wanted for given in signatures):
        raise BadSignature("the signature does not match")
    try:
        event = json.loads(body)
    except ValueError as error:
        raise BadSignature("the body is not JSON") from error
    if not isinstance(event, dict) or not isinstance(event.get("id"), str):
        raise BadSignature("the body is not an event")
    return event


def _parts(header: str) -> tuple[int, list[str]]:
    pairs = [part.strip().partition("=") for part in header.split(",")]
    stamps = [value for name, _, value in pairs if name == "t" and value.isascii() and value.isdigit()]
    signatures = [value for name, _, value in pairs if name == "v1" and value.isascii()]
    if len(stamps) != 1 or len(stamps[0]) > 12 or not signatures:
        raise BadSignature("the signature header cannot be read")
    return int(stamps[0]), signatures


def read_payment(event: Mapping[str, Any]) -> Payment | None:
    """The payment that an event reports; None for events that report none, and for payments that are not ours (without
    `metadata.account_id`). Raises UnusablePayment."""
    data = event.get("data")
    found = data.get("object") if isinstance(data, Mapping) else None
    if not isinstance(found, Mapping):
        return None
    match event.get("type"):
        case "checkout.session.completed" | "checkout.session.async_payment_succeeded":
            if found.get("payment_status") != "paid":
                return None  # it is paid later, and reported again
            payment_id, amount = found.get("payment_intent") or found.get("id"), found.get("amount_total")
        case "payment_intent.succeeded":
            payment_id, amount = found.get("id"), found.get("amount_received")
        case _:
            return None
    metadata = found.get("metadata")
    account_id = metadata.get("account_id") if isinstance(metadata, Mapping) else None
    if not account_id:
        return None
    event_id = str(event["id"])
    if found.get("currency") != CURRENCY:
        raise UnusablePayment(f"event {event_id}: the currency is {found.get('currency')!r}, not {CURRENCY}")
    if not isinstance(amount, int) or isinstance(amount, bool) or not 0 < amount <= MOST_CENTS:
        raise UnusablePayment(f"event {event_id}: no amount that can be credited")
    if not isinstance(payment_id, str) or not 0 < len(payment_id) <= LONGEST_ID:
        raise UnusablePayment(f"event {event_id}: no payment id")
    return Payment(str(account_id), payment_id, event_id, amount * NANO // CENTS)
