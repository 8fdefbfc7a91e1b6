"""Damaged answers in the families beside conversations: whatever a vendor sends is an answer that the caller's SDK
reads, or a failed try that costs nothing; never a fault of ours, and never more than was held."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator

import pytest

from interchange.exchange import call
from interchange.providers.gemini import gemini
from interchange.providers.openai import openai
from interchange.wire.sse import FrameReader
from tests.exchange import world as w
from tests.exchange.test_refusals_everywhere import asked, placed
from tests.faults.place import MODELS
from tests.faults.words import MEDIA, ONE_DOCUMENT, STREAMED_ALONE, WHOLE_ALONE, WORDS
from tests.laws.fuzz import ODD, damaged
from tests.laws.work import Work

CASES = 150
CALLS = 100_000
"""Of functions, for one answer: ten times what the longest took."""
SHAPES = [(words, stream) for words in MEDIA for stream in (False, True)
          if not (stream and words in WHOLE_ALONE) and (stream or words not in STREAMED_ALONE)]  # fmt: skip


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[w.World]:
    monkeypatch.setattr(call, "BACKOFF_SECONDS", 0.0)
    with w.world("1000000") as found:
        yield found


def good(words: str, *, stream: bool) -> list[bytes]:
    spoken, stream = WORDS[words], stream and words not in ONE_DOCUMENT
    return spoken.frames("hello", None) if stream else [spoken.whole("hello", None)]


def harmed(raw: bytes, rng: random.Random) -> bytes:
    """A body or a frame with its JSON damaged; other bytes with some of them lost."""
    head, mark, data = raw.rpartition(b"data: ") if raw.startswith((b"data: ", b"event: ")) else (b"", b"", raw)
    try:
        value = json.loads(data)
    except ValueError:
        at = rng.randrange(len(raw))
        return raw[:at] + rng.choice((b"", b"\n\n", b"\xff\x00", b'{"error":{}}')) + raw[at + rng.randint(0, 5) :]
    changed = damaged(value, rng) if rng.random() < 0.9 else rng.choice(ODD)
    return head + mark + json.dumps(changed).encode() + (b"\n\n" if mark else b"")


def answers(words: str, *, stream: bool) -> Iterator[list[bytes]]:
    for seed in range(CASES):
        rng, pieces = random.Random(seed), good(words, stream=stream)
        for _ in range(rng.randint(1, 2)):
            at = rng.randrange(len(pieces))
            pieces[at] = harmed(pieces[at], rng)
        yield pieces


def read(words: str, text: str, *, stream: bool) -> None:
    """Holds what was served to the family's own promise; what stands beside it is the vendor's."""
    if stream:
        for frame in FrameReader().feed(text.encode("utf-8", "surrogateescape")):
            assert not frame.data or frame.data == b"[DONE]" or isinstance(json.loads(frame.data), dict)
        return
    found = json.loads(text)
    match words.removeprefix("gemini_"):
        case "embeddings":
            assert sorted(one.get("index", at) for at, one in enumerate(found["data"])) == [0, 1]
            assert all(type(number) in (int, float) for one in found["data"] for number in one["embedding"])
        case "images":
            assert found["data"]
            assert all(isinstance(one.get("b64_json") or one.get("url"), str) for one in found["data"])
        case _:
            assert isinstance(found["text"], str)


@pytest.mark.parametrize(("words", "stream"), SHAPES)
def test_a_damaged_answer_is_one_or_costs_nothing(here: w.World, words: str, stream: bool) -> None:
    made = gemini("k") if words.startswith("gemini") else openai("k")
    ends = set()
    for pieces in answers(words, stream=stream):
        placed(here, MODELS[words], made)
        here.script.default = lambda _, pieces=pieces: w.Says(chunks=pieces)
        before = here.balance().charged_nano
        with Work() as work:
            answer, text = asyncio.run(asked(here, words, stream=stream))
        assert work.calls < CALLS, pieces
        assert not [fields for event, fields in here.reports if event == "fault"], (pieces, here.reports)
        row = here.ledger.row(answer.headers["x-interchange-request-id"])
        assert row is not None
        charged = here.balance().charged_nano - before
        assert charged == row.charge_nano <= row.hold_nano
        assert here.balance().held_nano == 0
        ends.add(row.outcome)
        if answer.status == 200 and row.outcome == "ok" and words not in STREAMED_ALONE:
            read(words, text, stream=stream)
        if answer.status != 200:
            assert charged == 0, (pieces, text)
            assert answer.status in (429, 500, 502, 503, 504) or 400 <= answer.status < 500, text
            assert json.loads(text)["error"]["message"]
    assert "ok" in ends
