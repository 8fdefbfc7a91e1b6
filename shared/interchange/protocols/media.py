"""The two faces again, for a wire format's other families (embeddings, images, sound), as the exchange knows them.

A family's request and answer types are those of `hub.media`; which of them a face takes follows from the family that
it is registered for, so they are `Any` here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, runtime_checkable

from interchange.dataclass import dataclass
from interchange.hub.losses import Losses
from interchange.hub.media import Form, MediaEvent
from interchange.hub.usage import Usage
from interchange.protocols.faces import Envelope, Profile
from interchange.wire.sse import Frame, Frames


@dataclass(frozen=True, slots=True)
class Posted:
    """One upstream request: the path below the provider's base URL, and a body."""

    path: str
    body: bytes
    content_type: str = "application/json"
    more: tuple[bytes, ...] = ()
    """Further bodies for the same path, where one call does not carry all; then `join` makes one answer of theirs."""
    join: Callable[[Sequence[bytes]], bytes] | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """A whole answer for the caller."""

    body: bytes
    content_type: str = "application/json"


class MediaReader(Protocol):
    """One answer's frames in, events out. `finish` yields `Finished` or `Broken` where no frame has done so."""

    def read(self, frame: Frame) -> Iterable[MediaEvent]: ...

    def finish(self) -> Iterable[MediaEvent]: ...


class MediaWriter(Protocol):
    def write(self, event: MediaEvent) -> bytes: ...


class MediaClient(Protocol):
    """A client face for one family."""

    @property
    def protocol(self) -> str: ...

    def write_request(self, request: Any, profile: Profile, losses: Losses) -> Posted:
        """Raises RequestError for what changes the answer's meaning and cannot be said."""

    def read_response(self, raw: bytes, request: Any) -> Any:
        """Raises ValueError for bytes that are no answer of this format."""

    def read_usage(self, raw: bytes, request: Any) -> tuple[Usage | None, int]:
        """(the vendor's numbers, how many things the answer holds) of a whole answer, for the pass-through lane."""


@runtime_checkable
class StreamingClient(MediaClient, Protocol):
    """Client of a family whose answers may go out as they come."""

    def read_stream(self, request: Any) -> MediaReader: ...

    def framing(self, request: Any, profile: Profile) -> Frames:
        """Cuts the answer into frames where the caller is to have a stream (`wire.framing`, `wire.sse`)."""


class MediaServer(Protocol):
    """A server face for one family."""

    @property
    def protocol(self) -> str: ...

    def read_request(self, form: Form) -> Any:
        """Raises RequestError naming the field."""

    def passes(self, request: Any, profile: Profile) -> bool:
        """True where a provider of the same protocol may be sent the caller's own bytes."""

    def write_request(self, form: Form, request: Any, profile: Profile) -> Posted:
        """The upstream request of the pass-through lane: the caller's bytes with the model's upstream name."""

    def write_passed(self, raw: bytes, request: Any, model: str) -> Answered:
        """The upstream's answer of the pass-through lane, with the caller's name of the model."""

    def write_response(self, answer: Any, request: Any, envelope: Envelope) -> Answered: ...


@runtime_checkable
class StreamingServer(MediaServer, Protocol):
    def streams(self, request: Any) -> bool:
        """True where the answer goes out as it comes."""

    def stream_type(self, request: Any) -> str:
        """The content type of a stream."""

    def write_stream(self, request: Any, envelope: Envelope) -> MediaWriter: ...


FindMedia = Callable[[str], MediaClient | None]
"""A family's word ("embeddings", "images", "speech", "transcriptions", "moderations") -> the provider's client face."""


def no_media(_family: str) -> MediaClient | None:
    return None
