"""Keeps and books what a payment provider's event says of a payment, once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from interchange.metering.accounts import Accounts
from interchange.metering.credits import CreditConflict
from interchange.metering.ledger import UnknownAccount
from interchange.metering.payment import LONGEST_ID, PaymentConflict, UnusablePayment, can_be_kept
from interchange.metering.payments import Booked, Payments
from interchange.metering.signatures import BadSignature, verify
from interchange.metering.store import Store
from interchange.metering.top_ups import TopUps

from . import payment_events, stripe_events
from .payment_settings import Settings
from .stripe_events import Told

Report = Callable[[str, Mapping[str, object]], None]
"""(event, fields) -> logged."""
CUSTOMERS_INVOICE = ("invoice.paid", "invoice.payment_succeeded")


class Webhook:
    def __init__(self, store: Store, settings: Settings, clock: Callable[[], int], report: Report) -> None:
        self._accounts = Accounts(store)
        self._payments = Payments(store, settings.rates)
        self._top_ups = TopUps(store)
        self._settings = settings
        self._clock = clock
        self._report = report

    def stripe(self, body: bytes, signature: str) -> tuple[int, bytes]:
        """(status, JSON) for an event of Stripe's."""
        return self._receive(body, signature, self._settings.stripe, self._of_stripe, self._whose)

    def signed(self, body: bytes, signature: str) -> tuple[int, bytes]:
        """(status, JSON) for an event of our own form."""
        return self._receive(body, signature, self._settings.signed, self._of_ours, self._whose_of_ours)

    def _receive(
        self,
        body: bytes,
        signature: str,
        secrets: Sequence[str],
        read: Callable[[dict[str, Any], int], str],
        whose: Callable[[dict[str, Any]], str | None],
    ) -> tuple[int, bytes]:
        """Anything but 2xx makes a provider try again for days, and show it: so what cannot be understood is refused,
        and what was kept for somebody to look at is not. What is refused about money of an account is listed besides:
        the provider gives up."""
        if not secrets:
            return _answer(404, "no secret is set for this endpoint")
        now_ms = self._clock()
        try:
            event = verify(body, signature, secrets, now_ms // 1000)
        except BadSignature as error:
            return _answer(400, str(error))
        try:
            return _answer(200, read(event, now_ms))
        except (UnusablePayment, PaymentConflict, UnknownAccount, CreditConflict) as error:
            self._report("payment_refused", {"error": str(error)})
            if account := whose(event):
                self._payments.note(event["id"], _kind(event), account[:LONGEST_ID], now_ms, str(error))
            return _answer(422, str(error))

    def _of_stripe(self, event: dict[str, Any], now_ms: int) -> str:
        if self._settings.live and stripe_events.is_of_test_mode(event):
            self._report("payment_of_test_mode", {"event": event["id"]})
            return "test mode: nothing is credited here"
        found = stripe_events.read_event(event)
        named, customer = stripe_events.account_named(event), stripe_events.customer_of(event)
        if named is None and customer and event.get("type") in CUSTOMERS_INVOICE:
            named = self._payments.account_of(customer)
            found = [Told(one.payment_id, one.facts.of(named)) for one in found]
        if named and customer:
            self._payments.remember(customer, named)
            if stripe_events.keeps_card(event):
                self._top_ups.remember(named, customer)
        if found:
            return self._book(found, str(event["id"]), now_ms)
        named = named or stripe_events.account_within(event) or self._payer(event)
        if named is None:
            return "ignored"
        self._payments.note(event["id"], _kind(event), named, now_ms)
        self._report("payment_event", {"event": event["id"], "kind": event.get("type"), "account": named})
        return "noted"

    def _whose(self, event: dict[str, Any]) -> str | None:
        """Whose money a refused event is about, as far as it can be read."""
        named = stripe_events.account_named(event) or stripe_events.account_within(event)
        known = map(self._payments.payer, stripe_events.payments_within(event))
        return named or next((one for one in known if one), None)

    def _whose_of_ours(self, event: dict[str, Any]) -> str | None:
        named, payment = event.get("account"), event.get("payment")
        if named and can_be_kept(named):
            return named
        return self._payments.payer(f"{payment_events.PREFIX}{payment}") if can_be_kept(payment) else None

    def _payer(self, event: dict[str, Any]) -> str | None:
        """Whose payment an event is about that names no account, and that nothing is booked for."""
        if event.get("type") in stripe_events.READERS:
            return None
        known = map(self._payments.payer, stripe_events.payments_within(event))
        customer = stripe_events.customer_who_owes(event)
        return next((one for one in known if one), None) or (self._payments.account_of(customer) if customer else None)

    def _of_ours(self, event: dict[str, Any], now_ms: int) -> str:
        """An id is good for one event: the same again is a repeat, one of another payment a mistake of the sender's."""
        found, name = payment_events.read_event(event), str(event["id"])
        about = [event.get(word) for word in ("type", "payment", "refund", "dispute")]
        if not self._payments.claim(name, hashlib.sha256(json.dumps(about).encode()).hexdigest(), now_ms):
            raise PaymentConflict(f"id: {name[:60]!r} was another event's")
        return self._book(found, name, now_ms)

    def _book(self, found: Sequence[Told], event_id: str, now_ms: int) -> str:
        word = "ignored"
        for one in found:
            booked = self._payments.report(one.payment_id, one.facts, event_id, now_ms)
            word = self._said(booked, event_id)
            if self._settings.suspends and booked.contested:
                self._accounts.suspend(str(booked.payment.facts.account_id))
        return word

    def _said(self, booked: Booked, event_id: str) -> str:
        payment = booked.payment
        fields = {"payment": payment.payment_id, "account": payment.facts.account_id, "event": event_id}
        if payment.why:
            self._report("payment_unassigned", {**fields, "error": payment.why})
            return "unassigned"
        self._report("payment", {**fields, "nano": booked.nano})
        if booked.nano > 0:
            return "credited"
        return "taken back" if booked.nano else "credited before" if payment.booked_nano else "kept"


def _kind(event: Mapping[str, Any]) -> str:
    kind = event.get("type")
    return str(kind)[:LONGEST_ID] if can_be_kept(kind) else "(none)"


def _answer(status: int, word: str) -> tuple[int, bytes]:
    return status, json.dumps({"result" if status == 200 else "error": word}).encode()
