"""An answer that streams, by either way through: frames of the upstream in, pieces for the caller out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field

from interchange.continuity.memory import Collector, digest
from interchange.continuity.order import Order
from interchange.continuity.pairs import Pairs
from interchange.dataclass import dataclass
from interchange.exchange.lane import Piece, write_cut
from interchange.exchange.produced import characters_produced, sound_produced, things_produced
from interchange.exchange.shown import frame_shown
from interchange.exchange.verdict import judge, told
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.failure import Failure, malformed
from interchange.hub.usage import Usage
from interchange.protocols.faces import Client, StreamReader, StreamWriter
from interchange.rewrites import Restoring
from interchange.wire.sse import Frame

from .caller import ConversationCaller
from .ending import Heard, closing, note_open
from .issuers import Issuer
from .likeness import Likeness, Run, Shape, learn, shape
from .nothing import abnormal
from .owned import signed

_NO_SHAPE = Shape(b"", b"", b"")


@dataclass(slots=True)
class Tapped:
    """Forwards frames and listens in on them."""

    caller: ConversationCaller
    client: Client
    reader: StreamReader
    owner: str | None = None
    """Is kept with each state of the answer; None where no other vendor speaks the protocol."""
    turn: Order | Pairs | None = None
    """Where the vendor wants the thoughts of a turn back where they stood."""
    heard: Heard = field(init=False)
    _records: dict[str, bytes] = field(default_factory=dict)
    _like: Likeness | None = None
    _written: Shape = _NO_SHAPE
    """Of a frame that is like the last one, as it leaves."""

    def __post_init__(self) -> None:
        self.heard = Heard(self.caller)

    @property
    def usage(self) -> Usage | None:
        return self.reader.usage

    @property
    def records(self) -> Mapping[str, bytes]:
        """The caller speaks the model's own protocol, and keeps what that asks for: all but whose it is, and, with some
        clients, the order."""
        return self._records if self.turn is None else {**self._records, **self.turn.records()}

    def run(self, block: bytes, at: int) -> Run | None:
        return self._like.run(block, at) if self._like is not None else None

    def feed(self, frame: Frame) -> Piece:
        if isinstance(frame, Run):
            return self._said_at_once(frame)
        like = self._like.match(frame.raw) if self._like is not None else None
        if like is None:
            return self._read(frame)
        self.heard.say(like.text)
        head, middle, end = self._written
        body = b"".join((head, like.spelled, middle, like.padding, end))
        return Piece(body, content=True, produced=len(like.text))

    def _said_at_once(self, run: Run) -> Piece:
        self.heard.say(run.text)
        return Piece(run.written(self._written), content=True, produced=len(run.text))

    def _read(self, frame: Frame) -> Piece:
        body = signed(self._forwarded(frame), self.caller.seal)
        piece = Piece(body, content=not frame.blank and self.client.is_content(frame))
        read = () if frame.blank else self.reader.read(frame)
        events = list(bounded(read, self.caller.choices))
        piece.content = piece.content and not announces(events)
        _note(piece, events)
        self._keep_owner(events)
        if piece.failure is not None:
            verdict = judge(piece.failure, self.client.protocol, inside=True)
            if not frame_shown(frame.data or b"", piece.failure, verdict):
                piece.body = write_cut(self.caller, told(piece.failure, verdict))
        self._learn(frame.raw, body, events)
        self.heard.add(events, frame.raw, self._like.said if self._like is not None else None)
        return piece

    def _forwarded(self, frame: Frame) -> bytes:
        return self.caller.passthrough.write_frame(frame, self.caller.envelope.model, self.caller.asked_usage)

    def _learn(self, raw: bytes, body: bytes, events: Sequence[e.Event]) -> None:
        padding = self.caller.passthrough.padding
        like = learn(raw, events, padding)
        written = shape(body, like.said.text, padding) if like is not None else None
        if like is not None and written is not None and bool(written.middle) == bool(like.shape.middle):
            self._like, self._written = like, written

    def _keep_owner(self, events: Sequence[e.Event]) -> None:
        if self.turn is not None:
            for event in events:
                self.turn.add(event)
        if self.owner is None:
            return
        for event in events:
            match event:
                case e.StateDelta(state=state) | e.BlockStart(block=b.RedactedThinking(state=state)) if state.data:
                    self._records[digest(state.data)] = self.owner.encode()
                case e.BlockStart(block=b.Opaque(state=b.Continuation(data=data))) if data:
                    self._records[digest(data)] = self.owner.encode()
                case _:
                    pass  # no state

    def stop(self, usage: Usage) -> Piece:
        return Piece(self.heard.ending(usage), last=True)

    def finish(self) -> Piece:
        """The upstream closed: its own frames have said all there is to say, unless it was cut off."""
        piece = Piece()
        _note(piece, list(self.reader.finish()))
        if piece.failure is not None:
            piece.body = write_cut(self.caller, tell(piece.failure, self.client))
        return piece


@dataclass(slots=True)
class Translated:
    client: Client
    reader: StreamReader
    writer: StreamWriter
    issuer: Issuer
    choices: int = 1
    restoring: Restoring | None = None
    collector: Collector = field(default_factory=Collector)
    opened: dict[int, None] = field(default_factory=dict)
    """The indexes of the blocks under way."""
    _like: Likeness | None = None
    """To the frame before: whatever else came between may have begun another block."""
    _said: bool = False
    """Something came before the end."""

    @property
    def usage(self) -> Usage | None:
        return self.reader.usage

    @property
    def records(self) -> Mapping[str, bytes]:
        return self.collector.records()

    def run(self, block: bytes, at: int) -> Run | None:
        return self._like.run(block, at) if self._like is not None else None

    def feed(self, frame: Frame) -> Piece:
        if isinstance(frame, Run) and self._like is not None:
            said = self._like.said
            return self._say([type(said)(said.index, text) for text in frame.texts()])
        like = self._like.match(frame.raw) if self._like is not None else None
        if self._like is not None and like is not None and like.text:
            return self._say([type(self._like.said)(self._like.said.index, like.text)])
        return self._read(frame)

    def _say(self, events: Sequence[e.TextDelta | e.ThinkingDelta]) -> Piece:
        """Pieces of text after another of their block."""
        piece = Piece(content=True)
        self._write(piece, self._restored(events))
        return piece

    def _read(self, frame: Frame) -> Piece:
        self._like = None
        if frame.blank:
            return Piece()
        events = list(bounded(self.reader.read(frame), self.choices))
        if self.reader.skips_text:
            self._like = learn(frame.raw, events, self.reader.padding)
        events = self._restored(self._ended(events))
        piece = Piece(content=self.client.is_content(frame) and not announces(events))
        self._write(piece, events)
        return piece

    def finish(self) -> Piece:
        piece = Piece()
        self._write(piece, self._restored(self._ended(list(self.reader.finish()))))
        return piece

    def stop(self, usage: Usage) -> Piece:
        piece = Piece()
        self._write(piece, self._restored(closing(self.opened, usage, self.choices)))
        return piece

    def _ended(self, events: list[e.Event]) -> list[e.Event]:
        """Turns an abnormal end of nothing into the failure that it is: it may be asked again."""
        for number, event in enumerate(events if not self._said else ()):
            failure = abnormal(event.stops) if isinstance(event, e.MessageStop) else None
            if failure is not None:
                return [*events[:number], e.StreamFailed(failure)]
            self._said = self._said or not (_announces(event) or isinstance(event, e.MessageStop | e.StreamFailed))
        return events

    def _restored(self, events: Iterable[e.Event]) -> list[e.Event]:
        if self.restoring is None:
            return list(events)
        return [restored for event in events for restored in self.restoring.read(event)]

    def _write(self, piece: Piece, events: list[e.Event]) -> None:
        _note(piece, events)
        events = [self.issuer.labelled_event(event) for event in events]
        for event in events:
            self.collector.add(event)
            note_open(self.opened, event)
        piece.body = b"".join([self.writer.write(self._told(event)) for event in events])

    def _told(self, event: e.Event) -> e.Event:
        return e.StreamFailed(tell(event.failure, self.client)) if isinstance(event, e.StreamFailed) else event


def tell(failure: Failure, client: Client) -> Failure:
    return told(failure, judge(failure, client.protocol, inside=True))


def bounded(events: Iterable[e.Event], choices: int) -> Iterator[e.Event]:
    """The events, up to one of a choice that nobody asked for, or to words that are none: then the answer is none."""
    for event in events:
        match event:
            case e.TextDelta(text=text) | e.ThinkingDelta(text=text) | e.ArgumentsDelta(text=text):
                if not isinstance(text, str):
                    yield e.StreamFailed(malformed("a piece of the answer is no text"))
                    return
                beyond = False
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
    piece.things += things_produced(events)
    piece.sound += sound_produced(events)
    for event in events:
        match event:
            case e.MessageStop():
                piece.last = True
            case e.StreamFailed(failure):
                piece.failure = failure
                piece.last = True
            case _:
                pass  # the stream goes on
