"""A payment provider's desk: events as Stripe writes them (types of the `stripe` package 16.1), signed as it signs."""

from __future__ import annotations

import json
import time
from typing import Any

from starlette.testclient import TestClient

from interchange.metering.signatures import sign
from tests.functions.loading import load
from tests.operator.office import Office

SECRET = "whsec_5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH"
OWN_SECRET = "a-secret-of-our-own"
NOW = 1_795_000_000


def event(kind: str, **found: Any) -> dict[str, Any]:
    name = f"evt_{kind}_{found.get('id', '')}"
    return {"id": name, "object": "event", "api_version": "2026-10-28.endive", "created": NOW, "type": kind,
            "livemode": True, "data": {"object": found}}  # fmt: skip


PAID: dict[str, Any] = {
    "id": "cs_1", "object": "checkout.session", "mode": "payment", "payment_status": "paid", "amount_subtotal": 2550,
    "amount_total": 2550, "currency": "usd", "payment_intent": "pi_1", "metadata": {"account_id": "acct_1"},
    "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
}  # fmt: skip
INTENT: dict[str, Any] = {
    "id": "pi_1", "object": "payment_intent", "amount": 2550, "amount_received": 2550, "currency": "usd",
    "status": "succeeded", "metadata": {"account_id": "acct_1"},
}  # fmt: skip
CHARGE: dict[str, Any] = {
    "id": "ch_1", "object": "charge", "amount": 2550, "amount_captured": 2550, "amount_refunded": 0, "currency": "usd",
    "paid": True, "payment_intent": "pi_1", "metadata": {"account_id": "acct_1"},
}  # fmt: skip
REFUND: dict[str, Any] = {
    "id": "re_1", "object": "refund", "amount": 2550, "currency": "usd", "charge": "ch_1", "payment_intent": "pi_1",
    "status": "succeeded", "metadata": {},
}  # fmt: skip
DISPUTE: dict[str, Any] = {
    "id": "dp_1", "object": "dispute", "amount": 2550, "currency": "usd", "charge": "ch_1", "payment_intent": "pi_1",
    "status": "needs_response", "reason": "fraudulent", "metadata": {},
}  # fmt: skip
INVOICE: dict[str, Any] = {
    "id": "in_1", "object": "invoice", "status": "paid", "amount_paid": 2380, "total": 2380, "currency": "usd",
    "customer": "cus_1", "metadata": {}, "total_taxes": [{"amount": 380, "tax_behavior": "exclusive"}],
    "parent": {"type": "subscription_details", "subscription_details": {"metadata": {"account_id": "acct_1"}}},
}  # fmt: skip
TAXED: dict[str, Any] = {
    "amount_subtotal": 1000, "amount_total": 1190,
    "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 190},
}  # fmt: skip


class Shop:
    def __init__(self, office: Office, **settings: str) -> None:
        given = {"STRIPE_WEBHOOK_SECRET": SECRET, "PAYMENTS_WEBHOOK_SECRET": OWN_SECRET, **settings}
        for name, value in given.items():
            office.monkeypatch.setenv(name, value)
        self.office = office
        self.client = TestClient(load("webhooks").app)
        office.books.accounts.create("acct_1", "Ada", 0)

    def send(self, body: Any, at: int = 0, secret: str = SECRET) -> tuple[int, Any]:
        return self._post("/webhooks/stripe", "stripe-signature", body, at, secret)

    def ours(self, body: Any, at: int = 0, secret: str = OWN_SECRET) -> tuple[int, Any]:
        return self._post("/webhooks/payments", "interchange-signature", body, at, secret)

    def _post(self, path: str, header: str, body: Any, at: int, secret: str) -> tuple[int, Any]:
        text = json.dumps(body).encode()
        signature = sign(text, secret, int(time.time()) + at)
        answer = self.client.post(path, content=text, headers={header: signature})
        return answer.status_code, answer.json()

    def told(self, kind: str, **found: Any) -> str:
        """What an event that is taken came to."""
        status, answer = self.send(event(kind, **found))
        assert status == 200, answer
        return str(answer["result"])

    @property
    def credited(self) -> str:
        return str(self.office("account", "show", "acct_1")["credited_usd"])

    @property
    def unassigned(self) -> list[Any]:
        return list(self.office("payments", "unassigned")["payments"])

    def check(self) -> None:
        """The books balance, whatever came."""
        assert self.office("audit")["balanced"]
