"""One request of a conversation family, from its body to a call that may be made.

body -> route -> lane -> upstream body and losses -> hold
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from interchange.catalog.models import Model
from interchange.continuity.memory import restore, wanted
from interchange.dataclass import dataclass
from interchange.exchange.access import find_model
from interchange.exchange.answers import base_headers
from interchange.exchange.attempt_failed import able
from interchange.exchange.body import read_envelope
from interchange.exchange.call import Call
from interchange.exchange.hold import admit
from interchange.exchange.http import Answer, Inbound
from interchange.exchange.serve import SETTLE_SECONDS, answered
from interchange.exchange.services import Services
from interchange.identity.keys import Principal
from interchange.protocols import Envelope, PassThrough, Server

from .bound import measure, output_floor
from .inline import inline
from .lanes import Asked
from .losses import Teller
from .routes import legs


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
