"""How long a try may take."""

from __future__ import annotations

from interchange.upstream.timing import Timing


def test_what_is_set_is_meant_as_it_is() -> None:
    assert Timing(first_byte=2).patience(None, stream=False, tokens=9_000).first_byte == 2
    assert Timing(first_byte=2).patience(7, stream=True, tokens=None, reasons=True).first_byte == 7


def test_a_whole_answer_has_the_time_that_it_takes_to_write() -> None:
    assert Timing().patience(None, stream=True, tokens=1_000).first_byte == 60
    assert Timing().patience(None, stream=False, tokens=1_000).first_byte == 100
    assert Timing().patience(None, stream=True, tokens=1_000, reasons=True).first_byte == 300
