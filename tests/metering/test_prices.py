"""Charges against figures worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interchange.hub.usage import Usage
from interchange.metering.bounds import Extent, affordable_output, bound
from interchange.metering.money import nano, usd
from interchange.metering.prices import PriceList, charge

SONNET = PriceList.read(
    {"input": "3", "cache_read": "0.3", "cache_write_5m": "3.75", "cache_write_1h": "6", "output": "15",
     "per_call": {"web_search": "0.01"}}
)  # fmt: skip
TIERED = PriceList.read(
    {"input": "1.25", "cache_read": "0.125", "output": "10",
     "tiers": [{"above": 200_000, "rates": {"input": "2.5", "cache_read": "0.25", "output": "15"}}],
     "service_tiers": {"batch": {"input": "0.625", "output": "5"}}}
)  # fmt: skip


@pytest.mark.parametrize(
    ("usage", "prices", "expected"),
    [
        (Usage(input=10, output=5), SONNET, "0.000105"),
        (Usage(input=3, cache_write_5m=12_304, output=550), SONNET, "0.054399"),  # I1
        (Usage(input=100, cache_write_5m=700, cache_read=200), SONNET, "0.002985"),  # I2
        (Usage(cache_write_1h=1_000), SONNET, "0.006"),  # I5
        (Usage(output=100, reasoning=80), SONNET, "0.0015"),  # reasoning is a part of output
        (Usage(tool_calls={"web_search": 3}), SONNET, "0.03"),  # H5, H6: executed calls
        (Usage(input=200_000, output=10), TIERED, "0.2501"),  # I10: exactly at the threshold is the base tier
        (Usage(input=200_001, output=10), TIERED, "0.5001525"),  # I10: the whole request moves
        (Usage(input=100_000, cache_read=100_001, output=10), TIERED, "0.27515025"),
        (Usage(input=1_000, output=10, service_tier="batch"), TIERED, "0.000675"),
        (Usage(input=1), PriceList.read({"input": "0.0001"}), "0.000000001"),  # rounded up once
        (Usage(milliseconds=90_000), PriceList.read({"per_minute": "0.006"}), "0.009"),
        (Usage(characters=2_000), PriceList.read({"per_million_characters": "15"}), "0.03"),
        (Usage(input=20, output_image=1_000), PriceList.read({"input": "5", "output_image": "40"}), "0.0401"),  # I11
    ],
)
def test_charges_equal_hand_computed_figures(usage: Usage, prices: PriceList, expected: str) -> None:
    assert usd(charge(usage, prices).nano) == expected


def test_a_markup_multiplies_before_the_one_rounding() -> None:
    assert charge(Usage(input=1), PriceList.read({"input": "0.15"}), "1.1").nano == 165


def test_I12_usage_without_a_rate_is_named() -> None:
    assert charge(Usage(characters=5), PriceList.read({"input": "1"})).unpriced == ("characters",)


def test_a_version_is_a_digest_of_the_price() -> None:
    assert (
        PriceList.read({"input": "1", "output": "2"}).version == PriceList.read({"output": "2", "input": "1"}).version
    )
    assert PriceList.read({"input": "1"}).version != PriceList.read({"input": "1.0"}).version


@pytest.mark.parametrize("text", ["0", "1.5", "0.000000001", "-3.25", "123456789.123456789"])
def test_money_there_and_back(text: str) -> None:
    assert usd(nano(text)) == text


@pytest.mark.parametrize("text", ["", "NaN", "Infinity", "1e400", "0.0000000001", "one"])
def test_what_is_no_money(text: str) -> None:
    with pytest.raises(ValueError, match=r"USD|decimal"):
        nano(text)


AMOUNTS = st.integers(0, 400_000)


@given(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, st.sampled_from([None, "batch"]))
def test_J7_the_bound_holds_whatever_the_kinds(a: int, b: int, c: int, d: int, out: int, tier: str | None) -> None:
    for prices in (SONNET, TIERED):
        usage = Usage(input=a, cache_read=b, cache_write_5m=c, cache_write_1h=d, output=out, service_tier=tier)
        assert charge(usage, prices).nano <= bound(prices, Extent(usage.total_input, usage.total_output))


@given(st.integers(0, 500_000), st.integers(1, 128_000), st.integers(0, 10**10))
def test_the_affordable_output_is_the_greatest_that_fits(tokens: int, output: int, available: int) -> None:
    extent = Extent(tokens, output)
    found = affordable_output(TIERED, extent, available)
    if found:
        assert bound(TIERED, Extent(tokens, found)) <= available
    if found < output:
        assert bound(TIERED, Extent(tokens, found + 1)) > available or bound(TIERED, Extent(tokens, 0)) > available


NESTED: dict[str, Any] = {
    "input": "4", "output": "20", "tiers": [{"above": 272_000, "rates": {"input": "8", "output": "30"}}],
    "service_tiers": {
        "priority": {"input": "8", "output": "40", "tiers": [{"above": 272_000, "rates": {"input": "16"}}]},
        "flex": {"input": "2"},
    },
    "regions": {"us": "1.1"},
    "per_call": {"web_search": "0.01"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("size", "tier", "region", "input_rate", "output_rate"),
    [
        (272_000, None, None, "4", "20"),
        (272_001, None, None, "8", "30"),
        (272_000, "priority", None, "8", "40"),
        (272_001, "priority", None, "16", "40"),
        (272_001, "flex", None, "2", "30"),
        (1, None, "us", "4.4", "22"),
        (272_001, "priority", "us", "17.6", "44"),
        (1, None, "global", "4", "20"),
    ],
)
def test_I10_the_service_tier_has_long_contexts_of_its_own_and_the_region_a_factor(
    size: int, tier: str | None, region: str | None, input_rate: str, output_rate: str
) -> None:
    rates = PriceList.read(NESTED).rates(size, tier, region)
    assert (Decimal(rates["input"]), Decimal(rates["output"])) == (Decimal(input_rate), Decimal(output_rate))
    assert rates["per_call"] == {"web_search": "0.01"}


def test_I10_the_bound_covers_every_tier_and_region_that_a_request_can_meet() -> None:
    prices = PriceList.read(NESTED)
    usage = Usage(input=300_000, output=10, tool_calls={"web_search": 1}, service_tier="priority", region="us")
    charged = charge(usage, prices).nano
    assert charged == 300_000 * 17_600 + 10 * 44_000 + 10_000_000
    extent = Extent(300_000, 10, tool_calls={"web_search": 1})
    asked = replace(extent, service_tiers=frozenset({"priority"}), regions=frozenset({"us"}))
    assert bound(prices, asked) == charged
    assert bound(prices, extent) == 300_000 * 8_000 + 10 * 30_000 + 10_000_000


@pytest.mark.parametrize(
    ("listed", "calls", "charged"),
    [
        ({"web_search": "0.01", "web_search_preview": "0.025"}, {"web_search": 2}, "0.02"),
        ({"web_search": "0.01", "web_search_preview": "0.025"}, {"web_search_preview": 2}, "0.05"),
        ({"web_search": "0.01"}, {"web_search_preview": 2}, "0.02"),
        ({"web_search_preview": "0.025"}, {"web_search": 2}, "0.05"),
        ({}, {"web_search": 2}, "0"),
    ],
)
def test_H6_the_two_kinds_of_search_are_charged_apart(
    listed: dict[str, str], calls: dict[str, int], charged: str
) -> None:
    prices = PriceList.read({"input": "1", "per_call": listed})
    assert usd(charge(Usage(tool_calls=calls), prices).nano) == charged
    dearest = max((Decimal(fee) for fee in listed.values()), default=Decimal(0))
    assert bound(prices, Extent(tool_calls={"web_search": 2})) == nano(str(2 * dearest))


RATE = st.integers(0, 9999).map(lambda cents: f"{cents / 100:.2f}")
OTHERS = dict.fromkeys(("cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning"), RATE)
RATES = st.fixed_dictionaries({}, optional={"input": RATE, **OTHERS})
TIERS = st.lists(st.fixed_dictionaries({"above": st.integers(1, 1000), "rates": RATES}), max_size=2)
SERVICES = st.dictionaries(
    st.sampled_from(["flex", "priority", "fast"]),
    st.builds(lambda rates, tiers: {**rates, **({"tiers": tiers} if tiers else {})}, RATES, TIERS), max_size=2,
)  # fmt: skip
PRICES = st.builds(
    lambda base, rest, tiers, services, regions: {
        **rest, **base, "tiers": tiers, "service_tiers": services, **({"regions": regions} if regions else {}),
    },
    st.fixed_dictionaries({"input": RATE}), RATES, TIERS, SERVICES,
    st.dictionaries(st.just("us"), st.sampled_from(["0.5", "1.1", "2"])),
)  # fmt: skip
COUNT = st.integers(0, 300)


@given(
    PRICES, COUNT, COUNT, COUNT, COUNT, COUNT, st.sampled_from([None, "default", "flex", "priority", "fast"]),
    st.sampled_from([None, "global", "us"]),
)  # fmt: skip
def test_no_usage_within_the_extent_costs_more_than_its_bound(
    data: dict[str, Any],
    plain: int,
    read: int,
    short: int,
    long: int,
    output: int,
    tier: str | None,
    region: str | None,
) -> None:
    prices = PriceList.read(data)
    usage = Usage(
        input=plain, cache_read=read, cache_write_5m=short, cache_write_1h=long, output=output, reasoning=output // 2,
        service_tier=tier, region=region,
    )  # fmt: skip
    tiers = frozenset((tier,) if tier else ())
    extent = Extent(usage.total_input, output, service_tiers=tiers, regions=frozenset((region,) if region else ()))
    assert bound(prices, extent, "1.3") >= charge(usage, prices, "1.3").nano
