"""One round's view of a request: translated both ways as ever, its answer shown as a part of the turn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field

from interchange.dataclass import dataclass
from interchange.hub import events as e
from interchange.hub.fold import Folder, unfold
from interchange.protocols.faces import Envelope, Server, StreamWriter
from interchange.rounds.turn import Turn
from interchange.wire import codec

from .lanes import TranslateLane


@dataclass(slots=True)
class Show:
    """The one answer of all rounds as it grows: written at once for a stream, gathered for a whole answer. `before` is
    what stands before the model's first word."""

    server: Server
    envelope: Envelope
    turn: Turn
    stream: bool
    before: list[e.Event] = field(default_factory=list)
    prefix: bytes = b""
    """Bytes of `before` that have not left."""
    committed: bool = False
    """The caller has had a first byte: nothing that was written can be taken back."""
    _writer: StreamWriter | None = None
    _whole: Folder = field(default_factory=Folder)

    def begin(self) -> None:
        """A try of a round. Until a first byte has left, each try begins the answer anew."""
        if self.committed:
            self.turn.begin_round()
            return
        self.turn.restart()
        self._writer = self.server.write_stream(self.envelope) if self.stream else None
        self._whole = Folder()
        self.prefix = self.put([*self.turn.start(), *self.turn.again(self.before)]) if self.before else b""

    def write(self, event: e.Event) -> bytes:
        return self.put(self.turn.read(event))

    def put(self, events: Iterable[e.Event]) -> bytes:
        if self._writer is not None:
            return b"".join([self._writer.write(event) for event in events])
        for event in events:
            self._whole.add(event)
        return b""

    def whole(self) -> bytes:
        return codec.dumps(self.server.write_response(self._whole.response(), self.envelope))


@dataclass(slots=True)
class RoundLane(TranslateLane):
    """`show` is set; the default is the dataclass's need alone."""

    show: Show | None = None

    def written(self, response: e.Response) -> bytes:
        show = self._shown()
        for event in unfold(response):
            show.write(event)
        return b""

    def writer(self) -> StreamWriter:
        return self._shown()

    def _shown(self) -> Show:
        assert self.show is not None
        self.show.begin()
        return self.show
