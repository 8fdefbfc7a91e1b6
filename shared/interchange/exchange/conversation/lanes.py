"""The two ways through: unchanged where both sides speak one protocol, by way of the hub where they do not."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from interchange.continuity.memory import Collector, digest
from interchange.continuity.order import Order
from interchange.continuity.pairs import Pairs
from interchange.continuity.seal import MARK
from interchange.dataclass import dataclass, replace
from interchange.exchange.attempt_failed import AttemptFailed
from interchange.exchange.lane import Lane, LaneStream, Whole
from interchange.exchange.produced import LEAST_PICTURE, has_counts, made_of, produced
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.failure import Failure
from interchange.hub.fold import unfold
from interchange.hub.losses import Losses
from interchange.hub.request import HostedTool, Request
from interchange.hub.usage import Usage
from interchange.protocols.faces import CallLimitingClient, Client, Profile, StreamWriter
from interchange.protocols.refusals import refuses_state, refuses_summary
from interchange.rewrites import NOTHING, Inverse, Restoring, named_where_they_stood, needed, rewrite
from interchange.wire import codec

from . import caching
from .caller import ConversationCaller
from .checks import refuse_values
from .inline import spelled
from .issuers import Issuer, forgotten, has_summary, restated, states
from .kinds import has_betas, has_order, has_pairs
from .lane_streams import Tapped, Translated, announces
from .left_out import WHY
from .losses import LossReport
from .nothing import abnormal
from .owned import signed

_THOUGHT = b'thinking"'
"""Ends the types of thoughts."""


def issuer_of(client: Client, profile: Profile, owner: str) -> Issuer:
    also = frozenset(profile.traits.get("continuation", ()))
    return Issuer(client.protocol, owner, also, by_text=bool(profile.traits.get("replayed")))


def choose(caller: ConversationCaller, client: Client, profile: Profile, owner: str) -> Lane:
    """`owner` is whose credential the route goes by."""
    issuer = issuer_of(client, profile, owner)
    if caller.server.protocol == client.protocol and not needed(caller.request, client.rules(profile)):
        return PassThroughLane(caller, client, profile, issuer=issuer)
    return TranslateLane(caller, client, profile, issuer=issuer)


@dataclass(frozen=True, slots=True)
class Written:
    """A body, and the output limit that it was written with: it is asked for again when it is sent."""

    limit: int | None
    body: bytes


@dataclass(slots=True)
class PassThroughLane:
    caller: ConversationCaller
    client: Client
    profile: Profile
    name: str = "pass-through"
    losses: Losses = field(default_factory=Losses)
    betas: tuple[str, ...] = ()
    issuer: Issuer = Issuer("")
    forgetting: bool = False
    _written: Written | None = None

    def body(self, limit: int | None) -> bytes:
        if self._written is None or self._written.limit != limit:
            self._written = Written(limit, self._write(limit))
        return self._written.body

    def _write(self, limit: int | None) -> bytes:
        caller = self.caller
        self.losses.items.clear()
        raw, body = self._restated()
        _note_left_out(caller, self.losses)
        for name in caller.passthrough.left_out(body):
            self.losses.drop(name, "the turn to go on with began without thinking")
        out = caller.passthrough.write_request(raw, body, self.profile, limit, caller.stream)
        runs = any(isinstance(tool, HostedTool) and tool.limit is not None for tool in caller.request.tools)
        return self.client.limited(out, caller.request) if runs and isinstance(self.client, CallLimitingClient) else out

    def relent(self, failure: Failure) -> bool:
        if not refuses_state(failure):
            return False
        if has_summary(self.caller.request):
            return False
        already, self.forgetting, self._written = self.forgetting, True, None
        return not already and self._restated()[1] is not self.caller.body

    def _restated(self) -> tuple[bytes, dict[str, Any]]:
        """The history with the states that this route's vendor made; bytes stay as they came where that is all."""
        caller = self.caller
        orders = caller.provenance.orders
        if not (self.forgetting or caller.provenance.owners or orders or MARK.encode() in caller.raw):
            return caller.raw, caller.body
        body = caller.passthrough.restated(caller.body, self._taken)
        if orders and has_order(caller.passthrough):
            body = caller.passthrough.ordered(body, orders)
        if caller.provenance.turns and has_pairs(caller.passthrough):
            body = caller.passthrough.paired(body, caller.provenance.turns)
        return (caller.raw, body) if body is caller.body else (codec.dumps(body), body)

    def _taken(self, text: str) -> b.Continuation | None:
        caller = self.caller
        given = caller.seal.open(text) if caller.seal.is_sealed(text) else b.Continuation(self.issuer.protocol, text)
        if given is None or self.forgetting:
            return None
        state = self.issuer.taken(caller.provenance.labelled(given))
        return state if state.issuer == self.issuer.protocol else None

    @property
    def _keeps_owner(self) -> bool:
        return self.issuer.protocol in self.caller.shared

    def whole(self, raw: bytes) -> Whole:
        answer = _object(raw)
        _accept(self.client, answer, self.caller)
        usage = self._usage(answer)
        body = signed(self._forwarded(raw, answer), self.caller.seal)
        states = list(self.caller.passthrough.states(answer)) if self._keeps_owner else []
        records = {digest(state): self.issuer.owner.encode() for state in states}
        if raw.count(_THOUGHT) > 1 or len(states) > 1:
            records |= self._turn(answer)
        if usage is not None and has_counts(usage) and (usage.total_output >= LEAST_PICTURE or b"image" not in raw):
            return Whole(body, usage, 0, records)
        made = produced(self.client, answer, len(raw))
        return Whole(body, usage, made.characters, records, things=made.things, sound=made.sound)

    def _turn(self, answer: dict[str, Any]) -> dict[str, bytes]:
        turn = self._listener()
        if turn is None:
            return {}
        for event in unfold(self.client.read_response(answer)):
            turn.add(event)
        return turn.records()

    def _listener(self) -> Order | Pairs | None:
        """Listens to how an answer's thoughts stand among the rest, where its vendor wants that."""
        if has_order(self.caller.passthrough):
            return Order()
        return Pairs(self.issuer.owner) if has_pairs(self.caller.passthrough) and self._keeps_owner else None

    def _usage(self, answer: dict[str, Any]) -> Usage | None:
        return self.client.read_usage(answer)

    def _forwarded(self, raw: bytes, answer: dict[str, Any]) -> bytes:
        return self.caller.passthrough.write_response(raw, answer, self.caller.envelope.model)

    def stream(self) -> LaneStream:
        owner = self.issuer.owner if self._keeps_owner else None
        return Tapped(self.caller, self.client, self.client.read_stream(), owner, self._listener())


