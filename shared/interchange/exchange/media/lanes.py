"""The two lanes of the other families. See `lane`: the same contract, over `hub.media`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import Any, Protocol

from interchange.dataclass import dataclass, replace
from interchange.exchange.lane import ErrorWriter, LaneStream, Piece, Whole, write_cut
from interchange.exchange.shown import frame_shown
from interchange.exchange.verdict import judge, told
from interchange.hub.failure import Failure, malformed
from interchange.hub.losses import Losses
from interchange.hub.media import Broken, Finished, Form, MediaEvent, Sound, Spoken
from interchange.hub.usage import Usage
from interchange.protocols.faces import Envelope, Profile
from interchange.protocols.media import (
    Answered,
    MediaClient,
    MediaReader,
    MediaServer,
    MediaWriter,
    Posted,
    StreamingClient,
    StreamingServer,
)
from interchange.wire.sse import Frame

from . import accepted
from .spoken import Delivered

Counted = Callable[[Any, Usage | None, int], Usage]
"""(request, what the vendor reported, things in the answer) -> what is charged: the vendor's own unit, once."""


@dataclass(frozen=True, slots=True)
class MediaCaller:
    """The caller's side of a request, read once. `family` is the usage row's word."""

    server: ErrorWriter
    face: MediaServer
    family: str
    envelope: Envelope
    form: Form
    request: Any
    stream: bool
    counted: Counted


class MediaLane(Protocol):
    """A lane that knows where its body goes, and of what content type its answer is."""

    name: str
    losses: Losses
    betas: tuple[str, ...]
    posted: Posted | None
    answered: Answered | None

    @property
    def caller(self) -> MediaCaller: ...

    @property
    def profile(self) -> Profile: ...

    def body(self, limit: int | None) -> bytes: ...

    def relent(self, failure: Failure) -> bool: ...

    def whole(self, raw: bytes) -> Whole: ...

    def stream(self) -> LaneStream: ...


@dataclass(slots=True)
class Passed:
    """Both sides speak one protocol: the caller's bytes go out, the answer's bytes come back."""

    caller: MediaCaller
    client: MediaClient
    profile: Profile
    name: str = "pass-through"
    losses: Losses = field(default_factory=Losses)
    betas: tuple[str, ...] = ()
    posted: Posted | None = None
    answered: Answered | None = None

    def relent(self, _failure: Failure) -> bool:
        return False  # no reasoning goes back

    def body(self, _limit: int | None) -> bytes:
        self.posted = self.caller.face.write_request(self.caller.form, self.caller.request, self.profile)
        return self.posted.body

    def whole(self, raw: bytes) -> Whole:
        caller = self.caller
        accepted.check(caller.family, raw)
        if caller.family in accepted.COUNTED:
            self.client.read_response(raw, caller.request)  # bytes that are no answer are served to nobody
        usage, items = accepted.counted(self.client, caller.family, raw, caller.request)
        self.answered = caller.face.write_passed(raw, caller.request, caller.envelope.model)
        return Whole(
            self.answered.body, caller.counted(caller.request, usage, items), 0, content_type=self.answered.content_type
        )

    def stream(self) -> LaneStream:
        return _MediaStream(self.caller, self.client, streaming(self.client).read_stream(self.caller.request), None)


@dataclass(slots=True)
class Translated:
    caller: MediaCaller
    client: MediaClient
    profile: Profile
    name: str = "translate"
    losses: Losses = field(default_factory=Losses)
    betas: tuple[str, ...] = ()
    posted: Posted | None = None
    answered: Answered | None = None

    def relent(self, _failure: Failure) -> bool:
        return False  # no reasoning goes back

    def body(self, _limit: int | None) -> bytes:
        self.losses.items.clear()
        self.posted = self.client.write_request(self.caller.request, self.profile, self.losses)
        return self.posted.body

    def whole(self, raw: bytes) -> Whole:
        caller = self.caller
        accepted.check(caller.family, raw)
        answer = self.client.read_response(raw, caller.request)
        usage, items = accepted.counted(self.client, caller.family, raw, caller.request)
        self.answered = caller.face.write_response(answer, caller.request, caller.envelope)
        return Whole(
            self.answered.body, caller.counted(caller.request, usage, items), 0, content_type=self.answered.content_type
        )

    def stream(self) -> LaneStream:
        caller = self.caller
        if not isinstance(caller.face, StreamingServer):
            raise TypeError(f"{caller.family} do not stream")
        writer = caller.face.write_stream(caller.request, caller.envelope)
        return _MediaStream(caller, self.client, streaming(self.client).read_stream(caller.request), writer)


