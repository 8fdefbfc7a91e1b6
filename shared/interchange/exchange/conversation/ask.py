"""One request of a conversation family, from its body to a call that may be made.

body -> route -> lane -> upstream body and losses -> hold
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from interchange.catalog.billed import within_context
from interchange.catalog.models import Model
from interchange.continuity.seal import Seal
from interchange.dataclass import dataclass, replace
from interchange.estimate import estimate_tokens
from interchange.exchange.access import find_model
from interchange.exchange.answers import base_headers, note_deprecation
from interchange.exchange.attempt_failed import usable
from interchange.exchange.body import RequestHead, read_head
from interchange.exchange.call import Call
from interchange.exchange.dearest import Candidate, admit_dearest
from interchange.exchange.hold import Admission, Uncovered, Wanted, kept
from interchange.exchange.http import Answer, Inbound
from interchange.exchange.labels import read_labels
from interchange.exchange.lane import Lane
from interchange.exchange.meters import metered
from interchange.exchange.record import Keeper, Record
from interchange.exchange.serve import SETTLE_SECONDS, answered
from interchange.exchange.services import Services
from interchange.hub.failure import invalid
from interchange.hub.request import HostedTool, Request
from interchange.identity.keys import Principal
from interchange.protocols.faces import Envelope, PassThrough, Server
from interchange.wire import codec

from . import cost
from .bound import Bounds, imposed_calls, measure, output_floor, with_limits
from .caller import ConversationCaller
from .checks import refuse_unpriced
from .in_stream import told_in_stream
from .inline import ALL, Pending, pending
from .issuers import Provenance
from .kinds import has_stored_answers
from .left_out import without_hosted
from .losses import LossReport
from .owned import opened
from .recall import recalled
from .routes import ConversationAttempt, Routed, attempts, routes
from .stored import owned, refilled, resolved
from .takers import Taker, read_takers, shown_names


@dataclass(frozen=True, slots=True)
class Face:
    """A family's side of the caller: how its protocol is read and written, and how it is carried through."""

    server: Server
    passthrough: PassThrough
    stores: bool = False
    """Whether its answers are kept for their caller, unless told otherwise."""
    threads: Callable[[str], PassThrough] | None = None
    """Where a conversation is held for a caller who asks for it: `passthrough` with an id for the answer, by which it
    is found again."""


async def serve(services: Services, face: Face, inbound: Inbound) -> Answer:
    """Any outcome is an answer in the caller's protocol; nothing is raised for what a caller or a provider did."""
    headers = base_headers(services.new_id())
    started_ms = services.now_ms()

    async def admitted(principal: Principal) -> Call:
        return await _admitted(services, face, inbound, principal, headers, started_ms)

    return told_in_stream(face.server, inbound, await answered(services, face.server, inbound, headers, admitted))


async def _admitted(
    services: Services, face: Face, inbound: Inbound, principal: Principal, headers: dict[str, str], started_ms: int
) -> Call:
    """A call that may be made: understood, routed, paid for."""
    head, tells_cost = cost.read_wish(read_head(inbound), inbound.headers)
    model = find_model(services, principal, head.model)
    seal = services.seal.bound(principal.account_id)
    server = face.server.owned_by(principal.account_id)
    head, previous, keep = await _whole(services, face, server, principal, seal, head)
    head, left = await refilled(services, principal, head) if face.stores else (head, frozenset[str]())
    request = server.read_request(head.body)
    refuse_unpriced(request, model)
    head = owned(head, left) if face.stores else head
    labels = read_labels(inbound.headers, request.user, request.metadata)
    principal = metered(principal, model, labels.user)
    takers = read_takers(services, principal, face.passthrough, head.body)
    asking = _Asking(
        services, face, server, inbound, principal, model, seal, headers, started_ms, keep, previous, takers, tells_cost
    )
    asked = await asking.afforded(head, request)
    if not isinstance(asked, Call):
        asked = asking.call(asked)
        note_deprecation(headers, model)
    asked.record.labels, asked.record.keeper = labels, keep
    asked.record.ending = cost.ending(server, wanted=tells_cost)
    return asked