@dataclass(slots=True)
class TranslateLane:
    caller: ConversationCaller
    client: Client
    profile: Profile
    name: str = "translate"
    losses: Losses = field(default_factory=Losses)
    betas: tuple[str, ...] = ()
    inverse: Inverse = NOTHING
    """What was said in another way, to be brought back in the answer."""
    issuer: Issuer = Issuer("")
    forgetting: bool = False
    hiding: bool = False
    """The operator's account may not see the model's reasoning."""
    _report: LossReport | None = None
    _spelled: Request | None = None
    """The request as it is to be written, but for its limit."""
    _written: Written | None = None

    def body(self, limit: int | None) -> bytes:
        if self._written is None or self._written.limit != limit:
            self._written = Written(limit, self._write(limit))
        return self._written.body

    def _write(self, limit: int | None) -> bytes:
        if self._report is None:
            self._report = LossReport(self.caller.server, self.caller.body)
        self.losses.items.clear()
        with self._report.refusals():
            if self._spelled is None:
                refuse_values(self.caller.request)
                self._spelled = spelled(self._restated())
            request = self._limited(self._spelled, limit)
            if self.caller.auto_cache and self.profile.traits.get(caching.TRAIT):
                request = caching.marked(request)
            request, self.inverse = rewrite(request, self.client.rules(self.profile), self.losses)
            with named_where_they_stood(self.inverse.moved, self.losses):
                body = self.client.write_request(request, self.profile, self.losses)
        if self.hiding:
            self.losses.drop("thinking.display", "this gateway's account does not see the reasoning of this model")
        self._report.add(self.losses)
        _note_left_out(self.caller, self.losses)
        if has_betas(self.client):
            self.betas = self.client.betas(body)
        return codec.dumps(body)

    def _limited(self, request: Request, limit: int | None) -> Request:
        """Limits the output to what the balance carries, never to more than the model gives: vendors refuse that."""
        limit = request.max_tokens if limit is None else limit
        if limit is not None and self.profile.max_output is not None:
            limit = min(limit, self.profile.max_output)
        return request if limit == request.max_tokens else replace(request, max_tokens=limit)

    def relent(self, failure: Failure) -> bool:
        if refuses_summary(failure):
            already, self.hiding = self.hiding, True
            self._spelled = self._written = None
            return not already and self.caller.request.reasoning is not None
        if not refuses_state(failure) or has_summary(self.caller.request):
            return False
        already, self.forgetting = self.forgetting, True
        self._spelled = self._written = None
        return not already and any(self.issuer.takes(state) for state in states(self.caller.request))

    def _restated(self) -> Request:
        request = restated(self.caller.request, forgotten if self.forgetting else self.issuer.taken)
        if not self.hiding or request.reasoning is None:
            return request
        return replace(request, reasoning=replace(request.reasoning, display="omitted", summary=None, shown=False))

    def whole(self, raw: bytes) -> Whole:
        answer = _object(raw)
        _accept(self.client, answer, self.caller)
        read = self.issuer.labelled_answer(self.client.read_response(answer))
        _refuse_nothing(read)
        response = self.inverse.whole(read)
        body = self.written(response)
        collector = Collector(self.issuer.teller)
        events = list(unfold(response))
        for event in events:
            collector.add(event)
        made = made_of(events)
        return Whole(body, response.usage, made.characters, collector.records(), things=made.things, sound=made.sound)

    def written(self, response: e.Response) -> bytes:
        """The whole answer as it leaves."""
        return codec.dumps(self.caller.server.write_response(response, self.caller.envelope))

    def writer(self) -> StreamWriter:
        """Writer of a stream's events."""
        return self.caller.server.write_stream(self.caller.envelope)

    def stream(self) -> LaneStream:
        return Translated(
            self.client,
            self.client.read_stream(),
            self.writer(),
            self.issuer,
            self.caller.choices,
            Restoring(self.inverse) if self.inverse else None,
            Collector(self.issuer.teller),
        )


def _note_left_out(caller: ConversationCaller, losses: Losses) -> None:
    for path in caller.left_out:
        losses.drop(path, WHY)


def _accept(client: Client, answer: dict[str, Any], caller: ConversationCaller) -> None:
    """Raises AttemptFailed for what is no answer to the request, whatever its status was."""
    failure = client.refused(answer, caller.choices)
    if failure is not None:
        raise AttemptFailed(failure, inside=True)


def _refuse_nothing(answer: e.Response) -> None:
    failure = abnormal([choice.stop for choice in answer.choices])
    if failure is not None and announces([one for one in unfold(answer) if not isinstance(one, e.MessageStop)]):
        raise AttemptFailed(failure, inside=True)


def _object(raw: bytes) -> dict[str, Any]:
    value = codec.loads(raw)
    if not isinstance(value, dict):
        raise ValueError("the answer is not a JSON object")
    return value
