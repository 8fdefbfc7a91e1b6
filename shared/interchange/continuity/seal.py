"""Sealing of another vendor's reasoning state, so that a stock client can carry it for us.

The caller echoes an opaque string (`thinking.signature`, `reasoning_details[].data`); what we put there names its
issuer and is authenticated, so that a tampered or foreign string is recognised and left out instead of sent upstream.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import hmac

from interchange.dataclass import dataclass
from interchange.hub.blocks import Continuation
from interchange.wire import codec

MARK = "ic1."


@dataclass(frozen=True, slots=True)
class Seal:
    """`key` is the deployment's secret, at least 16 bytes. Sealing is deterministic: equal states give equal strings,
    so that translated histories stay byte-stable for prompt caches."""

    key: bytes

    def bound(self, account_id: str) -> Seal:
        """The seal of one account: what it seals and signs, no other account's opens."""
        return _bound(self.key, account_id)

    def sign(self, identity: str) -> str:
        """A vendor's id with a code behind it."""
        return f"{identity}.{self._mac(identity)}"

    def signed(self, text: str) -> str | None:
        """The vendor's id, or None where the code is not ours."""
        identity, _, mac = text.rpartition(".")
        return identity if hmac.compare_digest(_bytes(mac), self._mac(identity).encode()) else None

    def seal(self, state: Continuation) -> str:
        fields = [state.issuer, state.data] if state.item_id is None else [state.issuer, state.data, state.item_id]
        payload = base64.urlsafe_b64encode(codec.dumps(fields)).decode().rstrip("=")
        return f"{MARK}{payload}.{self._mac(payload)}"

    def open(self, text: str) -> Continuation | None:
        """The state, or None for a string that this deployment did not seal."""
        payload, dot, mac = text.removeprefix(MARK).rpartition(".")
        if not text.startswith(MARK) or not dot or not hmac.compare_digest(_bytes(mac), self._mac(payload).encode()):
            return None
        try:
            fields = codec.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
            return Continuation(*fields)
        except (ValueError, TypeError, binascii.Error):
            return None

    @staticmethod
    def is_sealed(text: str) -> bool:
        """True for the form of our strings, genuine or not."""
        return text.startswith(MARK)

    def _mac(self, payload: str) -> str:
        digest = hmac.digest(self.key, _bytes(payload), hashlib.sha256)[:18]
        return base64.urlsafe_b64encode(digest).decode()


@functools.lru_cache(4096)
def _bound(key: bytes, account_id: str) -> Seal:
    return Seal(hmac.digest(key, b"account:" + _bytes(account_id), hashlib.sha256))


def _bytes(text: str) -> bytes:
    """A caller's string may hold anything, half a character pair too."""
    return text.encode("utf-8", "surrogatepass")
