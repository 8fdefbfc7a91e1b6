"""One request of a conversation family, from authentication to the answer.

authenticate -> envelope -> route -> lane -> upstream body and losses -> hold -> send -> settle -> last byte
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from interchange.catalog.models import Model
from interchange.continuity.memory import restore, wanted
from interchange.dataclass import dataclass
from interchange.hub.failure import ErrorKind, Failure, RequestError
from interchange.hub.losses import Losses
from interchange.identity.keys import Principal
from interchange.metering.money import usd
from interchange.protocols import Envelope, PassThrough, Server
from interchange.wire import codec

from . import idempotency, listener
from .able import able
from .admission import admit
from .call import Call
from .envelope import read_envelope, too_deep
from .extent import measure, output_floor
from .gate import authenticate, find_model
from .inbound import STREAM_HEADERS, Answer, Inbound
from .lane import Speaker
from .lanes import Asked
from .legs import about_credential, legs, told
from .listener import Served
from .media import inline
from .services import Services
from .telling import Teller

SETTLE_SECONDS = 3.0
"""Kept back from the deadline, so that the settlement and the last byte still fit."""
RUNNING: set[asyncio.Task[None]] = set()
"""Calls under way. A task that nobody refers to may be collected before it settles."""


@dataclass(frozen=True, slots=True)
class Face:
    """A family's side of the caller: how its protocol is read and written, and how it is carried through."""

    server: Server
    passthrough: PassThrough


async def serve(services: Services, face: Face, inbound: Inbound) -> Answer:
    """Any outcome is an answer in the caller's protocol; nothing is raised for what a caller or a provider did."""
    headers = base_headers(services.new_id())
    started_ms = services.now_ms()

    async def admitted(principal: Principal) -> Call:
        return await _admitted(services, face, inbound, principal, headers, started_ms)

    return await answered(services, face.server, inbound, headers, admitted)


async def answered(
    services: Services,
    speaker: Speaker,
    inbound: Inbound,
    headers: dict[str, str],
    admitted: Callable[[Principal], Awaitable[Call]],
) -> Answer:
    """A request of any family: whose it is, whether it is a repeat, then the call that `admitted` makes. `headers` are
    the answer's, to be added to."""
    try:
        principal = await authenticate(services, inbound)
        claimed = await idempotency.claim(services, principal, inbound, headers["x-interchange-request-id"])
        if isinstance(claimed, Answer):
            return claimed
        try:
            call = await admitted(principal)
        except BaseException:  # a fault of ours, or a caller who left, cost as little as a refusal
            if claimed is not None:
                await idempotency.forget(services, claimed)
            raise
    except RequestError as error:
        return refuse(speaker, error.failure, headers)
    except RecursionError:
        return refuse(speaker, too_deep().failure, headers)
    call.claim = claimed
    return await run(call, headers, call.legs[0].lane.losses)


