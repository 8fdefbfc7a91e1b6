"""An attempt at one of a model's routes: what a call needs of it, and how often it is tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, Self

from interchange.catalog.models import Model, Route
from interchange.hub.failure import ErrorKind, Failure, RequestError
from interchange.providers import Provider
from interchange.upstream.call import Outgoing
from interchange.wire.sse import Frames

from .lane import Lane

TRIES = 2
"""Sends of one attempt."""
LONGEST_WAIT = 2.0
"""Seconds: a longer Retry-After is the caller's to wait for."""


class Attempt(Protocol):
    """A route that a call tries, whatever the family."""

    @property
    def provider(self) -> Provider: ...

    @property
    def protocol(self) -> str:
        """The route's, whose words its refusals are in."""
        ...

    @property
    def route(self) -> Route: ...

    @property
    def auxiliary(self) -> bool:
        """True for a call beside the models' own work, which a vendor does for nothing: how it ends says nothing of
        them, and rests no route."""
        ...

    @property
    def lane(self) -> Lane: ...

    def outgoing(self, body: bytes, stream: bool, headers: Mapping[str, str], credential: int) -> Outgoing:
        """`credential` is one of the provider's, by its place in the list."""
        ...

    def under(self, provider: Provider) -> Self:
        """The same, under another credential of its provider's."""
        ...

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
