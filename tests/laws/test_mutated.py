"""An answer that is said otherwise is the same answer: to the vendor's reader, and to every caller.

A sample of the recordings, or all of them with MUTATED=all."""

from __future__ import annotations

import functools
import os
from collections import Counter
from typing import Any

import pytest

from interchange.hub import events as e
from interchange.hub.fold import Folder
from tests.laws import callers, mutations, traffic
from tests.laws.test_pairs import CHAT_STOPS, ENVELOPE, INBOUND, same

MOST = 10**9 if os.environ.get("MUTATED") == "all" else 30
Answer = tuple[list[e.Event], e.Response | None]


@functools.cache
def streams(source: traffic.Source) -> list[dict[str, Any]]:
    found = [one for one in traffic.lines(source) if traffic.answered(one) and one.get("response_sse")]
    return found[:: max(1, len(found) // MOST)]


@functools.cache
def truths(source: traffic.Source) -> list[tuple[dict[str, Any], e.Response]]:
    """The streams that are no recorded failures, each with its answer as it came."""
    read_ones = (
        (one, read(source, mutations.plain(mutations.parse(one["response_sse"])))[1]) for one in streams(source)
    )
    return [(one, answer) for one, answer in read_ones if answer is not None]


def read(source: traffic.Source, sse: str) -> Answer:
    events = traffic.read_events(source.client, sse)
    folder = Folder()
    for event in events:
        folder.add(event)
    return events, None if folder.failure is not None else folder.response()


def facts(response: e.Response) -> list[callers.Facts]:
    return [callers.hub_facts(response, CHAT_STOPS, number) for number in range(len(response.choices))]


def thinking(response: e.Response) -> list[str]:
    return ["".join(getattr(block, "text", "") or "" for block in one.blocks) for one in response.choices]


def compare(source: traffic.Source, sse: str, truth: e.Response) -> None:
    events, found = read(source, sse)
    assert found is not None, "it failed"
    assert facts(found) == facts(truth)
    assert thinking(found) == thinking(truth)
    for inbound in INBOUND.values():
        if inbound.server.protocol == source.client.protocol:
            continue  # passed through as it came
        writer = inbound.server.write_stream(ENVELOPE)
        heard = inbound.stream(b"".join(writer.write(event) for event in events))
        same(callers.hub_facts(truth, inbound.stops), heard[0], inbound)


def as_it_came(source: traffic.Source, events: list[mutations.Event], truth: e.Response) -> Exception | None:
    """What is wrong with the answer before it is said otherwise: `test_pairs` counts those."""
    try:
        compare(source, mutations.plain(events), truth)
    except Exception as error:  # noqa: BLE001 - see above
        return error
    return None


def _nothing(events: list[mutations.Event]) -> list[mutations.Event]:
    return events


@pytest.mark.parametrize("change", [*mutations.CHANGES, *(one.__name__ for one in mutations.SYNTAX)])
@pytest.mark.parametrize("source", traffic.SOURCES, ids=lambda source: source.name)
def test_said_otherwise_it_is_the_same_answer(source: traffic.Source, change: str) -> None:
    syntax = next((one for one in mutations.SYNTAX if one.__name__ == change), mutations.plain)
    act = mutations.CHANGES.get(change, _nothing)
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    for record, truth in truths(source):
        events = mutations.parse(record["response_sse"])
        counts["tried"] += 1
        try:
            compare(source, syntax(act(events)), truth)
        except Exception as error:  # noqa: BLE001 - each is counted, and the list is what the test asserts
            if type(error) is not type(as_it_came(source, events, truth)):
                wrong.append(f"{record['id']} {type(error).__name__}: {str(error)[:300]}")
    assert counts["tried"]
    assert not wrong, f"{len(wrong)} of {counts['tried']}:\n" + "\n".join(wrong[:10])