async def _admitted(
    services: Services, face: Face, inbound: Inbound, principal: Principal, headers: dict[str, str], started_ms: int
) -> Call:
    """A call that may be made: understood, routed, paid for."""
    request_id = headers["x-interchange-request-id"]
    envelope = read_envelope(inbound)
    model = find_model(services, principal, envelope.model)
    request = face.server.read_request(envelope.body)
    extent = measure(request, len(envelope.raw), model)
    estimate = max(1, min(extent.input_tokens, len(envelope.raw) // 4))
    asked = Asked(
        server=face.server,
        passthrough=face.passthrough,
        envelope=Envelope(
            request_id, started_ms // 1000, envelope.model, bool(request.include_usage), estimate, envelope.body
        ),
        raw=envelope.raw,
        body=envelope.body,
        request=request,
        stream=envelope.stream,
        asked_usage=bool(request.include_usage),
        auto_cache=inbound.headers.get("x-interchange-cache", "auto" if principal.auto_cache else "").lower() == "auto",
    )
    asked = await _recalled(services, principal.account_id, model, asked)
    asked = await _with_media(services, model, asked)
    chosen = able(legs(services, model, asked), model, strict=inbound.strict)
    seconds = inbound.deadline - asyncio.get_running_loop().time()
    admission = await admit(
        services, principal, model, request_id, extent,
        floor=output_floor(request), seconds=seconds, scale=max(1, request.n or 1),
    )  # fmt: skip
    if admission.limit is not None:
        headers["x-interchange-max-tokens"] = str(admission.limit)
    if admission.rates is not None:
        headers |= face.server.write_rates(admission.rates)
    return Call(
        services, asked, principal, model, admission, chosen, inbound.headers,
        inbound.deadline - SETTLE_SECONDS, started_ms, estimate,
    )  # fmt: skip


async def _recalled(services: Services, account_id: str, model: Model, asked: Asked) -> Asked:
    """With the reasoning state that the caller could not carry, where a translation will need it."""
    names = wanted(asked.request)
    if not names or all(leg.lane.name == "pass-through" for leg in legs(services, model, asked)):
        return asked
    records = await asyncio.to_thread(services.memory.get, account_id, names, services.now_ms())
    return replace(asked, request=restore(asked.request, records))


async def _with_media(services: Services, model: Model, asked: Asked) -> Asked:
    """With the media inline that some translating route's provider cannot download."""
    abilities = [leg.provider.fetches for leg in legs(services, model, asked) if leg.lane.name == "translate"]
    if not abilities:
        return asked
    with Teller(asked.server, asked.body).refusals():
        request = await inline(asked.request, frozenset.intersection(*abilities), services.fetch)
    return replace(asked, request=request)


async def run(call: Call, headers: dict[str, str], losses: Losses) -> Answer:
    """Starts the call, and waits for its first word: bounded for a stream, since its caller must not wait in
    silence."""
    task = asyncio.get_running_loop().create_task(call.run())
    RUNNING.add(task)
    task.add_done_callback(RUNNING.discard)
    if call.asked.stream:
        await asyncio.wait({call.served}, timeout=listener.HEARTBEAT_SECONDS)
        if not call.served.done():
            call.served.set_result(Served())
            call.listener.heartbeat()
    served = await asyncio.shield(call.served)
    note_losses(headers, call.leg.lane.losses if call.leg else losses)
    if served.failure is not None:
        return _failed(call, served, headers)
    if call.asked.stream:
        return Answer(200, {**headers, "content-type": call.stream_type, **STREAM_HEADERS}, call.listener.body())
    if served.charge_nano is not None:
        headers["x-interchange-charge-usd"] = usd(served.charge_nano)
    return Answer(200, {**headers, "content-type": served.content_type}, served.whole or b"")


def _failed(call: Call, served: Served, headers: dict[str, str]) -> Answer:
    failure = served.failure or Failure(ErrorKind.API, "internal error")
    headers["x-interchange-charge-usd"] = usd(served.charge_nano or 0)
    if served.raw_failure and failure.status and not about_credential(failure) and _is_json(served.raw_failure):
        sent = {**headers, **retry_headers(failure), "content-type": "application/json"}
        return Answer(failure.status, sent, served.raw_failure)
    return refuse(call.asked.server, told(failure), headers)


def refuse(server: Speaker, failure: Failure, headers: Mapping[str, str]) -> Answer:
    """The failure in the caller's protocol."""
    if "x-interchange-request-id" in headers:
        failure = replace(failure, request_id=headers["x-interchange-request-id"])
    status, body = server.write_failure(failure)
    told = {**retry_headers(failure), **(server.write_rates(failure.rates) if failure.rates else {})}
    return Answer(status, {**headers, **told, "content-type": "application/json"}, codec.dumps(body))


def retry_headers(failure: Failure) -> dict[str, str]:
    """`retry-after` in whole seconds, rounded up; the provider's own should-retry hint where it gave one."""
    headers = {name: value for name, value in failure.headers.items() if name in ("retry-after", "x-should-retry")}
    if failure.retry_after is not None and "retry-after" not in headers:
        headers["retry-after"] = str(max(0, -int(-failure.retry_after // 1)))
    return headers


def base_headers(request_id: str) -> dict[str, str]:
    """The stock SDKs read `x-request-id` (OpenAI) and `request-id` (Anthropic)."""
    return {
        "x-interchange-request-id": request_id,
        "x-request-id": request_id,
        "request-id": request_id,
    }


def note_losses(headers: dict[str, str], losses: Losses) -> None:
    """JSON paths, comma separated; bounded, since a header has a limit of its own. What no header may hold (a caller's
    names can be anything) is escaped."""
    if losses.items:
        paths = ", ".join(loss.path for loss in losses.items)[:4000]
        escaped = paths if paths.isascii() and paths.isprintable() else paths.encode("unicode_escape").decode("ascii")
        headers["x-interchange-dropped"] = escaped[:4000]


def _is_json(raw: bytes) -> bool:
    return raw.lstrip()[:1] == b"{"
