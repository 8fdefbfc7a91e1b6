"""Waits of callers for the first byte: counts that can be added up, of which a quantile can be asked.

A wait is counted in one of eight steps to a doubling, so a quantile is less than five parts in a hundred off.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

Waits = Mapping[str, int]
"""Step -> requests. The step is a word, as JSON has it."""
STEPS = 8


def of(milliseconds: int | None) -> Waits:
    """Waits of one request; none where nothing was sent to the caller."""
    if milliseconds is None:
        return {}
    return {str(round(math.log2(max(1, milliseconds)) * STEPS)): 1}


def joined(one: Waits, other: Waits) -> Waits:
    if not one or not other:
        return one or other
    sums = dict(one)
    for step, requests in other.items():
        sums[step] = sums.get(step, 0) + requests
    return sums


def quantile(waits: Waits, part: float) -> int | None:
    """Milliseconds within which `part` (0 to 1) of the requests had their first byte; None where there are none."""
    left = math.ceil(sum(waits.values()) * part)
    for step in sorted(map(int, waits)):
        left -= waits[str(step)]
        if left <= 0:
            return round(2 ** (step / STEPS))
    return None
