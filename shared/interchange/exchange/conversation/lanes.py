"""The two ways through: unchanged where both sides speak one protocol, by way of the hub where they do not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from interchange.continuity.memory import Collector
from interchange.continuity.seal import Seal
from interchange.dataclass import dataclass
from interchange.exchange.attempt_failed import AttemptFailed
from interchange.exchange.lane import Lane, LaneStream, Piece, Whole, write_cut
from interchange.exchange.produced import characters_produced, has_counts, produced
from interchange.exchange.shown import frame_shown
from interchange.exchange.verdict import judge, told
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.failure import Failure, malformed
from interchange.hub.fold import unfold
from interchange.hub.losses import Losses
from interchange.hub.request import Request
from interchange.hub.usage import Usage
from interchange.protocols.faces import (
    BetaClient,
    Client,
    Envelope,
    PassThrough,
    Profile,
    Server,
    StreamReader,
    StreamWriter,
)
from interchange.rewrites import NOTHING, Inverse, Restoring, needed, rewrite
from interchange.wire import codec
from interchange.wire.sse import Frame

from . import caching
from .checks import refuse_values
from .inline import spelled
from .likeness import Likeness, Shape, learn, shape
from .losses import LossReport
from .owned import signed


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
    seal: Seal
    """The account's."""
    auto_cache: bool = False

    @property
    def family(self) -> str:
        return self.server.protocol

    @property
    def choices(self) -> int:
        """The number of answers that were asked for."""
        return max(1, self.request.n or 1)


def choose(caller: ConversationCaller, client: Client, profile: Profile) -> Lane:
    if caller.server.protocol == client.protocol and not needed(caller.request, client.rules(profile)):
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
        self.losses.items.clear()
        for name in caller.passthrough.left_out(caller.body):
            self.losses.drop(name, "the turn to go on with began without thinking")
        return caller.passthrough.write_request(caller.raw, caller.body, self.profile, limit, caller.stream)

    def whole(self, raw: bytes) -> Whole:
        answer = _object(raw)
        _accept(self.client, answer, self.caller)
        usage = self.client.read_usage(answer)
        body = self.caller.passthrough.write_response(raw, self.caller.envelope.model)
        body = signed(body, self.caller.seal)
        if usage is not None and has_counts(usage):
            return Whole(body, usage, 0)
        return Whole(body, usage, produced(self.client, answer, len(raw)))

    def stream(self) -> LaneStream:
        return _Tapped(self.caller, self.client, self.client.read_stream())


_NO_SHAPE = Shape(b"", b"", b"")


@dataclass(slots=True)
class _Tapped:
    """Forwards frames and listens in on them."""

    caller: ConversationCaller
    client: Client
    reader: StreamReader
    _like: Likeness | None = None
    _written: Shape = _NO_SHAPE
    """Of a frame that is like the last one, as it leaves."""

    @property
    def usage(self) -> Usage | None:
        return self.reader.usage

    @property
    def records(self) -> Mapping[str, bytes]:
        return {}  # the caller speaks the model's own protocol, and keeps what that asks for

    def feed(self, frame: Frame) -> Piece:
        like = self._like.match(frame.raw) if self._like is not None else None
        if like is None:
            return self._read(frame)
        head, middle, end = self._written
        body = b"".join((head, like.spelled, middle, like.padding, end))
        return Piece(body, content=True, produced=len(like.text))

    def _read(self, frame: Frame) -> Piece:
        body = self.caller.passthrough.write_frame(frame, self.caller.envelope.model, self.caller.asked_usage)
        body = signed(body, self.caller.seal)
        piece = Piece(body, content=not frame.blank and self.client.is_content(frame))
        read = () if frame.blank else self.reader.read(frame)
        events = list(bounded(read, self.caller.choices))
        piece.content = piece.content and not announces(events)
        _note(piece, events)
        if piece.failure is not None:
            verdict = judge(piece.failure, self.client.protocol, inside=True)
            if not frame_shown(frame.data or b"", piece.failure, verdict):
                piece.body = write_cut(self.caller, told(piece.failure, verdict))
        self._learn(frame.raw, body, events)
        return piece

    def _learn(self, raw: bytes, body: bytes, events: Sequence[e.Event]) -> None:
        padding = self.caller.passthrough.padding
        like = learn(raw, events, padding)
        written = shape(body, like.said.text, padding) if like is not None else None
        if like is not None and written is not None and bool(written.middle) == bool(like.shape.middle):
            self._like, self._written = like, written

    def finish(self) -> Piece:
        """The upstream closed: its own frames have said all there is to say, unless it was cut off."""
        piece = Piece()
        _note(piece, list(self.reader.finish()))
        if piece.failure is not None:
            piece.body = write_cut(self.caller, _told(piece.failure, self.client))
        return piece


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
            request, self.inverse = rewrite(request, self.client.rules(self.profile), self.losses)
            body = self.client.write_request(request, self.profile, self.losses)
        self._report.add(self.losses)
        if isinstance(self.client, BetaClient):
            self.betas = self.client.betas(body)
        return codec.dumps(body)

    def whole(self, raw: bytes) -> Whole:
        answer = _object(raw)
        _accept(self.client, answer, self.caller)
        response = self.inverse.whole(self.client.read_response(answer))
        body = self.caller.server.write_response(response, self.caller.envelope)
        collector = Collector()
        events = list(unfold(response))
        for event in events:
            collector.add(event)
        return Whole(codec.dumps(body), response.usage, characters_produced(events), collector.records())

    def stream(self) -> LaneStream:
        return _Translated(
            self.client,
            self.client.read_stream(),
            self.caller.server.write_stream(self.caller.envelope),
            self.caller.choices,
            Restoring(self.inverse) if self.inverse else None,
        )


