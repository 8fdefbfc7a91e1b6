"""Stripe's events as facts of a payment. Shapes: the types of the `stripe` package 16.1 (API 2026-10-28), and those of
earlier API versions that endpoints still send.

A payment is known by its payment intent; one that an invoice asked for by the invoice, of which the intent is a part,
because events of a newer API no longer name the one in the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from interchange.dataclass import dataclass
from interchange.metering.payment import Facts, UnusablePayment, can_be_kept, check_id, check_minor

Object = Mapping[str, Any]
SAVED = "card_kept"
"""In the metadata of a session of ours: its customer may be charged again, as the account's owner set it."""
NOTIFIED = "v1."
"""Before the types of notifications about objects that snapshot events tell of, too."""
ABOUT = ("payment_intent", "charge", "invoice")
"""Fields of an object that name the payment that it is about: a review, a fraud warning, a credit note."""
MOST_PARTS = 5_000
"""Objects and lists of one event that are looked at; Stripe lists ten of a kind in it."""
INTENT, ORDER = 1, 2
"""Ranks: a bare payment does not know what of it was tax; the checkout or invoice does."""


@dataclass(frozen=True, slots=True)
class Told:
    """Facts that an event tells of one payment."""

    payment_id: str
    facts: Facts


def read_event(event: Object) -> list[Told]:
    """Reads what the event says of payments; empty where it says nothing. Raises UnusablePayment, also for a
    notification of a payment, which has its object's id alone (`stripe.events`, docs.stripe.com/event-destinations)."""
    found = _object(event.get("data"), "object")
    kind = str(event.get("type"))
    if not found and kind.removeprefix(NOTIFIED) in READERS:
        raise UnusablePayment("the event has no object: let the endpoint send snapshot events, not thin ones")
    reader = READERS.get(kind)
    return reader(found) if reader and found else []


def is_of_test_mode(event: Object) -> bool:
    """True unless what the event says of its mode is that real money moves."""
    found = _object(event.get("data"), "object")
    return any(one.get("livemode", True) is not True for one in (event, found))


def account_named(event: Object) -> str | None:
    """The account that the event's object names."""
    found = _object(event.get("data"), "object")
    return _account(found) if found else None


def account_within(event: Object) -> str | None:
    """The account that any part of the event names: an invoice's line, an object that was expanded in another."""
    left: list[Any] = [event.get("data")]
    for _ in range(MOST_PARTS):
        if not left:
            return None
        part = left.pop(0)
        if named := _account(part) if isinstance(part, Mapping) else None:
            return named
        inner = part.values() if isinstance(part, Mapping) else part
        left += [one for one in inner or () if isinstance(one, Mapping | list)]
    return None


def payments_within(event: Object) -> list[str]:
    """The ids of payments that the event's object may be, or be about."""
    found = _object(event.get("data"), "object")
    named = [_object(event.get("related_object")), found, *(found.get(name) for name in ABOUT)]
    return [name for name in map(_id, named) if name]


def customer_of(event: Object) -> str | None:
    """The customer of the event's object."""
    return _id(_object(event.get("data"), "object").get("customer"))


def customer_who_owes(event: Object) -> str | None:
    """The customer of an object that counts money, and that is not read: a credit note, an unpaid invoice."""
    counted = _object(event.get("data"), "object").get("currency")
    return customer_of(event) if counted and event.get("type") not in READERS else None


def keeps_card(event: Object) -> bool:
    """True for an event of a session of ours whose customer let the card be charged again."""
    found = _object(event.get("data"), "object")
    return found.get("object") == "checkout.session" and _object(found.get("metadata")).get(SAVED) == "yes"


def _account(found: Object) -> str | None:
    """In `metadata.account_id` of the object or of its subscription, or in a payment link's `client_reference_id`."""
    parent = _object(_object(found.get("parent"), "subscription_details"), "metadata")
    earlier = _object(_object(found.get("subscription_details"), "metadata"))
    named = [_object(found.get("metadata")).get("account_id"), found.get("client_reference_id"),
             parent.get("account_id"), earlier.get("account_id")]  # fmt: skip
    return next((one for one in named if one and can_be_kept(one)), None)


def _session(found: Object) -> list[Told]:
    """A checkout session. Of a subscription it is the invoice that is paid, and the session may be all that says whose
    it is: what it makes has none of its metadata
    (support.stripe.com/questions/how-metadata-works-with-related-objects)."""
    name, invoice, intent = _name(found.get("id")), _id(found.get("invoice")), _id(found.get("payment_intent"))
    if found.get("mode") == "subscription":
        account = _account(found)
        return [Told(invoice, Facts(account_id=account))] if invoice and account else []
    if found.get("payment_status") != "paid":
        return []
    total = check_minor(found.get("amount_total"), "amount_total")
    extra = _parts(_object(found.get("total_details")), "amount_tax", "amount_shipping", "amount_tip")
    facts = _paid(found, total, total - extra, ORDER)
    return _with_parts(invoice or intent or name, facts, intent if invoice else None)


def _intent(found: Object) -> list[Told]:
    received = check_minor(found.get("amount_received"), "amount_received")
    details = _object(found.get("amount_details"))
    extra = _parts(_object(details.get("tip")), "amount") + _parts(_object(details.get("shipping")), "amount")
    extra += _parts(_object(details.get("tax")), "total_tax_amount")
    bought = _object(found.get("metadata")).get("bought")  # set where the checkout is ours: the price without its tax
    least = int(bought) if isinstance(bought, str) and bought.isascii() and bought.isdigit() else received
    return [Told(_name(found.get("id")), _paid(found, received, min(received - extra, least), INTENT))]


