"""tests/conformance.md is the list of cases; each one is a test of that number, or says why not."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parent
PAGE, _, REASONS = (TESTS / "conformance.md").read_text().partition("## Not a test here")
LINE = re.compile(r"^- ([A-M]\d+): (.+)$", re.M)
NAMED = re.compile(r"def test_([A-M]\d+)_\w+")
SECTIONS = "ABCDEFGHIJKLM"


def named() -> set[str]:
    return {number for path in TESTS.rglob("test_*.py") for number in NAMED.findall(path.read_text())}


def test_the_cases_stand_once_and_count_up() -> None:
    numbers = [number for number, _ in LINE.findall(PAGE)]
    assert len(numbers) == len(set(numbers)) >= 140
    for section in {number[0] for number in numbers}:
        own = [int(number[1:]) for number in numbers if number[0] == section]
        assert own == list(range(1, len(own) + 1)), section


def test_each_case_is_a_test_or_says_why_not() -> None:
    listed = {number for number, _ in LINE.findall(PAGE)}
    excused = {number for number, reason in LINE.findall(REASONS) if len(reason) > 20}
    missing = sorted(number for number in listed - named() - excused if number[0] in SECTIONS)
    assert not missing, f"neither a test nor a reason: {', '.join(missing)}"
    assert not excused & named(), "a case with a test needs no reason"
    assert excused <= listed


def test_each_named_test_is_a_case_of_the_list() -> None:
    listed = {number for number, _ in LINE.findall(PAGE)}
    assert named() <= listed, sorted(named() - listed)


ROWS = re.compile(r"^- (T\d+): .+: `(test_\w+)`$", re.M)
"""Of wire.md."""


def test_each_input_of_a_report_has_its_test() -> None:
    rows = ROWS.findall((TESTS / "wire.md").read_text())
    assert [number for number, _ in rows] == [f"T{number}" for number in range(1, len(rows) + 1)]
    defined = {name for path in TESTS.rglob("test_*.py") for name in re.findall(r"def (test_\w+)", path.read_text())}
    assert not [row for row in rows if row[1] not in defined]
