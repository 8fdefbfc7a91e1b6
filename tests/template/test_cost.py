"""The page of costs shows what the script computes, and the script follows its own formula."""

from __future__ import annotations

from interchange.metering import spread
from scripts.cost import (
    ALARM_METRICS,
    HOT,
    SECRETS,
    SHARDS,
    SIZES,
    SPLIT_OVER,
    Hot,
    Month,
    break_even,
    cost,
    hot_table,
    instances,
    instances_table,
    on_instances,
    on_lambda,
    table,
)  # fmt: skip
from tests.template.stack import ROOT, stack


def test_the_page_holds_the_scripts_table() -> None:
    page = (ROOT / "docs" / "cost.md").read_text()
    assert table(SIZES) in page and hot_table(HOT) in page and instances_table() in page


def test_instances_pay_from_two_million_short_answers_or_a_quarter_of_a_million_long_ones() -> None:
    assert 1_500_000 < break_even(8) < 2_500_000
    assert 200_000 < break_even(60) < 350_000
    for seconds in (8.0, 60.0):
        at, half = Month(break_even(seconds), seconds), Month(break_even(seconds) // 2, seconds)
        assert on_instances(at) <= on_lambda(at) and on_instances(half) > on_lambda(half)
    assert instances(Month(0)) == 3 and instances(Month(30_000_000, 60.0)) > 3


def test_lambda_is_requests_times_seconds_times_memory() -> None:
    base, longer, larger = (
        cost(Month(1_000_000, seconds=seconds, memory_mb=memory))["Lambda"]
        for seconds, memory in ((8, 1024), (16, 1024), (8, 2048))
    )
    assert longer == larger
    assert abs(longer - base - 8e6 * 0.0000133334) < 1e-6


def test_the_alarms_and_secrets_are_those_of_the_template() -> None:
    alarms = stack().of_type("AWS::CloudWatch::Alarm").values()
    watched = [
        sum(1 for one in alarm["Metrics"] if "MetricStat" in one) if "Metrics" in alarm else 1 for alarm in alarms
    ]
    assert sum(watched) == ALARM_METRICS
    assert len(stack().of_type("AWS::SecretsManager::Secret")) == SECRETS


def test_a_hot_account_is_reckoned_as_the_ledger_spreads_it() -> None:
    assert (SPLIT_OVER, SHARDS[-1]) == (spread.SPLIT_OVER, spread.MOST_SHARDS)
    assert [n * spread.GROWTH for n in SHARDS[:-1]] == list(SHARDS[1:])
    assert Hot(1_000, 60).units <= 2
    minute = Hot(30_000, 60)
    assert (minute.a_second, minute.load < 1) == (500, True)
