"""The two ways through: unchanged where both sides speak one protocol, by way of the hub where they do not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from typing import Any

from interchange.continuity.memory import Collector
from interchange.dataclass import dataclass
from interchange.exchange.lane import Lane, LaneStream, Piece, Whole, write_cut
from interchange.exchange.produced import characters_produced, has_counts, produced
from interchange.hub import events as e
from interchange.hub.fold import unfold
from interchange.hub.losses import Losses
from interchange.hub.request import Request
from interchange.hub.usage import Usage
from interchange.protocols import BetaClient, Client, Envelope, PassThrough, Profile, Server, StreamReader, StreamWriter
from interchange.wire import codec
from interchange.wire.sse import Frame

from . import caching
from .checks import refuse_values
from .inline import spelled
from .losses import LossReport


@dataclass(frozen=True, slots=True)
class ConversationCaller:
    """The caller's side of a conversation, read once."""

    server: Server
    passthrough: PassThrough
    envelope: Envelope
    raw: bytes
    body: dict[str, Any]
    request: Request
    stream: bool
    asked_usage: bool
    auto_cache: bool = False

    @property
    def family(self) -> str:
        return self.server.protocol


def choose(caller: ConversationCaller, client: Client, profile: Profile) -> Lane:
    if caller.server.protocol == client.protocol:
        return PassThroughLane(caller, client, profile)
    return TranslateLane(caller, client, profile)


@dataclass(slots=True)
class PassThroughLane:
    caller: ConversationCaller
    client: Client
    profile: Profile
    name: str = "pass-through"
    losses: Losses = field(default_factory=Losses)
    betas: tuple[str, ...] = ()

    def body(self, limit: int | None) -> bytes:
        caller = self.caller
        return caller.passthrough.write_request(caller.raw, caller.body, self.profile, limit, caller.stream)

    def whole(self, raw: bytes) -> Whole:
        answer = _object(raw)
        usage = self.client.read_usage(answer)
        body = self.caller.passthrough.write_response(raw, self.caller.envelope.model)
        if usage is not None and has_counts(usage):
            return Whole(body, usage, 0)
        return Whole(body, usage, produced(self.client, answer, len(raw)))

    def stream(self) -> LaneStream:
        return _Tapped(self.caller, self.client, self.client.read_stream())


@dataclass(slots=True)
class _Tapped:
    """Forwards frames and listens in on them."""

    caller: ConversationCaller
    client: Client
    reader: StreamReader

    @property
    def usage(self) -> Usage | None:
        return self.reader.usage

    @property
    def records(self) -> Mapping[str, bytes]:
        return {}  # the caller speaks the model's own protocol, and keeps what that asks for

    def feed(self, frame: Frame) -> Piece:
        body = self.caller.passthrough.write_frame(frame, self.caller.envelope.model, self.caller.asked_usage)
        piece = Piece(body, content=frame.data is not None and self.client.is_content(frame))
        _note(piece, self.reader.read(frame) if frame.data is not None else ())
        if piece.failure is not None and not _readable(frame):
            piece.body = write_cut(self.caller, piece.failure)
        return piece

    def finish(self) -> Piece:
        """The upstream closed: its own frames have said all there is to say, unless it was cut off."""
        piece = Piece()
        _note(piece, self.reader.finish())
        if piece.failure is not None:
            piece.body = write_cut(self.caller, piece.failure)
        return piece


@dataclass(slots=True)
class TranslateLane:
    caller: ConversationCaller
    client: Client
    profile: Profile
    name: str = "translate"
    losses: Losses = field(default_factory=Losses)
    betas: tuple[str, ...] = ()
    _report: LossReport | None = None
    _spelled: Request | None = None
    """The request as it is written; a body is written more than once."""

    def body(self, limit: int | None) -> bytes:
        if self._report is None:
            self._report = LossReport(self.caller.server, self.caller.body)
        self.losses.items.clear()
        with self._report.refusals():
            if self._spelled is None:
                refuse_values(self.caller.request)
                self._spelled = spelled(self.caller.request)
            request = self._spelled if limit is None else replace(self._spelled, max_tokens=limit)
            if self.caller.auto_cache and self.profile.traits.get(caching.TRAIT):
                request = caching.marked(request)
            body = self.client.write_request(request, self.profile, self.losses)
        self._report.add(self.losses)
        if isinstance(self.client, BetaClient):
            self.betas = self.client.betas(body)
        return codec.dumps(body)

    def whole(self, raw: bytes) -> Whole:
        response = self.client.read_response(_object(raw))
        body = self.caller.server.write_response(response, self.caller.envelope)
        collector = Collector()
        events = list(unfold(response))
        for event in events:
            collector.add(event)
        return Whole(codec.dumps(body), response.usage, characters_produced(events), collector.records())

    def stream(self) -> LaneStream:
        return _Translated(
            self.client, self.client.read_stream(), self.caller.server.write_stream(self.caller.envelope)
        )


@dataclass(slots=True)
class _Translated:
    client: Client
    reader: StreamReader
    writer: StreamWriter
    collector: Collector = field(default_factory=Collector)

    @property
    def usage(self) -> Usage | None:
        return self.reader.usage

    @property
    def records(self) -> Mapping[str, bytes]:
        return self.collector.records()

    def feed(self, frame: Frame) -> Piece:
        if frame.data is None:
            return Piece()
        piece = Piece(content=self.client.is_content(frame))
        self._write(piece, list(self.reader.read(frame)))
        return piece

    def finish(self) -> Piece:
        piece = Piece()
        self._write(piece, list(self.reader.finish()))
        return piece

    def _write(self, piece: Piece, events: list[e.Event]) -> None:
        _note(piece, events)
        for event in events:
            self.collector.add(event)
        piece.body = b"".join([self.writer.write(event) for event in events])


def _note(piece: Piece, events: Iterable[e.Event]) -> None:
    events = list(events)
    piece.produced += characters_produced(events)
    for event in events:
        match event:
            case e.MessageStop():
                piece.last = True
            case e.StreamFailed(failure):
                piece.failure = failure
                piece.last = True
            case _:
                pass  # the stream goes on


def _readable(frame: Frame) -> bool:
    """True for a frame that the caller can read for itself: the provider's own word of its failure."""
    try:
        return isinstance(codec.loads(frame.data or b""), dict)
    except ValueError:
        return False


def _object(raw: bytes) -> dict[str, Any]:
    value = codec.loads(raw)
    if not isinstance(value, dict):
        raise ValueError("the answer is not a JSON object")
    return value
