"""Differences between places that speak Messages."""

from __future__ import annotations

from interchange.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """`path` is below the provider's base URL."""

    path: str = "/v1/messages"
