"""Every fault x caller's protocol x streamed and whole x one route and two: what the caller sees, what it costs, how
often the vendor is asked, and that nothing is left behind. The short form asks in one protocol; `make faults` asks all
and writes docs/faults.md."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from interchange.catalog.load import read
from interchange.exchange.answers import FINAL
from interchange.providers.anthropic import anthropic
from interchange.providers.openai import openai
from interchange.upstream.client import HttpUpstream
from interchange.upstream.health import Health
from interchange.upstream.timing import Timing
from tests.exchange import world as w

from .table import TABLE, Row
from .vendor import Vendor

ALL = bool(os.environ.get("INTERCHANGE_ALL_FAULTS"))
PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
CALLERS = ("chat", "messages", "responses") if ALL else ("chat",)
UPSTREAMS = ("chat", "messages") if ALL else ("chat",)
SHAPES = [(s, t) for s in (False, True) for t in (False, True) if ALL or s == t]
"""Streamed or not, a second route or none: all four, or in the short form the two that differ in both."""
LEAKS = re.compile(r"127\.0\.0\.1|169\.254|10\.\d+\.\d+\.\d+|aiohttp|ClientError|Disconnected|sk-abc|proj_abc|<html")
FAILED = re.compile(r'"error":|event: error|response\.failed')
"""How a stream says that it has failed: chat, Messages, Responses (which has two events for it)."""
PRICE = {"input": "1", "output": "4"}
HEAD = """# Faults of a vendor, and what each costs

What a caller sees of a vendor's bad day. Each row was run against a hostile vendor on a raw socket (`make faults`): the
caller speaks chat completions, the vendor too, and each try has 0.3 s to its first byte. *One route*: no other;
*two*: a good one stands behind it. Charges are in nano-dollars; an answer in full costs 22,000. No row leaves a hold.

| fault | streamed, one route | charge | tries | whole, one route | charge | tries | streamed, two | whole, two |
|---|---|---|---|---|---|---|---|---|
"""


@dataclass
class Seen:
    status: int
    text: str
    headers: dict[str, str]
    charge: int
    tries: int
    outcome: str


class Place:
    """A gateway over real books and a real HTTP client, with one vendor behind it."""

    def __init__(self, here: w.World, loop: asyncio.AbstractEventLoop) -> None:
        self.here, self.loop, self.vendor = here, loop, Vendor()
        loop.run_until_complete(self.vendor.start())
        self.upstream = HttpUpstream()

    def ask(self, number: int, caller: str, words: str, *, stream: bool, two: bool) -> Seen:
        return self.loop.run_until_complete(self._ask(number, caller, words, stream=stream, two=two))

    async def _ask(self, number: int, caller: str, words: str, *, stream: bool, two: bool) -> Seen:
        base = f"http://127.0.0.1:{self.vendor.port}"
        made = {"chat": openai, "messages": anthropic}[words]
        bad, fine = made("k", f"{base}/{number}"), replace(openai("k", f"{base}/good"), name="fine")
        # one protocol each: the vendor here speaks no Responses
        bad, fine = (replace(one, clients=dict(list(one.clients.items())[:1])) for one in (bad, fine))
        routes = [{"provider": bad.name, "model": "up"}, *([{"provider": "fine", "model": "up"}] if two else [])]
        listed = read([{"id": "m", "routes": routes, "max_output": 1000, "price": PRICE}])
        # a pool of its own: a request on a kept connection that is closed is sent once more
        upstream = self.upstream if number >= len(TABLE) else HttpUpstream()
        self.here.services = replace(
            self.here.services, catalog=listed, providers={bad.name: bad, "fine": fine}, upstream=upstream,
            health=Health(), patience=Timing(0.5, 0.3, 0.3),
        )  # fmt: skip
        self.vendor.calls.pop(str(number), None)
        self.here.now[0] += 1000
        before = self.here.balance().charged_nano
        self.here.reports.clear()
        asked: dict[str, Any] = {"model": "m", "stream": stream}
        asked |= {"input": "hi"} if caller == "responses" else {"messages": w.user(), "max_tokens": 500}
        answer, chunks = await self.here.streamed(caller, asked)
        if upstream is not self.upstream:
            await upstream.close()
        balance = self.here.balance()
        assert (balance.held_nano, balance.gap_nano) == (0, 0)
        assert not [event for event, _ in self.here.reports if event == "fault"], self.here.reports
        row = max(self.here.rows(), key=lambda one: one.request_id)
        charge = balance.charged_nano - before
        assert charge == row.charge_nano
        tries = self.vendor.calls.get(str(number), -1) + 1
        text = b"".join(chunks).decode("utf-8", "replace")
        return Seen(answer.status, text, dict(answer.headers), charge, tries, row.outcome)


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    loop = asyncio.new_event_loop()
    with w.world("1000000") as here:
        found = Place(here, loop)
        try:
            yield found
        finally:
            loop.run_until_complete(found.upstream.close())
            loop.run_until_complete(found.vendor.stop())
            loop.run_until_complete(asyncio.sleep(0.05))
            loop.close()


def judged(one: Row, seen: Seen, end: str, caller: str, *, stream: bool) -> None:
    assert not LEAKS.search(seen.text), seen.text
    if end == "served":
        assert seen.status == 200 and "hello" in seen.text and seen.charge > 0
        assert not stream or not FAILED.search(seen.text.replace('"error":null', ""))
    elif end == "cut":
        assert seen.status == 200 and "hello" in seen.text and FAILED.search(seen.text.replace('"error":null', ""))
        assert seen.outcome == "truncated"
    else:
        assert 400 <= seen.status < 600, seen
        assert json.loads(seen.text)["error"]["message"]
        assert seen.charge == 0 and seen.outcome == "upstream_error"
        assert (seen.headers.get("x-should-retry") == "false") == (seen.status in FINAL)


@pytest.mark.parametrize("stream, two", SHAPES)
@pytest.mark.parametrize("words", UPSTREAMS)
@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("number", range(len(TABLE)), ids=[one.name for one in TABLE])
def test_a_fault(place: Place, number: int, caller: str, words: str, stream: bool, two: bool) -> None:
    one = TABLE[number]
    seen = place.ask(number, caller, words, stream=stream, two=two)
    end = one.stream if stream else one.whole
    if two and end == "refused" and not one.final:
        end = "served"
    judged(one, seen, end, caller, stream=stream)
    assert seen.tries <= 2


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


@pytest.mark.skipif(not ALL, reason="writes docs/faults.md: only `make faults` does")
def test_the_page_is_written(place: Place) -> None:
    lines = []
    for number, one in enumerate(TABLE):
        found = [place.ask(number, "chat", "chat", stream=s, two=t) for t in (False, True) for s in (True, False)]
        said = [f"{said_of(seen)} | {seen.charge} | {seen.tries}" for seen in found[:2]]
        lines.append(f"| {one.name} | {' | '.join([*said, *(said_of(seen) for seen in found[2:])])} |\n")
    PAGE.write_text(HEAD + "".join(lines), encoding="utf-8")


def said_of(seen: Seen) -> str:
    if seen.outcome == "truncated":
        return "the text so far, then the error event"
    if seen.status == 200:
        return "200"
    error = json.loads(seen.text)["error"]
    return f"{seen.status} `{error.get('code') or error['type']}`"
