"""Bedrock's event streams when they are damaged, lie, fail or never say anything: a failed try that costs nothing, or
the error event after what was said."""

from __future__ import annotations

import asyncio
import binascii
import itertools
import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from interchange.aws.sigv4 import Credentials
from interchange.exchange import call, listener, produced
from interchange.providers.bedrock import bedrock
from tests.continuity.converse import event
from tests.exchange import world as w
from tests.exchange.test_refusals_everywhere import TALKS, asked, placed

ARN = "arn:aws:iam::123456789012:role/operator"
HELLO = event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "hello"}})
GOOD = [
    event("messageStart", {"role": "assistant"}), HELLO, event("contentBlockStop", {"contentBlockIndex": 0}),
    event("messageStop", {"stopReason": "end_turn"}),
    event("metadata", {"usage": {"inputTokens": 10, "outputTokens": 3, "totalTokens": 13}}),
]  # fmt: skip
FAILED = re.compile(r'"error":|event: error|response\.failed')


def damaged(frame: bytes) -> bytes:
    return frame[:20] + b"\xff" + frame[21:]


def told(length: int) -> bytes:
    """The head of a message that says how long it is."""
    prelude = struct.pack(">II", length, 100)
    return prelude + struct.pack(">I", binascii.crc32(prelude))


def failure(kind: str) -> bytes:
    return event(kind, {"message": f"{ARN} is not allowed"}, "exception")


REFUSED: dict[str, tuple[list[bytes], int]] = {
    "a damaged first message": ([damaged(GOOD[0]), *GOOD[1:]], 502),
    "a message of 2 GB": ([told(2**31), *[b"x" * 65_536] * 20], 502),
    "a message that does not come": ([told(2**20)], 502),
    "JSON": ([b'{"message":"x"}'], 502),
    "a page": ([b"<html>no</html>"], 502),
    "nothing": ([], 502),
    "no text": (GOOD[:1], 502),
    "a limit": ([failure("throttlingException")], 429),
    "a fault of the service": ([failure("internalServerException")], 502),
    "a fault before a word": ([GOOD[0], failure("modelStreamErrorException")], 502),
    "an index beyond all bounds": (
        [GOOD[0], event("contentBlockDelta", {"contentBlockIndex": 10**9, "delta": {"text": "x"}})], 502),
    "null for a payload": ([GOOD[0], event("contentBlockDelta", None)], 502),
    "a list for a payload": ([GOOD[0], event("contentBlockDelta", [1])], 502),
    "unknown events and then a fault": ([GOOD[0], event("news", {}), failure("modelStreamErrorException")], 502),
}  # fmt: skip
CUT: dict[str, list[bytes]] = {
    "a damaged message": [*GOOD[:2], damaged(GOOD[2]), *GOOD[3:]],
    "an end before its end": GOOD[:2],
    "an end within a message": [*GOOD[:2], GOOD[2][:9]],
    "a fault": [*GOOD[:2], failure("modelStreamErrorException")],
}
SERVED: dict[str, list[bytes]] = {
    "byte by byte": [bytes([one]) for one in b"".join(GOOD)],
    "all at once": [b"".join(GOOD)],
    "unknown events between": [GOOD[0], event("news", {"a": 1}), *GOOD[1:]],
    "counts beyond all bounds": [
        *GOOD[:4],
        event("metadata", {"usage": {"inputTokens": 10**9, "outputTokens": 10**9}}),
    ],
    "counts that are texts": [*GOOD[:4], event("metadata", {"usage": {"inputTokens": "x"}})],
    "no counts": GOOD[:4],
}


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[w.World]:
    monkeypatch.setattr(call, "BACKOFF_SECONDS", 0.0)
    monkeypatch.setattr(listener, "HEARTBEAT_SECONDS", 600.0)
    with w.world() as found:
        yield found


def heard(here: w.World, family: str, chunks: Iterable[bytes]) -> tuple[int, str]:
    made = bedrock(lambda: Credentials("AKIDEXAMPLE", "secret", None), "eu-west-1")
    placed(here, {"max_output": 1000, "price": w.PRICE}, replace(made, name="first"))
    here.script.default = lambda _: w.Says(chunks=chunks)
    answer, text = asyncio.run(asked(here, family, stream=True))
    assert "123456789012" not in text
    assert not [fields for name, fields in here.reports if name == "fault"]
    assert here.balance().held_nano == 0
    return answer.status, text


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("family", TALKS)
def test_a_stream_that_says_nothing_costs_nothing(here: w.World, family: str, name: str) -> None:
    chunks, status = REFUSED[name]
    found, text = heard(here, family, chunks)
    assert (found, here.balance().charged_nano, len(here.script.sent)) == (status, 0, 2), text


@pytest.mark.parametrize("name", CUT)
@pytest.mark.parametrize("family", TALKS)
def test_a_stream_that_breaks_off_says_so(here: w.World, family: str, name: str) -> None:
    status, text = heard(here, family, CUT[name])
    assert (status, here.rows()[0].outcome, len(here.script.sent)) == (200, "truncated", 1)
    assert "hello" in text and FAILED.search(text)
    assert here.balance().charged_nano > 0


@pytest.mark.parametrize("name", SERVED)
@pytest.mark.parametrize("family", TALKS)
def test_a_stream_is_served_however_it_comes(here: w.World, family: str, name: str) -> None:
    status, text = heard(here, family, SERVED[name])
    (row,) = here.rows()
    assert (status, row.outcome) == (200, "ok")
    assert "hello" in text and not re.search(r"event: error|response\.failed", text)
    assert 0 < row.charge_nano <= row.hold_nano


def test_signs_of_life_without_end_are_a_failed_try(here: w.World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(produced, "FEW_BYTES", 1_000_000)
    status, _ = heard(here, "chat", itertools.chain(GOOD[:1], itertools.repeat(event("news", {}))))
    assert (status, here.balance().charged_nano) == (502, 0)
