"""Requests with one thing changed: refused by a field of the caller's, or written so that the vendor takes them; never
an error of the gateway's own.

A sample of them, or many with STRICT=all; SEED begins elsewhere."""

from __future__ import annotations

import copy
import functools
import os
import random

import pytest

from interchange.exchange.conversation.losses import LossReport
from interchange.hub.failure import RequestError
from interchange.wire import codec
from scripts import compatibility
from tests.laws import reported
from tests.laws.asked_otherwise import Json, changed
from tests.laws.test_caller_paths import MISSING, bodies, stands
from tests.laws.ways import WAYS, Way, written

COUNT = 20_000 if os.environ.get("STRICT") == "all" else 200
SEED = int(os.environ.get("SEED", "1"))
LONGEST = 6000
"""Bytes of a request that is changed."""


@functools.cache
def pool(title: str) -> list[Json]:
    caller = next(one for one in compatibility.CALLERS if one.title == title)
    recorded = [body for body in bodies(caller) if len(codec.dumps(body)) < LONGEST]
    return [body for owner, _, body in reported.requests() if owner == title] + recorded


def wrong(caller: compatibility.Caller, body: Json, way: Way) -> list[str]:
    try:
        caller.server.read_request(copy.deepcopy(body))
    except RequestError:
        return []  # the reader's: it may name what is missing
    report = LossReport(caller.server, body)
    try:
        with report.refusals():
            made = written(caller.server, body, way)
    except RequestError as refused:
        param = refused.failure.param
        named = param is None or param in MISSING or stands(body, param) or stands(body, param.rpartition(".")[0])
        return [] if named or param == "messages" else [f"{param} is no field of it"]
    if made is None or made.client.protocol == caller.server.protocol:
        return []  # its own protocol: what it says is its vendor's to judge
    return made.refusals(caller.server.protocol)


@pytest.mark.parametrize("caller", compatibility.CALLERS, ids=lambda caller: caller.title)
def test_a_request_with_one_thing_otherwise_is_taken_or_refused_by_name(caller: compatibility.Caller) -> None:
    found: dict[str, str] = {}
    bodies = pool(caller.title)
    for seed in range(SEED, SEED + COUNT):
        dice = random.Random(f"{caller.title} {seed}")
        way = dice.choice(WAYS)
        body = changed(dice, dice.choice(bodies), dice.choice(bodies))
        try:
            said = wrong(caller, body, way)
        except Exception as error:  # noqa: BLE001 - the gateway's own error is what this looks for
            said = [f"{type(error).__name__}: {error}"]
        found |= {one[:60]: f"seed {seed}, {way.title}: {one}\n  of {codec.dumps_text(body)[:1500]}" for one in said}
    assert not found, "\n".join(found.values())
