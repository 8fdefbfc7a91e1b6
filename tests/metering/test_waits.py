from __future__ import annotations

import functools
import random

import pytest

from interchange.metering import waits


def test_a_quantile_of_sums_is_that_of_the_requests_within_five_parts_in_a_hundred() -> None:
    draw = random.Random(7)
    times = sorted(int(draw.lognormvariate(6, 1)) + 1 for _ in range(5_000))
    found: waits.Waits = functools.reduce(waits.joined, map(waits.of, times), {})
    for part in (0.5, 0.95):
        exact = times[int(len(times) * part) - 1]
        assert waits.quantile(found, part) == pytest.approx(exact, rel=0.05)
    assert len(found) < 100


def test_nothing_has_no_quantile() -> None:
    assert waits.quantile({}, 0.5) is None
    assert waits.of(None) == {}
    assert waits.quantile(waits.of(0), 0.95) == 1
