"""README's table of the gateways that are compared is the one of docs/performance.md."""

from __future__ import annotations

import pytest

from benchmarks.peers import quote


def test_readme_has_the_pages_table() -> None:
    readme = quote.README.read_text()
    assert quote.quoted(readme, quote.PAGE.read_text()) == readme


def test_spreads_stay_on_the_page() -> None:
    assert quote.table("words\n| CPU | **1.0x** · 0.21 ms (0.20 to 0.22) |\n") == "| CPU | **1.0x** · 0.21 ms |\n"


def test_a_readme_without_a_place_is_told() -> None:
    with pytest.raises(ValueError, match="no place"):
        quote.quoted("# Interchange\n", "")