async def _whole(
    services: Services, face: Face, server: Server, principal: Principal, seal: Seal, head: RequestHead
) -> tuple[RequestHead, Any, Keeper | None]:
    """The request with what is kept here of its conversation and with the vendor's own ids, the answer that the caller
    says it follows, and what will keep this one."""
    thread: Keeper | None = None
    if face.threads is not None and "thread" in head.body:
        # loaded with the first request that names one
        from .threads import resolved as threaded

        head, thread = await threaded(services, principal, head)
    server.refuse_held(head.body)
    head = _opened(head, seal)
    previous = head.body.get("previous_response_id")
    head, keep = await resolved(services, principal, head) if face.stores else (head, thread)
    if b'"file-' in head.raw:
        # loaded with the first request that may name one
        from .uploaded import with_uploads

        head = await with_uploads(services, principal, server, head)
    return head, previous, keep


@dataclass(frozen=True, slots=True)
class _Asked:
    caller: ConversationCaller
    chosen: Sequence[ConversationAttempt]
    admission: Admission
    tokens: int
    """At most, of input."""
    request: Request
    """As it was paid for."""


@dataclass(frozen=True, slots=True)
class _Asking:
    """A request before it is routed."""

    services: Services
    face: Face
    server: Server
    inbound: Inbound
    principal: Principal
    model: Model
    seal: Seal
    headers: dict[str, str]
    started_ms: int
    keep: Keeper | None
    previous: Any
    takers: tuple[Taker, ...]
    tells_cost: bool

    async def afforded(self, head: RequestHead, request: Request) -> _Asked | Call:
        """Like `admitted`, without the tools that the vendor runs where only they are too dear."""
        try:
            return await self.admitted(head, request)
        except Uncovered:
            head, left_out = without_hosted(head, request)
            if not left_out:
                raise
            return await self.admitted(head, self.server.read_request(head.body), left_out=left_out)

    async def admitted(self, head: RequestHead, request: Request, *, left_out: tuple[str, ...] = ()) -> _Asked | Call:
        """Routed, translated and paid for. Raises RequestError; Uncovered where the balance would do without the tools
        that the vendor runs. A call of its own where the gateway runs the tools of MCP servers."""
        services, server, model, inbound = self.services, self.server, self.model, self.inbound
        bounds = measure(request, head.raw, model)
        candidates = self._candidates(head, request, bounds)
        request = with_limits(request, model)
        found, whole, provenance = await _completed(services, self.principal, self.face.passthrough, model, request)
        report = LossReport(server, head.body)
        with report.refusals():
            media = _media(server.protocol, found, whole)
        caller = self._caller(head, media.unseen(), bounds.most.input_tokens, provenance, left_out)
        if services.mcp is not None and has_mcp(request):
            # loaded with the first request that names a server
            from .mcp_admission import at_vendor, rounds_call

            if not at_vendor(found, model, caller, inbound):
                if self.takers:
                    path = self.takers[0].named.path
                    raise invalid(f"{path}: no other model takes over where the gateway calls the tools", path)
                return await rounds_call(
                    services, self.principal, model, caller, media, inbound, self.headers, self.started_ms, services.mcp
                )
        chosen = usable(attempts(found, model, caller), model, strict=inbound.strict)
        seconds = inbound.deadline - asyncio.get_running_loop().time()
        identity = caller.envelope.request_id
        admission = await admit_dearest(services, self.principal, candidates, identity, seconds=seconds)
        if media.urls:
            async with kept(services, admission):
                with report.refusals():
                    caller = replace(caller, request=await media.fetched(services.fetch))
                chosen = usable(attempts(found, model, caller), model, strict=inbound.strict)
        return _Asked(caller, chosen, admission, bounds.most.input_tokens, request)

    def call(self, asked: _Asked) -> Call:
        """The call of what was paid for; its headers say how far the output is limited."""
        services, model, admission, chosen = self.services, self.model, asked.admission, asked.chosen
        limit = _limit(admission, model, asked.request, chosen[0].lane)
        if limit is not None:
            self.headers["x-interchange-max-tokens"] = str(limit)
        calls = imposed_calls(asked.request, model)
        if calls is not None:
            self.headers["x-interchange-max-tool-calls"] = str(calls)
        if admission.rates is not None:
            self.headers.update(self.server.write_rates(admission.rates))

        def counted() -> int:
            return min(asked.tokens, estimate_tokens(asked.request, model.traits))

        record = Record(asked.caller, self.principal, model, admission, chosen[0], self.started_ms, counted)
        headers = within_context(self.inbound.headers, model)
        return Call(services, record, chosen, headers, self.inbound.deadline - SETTLE_SECONDS)

    def _candidates(self, head: RequestHead, request: Request, bounds: Bounds) -> list[Candidate]:
        """The models that may serve, with what each may use."""
        found = [(self.model, _wanted(bounds, request, stream=head.stream))]
        for taker in self.takers:
            asked = taker.asked(request)
            found.append((taker.model, _wanted(measure(asked, head.raw, taker.model), asked, stream=head.stream)))
        return found

    def _passthrough(self) -> PassThrough:
        found = self.face.passthrough
        if has_stored_answers(found):
            previous = self.previous if isinstance(self.previous, str) and self.previous else None
            return found.of_one(previous=previous, kept=self.keep is not None)
        named = self.face.threads if self.keep is not None else None
        return found if named is None else named(f"msg_{self.headers['x-interchange-request-id']}")

    def _caller(
        self, head: RequestHead, request: Request, tokens: int, provenance: Provenance,
        left_out: tuple[str, ...],
    ) -> ConversationCaller:  # fmt: skip
        headers, services = self.headers, self.services
        asked_usage = bool(request.include_usage) or self.tells_cost
        estimate = max(1, min(tokens, len(head.raw) // 4))
        auto = self.inbound.headers.get("x-interchange-cache", "auto" if self.principal.auto_cache else "")
        body = {**head.body, "store": self.keep is not None, "previous_response_id": self.previous}
        return ConversationCaller(
            server=self.server,
            passthrough=self._passthrough(),
            envelope=Envelope(
                headers["x-interchange-request-id"], self.started_ms // 1000, head.model, asked_usage, estimate, body
            ),
            raw=head.raw,
            body=head.body,
            request=request,
            stream=head.stream,
            asked_usage=asked_usage,
            seal=self.seal,
            provenance=provenance,
            shared=services.shared,
            auto_cache=auto.lower() == "auto",
            left_out=left_out,
            takers=self.takers,
            shown_names=shown_names(self.model, head.model, self.takers) if self.takers else {},
        )


def _wanted(bounds: Bounds, request: Request, *, stream: bool) -> Wanted:
    return Wanted(
        bounds.most, output_floor(request), bounds.beyond, bounds.first, bounds.cover, max(1, request.n or 1),
        grows=stream or request.max_tokens is None,
    )  # fmt: skip


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
    """Puts the vendor's own ids where the account's signed ones stood."""
    raw = opened(head.raw, head.body, seal)
    return head if raw is head.raw else replace(head, raw=raw, body=codec.loads(raw))


async def _completed(
    services: Services, principal: Principal, passthrough: PassThrough, model: Model, request: Request
) -> tuple[list[Routed], Request, Provenance]:
    """The model's routes, and the request with the state that a translation to one of them will need."""
    found = routes(services, model, passthrough.protocol, request)
    whole, provenance = await recalled(services, principal.account_id, passthrough, found, request)
    if whole is not request:
        # a state may lead to another of a provider's clients
        found = routes(services, model, passthrough.protocol, whole)
    return found, whole, provenance


def _media(protocol: str, found: Sequence[Routed], request: Request) -> Pending:
    """The media that some translating route's provider cannot download."""
    abilities = [one.provider.fetches for one in found if one.client.protocol != protocol]
    return pending(request, frozenset.intersection(*abilities) if abilities else ALL)
