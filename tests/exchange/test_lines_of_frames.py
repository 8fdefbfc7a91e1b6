"""Frames of a vendor in every syntax that server-sent events have (data over several lines, other line ends, comments,
marks), cut anywhere: the stock SDKs' own decoders read the same of what the caller gets, in both lanes and every family
that streams events."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from anthropic._streaming import SSEDecoder as AnthropicDecoder
from openai._streaming import SSEDecoder as OpenAIDecoder

from interchange.wire.sse import FrameReader
from tests.exchange import world as w
from tests.exchange.test_refusals_everywhere import MADE, TALKS, asked, placed
from tests.faults.place import MODELS
from tests.faults.words import WORDS
from tests.laws import mutations

PROTOCOLS = {
    "chat": "openai_chat",
    "messages": "anthropic_messages",
    "responses": "openai_responses",
    "gemini": "gemini",
}
EVENTS = ("images", "transcriptions", "gemini_transcriptions")
CASES = [
    *((caller, words) for caller in TALKS for words in PROTOCOLS),
    *((words, words) for words in EVENTS),
]
Said = Callable[[list[mutations.Event]], str]


def many_lines_crlf(events: list[mutations.Event]) -> str:
    return mutations.many_lines(events).replace("\n", "\r\n")


def many_lines_cr(events: list[mutations.Event]) -> str:
    return mutations.many_lines(events).replace("\n", "\r")


def many_lines_without_spaces(events: list[mutations.Event]) -> str:
    return mutations.many_lines(events).replace("data: ", "data:")


def named_after(events: list[mutations.Event]) -> str:
    """The event's name behind its data."""
    out = []
    for frame in mutations.many_lines(events).split("\n\n"):
        lines = frame.split("\n")
        out.append("\n".join([*lines[1:], lines[0]] if lines[0].startswith("event:") else lines))
    return "\n\n".join(out)


def empty_lines_between(events: list[mutations.Event]) -> str:
    return "".join(f"\n\n{mutations.plain([event])}data:\n\n" for event in events)


SYNTAX: tuple[Said, ...] = (
    *mutations.SYNTAX, many_lines_crlf, many_lines_cr, many_lines_without_spaces, named_after, empty_lines_between,
)  # fmt: skip


def heard(decoder: Any, raw: bytes, seed: int) -> list[tuple[str | None, Any]]:
    """The events as an SDK decodes them, from pieces of any size. Its own classes skip what has no data."""
    draw, at, pieces = random.Random(seed), 0, []
    while at < len(raw):
        size = draw.randint(1, 40)
        pieces.append(raw[at : at + size])
        at += size
    found = [(one.event, one.data) for one in decoder.iter_bytes(iter(pieces)) if one.data]
    return [(name, data if data == "[DONE]" else json.loads(data)) for name, data in found]


def served(caller: str, words: str, sse: str, seed: int) -> bytes:
    draw, raw, chunks = random.Random(seed), sse.encode(), []
    while raw:
        size = draw.randint(1, 60)
        chunks.append(raw[:size])
        raw = raw[size:]
    with w.world() as here:
        protocol = PROTOCOLS.get(words, "gemini" if words.startswith("gemini") else "openai_chat")
        made = MADE[protocol]
        placed(here, MODELS.get(words, {"max_output": 1000, "price": w.PRICE}),
               replace(made, clients={protocol: made.clients[protocol]}))  # fmt: skip
        here.script.default = lambda _: w.Says(chunks=chunks)

        async def listen() -> tuple[int, str]:
            answer, text = await asked(here, caller, stream=True)
            return answer.status, text

        status, text = asyncio.run(listen())
        assert status == 200, text
        assert here.rows()[-1].outcome == "ok", text
        return text.encode()


@pytest.mark.parametrize(("caller", "words"), CASES)
def test_an_sdk_reads_the_same_whatever_the_lines(caller: str, words: str) -> None:
    events = mutations.parse(b"".join(WORDS[words].frames("hello", None)).decode())
    decoder = AnthropicDecoder if caller == "messages" else OpenAIDecoder
    truth = heard(decoder(), served(caller, words, mutations.plain(events), 0), 1)
    assert "hello" in json.dumps(truth) or "aGVsbG8" in json.dumps(truth)
    for seed, syntax in enumerate(SYNTAX, start=2):
        raw = served(caller, words, syntax(events), seed)
        assert heard(decoder(), raw, seed) == truth, f"{syntax.__name__}: {raw.decode()}"


def test_a_frame_reader_joins_lines_as_the_sdks_do() -> None:
    raw = b'event: a\ndata: {\ndata:  "x": 1,\ndata:\ndata: "y": 2}\nid: 7\n\ndata:\n\n: c\n\ndata: [DONE]\n\n'
    own = [(one.event, one.data.decode()) for one in FrameReader().feed(raw) if one.data]
    theirs = [(one.event, one.data) for one in OpenAIDecoder().iter_bytes(iter([raw])) if one.data]
    assert own == theirs == [("a", '{\n "x": 1,\n\n"y": 2}'), (None, "[DONE]")]
