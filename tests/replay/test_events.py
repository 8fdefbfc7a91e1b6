"""Every event in events/ through the handler of its function, as Lambda would call it."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.recorded import EVENTS
from tests.replay.environment import Surroundings
from tests.replay.outcomes import Recorded, check, recorded
from tests.template.applications import families

ALL = list(recorded())


@pytest.mark.parametrize("one", ALL, ids=lambda one: f"{one.family}/{one.name}")
def test_an_event_has_its_outcome(one: Recorded, around: Surroundings) -> None:
    check(around.function(one.family).invoke(one.event), one.outcome)


def test_every_function_has_events() -> None:
    assert {one.family for one in ALL} == set(families())


def test_the_events_vary() -> None:
    versions = {str(one.event.get("version", "1.0")) for one in ALL}
    assert versions >= {"1.0", "2.0"}
    assert len(ALL) >= 25
    assert any(one.event.get("isBase64Encoded") for one in ALL)
    assert any(one.event.get("cookies") for one in ALL)


def test_no_event_carries_a_real_secret() -> None:
    for path in (path for path in Path(EVENTS).rglob("*.json") if path.name != "outcomes.json"):
        for word in path.read_text().split('"'):
            assert not word.startswith("sk-") or word.startswith("sk-events-"), path
