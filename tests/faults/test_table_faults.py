"""The failing table x the vendor's state x protocol x streamed and whole x one route and two: nothing is charged
twice, no hold is left when the sweep has been, and who was told of a failure was not charged for an answer."""

from __future__ import annotations

import itertools
import json

import pytest

from interchange.exchange import call, settle

from .table_faults import BREAKS, GOOD, OF_THE_HOLD, REFUSES, TROUBLES, VENDORS, Trouble, ask
from .test_faults import CALLERS, FAILED

FULL = 10 * 2000 + 5 * 10_000
CASES = tuple(itertools.product(TROUBLES, VENDORS, CALLERS, (False, True), (False, True)))


@pytest.mark.parametrize(("trouble", "vendor", "family", "stream", "two"), CASES)
def test_a_table_that_fails(
    monkeypatch: pytest.MonkeyPatch, trouble: Trouble, vendor: str, family: str, stream: bool, two: bool
) -> None:
    monkeypatch.setattr(settle, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(call, "BACKOFF_SECONDS", 0.0)
    seen = ask(trouble, vendor, family, stream=stream, two=two)
    if trouble.first <= OF_THE_HOLD and not trouble.slow:
        assert (seen.status, seen.asked, seen.swept) == (503, 0, 0), "nothing was sent, nobody pays"
        assert json.loads(seen.text)["error"]["message"] and int(seen.headers["retry-after"]) > 0
        assert "x-should-retry" not in seen.headers
        return
    cut = vendor == BREAKS and stream
    served = vendor == GOOD or (two and not cut)
    if served:
        assert seen.status == 200 and "hello" in seen.text and not FAILED.search(_said(seen.text))
        assert seen.swept == FULL or (seen.swept == 0 and seen.in_log), "once, at the latest out of the log"
    elif cut:
        assert seen.status == 200 and FAILED.search(_said(seen.text))
        assert 0 < seen.swept < FULL or (seen.swept == 0 and seen.in_log)
    else:
        assert vendor in (REFUSES, BREAKS) and seen.status >= 500 and seen.swept == 0
    assert seen.charge in (0, seen.swept)
    assert seen.asked <= 3


def _said(text: str) -> str:
    return text.replace('"error":null', "").replace('"error": null', "")
