"""Records what a call learns of its vendors: rests, the metric's line, the order of the routes."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from typing import TypeVar

from interchange.catalog.models import Route
from interchange.hub.failure import Failure
from interchange.hub.verdict import Blame, Verdict
from interchange.upstream.health import Place

from .attempt import Attempt
from .services import Services

A = TypeVar("A", bound=Attempt)
LONGEST_WORDS = 500
"""Characters of a vendor's message in the log."""


def ordered(services: Services, attempts: Sequence[A], seed: str) -> list[A]:
    """The attempts in the order in which they are to be made: by priority (the smaller first), spread by weight where
    the catalog gives one, and those that rest last. `seed` is the request's id."""
    if len(attempts) == 1:
        return [*attempts]
    health, now = services.health, services.now_ms()
    weighted = any(one.route.weight is not None for one in attempts)
    ranked = sorted(attempts, key=lambda one: (one.route.priority, _draw(one.route, seed) if weighted else 0.0))
    return sorted(ranked, key=lambda one: health.resting(one.provider.name, one.route.model, now))


def _draw(route: Route, seed: str) -> float:
    """An exponential draw: the least of several is each one's in proportion to its weight."""
    weight = 1.0 if route.weight is None else route.weight
    chance = (zlib.crc32(f"{seed}/{route.provider}/{route.model}".encode()) + 1) / (2**32 + 1)
    return -math.log(chance) / weight if weight > 0 else math.inf


def note_failure(services: Services, attempt: Attempt, credential: int, failure: Failure, verdict: Verdict) -> None:
    """A refusal that is the vendor's or the operator's matter: remembered, and told to the operator."""
    if verdict.blame in (Blame.CALLER, Blame.CONTENT):
        return
    place = Place(attempt.provider.name, attempt.route.model, credential, attempt.provider.credential_count)
    if not attempt.auxiliary:
        services.health.failed(place, verdict.cause, failure.retry_after, services.now_ms())
    services.report(
        "vendor_refused",
        {
            "provider": attempt.provider.name,
            "credential": str(credential),
            "cause": str(verdict.cause),
            "model": attempt.route.model,
            "status": failure.status,
            "code": failure.code,
            "words": failure.message[:LONGEST_WORDS],
        },
    )


def note_success(services: Services, attempt: Attempt, credential: int) -> None:
    if attempt.auxiliary:
        return
    place = Place(attempt.provider.name, attempt.route.model, credential, attempt.provider.credential_count)
    services.health.served(place, services.now_ms())
