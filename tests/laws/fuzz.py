"""Damaged traffic through every reader and writer, with a limit of work and of memory for each case.

`python -m tests.laws.fuzz --runs 1000000`. A third each: a vendor's streams, a vendor's whole answers, a caller's
bodies; all begin as recordings or samples. What counts as a finding:

- a case that takes more than CALLS calls of functions, or more memory than MEMORY beside what the process has, or
  that hangs: it is ended after SECONDS of CPU;
- an exception of a caller's body that is no refusal (it would be a 500);
- an answer that ended well, whose events break the grammar, or which a caller's writer cannot write.

A vendor's bytes that a reader cannot read are the exchange's `upstream_malformed`: they are counted, not found.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import resource
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from interchange.catalog.load import load
from interchange.estimate import estimate_tokens
from interchange.exchange.conversation.bound import measure
from interchange.exchange.conversation.lane_streams import bounded
from interchange.exchange.conversation.losses import LossReport
from interchange.hub import events as e
from interchange.hub.failure import RequestError
from interchange.hub.fold import Folder, unfold
from interchange.hub.grammar import Grammar
from interchange.hub.losses import Losses
from interchange.protocols.faces import Client, Envelope
from interchange.rewrites import rewrite
from interchange.wire import codec
from interchange.wire.sse import FrameReader
from scripts import compatibility
from tests.laws import mutations, traffic
from tests.laws.work import Work

CALLS = 2_000_000
"""Twenty times what the longest of some thousand cases took."""
SECONDS = 60.0
"""After which a case is ended that would never end."""
MEMORY = 2**30
MOST_BYTES = 12_000
"""Of a recording that is taken: a damaged one may be a few times as long."""
ENVELOPE = Envelope("0123456789abcdef0123456789abcdef", 1_700_000_000, "the-model", estimate=7)
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2, 127, 128, 9_999, 10_000, 2_000_000, 10**9, 2**63, 10**30, -(10**30), 1.5, 1e300, "",
    "x", "0", "\ud800", "\x00", "data: ", "\r\n\r\n", "a" * 3_000, [], {}, [None], [[]], [{}], {"type": 1},
    {"type": "x"}, {"type": "text"}, {"index": 10**9}, {"a": {"b": {"c": []}}}, ["x", 1, None], "{", '{"a":', "[" * 500,
)  # fmt: skip
"""What stands in another's place."""
SERVERS = [caller.server for caller in compatibility.CALLERS]


class Hangs(BaseException):
    """Raised in a case that does not end: no reader may catch it."""


class TooMuch(Exception):
    """Raised behind a case that took more than CALLS."""


@dataclass
class Tally:
    counts: Counter[str] = field(default_factory=Counter)
    most: int = 0
    """Calls of one case."""
    findings: list[tuple[int, str, str]] = field(default_factory=list)
    """(the case's seed, its kind, what happened)"""


def paths(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield (*here, key)
        yield from paths(child, (*here, key))


def damaged(value: Any, rng: random.Random) -> Any:
    """The value with one to three of its members lost, doubled, replaced, moved or renamed."""
    found = copy.deepcopy(value)
    for _ in range(rng.randint(1, 3)):
        places = list(paths(found))
        if places:
            _damage(found, rng.choice(places), places, rng)
    return found


def _damage(root: Any, path: tuple[Any, ...], places: list[tuple[Any, ...]], rng: random.Random) -> None:
    holder = _at(root, path[:-1])
    key, value = path[-1], holder[path[-1]]
    match rng.randrange(8):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, list):
            holder[key:key] = [copy.deepcopy(value)] * rng.choice((1, 2, 50))
        case 2:
            holder[key] = copy.deepcopy(_at(root, rng.choice(places)))
        case 3 if isinstance(holder, dict):
            holder[rng.choice(("type", "index", "id", "content", "x", str(key).upper()))] = holder.pop(key)
        case 4 if isinstance(value, str):
            at = rng.randint(0, len(value))
            holder[key] = value[:at] + rng.choice(("", "\x00", "\ud800", "x" * 500, value)) + value[at:]
        case 5 if isinstance(value, int):
            holder[key] = rng.choice((-value, value * 10**6, value + 1, str(value), float(value)))
        case 6:
            holder[key] = [copy.deepcopy(value)]
        case _:
            holder[key] = copy.deepcopy(rng.choice(ODD))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def dumped(value: Any) -> bytes:
    """As a vendor or a caller might write it: escapes, or bytes that are no UTF-8 where there is half of a pair."""
    return json.dumps(value, allow_nan=False).encode()


