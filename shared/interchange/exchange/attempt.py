"""An attempt at one of a model's routes: what a call needs of it, which failures may be tried again, and how a failure
reads to the caller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from interchange.catalog.models import Model, Route
from interchange.hub.failure import ErrorKind, Failure, RequestError
from interchange.providers import Provider
from interchange.upstream.call import Outgoing
from interchange.wire.sse import Frames

from .lane import Lane

RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
"""Statuses after which the same request may succeed: docs.anthropic.com/en/api/errors, and the SDKs' own lists."""
TRIES = 2
"""Sends of one attempt."""
LONGEST_WAIT = 2.0
"""Seconds: a longer Retry-After is the caller's to wait for."""
CREDENTIAL_REFUSED = frozenset({401, 402, 403})
"""Upstream statuses about the operator's key. The caller's own key is good, so they must not read like a 401."""


class Attempt(Protocol):
    """What a call needs of a route that it tries, whatever the family."""

    @property
    def provider(self) -> Provider: ...

    @property
    def route(self) -> Route: ...

    @property
    def lane(self) -> Lane: ...

    def outgoing(self, body: bytes, stream: bool, headers: Mapping[str, str]) -> Outgoing: ...

    def read_failure(self, status: int, headers: Mapping[str, str], body: bytes) -> Failure: ...

    def framing(self) -> Frames: ...


def unserved(model: Model) -> RequestError:
    return RequestError(
        Failure(
            ErrorKind.OVERLOADED,
            f"no provider of `{model.id}` is configured in this deployment",
            param="model",
            code="model_not_served",
        )
    )


def about_credential(failure: Failure) -> bool:
    """True where the provider refused the operator's key, whatever its status for that (some say 400)."""
    return failure.upstream and (failure.status in CREDENTIAL_REFUSED or failure.kind is ErrorKind.AUTHENTICATION)


def for_the_caller(failure: Failure) -> Failure:
    """The failure as the caller is to read it."""
    if about_credential(failure):
        return Failure(
            ErrorKind.API,
            f"the provider refused the gateway's own credential (status {failure.status})",
            code="upstream_credential",
            status=502,
            request_id=failure.request_id,
            upstream=True,
        )
    return failure