@dataclass(slots=True)
class _MediaStream:
    """The terminal bytes are kept back until the upstream's end, so that the charge is settled before they go."""

    caller: MediaCaller
    client: MediaClient
    reader: MediaReader
    writer: MediaWriter | None
    told: Usage | None = None
    """What the answer came to at its end, or its first things until then."""
    records: Mapping[str, bytes] = field(default_factory=dict)
    kept: list[bytes] = field(default_factory=list)
    ended: bool = False
    failure: Failure | None = None
    begun: bool = False
    delivered: Delivered = field(default_factory=Delivered)

    @property
    def usage(self) -> Usage | None:
        """Sound that broke off before its vendor counted it is counted by the length of what came."""
        return self._counted(None, 1) if self.delivered.size and not self.ended else self.told

    def run(self, _block: bytes, _at: int) -> Frame | None:
        return None

    def feed(self, frame: Frame) -> Piece:
        if frame.data != frame.raw and frame.blank:
            return self._piece([], frame.raw)  # a sign of life
        if not self.begun and frame.data is not None:
            self.begun = True
            failure = accepted.refused(self.caller.family, frame.raw) if frame.data == frame.raw else None
            if failure is not None:
                return self._piece([Broken(failure)], b"")
        events = list(self.reader.read(frame))
        if self.ended and not events and frame.data is not None and frame.data.strip() != b"[DONE]":
            return Piece()  # what comes after the end is no part of the answer
        return self._piece(events, frame.raw)

    def finish(self) -> Piece:
        piece = Piece() if self.ended else self._piece(list(self.reader.finish()), b"")
        piece.last, piece.failure = True, self.failure
        piece.body += b"".join(self.kept)
        return piece

    def stop(self, _usage: Usage) -> Piece:
        """None of these families has a word for an answer that was cut off at a limit."""
        return self._piece([Broken(malformed("the answer goes on beyond what was asked for"))], b"")

    def _piece(self, events: list[MediaEvent], raw: bytes) -> Piece:
        piece = Piece(content=bool(events), failure=_failure(events))
        for event in events:
            match event:
                case Finished(usage=usage, items=items):
                    self.told = self._counted(usage, items)
                    self.ended = True
                case Broken(failure=failure):
                    self.told, self.failure = self.usage, failure
                    self.ended = piece.last = True
                case Sound(data=data):
                    self.delivered.add(data)
                case Spoken(text=text):
                    piece.produced += len(text)
                    self.told = self.told or self.caller.counted(self.caller.request, None, 1)
                case _:
                    # charged as if it had all come: a vendor bills what it made, and tells how much only at the end
                    self.told = self.told or self.caller.counted(self.caller.request, None, 1)
        body = raw if self.writer is None else b"".join([self.writer.write(event) for event in events])
        if piece.failure is not None:
            verdict = judge(piece.failure, self.client.protocol, inside=True)
            if self.writer is not None or not raw or not frame_shown(_data(raw), piece.failure, verdict):
                body = write_cut(self.caller, told(piece.failure, verdict))
        if self.ended and piece.failure is None:
            self.kept.append(body)
        else:
            piece.body = body
        return piece

    def _counted(self, reported: Usage | None, items: int) -> Usage:
        length = self.delivered.milliseconds(self.caller.request.format) if self.delivered.size else None
        return self.caller.counted(self.caller.request, reported, length or items)


def _data(raw: bytes) -> bytes:
    """Data lines of one frame, joined."""
    lines = (line.removeprefix(b"data:").strip() for line in raw.splitlines() if line.startswith(b"data:"))
    return b"\n".join(lines)


def _failure(events: Iterable[MediaEvent]) -> Failure | None:
    return next((event.failure for event in events if isinstance(event, Broken)), None)


def streaming(client: MediaClient) -> StreamingClient:
    if not isinstance(client, StreamingClient):
        raise TypeError(f"{client.protocol}: this family does not stream")
    return client


def priced(usage: Usage, units: frozenset[str], *, estimated: bool = False) -> Usage:
    """Leaves out the units that the price does not charge by: a count that is no factor of a charge is no evidence. Nor
    are estimated tokens where another unit is charged."""
    return replace(
        Usage(image_kind=usage.image_kind) if estimated and units else usage,
        milliseconds=usage.milliseconds if "milliseconds" in units else 0,
        characters=usage.characters if "characters" in units else 0,
        images=usage.images if "images" in units else 0,
    )
