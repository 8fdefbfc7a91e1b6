"""Token accounting: every token once, totals computed, reports merged by maximum."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given

from interchange.hub.usage import Usage, whole
from tests.hub.answers import USAGE


def test_totals_count_every_kind_once() -> None:
    usage = Usage(
        input=1,
        input_audio=2,
        input_image=4,
        cache_read=8,
        cache_write_5m=16,
        cache_write_1h=32,
        output=64,
        reasoning=60,
        output_audio=128,
        output_image=256,
    )
    assert usage.total_input == 63
    assert usage.total_output == 448
    assert usage.total == 511


@given(USAGE, USAGE)
def test_merging_takes_the_greater_of_each_field(one: Usage, other: Usage) -> None:
    merged = one.merge(other)
    for item in fields(Usage):
        if item.name not in ("tool_calls", "service_tier", "image_kind", "region"):
            assert getattr(merged, item.name) == max(getattr(one, item.name), getattr(other, item.name))
    kinds = {*one.tool_calls, *other.tool_calls}
    assert merged.tool_calls == {k: max(one.tool_calls.get(k, 0), other.tool_calls.get(k, 0)) for k in kinds}
    assert merged.service_tier == (other.service_tier or one.service_tier)


@given(USAGE, USAGE, USAGE)
def test_merging_in_any_grouping_is_the_same_and_twice_is_once(one: Usage, two: Usage, three: Usage) -> None:
    assert one.merge(two).merge(three) == one.merge(two.merge(three))
    assert one.merge(one) == one


@given(USAGE)
def test_nothing_is_the_neutral_report(usage: Usage) -> None:
    assert usage.merge(Usage()) == usage
    assert Usage().merge(usage) == usage


@pytest.mark.parametrize(
    ("told", "count"),
    [(5, 5), (5.0, 5), (5.9, 5), (0, 0), (-3, 0), (True, 0), (None, 0), ("5", 0), (float("inf"), 0), (float("nan"), 0)],
)
def test_a_count_is_what_can_be_counted(told: object, count: int) -> None:
    assert whole(told) == count
