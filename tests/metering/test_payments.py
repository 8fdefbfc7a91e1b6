"""Signed fixtures: bodies and headers as Stripe sends them, signed here with a known secret."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from interchange.metering.payments import BadSignature, Payment, UnusablePayment, read_payment, verify

SECRET = "whsec_5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH"
NOW = 1_795_000_000


def signed(body: bytes, at: int = NOW, secret: str = SECRET) -> str:
    signature = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signature},v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39"


def event(kind: str, **found: Any) -> dict[str, Any]:
    return {"id": "evt_1", "object": "event", "api_version": "2026-10-29", "created": NOW, "type": kind,
            "livemode": True, "data": {"object": found}}  # fmt: skip


PAID: dict[str, Any] = {
    "id": "cs_1", "object": "checkout.session", "payment_status": "paid", "amount_total": 2550, "currency": "usd",
    "payment_intent": "pi_1", "metadata": {"account_id": "acct_1"},
}  # fmt: skip
INTENT: dict[str, Any] = {
    "id": "pi_1", "object": "payment_intent", "amount": 2550, "amount_received": 2550, "currency": "usd",
    "status": "succeeded", "metadata": {"account_id": "acct_1"},
}  # fmt: skip
BODY = json.dumps(event("checkout.session.completed", **PAID)).encode()


def test_a_known_signature_is_accepted() -> None:
    """A value computed with openssl: printf '1795000000.{"id":"evt_1"}' | openssl dgst -sha256 -hmac secret."""
    header = "t=1795000000,v1=b39f341fad218b20c7b762f110555037d40aed75aff2c704bb286ceacc17b715"
    assert verify(b'{"id":"evt_1"}', header, ["secret"], NOW) == {"id": "evt_1"}


def test_a_signed_event_is_read() -> None:
    assert read_payment(verify(BODY, signed(BODY), [SECRET], NOW)) == Payment("acct_1", "pi_1", "evt_1", 25_500_000_000)


@pytest.mark.parametrize("age", [-300, 0, 300])
def test_a_signature_holds_for_five_minutes(age: int) -> None:
    assert verify(BODY, signed(BODY, NOW - age), [SECRET], NOW)["id"] == "evt_1"


@pytest.mark.parametrize("age", [-301, 301, 10**6])
def test_an_old_signature_is_a_replay(age: int) -> None:
    with pytest.raises(BadSignature, match="too old"):
        verify(BODY, signed(BODY, NOW - age), [SECRET], NOW)


def test_either_secret_holds_while_one_is_rolled() -> None:
    assert verify(BODY, signed(BODY, secret="old"), [SECRET, "old"], NOW)
    both = signed(BODY, secret="new") + "," + signed(BODY).split(",")[1]
    assert verify(BODY, both, [SECRET], NOW)


@pytest.mark.parametrize(
    "header",
    ["", "v1=00", f"t={NOW}", f"t={NOW},v0=00", "t=x,v1=00", f"t={NOW},t={NOW},v1=00", f"t={NOW},v1=é", "t=1" * 99,
     f"t={NOW},v1=", signed(BODY + b" "), signed(BODY, secret="other"),
     signed(BODY).replace(f"t={NOW}", f"t={NOW + 1}")],
)  # fmt: skip
def test_anything_else_is_refused(header: str) -> None:
    with pytest.raises(BadSignature):
        verify(BODY, header, [SECRET], NOW)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'{"id":1}'])
def test_a_signed_body_that_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(BadSignature):
        verify(body, signed(body), [SECRET], NOW)


def test_both_events_of_one_payment_are_one_credit() -> None:
    first = read_payment(event("checkout.session.completed", **PAID))
    second = read_payment(event("payment_intent.succeeded", **INTENT))
    assert first is not None and second is not None
    assert first.credit(1).credit_id == second.credit(2).credit_id == "payment-pi_1"
    assert first.nano == second.nano


@pytest.mark.parametrize(
    "nothing",
    [
        event("checkout.session.completed", **{**PAID, "payment_status": "unpaid"}),
        event("checkout.session.completed", **{**PAID, "metadata": {}}),
        event("payment_intent.succeeded", **{**INTENT, "metadata": None}),
        event("payment_intent.created", **INTENT),
        {"id": "evt_1", "type": "ping"},
    ],
)
def test_other_events_credit_nothing(nothing: dict[str, Any]) -> None:
    assert read_payment(nothing) is None


@pytest.mark.parametrize(
    "change",
    [{"currency": "eur"}, *({"amount_total": amount} for amount in (None, 0, True, 1.5))],
)  # fmt: skip
def test_money_that_cannot_be_credited_is_loud(change: dict[str, Any]) -> None:
    with pytest.raises(UnusablePayment):
        read_payment(event("checkout.session.completed", **{**PAID, **change}))


def test_an_empty_secret_is_no_secret() -> None:
    with pytest.raises(BadSignature):
        verify(BODY, signed(BODY, secret=""), [""], NOW)


@pytest.mark.parametrize(
    "change",
    [{"amount_received": 10**30}, {"amount_received": 25.5}, {"id": ""}, {"id": "x" * 2000}, {"id": {"id": "pi"}}],
)
def test_an_amount_or_id_that_no_book_can_hold_is_loud(change: dict[str, Any]) -> None:
    with pytest.raises(UnusablePayment):
        read_payment(event("payment_intent.succeeded", **{**INTENT, **change}))


@pytest.mark.parametrize("data", [None, [], "x", {"object": [1]}, {"object": {**INTENT, "metadata": "acct_1"}}])
def test_an_event_of_another_shape_is_none_of_ours(data: Any) -> None:
    assert read_payment({"id": "evt_1", "type": "payment_intent.succeeded", "data": data}) is None
