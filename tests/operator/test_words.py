"""The command line as it is spoken: dates, units, and the place of `--json`."""

from __future__ import annotations

import json

import pytest

from interchange.operator.dates import moment, span_of
from interchange.operator.key_limits import HELP, NAMES
from interchange.operator.rendering import lines
from tests.operator.office import Office

NOON = 1_795_867_200_000
"""2026-11-28 12:00 UTC."""


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-11-05", "2026-11-05", "2026-11-05"), ("2026-11", "2026-11-01", "2026-11-30"),
        ("2028-02", "2028-02-01", "2028-02-29"), ("yesterday", "2026-11-27", "2026-11-27"),
        ("today", "2026-11-28", "2026-11-28"), ("7d", "2026-11-22", "2026-11-28"), ("1d", "2026-11-28", "2026-11-28"),
    ],
)  # fmt: skip
def test_days_and_months_are_said_in_words(text: str, first: str, last: str) -> None:
    assert span_of("since", text, NOON) == (first, last)


@pytest.mark.parametrize("text", ["2026-13-01", "2026-13", "last week", "11/28", "", "2026-02-30"])
def test_what_is_no_day_names_the_option_and_what_would_be_one(text: str) -> None:
    with pytest.raises(ValueError, match=r"^since: .*2026-11-28, 2026-11, yesterday or 7d$"):
        span_of("since", text, NOON)


def test_tomorrow_is_a_moment() -> None:
    assert moment("tomorrow", NOON) - moment("today", NOON) == 86_400_000 == moment("1d", NOON) - NOON


def test_usage_takes_them(office: Office) -> None:
    for words in (("--since", "yesterday"), ("--day", "2026-11"), ("--since", "7d", "--until", "today")):
        assert office("usage", *words)["requests"] == 0
    assert office.refused("usage", "--since", "2026-13-01").startswith("since: '2026-13-01' is no day")


def test_each_limit_has_a_unit_and_an_example(office: Office) -> None:
    assert set(HELP) == set(NAMES)
    assert all("such as" in said or "30d" in said for _, said in HELP.values())
    code, out, _ = office.run("key", "create", "--help")
    assert code == 0 and "LIMIT" not in out and "100000" in " ".join(out.split())


def test_json_may_stand_anywhere(office: Office) -> None:
    for words in (("--json", "account", "list"), ("account", "--json", "list"), ("account", "list", "--json")):
        assert json.loads(office.run(*words)[1]) == {"accounts": []}


def test_a_table_fits_the_terminal_or_becomes_blocks() -> None:
    rows = [{"account": "acct_1", "name": "Ada", "closed": None}, {"account": "acct_2", "name": "Grace"}]
    wide = lines({"accounts": rows})
    assert wide == lines({"accounts": rows}, 200) and "account  name" in wide
    narrow = lines({"accounts": rows}, 12)
    assert narrow.split("\n\n") == ["\naccount  acct_1\nname     Ada", "account  acct_2\nname     Grace"]
