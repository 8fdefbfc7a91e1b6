"""The way through for a request that names models which take over: as it came, save for the models' names.

Who served is in the answer: the caller reads it by the name that it gave the model, and each model's share of the usage
is charged at that model's price.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass, replace
from interchange.exchange.lane import LaneStream, Piece
from interchange.hub.failure import invalid
from interchange.hub.usage import Usage
from interchange.protocols.faces import Successors
from interchange.wire import codec
from interchange.wire.sse import Frame, write_frame

from .caller import ConversationCaller
from .lane_streams import Tapped
from .lanes import PassThroughLane
from .takers import names_at

TELLING = (b'"model"', b'"usage"')
"""What a frame must hold that names a model or says what it used."""


@dataclass(slots=True)
class SuccessionLane(PassThroughLane):
    provider: str = ""

    def _write(self, limit: int | None) -> bytes:
        caller = self.caller
        if caller.server.protocol != self.client.protocol:
            path = caller.takers[0].named.path
            said = "no other model takes over within a request to this one; ask for it in a request of its own"
            raise invalid(f"{path}: {said}", path, "unsupported_parameter")
        names = names_at(self.provider, caller.takers)
        raw = PassThroughLane._write(self, limit)
        return successors_of(caller).write_request(raw, caller.body, names, limit)

    def _usage(self, answer: dict[str, Any]) -> Usage | None:
        usage, report = self.client.read_usage(answer), answer.get("usage")
        if usage is None or not isinstance(report, dict):
            return usage
        named = answer.get("model")
        serving = named if isinstance(named, str) else self.profile.model
        return replace(usage, shares=successors_of(self.caller).read_usage(report, serving).shares)

    def _forwarded(self, raw: bytes, _answer: dict[str, Any]) -> bytes:
        return successors_of(self.caller).write_answer(raw, self.caller.shown_names)

    def stream(self) -> LaneStream:
        owner = self.issuer.owner if self._keeps_owner else None
        return SuccessionStream(self.caller, self.client, self.client.read_stream(), owner, serving=self.profile.model)


@dataclass(slots=True)
class SuccessionStream(Tapped):
    serving: str = ""
    """The model that makes what comes, by its vendor's name."""
    report: Mapping[str, Any] = field(default_factory=dict)
    """What the stream has said of its usage."""

    @property
    def usage(self) -> Usage | None:
        read = self.reader.usage
        if read is None:
            return None
        return replace(read, shares=successors_of(self.caller).read_usage(dict(self.report), self.serving).shares)

    def _read(self, frame: Frame) -> Piece:
        if frame.data is not None and any(word in frame.data for word in TELLING):
            self._note(frame.data)
        return Tapped._read(self, frame)

    def _note(self, data: bytes) -> None:
        try:
            event = codec.loads(data)
        except ValueError:
            return  # the reader says so
        if not isinstance(event, dict):
            return
        self.serving = successors_of(self.caller).serving(event) or self.serving
        message = event.get("message")
        report = (message if isinstance(message, dict) else event).get("usage")
        if isinstance(report, dict):
            self.report = {**self.report, **{name: value for name, value in report.items() if value is not None}}

    def _forwarded(self, frame: Frame) -> bytes:
        data = frame.data
        if data is None or TELLING[0] not in data:
            return frame.raw
        try:
            edited = successors_of(self.caller).write_answer(data, self.caller.shown_names)
        except ValueError:
            return frame.raw
        return frame.raw.replace(data, edited) if data in frame.raw else write_frame(edited, frame.event)


def successors_of(caller: ConversationCaller) -> Successors:
    found = caller.passthrough.successors
    assert found is not None, "a request that names models which take over is of a protocol that has a word for them"
    return found
