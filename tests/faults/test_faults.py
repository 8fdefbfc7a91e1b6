"""Every fault x format x streamed and whole x one route and two: what the caller sees, what it costs, how often the
vendor is asked, and that nothing is left behind. The short form takes a few of the crossings for each fault, other ones
for the next; `make faults` takes all, and writes docs/faults.md."""

from __future__ import annotations

import itertools
import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from interchange.exchange.answers import FINAL

from .place import Place, Seen, placed
from .rows import Row
from .siblings import SIBLINGS
from .table import TABLE as FIRST
from .table_faults import TROUBLES, section
from .words import CONVERSATIONS, MEDIA, ONE_DOCUMENT, STREAMED_ALONE, WHOLE_ALONE, WORDS

TABLE = (*FIRST, *SIBLINGS)
ALL = bool(os.environ.get("INTERCHANGE_ALL_FAULTS"))
PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
CALLERS = ("chat", "messages", "responses")
Crossing = tuple[str, str, bool, bool]
"""(the caller's protocol or "media", what the vendor speaks, streamed, two routes)"""
TALKS: tuple[Crossing, ...] = tuple(itertools.product(CALLERS, CONVERSATIONS, (False, True), (False, True)))
SHAPES: tuple[Crossing, ...] = tuple(
    ("media", words, stream, two)
    for words, stream, two in itertools.product(MEDIA, (False, True), (False, True))
    if not (stream and words in WHOLE_ALONE) and (stream or words not in STREAMED_ALONE)
)
A_FAULT = 1
"""Crossings of each kind for one fault, in the short form."""
RAW_SOUND = {
    "ends before its terminal event": "served",
    "bad JSON after text": "served",
    "a body shorter than told": "cut",
}
"""Raw sound has no terminal event, and any bytes may be sound once some have come."""
LEAKS = re.compile(r"127\.0\.0\.1|169\.254|10\.\d+\.\d+\.\d+|aiohttp|ClientError|Disconnected|sk-abc|proj_abc|<html")
FAILED = re.compile(r'"error":|event: error|response\.failed')
"""How a stream says that it has failed: chat, Messages, Responses (which has two events for it)."""
HEAD = """# Faults of a vendor, and what each costs

What a caller sees of a vendor's bad day. Each row was run against a hostile vendor on a raw socket (`make faults`): the
caller speaks chat completions, the vendor too, and each try has 0.3 s to its first byte. *One route*: no other;
*two*: a good one stands behind it. Charges are in nano-dollars; an answer in full costs 22,000. No row leaves a hold.
The same faults are run through every protocol on either side, and through embeddings, pictures, speech and
transcription, with the same ends.

| fault | streamed, one route | charge | tries | whole, one route | charge | tries | streamed, two | whole, two |
|---|---|---|---|---|---|---|---|---|
"""


MEASURED = "\n## The first of two vendors"
"""What `benchmarks.bad_day` came to stays as it was."""


def crossings(found: Sequence[Crossing], number: int) -> Sequence[Crossing]:
    """All, or a few that are others for each fault: over the table every crossing has its turn."""
    return found if ALL else [found[(number * 5 + turn * 17) % len(found)] for turn in range(A_FAULT)]


CASES = [(number, *one) for number in range(len(TABLE)) for of in (TALKS, SHAPES) for one in crossings(of, number)]


def named(case: tuple[int, str, str, bool, bool]) -> str:
    number, caller, words, stream, two = case
    return f"{TABLE[number].name}-{caller}-{words}-{'stream' if stream else 'whole'}-{'two' if two else 'one'}"


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with placed(TABLE) as found:
        yield found


def judged(seen: Seen, end: str, words: str, *, stream: bool) -> None:
    assert not LEAKS.search(seen.text), seen.text
    mark, said = WORDS[words].mark, seen.text.replace('"error":null', "").replace('"error": null', "")
    if end == "served":
        assert seen.status == 200 and not seen.broke and seen.charge > 0
        assert mark in seen.raw or b"aGVsbG8" in seen.raw
        assert not stream or not FAILED.search(said)
    elif end == "cut":
        assert seen.status == 200 and (seen.broke or FAILED.search(said)), seen
        assert seen.outcome == "truncated"
    else:
        assert 400 <= seen.status < 600, seen
        assert json.loads(seen.text)["error"]["message"]
        assert seen.charge == 0 and seen.outcome == "upstream_error"
        assert (seen.headers.get("x-should-retry") == "false") == (seen.status in FINAL)


def end_of(one: Row, words: str, *, stream: bool, two: bool) -> str:
    end = one.stream if stream and words not in ONE_DOCUMENT else one.whole
    if words == "speech":
        end = RAW_SOUND.get(one.name, end)
    return "served" if two and end == "refused" and not one.final else end


@pytest.mark.parametrize("case", CASES, ids=named)
def test_a_fault(place: Place, case: tuple[int, str, str, bool, bool]) -> None:
    number, caller, words, stream, two = case
    if caller == "media":
        seen = place.ask_media(number, words, stream=stream, two=two)
    else:
        seen = place.ask(number, caller, words, stream=stream, two=two)
    judged(seen, end_of(TABLE[number], words, stream=stream, two=two), words, stream=stream)
    assert seen.tries <= 2


def test_every_crossing_has_its_turn() -> None:
    assert {case[1:] for case in CASES} == {*TALKS, *SHAPES}


def test_nothing_is_left_open(place: Place) -> None:
    """After all that: a good stream, on connections that are kept."""
    before = place.vendor.connections
    for _ in range(10):
        seen = place.ask(len(TABLE), "chat", "chat", stream=True, two=False)
        assert seen.status == 200
    assert place.vendor.connections - before <= 2
    descriptors = Path("/proc/self/fd")
    assert not descriptors.is_dir() or len(list(descriptors.iterdir())) < 200


def test_every_fault_is_published() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [one.name for one in TABLE if f"| {one.name} |" not in page] == []
    assert len(TABLE) >= 80
    assert [one.name for one in TROUBLES if f"| {one.name} |" not in page] == []


@pytest.mark.skipif(not ALL, reason="writes docs/faults.md: only `make faults` does")
def test_the_page_is_written(place: Place) -> None:
    lines = []
    for number, one in enumerate(TABLE):
        found = [place.ask(number, "chat", "chat", stream=s, two=t) for t in (False, True) for s in (True, False)]
        said = [f"{said_of(seen)} | {seen.charge} | {seen.tries}" for seen in found[:2]]
        lines.append(f"| {one.name} | {' | '.join([*said, *(said_of(seen) for seen in found[2:])])} |\n")
    _, mark, measured = PAGE.read_text(encoding="utf-8").partition(MEASURED)
    PAGE.write_text(HEAD + "".join(lines) + section() + mark + measured, encoding="utf-8")


def said_of(seen: Seen) -> str:
    if seen.outcome == "truncated":
        return "the text so far, then the error event"
    if seen.status == 200:
        return "200"
    error = json.loads(seen.text)["error"]
    return f"{seen.status} `{error.get('code') or error['type']}`"
