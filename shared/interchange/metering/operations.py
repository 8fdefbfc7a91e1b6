"""An operator's calls that make something, so that a repeat makes the same.

OPERATION#<digest of the idempotency key>  OPERATION   salt, digest of the body; expires
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from interchange.dataclass import dataclass

from .credits import CreditConflict
from .store import ConditionFailed, Item, Store

KEPT_SECONDS = 7 * 86_400


@dataclass(frozen=True, slots=True)
class Names:
    """Source of the ids and secrets of new things. With a seed they are the same again each time."""

    seed: bytes | None = None

    def token(self, kind: str, size: int) -> bytes:
        """`size` bytes, at most 64; `kind` is what they are for."""
        if self.seed is None:
            return secrets.token_bytes(size)
        return hmac.new(self.seed, kind.encode(), hashlib.sha512).digest()[:size]


class Operations:
    def __init__(self, store: Store) -> None:
        self._store = store

    def names(self, key: str | None, body: str, now_ms: int) -> Names:
        """Source of names for the call that `key` names, which a caller chose; at random where it chose none. What is
        stored gives no secret away without the key. Raises CreditConflict where it named another call before."""
        if key is None:
            return Names()
        digest = hashlib.sha256(body.encode()).hexdigest()
        pk = f"OPERATION#{hashlib.sha256(key.encode()).hexdigest()}"
        item: Item = {"pk": pk, "sk": "OPERATION", "salt": secrets.token_hex(32), "digest": digest,
                "expires_at": now_ms // 1000 + KEPT_SECONDS}  # fmt: skip
        try:
            self._store.insert(item)
        except ConditionFailed as failed:
            item = failed.item
        if item["digest"] != digest:
            raise CreditConflict("this idempotency key was used before, for another call")
        return Names(hmac.new(bytes.fromhex(item["salt"]), key.encode(), hashlib.sha512).digest())
