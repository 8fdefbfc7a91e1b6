"""Attempts that failed before the first content byte, and which of a model's attempts can be made at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from interchange.catalog.models import Model
from interchange.hub.failure import ErrorKind, Failure, RequestError, invalid, malformed
from interchange.upstream.call import ConnectionFault
from interchange.wire.sse import Frame

from .attempt import Attempt, unserved
from .confidential import holds, without

A = TypeVar("A", bound=Attempt)


class AttemptFailed(Exception):
    """An attempt that ended before its first content byte: another try or another route may still serve the caller.
    `inside`: its status was one of success, or the route was not asked."""

    def __init__(self, failure: Failure, raw: bytes | None = None, *, inside: bool = False) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.raw = raw
        self.inside = inside

    def keep_from_all(self, secrets: Sequence[str]) -> None:
        """Takes out of the vendor's words what they repeat of the operator's."""
        self.failure = without(self.failure, secrets)
        self.raw = None if self.raw is not None and holds(self.raw, secrets) else self.raw


class Unframed(Exception):
    """Bytes of a stream that cannot be cut into frames."""


def framed(frames: Iterator[Frame]) -> Iterator[Frame]:
    """The frames. Raises Unframed where their reader stumbles: whatever it is, it is the vendor's doing."""
    try:
        yield from frames
    except Exception as error:
        raise Unframed(repr(error)[:300]) from error


def unreachable(fault: ConnectionFault) -> Failure:
    return _fault(fault, "upstream_unreachable")


def cut(fault: ConnectionFault | Unframed) -> Failure:
    if isinstance(fault, Unframed):
        return malformed(f"the stream could not be read: {fault}")
    return _fault(fault, "upstream_cut")


def _fault(fault: ConnectionFault, code: str) -> Failure:
    """The message is the log's: no caller reads the HTTP client's words."""
    if fault.silent:
        return Failure(ErrorKind.TIMEOUT, f"the provider was silent ({fault})", code="upstream_silent", upstream=True)
    return Failure(ErrorKind.API, f"the provider's connection failed ({fault})", code=code, upstream=True)


def usable(attempts: Iterable[A], model: Model, *, strict: bool) -> Sequence[A]:
    """Filters a model's attempts to those that can carry this request. Raises the first one's refusal where none can.
    Strict: the first loss is a 400."""
    found: list[A] = []
    refusal: RequestError | None = None
    for attempt in attempts:
        try:
            attempt.lane.body(None)
        except RequestError as error:
            refusal = refusal or error
            continue
        found.append(attempt)
    if not found:
        raise refusal or unserved(model)
    losses = found[0].lane.losses.items
    if strict and losses:
        raise invalid(f"{losses[0].path}: {losses[0].reason} (x-interchange-strict)", losses[0].path, "strict_loss")
    return [attempt for attempt in found if not (strict and attempt.lane.losses.items)]
