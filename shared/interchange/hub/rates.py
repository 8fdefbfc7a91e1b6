"""The remainder of a key's minute, for the headers in which each protocol gives it."""

from __future__ import annotations

from interchange.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Rates:
    """A limit of None is no limit. Both are whole again in `reset_s` seconds, at `reset_at` (RFC 3339)."""

    requests: int | None
    requests_left: int
    tokens: int | None
    tokens_left: int
    reset_s: float
    reset_at: str
