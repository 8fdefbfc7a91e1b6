"""The notices in words: what each event's subject and text say, and whom it concerns."""

from __future__ import annotations

from collections.abc import Mapping

from interchange.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """Patterns that the notice's data fills. `operator`, `customer`: to whom it goes."""

    subject: str
    text: str
    operator: bool = False
    customer: bool = False


EVENTS: Mapping[str, Words] = {
    "low_balance": Words(
        "Low balance: {name}",
        "{available_usd} USD are left, which is below the {threshold_usd} USD that were set for a notice.",
        operator=True, customer=True,
    ),
    "address_named": Words(
        "Confirm this address",
        "The owner of the account {name} wants to be told of things at this address. The code that confirms it is "
        "{code}; who knows nothing of it need do nothing, and is told no more.",
    ),
    "cap_reached": Words(
        "Spending cap reached: {key_name}",
        "{used_usd} of {cap_usd} USD {window} are spent: requests that may cost more than the rest are refused.",
        customer=True,
    ),
    "key_expiring": Words(
        "A key expires soon: {key_name}", "It is refused from {expires} on. Rotate it, or make another one.",
        customer=True,
    ),
    "model_deprecated": Words(
        "A model in use goes: {model}", "It was called on {day}, and is not served from {date} on{instead}.",
        customer=True,
    ),
    "model_ends": Words(
        "Last days of a model in use: {model}", "It was called on {day}, and is not served from {date} on{instead}.",
        customer=True,
    ),
    "spend_spike": Words(
        "Spending spike: {name}", "{spent_usd} USD today, where its days usually cost {usual_usd}.", operator=True,
    ),
    "absorbed_charges": Words(
        "Charges absorbed: {name}",
        "{requests} requests of {day} cost {absorbed_usd} USD more than was held for them: yours.", operator=True,
    ),
    "books_unbalanced": Words(
        "Books do not balance: {name}", "`audit --account {account}` shows the gap: look at once.", operator=True,
    ),
    "topup_stopped": Words(
        "Top-up stopped: {name}", "{why}", operator=True, customer=True,
    ),
    "vendor_dead": Words(
        "No answer from {vendor}", "Every try has failed since {since} ({cause}).", operator=True,
    ),
    "vendor_credit_gone": Words(
        "Credit gone at {vendor}", "It refuses calls for your balance or quota there.", operator=True,
    ),
    "vendor_key_refused": Words(
        "{vendor} refuses a key", "A key of yours is wrong, revoked or of another account.", operator=True,
    ),
    "vendor_access_refused": Words(
        "{vendor} refuses access", "Your organisation, project or region may not make this call.", operator=True,
    ),
    "unassigned_money": Words(
        "Money without an account: {payment}", "{why}. `payments assign` books it.", operator=True,
    ),
}  # fmt: skip
"""`instead` of a deprecated model begins with a space, or is nothing."""
