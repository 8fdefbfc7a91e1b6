"""A stream that breaks off is told as one that broke off, to every caller, wherever it breaks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.laws import mutations, traffic
from tests.laws.test_mutated import read, streams
from tests.laws.test_pairs import ENVELOPE, INBOUND

MOST = 12
EACH_END = 10
"""Frames from the beginning and from the end; in between they are alike."""
ENDS = (b"[DONE]", b'"message_stop"', b'"response.completed"', b'"response.incomplete"')


def cuts(events: list[mutations.Event]) -> Iterator[list[mutations.Event]]:
    for number in range(len(events)):
        if min(number, len(events) - number) <= EACH_END:
            yield events[:number]


def finished(events: list[mutations.Event]) -> bool:
    """Chat completions say how they end before they end: what is missing then is the count, which is estimated."""
    return any(
        choice.get("finish_reason")
        for _, data in events
        if isinstance(data, dict)
        for choice in data.get("choices") or ()
    )


@pytest.mark.parametrize("source", traffic.SOURCES, ids=lambda source: source.name)
def test_a_stream_that_breaks_off_ends_in_an_error(source: traffic.Source) -> None:
    tried = 0
    for record in streams(source)[:MOST]:
        events = mutations.parse(record["response_sse"])
        if read(source, mutations.plain(events))[1] is None:
            continue  # a recorded failure
        for part in cuts(events):
            heard, answer = read(source, mutations.plain(part))
            assert answer is None or finished(part), (
                f"{record['id']}: {len(part)} of {len(events)} frames are an answer"
            )
            if answer is not None:
                continue
            tried += 1
            for name, inbound in INBOUND.items():
                writer = inbound.server.write_stream(ENVELOPE)
                told = b"".join(writer.write(event) for event in heard)
                last = told.rstrip().rpartition(b"\n\n")[2]
                assert b'"error"' in last or b'"response.failed"' in last, (name, record["id"], len(part))
                assert not any(end in told for end in ENDS), (name, record["id"], len(part))
    assert tried
