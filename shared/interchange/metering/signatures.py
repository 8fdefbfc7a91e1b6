"""Signed calls from outside: a header `t=<unix seconds>,v1=<hex>[,v1=<hex>]`, where v1 is HMAC-SHA256 of `<t>.<body>`,
the body's bytes, under a secret that both sides know (docs.stripe.com/webhooks/signature, and our own payment events).

Several v1 appear while a secret is rolled. A signature is good for five minutes: an older one is a replay.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

from .payment import can_be_kept

TOLERANCE_S = 300
"""The age of a signature beyond which it is refused: the default of Stripe's own libraries."""


class BadSignature(Exception):
    """The event is not from who knows the secret, or too old."""


def sign(body: bytes, secret: str, now_s: int) -> str:
    """The header's value for `body`."""
    return f"t={now_s},v1={_mark(body, secret, now_s)}"


def verify(body: bytes, header: str, secrets: Sequence[str], now_s: int) -> dict[str, Any]:
    """The event that the body holds: a JSON object with an `id`. Raises BadSignature."""
    stamp, signatures = _parts(header)
    if abs(now_s - stamp) > TOLERANCE_S:
        raise BadSignature("the signature is too old")
    wanted = [_mark(body, secret, stamp) for secret in secrets if secret]
    if not any(hmac.compare_digest(one, given) for one in wanted for given in signatures):
        raise BadSignature("the signature does not match")
    try:
        event = json.loads(body)
    except ValueError as error:
        raise BadSignature("the body is not JSON") from error
    if not isinstance(event, dict) or not event.get("id") or not can_be_kept(event["id"]):
        raise BadSignature("the body is not an event")
    return event


def _mark(body: bytes, secret: str, stamp: int) -> str:
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()


def _parts(header: str) -> tuple[int, list[str]]:
    pairs = [part.strip().partition("=") for part in header.split(",")]
    stamps = [value for name, _, value in pairs if name == "t" and value.isascii() and value.isdigit()]
    signatures = [value for name, _, value in pairs if name == "v1" and value.isascii()]
    if len(stamps) != 1 or len(stamps[0]) > 12 or not signatures:
        raise BadSignature("the signature header cannot be read")
    return int(stamps[0]), signatures
