from __future__ import annotations

import json

import pytest

from interchange.hub.usage import Usage
from interchange.metering.ledger import Ledger
from interchange.metering.reports import Line, Mismatch, Reports, days, grouped, over, total
from interchange.metering.rows import Try
from interchange.metering.store import Store
from interchange.metering.sums import LATER, Sums
from tests.metering.usage_rows import usage_row

DAY = "2026-11-22"
NOON = 1_795_348_800_000  # 2026-11-22T12:00Z
CLOSED = NOON + 13 * 3_600_000


def filled(store: Store) -> Reports:
    ledger = Ledger(store)
    ledger.record(usage_row("r1", NOON))
    ledger.record(usage_row("r2", NOON + 1, model="n"))
    ledger.record(usage_row("r3", NOON + 2, key_id="k2", outcome="upstream_error", usage=Usage()))
    ledger.record(usage_row("r4", NOON + 3, usage=Usage(input=10, cache_read=5), charge_nano=0))
    ledger.record(usage_row("r5", NOON + 86_400_000))
    return Reports(store)


LINES = [
    Line("a", DAY, "k", "m", Sums(requests=2, input_tokens=1015, cached_tokens=5, output_tokens=100,
                                  charge_nano=3_000_000, free=1, cost_nano=3_030_000, waits={"19": 2},
                                  took={"27": 2}), vendor="p"),
    Line("a", DAY, "k", "n", Sums(requests=1, input_tokens=1000, output_tokens=100, charge_nano=3_000_000,
                                  cost_nano=3_000_000, waits={"19": 1}, took={"27": 1}), vendor="p"),
    Line("a", DAY, "k2", "m", Sums(requests=1, failed=1, waits={"19": 1}, took={"27": 1}), vendor="p"),
]  # fmt: skip


def test_a_closed_day_is_what_its_rows_were(store: Store) -> None:
    reports = filled(store)
    assert reports.day("a", DAY) == LINES
    assert reports.close("a", DAY, CLOSED) == LINES
    assert reports.day("a", DAY) == LINES
    assert reports.close("a", DAY, CLOSED) is None
    assert list(reports.reconcile("a", DAY, DAY)) == []


def test_a_day_that_an_earlier_release_closed_is_what_its_rows_were(store: Store) -> None:
    reports = filled(store)
    earlier = ('[["k","m",{"requests":2,"failed":0,"input_tokens":1015,"cached_tokens":5,"output_tokens":100,'
               '"charge_nano":3000000,"free":1,"over":0,"absorbed_nano":0}],'
               '["k","n",{"requests":1,"failed":0,"input_tokens":1000,"cached_tokens":0,"output_tokens":100,'
               '"charge_nano":3000000,"free":0,"over":0}],["k2","m",{"requests":1,"failed":1}]]')  # fmt: skip
    store.insert({"pk": "ACCOUNT#a", "sk": f"DAY#{DAY}#0000", "lines": earlier, "closed_ms": CLOSED})
    assert list(reports.reconcile("a", DAY, DAY)) == []
    assert total(reports.day("a", DAY)).charge_nano == 6_000_000
    Ledger(store).record(usage_row("late", NOON))
    assert list(reports.reconcile("a", DAY, DAY)) == [Mismatch("a", DAY, 6_000_000, 9_000_000)]


def test_a_day_that_was_closed_before_caching_was_summed_is_what_its_rows_were(store: Store) -> None:
    used = Usage(input=10, cache_read=100, cache_write_5m=7, output=9, reasoning=5)
    prices = {"input": "2", "cache_read": "0.2", "cache_write_5m": "2.5", "output": "10"}
    Ledger(store).record(usage_row("r1", NOON, used, prices=prices))
    reports = Reports(store)
    lines = reports.close("a", DAY, CLOSED)
    assert lines is not None
    (line,) = lines
    assert (line.sums.reasoning_tokens, line.sums.written_tokens, line.sums.saved_nano) == (5, 7, 176_500)
    (item,) = store.query("ACCOUNT#a", f"DAY#{DAY}#")
    for changed, mismatches in (("saved_nano", 0), ("charge_nano", 1)):
        less = [[key, model, {name: value for name, value in sums.items() if name not in (*LATER, changed)}, *more]
                for key, model, sums, *more in json.loads(item["lines"])]  # fmt: skip
        store.put({**item, "lines": json.dumps(less)})
        assert len(list(reports.reconcile("a", DAY, DAY))) == mismatches


def test_a_try_that_failed_and_is_billed_counts_for_its_own_vendor(store: Store) -> None:
    Ledger(store).record(usage_row("r1", NOON, legs=(Try("q", "u", 502, "x", 5, 700),), cost_nano=900))
    by = grouped(Reports(store).live("a", DAY), ("vendor",))
    assert {name: (sums.requests, sums.cost_nano, sums.wasted_nano) for (name,), sums in by.items()} == {
        "p": (1, 900, 0), "q": (0, 700, 700),
    }  # fmt: skip


def test_a_day_without_rows_is_closed_too(store: Store) -> None:
    reports = filled(store)
    assert reports.kept("a", "2026-11-21") is None
    assert reports.close("a", "2026-11-21", CLOSED) == []
    assert reports.kept("a", "2026-11-21") == []


def test_a_row_that_came_after_all_is_found(store: Store) -> None:
    reports = filled(store)
    reports.close("a", DAY, CLOSED)
    Ledger(store).record(usage_row("late", NOON))
    assert list(reports.reconcile("a", "2026-11-20", DAY)) == [Mismatch("a", DAY, 6_000_000, 9_000_000)]


def test_a_day_is_not_closed_before_its_last_requests_can_have_ended(store: Store) -> None:
    with pytest.raises(ValueError, match="not over"):
        filled(store).close("a", DAY, CLOSED - 1)
    assert not over(DAY, CLOSED - 1)
    assert over(DAY, CLOSED)


def test_many_lines_are_kept_over_several_items(store: Store) -> None:
    ledger = Ledger(store)
    for number in range(40):
        ledger.record(usage_row(f"r{number}", NOON, model=f"m{number:04d}"))
    reports = Reports(store)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("interchange.metering.reports.ITEM_BYTES", 1_000)
        made = reports.close("a", DAY, CLOSED)
    assert reports.kept("a", DAY) == made
    assert len(made or ()) == 40


def test_lines_are_grouped_as_asked(store: Store) -> None:
    lines = list(filled(store).between("a", DAY, "2026-11-23"))
    assert list(grouped(lines, ("day",))) == [(DAY,), ("2026-11-23",)]
    assert grouped(lines, ("model",))[("m",)].requests == 4
    assert grouped(lines, ())[()] == total(lines)


def test_days_are_counted_over_months() -> None:
    assert list(days("2026-02-27", "2026-03-01")) == ["2026-02-27", "2026-02-28", "2026-03-01"]
    assert list(days("2026-03-02", "2026-03-01")) == []
