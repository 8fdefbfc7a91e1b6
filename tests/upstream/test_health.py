"""Memory of failures: rests, credentials in turn, and what other processes tell."""

from __future__ import annotations

from interchange.hub.verdict import Cause
from interchange.upstream.health import Health, Place, Rest

NOW = 1_770_000_000_000


def test_a_route_rests_longer_with_each_failure_and_one_success_ends_it() -> None:
    health, place = Health(), Place("openai", "m")
    health.failed(place, Cause.OVERLOADED, None, NOW)
    assert health.resting("openai", "m", NOW + 4_999) and not health.resting("openai", "m", NOW + 5_001)
    health.failed(place, Cause.OVERLOADED, None, NOW)
    assert health.resting("openai", "m", NOW + 9_999)
    health.served(place, NOW)
    assert not health.resting("openai", "m", NOW)


def test_a_retry_after_is_honoured() -> None:
    health = Health()
    health.failed(Place("openai", "m"), Cause.RATE, 30.0, NOW)
    assert health.resting("openai", "m", NOW + 29_000) and not health.resting("openai", "m", NOW + 31_000)
    assert not health.resting("openai", "other", NOW)


def test_a_short_retry_after_ends_no_rest_that_only_the_operator_can_end() -> None:
    health = Health()
    health.failed(Place("openai", "m"), Cause.CREDENTIAL, 1.0, NOW)
    assert health.resting("openai", "m", NOW + 59_000)
    health.failed(Place("openai", "other"), Cause.OVERLOADED, 0.0, NOW)
    assert health.resting("openai", "other", NOW + 4_999)


def test_a_refused_credential_rests_the_vendor() -> None:
    health = Health()
    health.failed(Place("openai", "m"), Cause.CREDENTIAL, None, NOW)
    assert health.resting("openai", "another", NOW)


def test_credentials_come_in_turn_and_one_that_rests_comes_last() -> None:
    health = Health()
    assert {health.credential("openai", 3, NOW) for _ in range(3)} == {0, 1, 2}
    health.failed(Place("openai", "m", 1, 3), Cause.RATE, 60.0, NOW)
    assert {health.credential("openai", 3, NOW) for _ in range(6)} == {0, 2}
    assert not health.resting("openai", "m", NOW)
    assert health.credential("openai", 3, NOW, frozenset({0, 2})) == 1
    assert health.credential("openai", 3, NOW, frozenset({0, 1, 2})) is None


def test_what_others_saw_is_learned_unless_it_is_known_better() -> None:
    health = Health()
    health.learn({("openai", "m"): Rest(NOW + 9_000, "silent", 1)}, NOW)
    assert health.resting("openai", "m", NOW)
    health.served(Place("openai", "m"), NOW)
    health.learn({("openai", "m"): Rest(NOW + 9_000, "silent", 1)}, NOW + 1)
    assert not health.resting("openai", "m", NOW + 1)
