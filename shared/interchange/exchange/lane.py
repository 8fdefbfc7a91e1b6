"""Contracts of a running call with the caller's side and with a route's, whatever the family.

A lane is one route's view of one request. It is pure: bytes in, bytes out, and what metering must know beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Protocol

from interchange.dataclass import dataclass, replace
from interchange.hub.failure import Failure
from interchange.hub.losses import Losses
from interchange.hub.rates import Rates
from interchange.hub.usage import Usage
from interchange.protocols.faces import Envelope
from interchange.wire.sse import Frame


class ErrorWriter(Protocol):
    """The caller's protocol, as far as a running call needs it."""

    @property
    def protocol(self) -> str: ...

    def write_failure(self, failure: Failure) -> tuple[int, dict[str, Any]]: ...

    def write_stream_failure(self, failure: Failure) -> bytes: ...

    def follow(self, ending: bytes, sent: bytes) -> bytes:
        """The stream's last event, `ending`, as it comes after the bytes `sent` before it."""

    def write_rates(self, rates: Rates) -> dict[str, str]: ...

    def heartbeat(self) -> bytes: ...


class Caller(Protocol):
    """The caller's side of a request of any family."""

    @property
    def server(self) -> ErrorWriter: ...

    @property
    def family(self) -> str: ...

    @property
    def envelope(self) -> Envelope: ...

    @property
    def stream(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Whole:
    body: bytes
    usage: Usage | None
    produced: int
    records: Mapping[str, bytes] = field(default_factory=dict)
    content_type: str = "application/json"
    things: tuple[str, ...] = ()
    sound: int = 0
    """As `Piece.things` and `Piece.sound`."""


@dataclass(slots=True)
class Piece:
    """The outcome of one frame: bytes for the caller, and what the call must know. `produced` counts characters of
    output, `last` is True with the terminal event, `failure` is set when the stream broke."""

    body: bytes = b""
    content: bool = False
    last: bool = False
    failure: Failure | None = None
    produced: int = 0
    things: tuple[str, ...] = ()
    """Deliveries that are no characters: see `produced.things_produced`."""
    sound: int = 0
    """Characters of sound in base64."""


class LaneStream(Protocol):
    @property
    def usage(self) -> Usage | None: ...

    @property
    def records(self) -> Mapping[str, bytes]: ...

    def run(self, block: bytes, at: int) -> Frame | None:
        """The frames from `at` on that are like the last one, as one; None where they are few, or must be read."""
        ...

    def feed(self, frame: Frame) -> Piece: ...

    def finish(self) -> Piece: ...

    def stop(self, usage: Usage) -> Piece:
        """The end of an answer that goes on beyond what was held for: its output limit is the reason. `usage` is what
        the end tells."""
        ...


class Lane(Protocol):
    name: str
    losses: Losses
    betas: tuple[str, ...]
    """What the last written body needs of the vendor's beta switches."""

    def body(self, limit: int | None) -> bytes:
        """The upstream body. Raises RequestError where the route cannot serve what is caller."""

    def relent(self, failure: Failure) -> bool:
        """From now on `body` leaves out what the vendor has just refused, where the request is worth sending without
        it: reasoning state of the history, or the wish to see the reasoning. False where it sent nothing of the kind,
        or leaves it out already."""

    def whole(self, raw: bytes) -> Whole:
        """Raises ValueError for an answer that is not of the protocol."""

    def stream(self) -> LaneStream: ...


def write_cut(caller: Caller, failure: Failure) -> bytes:
    """The end of a stream that failed, under the request's id here: the provider's own stands in the usage row."""
    return caller.server.write_stream_failure(replace(failure, request_id=caller.envelope.request_id))
