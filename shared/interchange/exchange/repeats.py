"""`Idempotency-Key`: a repeat of a request gets the first one's answer, without a second charge.

Only requests that name a key cost anything here. An end that was charged is kept, however it ended; one that cost
nothing gives the key back.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

from interchange.hub.failure import ErrorKind, Failure, RequestError, invalid
from interchange.identity.keys import Principal
from interchange.metering.idempotency import Claim, KeyTaken, OtherRequest, Stored, Unknown
from interchange.metering.money import usd

from .http import STREAM_HEADERS, Answer, Inbound, StreamCut
from .record import Outcome, Record, stored_paths
from .services import Services
from .table_calls import ask

HEADER = "idempotency-key"
REPLAYED = "idempotent-replayed"
LONGEST = 255
MARGIN_MS = 30_000
"""A request that has not said what became of it by its deadline and this much more has died."""


async def claim(services: Services, principal: Principal, inbound: Inbound, request_id: str) -> Claim | Answer | None:
    """None without the header; the first one's answer where there is one. Raises RequestError 400 or 409."""
    key = inbound.headers.get(HEADER)
    if key is None:
        return None
    if not 0 < len(key) <= LONGEST or not key.isprintable():
        raise invalid(f"Idempotency-Key: 1 to {LONGEST} printable characters", "Idempotency-Key")
    wanted = Claim(principal.account_id, key, request_id)
    now = services.now_ms()
    seconds = max(0.0, inbound.deadline - asyncio.get_running_loop().time())
    try:
        found = await ask(
            services, services.idempotency.begin, wanted, _digest(inbound), now, now + int(seconds * 1000) + MARGIN_MS
        )
    except KeyTaken as taken:
        raise RequestError(_taken(taken)) from taken
    return _replayed(found) if isinstance(found, Stored) else found


def _digest(inbound: Inbound) -> str:
    """Digest of what is asked, the headers that change an answer too. A form's boundary, its first line, is left out:
    clients draw another for each try."""
    body = inbound.body
    form = inbound.headers.get("content-type", "").lower().startswith("multipart/form-data")
    mark, _, rest = body.partition(b"\r\n")
    if form and rest and len(mark) > 2 and mark.startswith(b"--"):
        body = (b"\r\n" + body).replace(b"\r\n" + mark, b"\r\n--")
    told = [f"{name}: {value}" for name, value in sorted(inbound.headers.items()) if name.endswith("-beta")]
    told += ["strict"] if inbound.strict else []
    parts = (inbound.method.encode(), inbound.path.encode(), body, *(one.encode() for one in told))
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


async def forget(services: Services, claimed: Claim) -> None:
    """The request was refused before it could cost anything."""
    await _safely(services, claimed, services.idempotency.forget, claimed)


async def conclude(
    services: Services, claimed: Claim, record: Record, outcome: Outcome, charge_nano: int | None, body: bytes
) -> None:
    """After the settlement, before the last byte goes out."""
    idempotency = services.idempotency
    if outcome.word == "upstream_error":
        await _safely(services, claimed, idempotency.forget, claimed)
        return
    stream = outcome.whole is None
    facts = {
        "stream": stream,
        "cut": record.cut,
        "content_type": record.stream_type if stream else outcome.content_type,
        "charge_usd": None if charge_nano is None else usd(charge_nano),
        "max_tokens": record.admission.limit,
        "dropped": list(stored_paths(record.losses)),
    }
    await _safely(services, claimed, idempotency.finish, claimed, facts, body)


async def _safely(services: Services, claimed: Claim, act: Any, *arguments: Any) -> None:
    """Keeps an answer, or goes on without: what cannot be kept must not cost the caller the answer. Then a repeat is
    told that the first was charged."""
    try:
        await ask(services, act, *arguments)
    except Exception as error:  # noqa: BLE001 - whatever the store says, the answer must go out and the alarm be raised
        services.report("idempotency_failed", {"request_id": claimed.request_id, "error": repr(error)})


def _replayed(stored: Stored) -> Answer:
    if stored.body is None:
        raise RequestError(_charged(stored.request_id, "its answer was too large to keep"))
    facts: Mapping[str, Any] = stored.facts
    headers = {
        "x-interchange-request-id": stored.request_id,
        "x-request-id": stored.request_id,
        "request-id": stored.request_id,
        "content-type": str(facts["content_type"]),
        REPLAYED: "true",
    }
    if facts["charge_usd"] is not None:
        headers["x-interchange-charge-usd"] = facts["charge_usd"]
    if facts["max_tokens"] is not None:
        headers["x-interchange-max-tokens"] = str(facts["max_tokens"])
    if facts["dropped"]:
        headers["x-interchange-dropped"] = ", ".join(facts["dropped"]).encode("ascii", "replace").decode()[:4000]
    if not facts["stream"]:
        return Answer(200, headers, stored.body)
    return Answer(200, {**headers, **STREAM_HEADERS}, _once(stored.body, cut=bool(facts.get("cut"))))


async def _once(body: bytes, *, cut: bool) -> AsyncIterator[bytes]:
    yield body
    if cut:
        raise StreamCut("the answer broke off")


def _taken(taken: KeyTaken) -> Failure:
    match taken:
        case OtherRequest():
            message = "this Idempotency-Key was used for another request; use a new one"
            return Failure(ErrorKind.CONFLICT, message, param="Idempotency-Key", code="idempotency_key_reused")
        case Unknown(request_id=request_id):
            return _charged(request_id, "its answer was lost")
        case _:
            message = "the first request with this Idempotency-Key is still running"
            return Failure(ErrorKind.CONFLICT, message, code="idempotency_in_progress", retry_after=1.0)


def _charged(request_id: str, why: str) -> Failure:
    message = f"the request {request_id} with this Idempotency-Key was served and charged, but {why}; use a new key"
    return Failure(ErrorKind.CONFLICT, message, param="Idempotency-Key", code="idempotency_answer_lost")