@dataclass(slots=True)
class _Translated:
    client: Client
    reader: StreamReader
    writer: StreamWriter
    choices: int = 1
    restoring: Restoring | None = None
    collector: Collector = field(default_factory=Collector)
    _like: Likeness | None = None
    """To the frame before: whatever else came between may have begun another block."""

    @property
    def usage(self) -> Usage | None:
        return self.reader.usage

    @property
    def records(self) -> Mapping[str, bytes]:
        return self.collector.records()

    def feed(self, frame: Frame) -> Piece:
        like = self._like.match(frame.raw) if self._like is not None else None
        if self._like is not None and like is not None and like.text:
            return self._say(type(self._like.said)(self._like.said.index, like.text))
        return self._read(frame)

    def _say(self, event: e.TextDelta | e.ThinkingDelta) -> Piece:
        """A piece of text after another of its block."""
        events: list[e.Event] = [event] if self.restoring is None else self._restored([event])
        piece = Piece(content=True)
        self._write(piece, events)
        return piece

    def _read(self, frame: Frame) -> Piece:
        self._like = None
        if frame.blank:
            return Piece()
        events = list(bounded(self.reader.read(frame), self.choices))
        if self.reader.skips_text:
            self._like = learn(frame.raw, events, self.reader.padding)
        events = self._restored(events)
        piece = Piece(content=self.client.is_content(frame) and not announces(events))
        self._write(piece, events)
        return piece

    def finish(self) -> Piece:
        piece = Piece()
        self._write(piece, self._restored(self.reader.finish()))
        return piece

    def _restored(self, events: Iterable[e.Event]) -> list[e.Event]:
        if self.restoring is None:
            return list(events)
        return [restored for event in events for restored in self.restoring.read(event)]

    def _write(self, piece: Piece, events: list[e.Event]) -> None:
        _note(piece, events)
        for event in events:
            self.collector.add(event)
        piece.body = b"".join([self.writer.write(self._told(event)) for event in events])

    def _told(self, event: e.Event) -> e.Event:
        return e.StreamFailed(_told(event.failure, self.client)) if isinstance(event, e.StreamFailed) else event


def _told(failure: Failure, client: Client) -> Failure:
    return told(failure, judge(failure, client.protocol, inside=True))


def _accept(client: Client, answer: dict[str, Any], caller: ConversationCaller) -> None:
    """Raises AttemptFailed for what is no answer to the request, whatever its status was."""
    failure = client.refused(answer, caller.choices)
    if failure is not None:
        raise AttemptFailed(failure, inside=True)


def bounded(events: Iterable[e.Event], choices: int) -> Iterator[e.Event]:
    """The events, up to one of a choice that nobody asked for: then the answer is none."""
    for event in events:
        match event:
            case e.BlockStart(choice=choice) | e.Logprobs(choice=choice):
                beyond = choice >= choices
            case e.MessageStop(stops=stops):
                beyond = len(stops) > choices
            case _:
                beyond = False
        if beyond:
            yield e.StreamFailed(malformed("the answer has more choices than were asked for"))
            return
        yield event


def announces(events: Sequence[e.Event]) -> bool:
    """True for events that only say that something will come: a start, an empty block's start, an empty piece."""
    return bool(events) and all(_announces(event) for event in events)


def _announces(event: e.Event) -> bool:
    match event:
        case e.MessageStart() | e.UsageReported() | e.BlockStop():
            return True
        case e.BlockStart(block=b.Text(text="") | b.Thinking(text="") | b.Refusal(text="") | b.ToolUse(arguments="")):
            return True
        case e.TextDelta(text="") | e.ThinkingDelta(text="") | e.ArgumentsDelta(text="") | e.RefusalDelta(text=""):
            return True
        case _:
            return False


def _note(piece: Piece, events: Sequence[e.Event]) -> None:
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


def _object(raw: bytes) -> dict[str, Any]:
    value = codec.loads(raw)
    if not isinstance(value, dict):
        raise ValueError("the answer is not a JSON object")
    return value
