"""Signed fixtures: bodies and headers as Stripe sends them, signed here with a known secret."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest
import stripe

from interchange.metering.signatures import BadSignature, sign, verify

SECRET = "whsec_5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH"
NOW = 1_795_000_000
BODY = json.dumps({"id": "evt_1", "object": "event"}).encode()


def signed(body: bytes, at: int = NOW, secret: str = SECRET) -> str:
    signature = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signature},v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39"


def test_a_known_signature_is_accepted() -> None:
    """A value computed with openssl: printf '1795000000.{"id":"evt_1"}' | openssl dgst -sha256 -hmac secret."""
    header = "t=1795000000,v1=b39f341fad218b20c7b762f110555037d40aed75aff2c704bb286ceacc17b715"
    assert verify(b'{"id":"evt_1"}', header, ["secret"], NOW) == {"id": "evt_1"}


def test_stripes_own_library_accepts_what_is_signed_here() -> None:
    assert stripe.WebhookSignature.verify_header(BODY.decode(), sign(BODY, SECRET, NOW), SECRET, tolerance=None)


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


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'{"id":1}', b'{"id":""}'])
def test_a_signed_body_that_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(BadSignature):
        verify(body, signed(body), [SECRET], NOW)


def test_an_empty_secret_is_no_secret() -> None:
    with pytest.raises(BadSignature):
        verify(BODY, signed(BODY, secret=""), [""], NOW)
