"""One request of a conversation family, from its body to a call that may be made.

body -> route -> lane -> upstream body and losses -> hold
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from interchange.catalog.models import Model
from interchange.continuity.seal import Seal
from interchange.dataclass import dataclass
from interchange.estimate import estimate_tokens
from interchange.exchange.access import find_model
from interchange.exchange.answers import base_headers
from interchange.exchange.attempt_failed import usable
from interchange.exchange.body import RequestHead, read_head
from interchange.exchange.call import Call
from interchange.exchange.hold import Admission, admit, kept
from interchange.exchange.http import Answer, Inbound
from interchange.exchange.labels import read_labels
from interchange.exchange.lane import Lane
from interchange.exchange.record import Record
from interchange.exchange.serve import SETTLE_SECONDS, answered
from interchange.exchange.services import Services
from interchange.hub.request import HostedTool, Request
from interchange.identity.keys import Principal
from interchange.protocols.faces import Envelope, PassThrough, Server
from interchange.wire import codec

from . import cost
from .bound import measure, output_floor
from .caller import ConversationCaller
from .inline import ALL, Pending, pending
from .issuers import Provenance
from .losses import LossReport
from .owned import opened
from .recall import recalled
from .routes import Routed, attempts, routes
from .stored import resolved


@dataclass(frozen=True, slots=True)
class Face:
    """A family's side of the caller: how its protocol is read and written, and how it is carried through."""

    server: Server
    passthrough: PassThrough
    stores: bool = False
    """Whether its answers are kept for their caller, unless told otherwise."""


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
    head, tells_cost = cost.read_wish(read_head(inbound), inbound.headers)
    model = find_model(services, principal, head.model)
    seal = services.seal.bound(principal.account_id)
    server = face.server.owned_by(principal.account_id)
    server.refuse_held(head.body)
    head = _opened(head, seal)
    previous = head.body.get("previous_response_id")
    head, keep = await resolved(services, principal, head) if face.stores else (head, None)
    request = server.read_request(head.body)
    labels = read_labels(inbound.headers, request.user, request.metadata)
    extent = measure(request, len(head.raw), model)
    floor, scale = output_floor(request), max(1, request.n or 1)
    estimate = max(1, min(extent.input_tokens, len(head.raw) // 4))
    found, request, provenance = await _completed(services, principal, server, model, request)
    report = LossReport(server, head.body)
    with report.refusals():
        media = _media(server.protocol, found, request)
    asked_usage = bool(request.include_usage) or tells_cost
    caller = ConversationCaller(
        server=server,
        passthrough=face.passthrough,
        envelope=Envelope(
            headers["x-interchange-request-id"], started_ms // 1000, head.model, asked_usage,
            estimate, {**head.body, "store": keep is not None, "previous_response_id": previous},
        ),
        raw=head.raw,
        body=head.body,
        request=media.unseen(),
        stream=head.stream,
        asked_usage=asked_usage,
        seal=seal,
        provenance=provenance,
        shared=services.shared,
        auto_cache=inbound.headers.get("x-interchange-cache", "auto" if principal.auto_cache else "").lower() == "auto",
    )  # fmt: skip
    if services.mcp is not None and has_mcp(request):
        # loaded with the first request that names a server
        from .mcp_admission import at_vendor, rounds_call

        if not at_vendor(found, model, caller, inbound):
            mcp = services.mcp
            call = await rounds_call(services, principal, model, caller, media, inbound, headers, started_ms, mcp)
            call.record.labels, call.record.keeper = labels, keep
            call.record.ending = cost.ending(server, wanted=tells_cost)
            return call
    chosen = usable(attempts(found, model, caller), model, strict=inbound.strict)
    seconds = inbound.deadline - asyncio.get_running_loop().time()
    admission = await admit(
        services, principal, model, caller.envelope.request_id, extent, floor=floor, seconds=seconds, scale=scale
    )
    if media.urls:
        async with kept(services, admission):
            with report.refusals():
                caller = replace(caller, request=await media.fetched(services.fetch))
            chosen = usable(attempts(found, model, caller), model, strict=inbound.strict)
    limit = _limit(admission, model, request, chosen[0].lane)
    if limit is not None:
        headers["x-interchange-max-tokens"] = str(limit)
    if admission.rates is not None:
        headers |= server.write_rates(admission.rates)

    def counted() -> int:
        return min(extent.input_tokens, estimate_tokens(request, model.traits))

    record = Record(caller, principal, model, admission, chosen[0], started_ms, counted, labels=labels, keeper=keep)
    record.ending = cost.ending(server, wanted=tells_cost)
    return Call(services, record, chosen, inbound.headers, inbound.deadline - SETTLE_SECONDS)


def _limit(admission: Admission, model: Model, request: Request, lane: Lane) -> int | None:
    """The limit on the output that stands in the place of the caller's own; None where that one stands."""
    asked = admission.limit or request.max_tokens or 0
    too_much = model.max_output is not None and asked > model.max_output
    return model.max_output if too_much and lane.name == "translate" else admission.limit


def has_mcp(request: Request) -> bool:
    """True for a request that names MCP servers."""
    hosted = [tool for tool in request.tools if isinstance(tool, HostedTool)]
    return bool(request.mcp_servers) or any(tool.kind == "mcp" for tool in hosted)


def _opened(head: RequestHead, seal: Seal) -> RequestHead:
    """With the vendor's own ids where the account's signed ones stood."""
    raw = opened(head.raw, head.body, seal)
    return head if raw is head.raw else replace(head, raw=raw, body=codec.loads(raw))


async def _completed(
    services: Services, principal: Principal, server: Server, model: Model, request: Request
) -> tuple[list[Routed], Request, Provenance]:
    """The model's routes, and the request with the state that a translation to one of them will need."""
    found = routes(services, model, server.protocol, request)
    whole, provenance = await recalled(services, principal.account_id, server.protocol, found, request)
    if whole is not request:
        # a state may lead to another of a provider's clients
        found = routes(services, model, server.protocol, whole)
    return found, whole, provenance


def _media(protocol: str, found: Sequence[Routed], request: Request) -> Pending:
    """The media that some translating route's provider cannot download."""
    abilities = [one.provider.fetches for one in found if one.client.protocol != protocol]
    return pending(request, frozenset.intersection(*abilities) if abilities else ALL)
