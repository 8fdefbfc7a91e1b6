"""Outcomes of requests that their callers named by an `Idempotency-Key`, kept for a day.

IDEM#<account>#<sha256 of the key>  IDEM   digest (of the request), request_id, state, until_ms, expires_at (seconds,
                                           TTL), and when done: answer (JSON), body (zlib)

`state` is "running", "done", or "free" after an end that cost nothing: then the next may have it.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from typing import Any

from interchange.dataclass import dataclass

from .store import Change, ConditionFailed, Item, Store, item_row

KEPT_S = 24 * 3600
MOST_BYTES = 350_000
"""Of a compressed body: an item holds 400 KB in all."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to answer under a key; `request_id` is the request that has it."""

    account_id: str
    key: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Stored:
    """The first one's answer: `facts` as they were given to `finish`; `body` is None where it was too large to keep."""

    request_id: str
    facts: Mapping[str, Any]
    body: bytes | None


class KeyTaken(Exception):
    """The key cannot be used for this request."""


class OtherRequest(KeyTaken):
    """It named another request."""


class StillRunning(KeyTaken):
    """The first request has not ended."""


class Unknown(KeyTaken):
    """The first request was served and charged, and its answer was lost with the process that had it."""

    def __init__(self, request_id: str) -> None:
        super().__init__(request_id)
        self.request_id = request_id


class Idempotency:
    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, claim: Claim, digest: str, now_ms: int, until_ms: int) -> Claim | Stored:
        """The claim, or what the first one came to. `until_ms` is when the request will have ended, one way or the
        other. Raises KeyTaken."""
        fresh = {
            "digest": digest,
            "request_id": claim.request_id,
            "state": "running",
            "until_ms": until_ms,
            "expires_at": now_ms // 1000 + KEPT_S,
        }
        try:
            self._store.insert({"pk": _pk(claim), "sk": "IDEM", **fresh})
        except ConditionFailed as failed:
            return claim if _is_ours(failed, claim) else self._again(failed.item, claim, fresh, now_ms)
        return claim

    def _again(self, item: Item, claim: Claim, fresh: Mapping[str, Any], now_ms: int) -> Claim | Stored:
        over = int(item["expires_at"]) * 1000 <= now_ms  # the table removes it when it gets to it
        if not over and item["state"] != "free":
            if item["digest"] != fresh["digest"]:
                raise OtherRequest
            if item["state"] == "done":
                return _stored(item)
            if int(item["until_ms"]) > now_ms:
                raise StillRunning
            if self._was_charged(str(item["request_id"])):
                raise Unknown(str(item["request_id"]))
        names = {f"#{name}": name for name in fresh}
        change = Change(
            "SET " + ", ".join(f"#{name} = :{name}" for name in fresh) + " REMOVE answer, body",
            "#request_id = :before AND #state = :was",
            names,
            {
                **{f":{name}": value for name, value in fresh.items()},
                ":before": item["request_id"],
                ":was": item["state"],
            },
        )
        try:
            self._store.change(_pk(claim), "IDEM", change)
        except ConditionFailed as failed:
            if not _is_ours(failed, claim):
                raise StillRunning from failed
        return claim

    def _was_charged(self, request_id: str) -> bool:
        item = self._store.get(f"REQUEST#{request_id}", "USAGE")
        return item is not None and item_row(item)["charge_nano"] > 0

    def finish(self, claim: Claim, facts: Mapping[str, Any], body: bytes) -> None:
        """Keeps the answer. Does nothing where the claim was lost."""
        packed = zlib.compress(body, 6)
        values: dict[str, Any] = {":state": "done", ":answer": json.dumps(facts), ":mine": claim.request_id}
        update = "SET #state = :state, answer = :answer"
        if len(packed) <= MOST_BYTES:
            update, values = f"{update}, body = :body", {**values, ":body": packed}
        self._set(claim, update, values)

    def forget(self, claim: Claim) -> None:
        """The request cost nothing: its key may be used again."""
        self._set(claim, "SET #state = :state", {":state": "free", ":mine": claim.request_id})

    def _set(self, claim: Claim, update: str, values: Mapping[str, Any]) -> None:
        try:
            self._store.change(_pk(claim), "IDEM", Change(update, "request_id = :mine", {"#state": "state"}, values))
        except ConditionFailed:
            return  # another request has it now, and says itself what becomes of it


def _is_ours(failed: ConditionFailed, claim: Claim) -> bool:
    """The client tries a write again whose answer was lost, and then meets what the first try wrote."""
    return failed.item.get("request_id") == claim.request_id and failed.item.get("state") == "running"


def _stored(item: Item) -> Stored:
    packed = item.get("body")
    body = None if packed is None else zlib.decompress(bytes(packed))
    return Stored(str(item["request_id"]), json.loads(item["answer"]), body)


def _pk(claim: Claim) -> str:
    return f"IDEM#{claim.account_id}#{hashlib.sha256(claim.key.encode()).hexdigest()}"
