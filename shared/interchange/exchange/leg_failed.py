"""A leg that came to nothing before its first content byte, and what is said of a connection that failed."""

from __future__ import annotations

from interchange.hub.failure import ErrorKind, Failure
from interchange.upstream.call import ConnectionFault


class LegFailed(Exception):
    """A leg that ended before its first content byte: another try or another leg may still serve the caller."""

    def __init__(self, failure: Failure, raw: bytes | None = None) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.raw = raw


def unreachable(fault: ConnectionFault) -> Failure:
    return Failure(
        ErrorKind.API, f"the provider could not be reached ({fault})", code="upstream_unreachable", upstream=True
    )


def cut(fault: ConnectionFault) -> Failure:
    return Failure(ErrorKind.API, f"the provider's connection broke ({fault})", code="upstream_cut", upstream=True)