def _invoice(found: Object) -> list[Told]:
    name, paid = _name(found.get("id")), check_minor(found.get("amount_paid"), "amount_paid")
    if not paid:
        return []
    total = max(paid, check_minor(found.get("total", paid), "total"))
    taxes = found.get("total_taxes") or found.get("total_tax_amounts") or ()
    extra = sum(_parts(_object(one), "amount") for one in taxes) if isinstance(taxes, Sequence) else 0
    extra = extra or _parts(found, "tax")
    extra += _parts(_object(found.get("shipping_cost")), "amount_total")
    facts = _paid(found, paid, max(0, paid * (total - extra) // total), ORDER)
    listed = _object(found.get("payments")).get("data") or ()
    parts = [_id(_object(_object(one).get("payment")).get("payment_intent")) for one in listed]
    return _with_parts(name, facts, _id(found.get("payment_intent")), *parts)


def _invoice_payment(found: Object) -> list[Told]:
    """Reads which payment paid an invoice."""
    intent = _id(_object(found.get("payment")).get("payment_intent"))
    invoice = _id(found.get("invoice"))
    return [Told(intent, Facts(part_of=invoice))] if intent and invoice else []


def _charge(found: Object) -> list[Told]:
    """A charge without an intent is a payment of its own; that of an intent tells nothing new."""
    if _id(found.get("payment_intent")) or not found.get("paid"):
        return []
    amount = check_minor(found.get("amount_captured", found.get("amount")), "amount_captured")
    return [Told(_name(found.get("id")), _paid(found, amount, amount, INTENT))]


def _refunded_charge(found: Object) -> list[Told]:
    """`amount_refunded` is all that went back; single refunds are listed by earlier API versions only."""
    listed = [_object(one) for one in _object(found.get("refunds")).get("data") or ()]
    good = {_name(one.get("id")): one for one in listed if one.get("status") not in FAILED}
    facts = Facts(
        account_id=_account(found),
        currency=_currency(found),
        paid=check_minor(found.get("amount_captured") or found.get("amount"), "amount"),
        refunded=check_minor(found.get("amount_refunded"), "amount_refunded"),
        refunds={name: check_minor(one.get("amount"), "refund") for name, one in good.items()},
    )
    return [Told(_of_payment(found, found.get("id")), facts)]


FAILED = frozenset({"failed", "canceled"})


def _refund(found: Object) -> list[Told]:
    """One that is under way counts as gone; when it fails, it comes back."""
    if not (found.get("payment_intent") or found.get("charge")):
        return []
    amount = {_name(found.get("id")): check_minor(found.get("amount"), "amount")}
    failed = amount if found.get("status") in FAILED else {}
    facts = Facts(account_id=_account(found), currency=_currency(found), refunds=amount, failed=failed)
    return [Told(_of_payment(found, found.get("charge")), facts)]


def _dispute(found: Object) -> list[Told]:
    state = {_name(found.get("id")): (check_minor(found.get("amount"), "amount"), str(found.get("status")))}
    facts = Facts(account_id=_account(found), currency=_currency(found), disputes=state)
    return [Told(_of_payment(found, found.get("charge")), facts)]


def _reinstated(found: Object) -> list[Told]:
    return _dispute({**found, "status": "won"})


READERS: Mapping[str, Callable[[Object], list[Told]]] = {
    "checkout.session.completed": _session,
    "checkout.session.async_payment_succeeded": _session,
    "payment_intent.succeeded": _intent,
    "invoice.paid": _invoice,
    "invoice.payment_succeeded": _invoice,
    "invoice_payment.paid": _invoice_payment,
    "charge.succeeded": _charge,
    "charge.captured": _charge,
    "charge.refunded": _refunded_charge,
    "charge.refund.updated": _refund,
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "charge.dispute.created": _dispute,
    "charge.dispute.updated": _dispute,
    "charge.dispute.closed": _dispute,
    "charge.dispute.funds_withdrawn": _dispute,
    "charge.dispute.funds_reinstated": _reinstated,
}
"""An event's type -> what it says of payments."""


def _with_parts(name: str, facts: Facts, *parts: str | None) -> list[Told]:
    """The parts first: between the two the account has less, never more."""
    return [*(Told(one, Facts(part_of=name)) for one in parts if one and one != name), Told(name, facts)]


def _paid(found: Object, paid: int, bought: int, rank: int) -> Facts:
    if not paid:
        return Facts(account_id=_account(found))
    if bought < 0:
        raise UnusablePayment("the tax is more than the total")
    return Facts(account_id=_account(found), currency=_currency(found), paid=paid, bought=bought, rank=rank)


def _of_payment(found: Object, charge: Any) -> str:
    return _id(found.get("payment_intent")) or _name(_id(charge))


def _currency(found: Object) -> str:
    currency = found.get("currency")
    if not isinstance(currency, str) or not currency.isascii() or not currency.isalpha() or len(currency) != 3:
        raise UnusablePayment("currency: not the name of one")
    return currency.lower()


def _parts(found: Object, *names: str) -> int:
    return sum(check_minor(found.get(name) or 0, name) for name in names)


def _name(name: Any) -> str:
    return check_id(name, "id")


def _id(value: Any) -> str | None:
    """An id, or that of an object that was expanded in its place."""
    found = value.get("id") if isinstance(value, Mapping) else value
    return found if found and can_be_kept(found) else None


def _object(value: Any, name: str | None = None) -> Object:
    found = value if name is None or not isinstance(value, Mapping) else value.get(name)
    return found if isinstance(found, Mapping) else {}
