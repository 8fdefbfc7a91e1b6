"""Answers that came to nothing: no word, no call, no good end. Asked again, a model mostly answers."""

from __future__ import annotations

from collections.abc import Sequence

from interchange.hub import events as e
from interchange.hub.failure import Failure, malformed

ABNORMAL = frozenset({e.StopReason.OTHER, e.StopReason.MALFORMED_TOOL_CALL})


def abnormal(stops: Sequence[e.Stop]) -> Failure | None:
    """The failure that such ends are where nothing was said; None where one of them is an end by itself."""
    if not stops or any(stop.reason not in ABNORMAL for stop in stops):
        return None
    words = ", ".join(stop.detail or stop.reason for stop in stops)
    return malformed(f"the model ended without an answer: {words}"[:300])
