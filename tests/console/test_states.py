"""The console in every state of an account: axe, how wide and high its pages are, and the words for what is wrong."""

from __future__ import annotations

import os

import pytest

from tests.console.conftest import Drive

EVERYTHING = os.environ.get("CONSOLE_ALL") == "1"
"""Both widths and both schemes of each state: `make console-test`. Otherwise the narrow light one and the wide dark."""


LOOKS = [(360, "light"), (1440, "dark"), (360, "dark"), (1440, "light")]


@pytest.mark.long
@pytest.mark.parametrize(("width", "scheme"), LOOKS if EVERYTHING else LOOKS[:2])
def test_axe_finds_nothing_in_any_state(drive: Drive, customer: dict[str, str], width: int, scheme: str) -> None:
    """The short run has every state in the first look only."""
    first = (width, scheme) == LOOKS[0]
    states = None if EVERYTHING or first else ["good"]
    seen = drive("states", **customer, all=EVERYTHING, width=width, scheme=scheme, states=states)
    assert seen["found"] == []
    assert seen["faults"] == []
    assert seen["heights"].get("360", 0) < 12_000
    if not first:
        return
    words = seen["words"]
    assert words["striped"] == ["failed", "95 of 100 within"]  # told from the others without colours
    assert "-$85.00" in words["credit negative"] and "below zero" in words["credit negative"]
    assert "-$85.00" in words["purse negative"]
    assert "low" in words["credit poor"] and "$0.000021" in words["credit poor"]
    assert "suspended" in words["credit suspended"]
    assert "expired" in words["activity expired"]
    assert "could not be reached" in words["requests failing"] and "could not be reached" in words["activity failing"]
    assert "Nothing yet" in words["activity empty"] and "No request is like that" in words["requests empty"]
    assert all(words[f"kept {state}"] for state in ("good", "slow", "failing", "expired", "suspended"))