@dataclass(frozen=True)
class Answer:
    client: Client
    events: list[mutations.Event]
    body: Any


@dataclass(frozen=True)
class Asked:
    server: Any
    body: Any


def answers() -> list[Answer]:
    found: list[Answer] = []
    for source in traffic.SOURCES:
        for one in traffic.lines(source):
            if not traffic.answered(one):
                continue
            sse = one.get("response_sse") or ""
            if len(sse) <= MOST_BYTES and len(json.dumps(one.get("response_json"))) <= MOST_BYTES:
                found.append(Answer(source.client, mutations.parse(sse), one.get("response_json")))
    return found


def bodies() -> list[Asked]:
    found = [
        Asked(caller.server, {**caller.plain, **(sample.beside or {}), **sample.change})
        for caller in compatibility.CALLERS
        for sample in caller.samples
    ]
    protocols = {caller.server.protocol: caller.server for caller in compatibility.CALLERS}
    for source in traffic.SOURCES:
        server = protocols.get(source.client.protocol)
        for one in traffic.lines(source):
            body = one.get("request_json")
            if server is not None and isinstance(body, dict) and len(json.dumps(body)) <= MOST_BYTES:
                found.append(Asked(server, body))
    return found


class Fuzzer:
    def __init__(self) -> None:
        everything = answers()
        self.streams = [one for one in everything if one.events]
        self.wholes = [one for one in everything if isinstance(one.body, dict)]
        self.bodies = bodies()
        self.faces = [compatibility.face_of(target) for target in compatibility.TARGETS]
        model = load().find("gpt-4.1")
        assert model is not None
        self.model = model
        self.kinds: dict[str, Callable[[random.Random], str]] = {
            "stream": self.stream, "whole": self.whole, "body": self.asked,
        }  # fmt: skip

    def run(self, seed: int, tally: Tally) -> None:
        rng = random.Random(seed)
        kind = rng.choice(list(self.kinds))
        work = Work()
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            with work:
                word = self.kinds[kind](rng)
            if work.calls > CALLS:
                raise TooMuch(f"{work.calls:,} calls")
        except (Hangs, MemoryError, Exception) as error:  # noqa: BLE001 - whatever it is, it is a finding
            signal.setitimer(signal.ITIMER_PROF, 0)
            tally.findings.append((seed, kind, "".join(traceback.format_exception(error))[-3_000:]))
            word = "found"
        signal.setitimer(signal.ITIMER_PROF, 0)
        tally.counts[f"{kind}: {word}"] += 1
        tally.most = max(tally.most, work.calls)

    def stream(self, rng: random.Random) -> str:
        one = rng.choice(self.streams)
        events = list(one.events)
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(events))
            match rng.randrange(6):
                case 0 if len(events) > 1:
                    del events[at]
                case 1:
                    events[at:at] = [events[at]] * rng.choice((1, 2, 30))
                case 2:
                    other = rng.randrange(len(events))
                    events[at], events[other] = events[other], events[at]
                case _:
                    events[at] = (events[at][0], damaged(events[at][1], rng))
        raw = b"".join(
            (f"event: {name}\n".encode() if name else b"")
            + b"data: " + (data if isinstance(data, bytes) else dumped(data)) + b"\n\n"
            for name, data in events
        )  # fmt: skip
        if rng.random() < 0.2:
            at = rng.randrange(len(raw))
            raw = (
                raw[:at]
                + rng.choice((b"", b"\n", b"\r\r", b"\xff\xfe", b"\x00", b"data: {", raw[:200]))
                + raw[at + 1 :]
            )
        return self._read_stream(one.client, raw, rng)

    def _read_stream(self, client: Client, raw: bytes, rng: random.Random) -> str:
        frames, reader, found, at = FrameReader(), client.read_stream(), list[e.Event](), 0
        try:
            while at < len(raw):
                size = rng.randint(1, 4_000)
                for frame in frames.feed(raw[at : at + size]):
                    found += bounded(reader.read(frame), 1)
                at += size
            for frame in frames.finish():
                found += bounded(reader.read(frame), 1)
            found += reader.finish()
            _ = reader.usage
        except Exception:  # noqa: BLE001 - the exchange's `upstream_malformed`
            return "malformed"
        ends = [at for at, one in enumerate(found) if isinstance(one, e.MessageStop | e.StreamFailed)]
        found = found[: ends[0] + 1] if ends else found
        if not found or not isinstance(found[-1], e.MessageStop):
            return "failed"
        return self._ended_well(found)

    def _ended_well(self, events: list[e.Event]) -> str:
        """Raises where an answer that ended well cannot be handed on."""
        grammar, folder = Grammar(), Folder()
        for event in events:
            grammar.check(event)
            folder.add(event)
        response = folder.response()
        for server in SERVERS:
            writer = server.write_stream(ENVELOPE)
            for frame in FrameReader().feed(b"".join([writer.write(event) for event in events])):
                if frame.data and frame.data != b"[DONE]":
                    codec.loads(frame.data)
            codec.loads(codec.dumps(server.write_response(response, ENVELOPE)))
        return "served"

    def whole(self, rng: random.Random) -> str:
        one = rng.choice(self.wholes)
        raw = dumped(damaged(one.body, rng))
        try:
            body = codec.loads(raw)
            if not isinstance(body, dict) or one.client.refused(body, 1) is not None:
                return "refused"
            events = list(bounded(unfold(one.client.read_response(body)), 1))
        except (
            RequestError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            OverflowError,
            IndexError,
            RecursionError,
        ):
            return "malformed"
        if any(isinstance(event, e.StreamFailed) for event in events):
            return "failed"
        return self._ended_well(events)

    def asked(self, rng: random.Random) -> str:
        one = rng.choice(self.bodies)
        raw = dumped(damaged(one.body, rng))
        face, losses = rng.choice(self.faces), Losses()
        try:
            body = codec.loads(raw)
            request = one.server.read_request(body)
            measure(request, raw, self.model)
            report = LossReport(one.server, body)
            with report.refusals():
                taken, _ = rewrite(request, face.client.rules(face.profile), losses)
                codec.dumps(face.client.write_request(taken, face.profile, losses))
            report.add(losses)
            estimate_tokens(request, {})
        except RequestError as refused:
            codec.dumps(one.server.write_failure(refused.failure)[1])
            return "refused"
        except RecursionError:
            return "refused"  # `serve.answered` says so
        return "written"


def limited() -> None:
    """The limits of this process: a timer for what hangs, and the memory that it may have at all."""

    def stop(*_: object) -> None:
        raise Hangs(f"not ended after {SECONDS} s")

    signal.signal(signal.SIGPROF, stop)
    if sys.platform == "linux":
        size = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=None, help="of the first case; the next ones count on")
    parser.add_argument("--most", type=int, default=20, help="findings after which it stops")
    given = parser.parse_args()
    first = random.SystemRandom().randrange(2**40) if given.seed is None else given.seed
    fuzzer, tally = Fuzzer(), Tally()
    limited()
    for number in range(given.runs):
        fuzzer.run(first + number, tally)
        if len(tally.findings) >= given.most:
            break
    runs = sum(tally.counts.values())
    print(f"{runs:,} runs from seed {first}, at most {tally.most:,} calls")
    print(", ".join(f"{kind} {count:,}" for kind, count in sorted(tally.counts.items())))
    for seed, kind, trace in tally.findings:
        print(f"\n--seed {seed} --runs 1 ({kind})\n{trace}")
    sys.exit(bool(tally.findings))


if __name__ == "__main__":
    main()
