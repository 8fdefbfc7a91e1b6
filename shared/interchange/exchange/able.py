"""Which of a model's legs can say what is asked, whatever the family."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from interchange.catalog.models import Model
from interchange.hub.failure import RequestError, invalid

from .legs import Attempt, unserved

A = TypeVar("A", bound=Attempt)


def able(legs: Iterable[A], model: Model, *, strict: bool) -> Sequence[A]:
    """Raises the first one's refusal where none can. Strict: the first loss is a 400."""
    found: list[A] = []
    refusal: RequestError | None = None
    for leg in legs:
        try:
            leg.lane.body(None)
        except RequestError as error:
            refusal = refusal or error
            continue
        found.append(leg)
    if not found:
        raise refusal or unserved(model)
    losses = found[0].lane.losses.items
    if strict and losses:
        raise invalid(f"{losses[0].path}: {losses[0].reason} (x-interchange-strict)", losses[0].path, "strict_loss")
    return found
