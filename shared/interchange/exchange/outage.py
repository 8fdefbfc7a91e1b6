"""Tells whether the books could not be reached: then the gateway is away, and nobody is at fault."""

from __future__ import annotations

from interchange.hub.failure import ErrorKind, Failure

RETRY_SECONDS = 5.0
AWAY = Failure(
    ErrorKind.API, "the gateway cannot reach its books right now; try again", code="gateway_unavailable", status=503,
    retry_after=RETRY_SECONDS,
)  # fmt: skip
