"""No request that our side accepts is refused by the vendor: over samples, recordings and content types, for every
kind of model that the catalog has.

Each kind is given its share of the requests, or all of them with STRICT=all."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from interchange.hub.failure import RequestError
from scripts import compatibility
from tests.laws.every import every
from tests.laws.test_caller_paths import bodies
from tests.laws.test_content import CASES
from tests.laws.ways import WAYS, Way, written

Json = dict[str, Any]
SHARE = 1 if os.environ.get("STRICT") == "all" else 20


def asked(caller: compatibility.Caller) -> Iterator[Json]:
    yield from bodies(caller)
    for _, owner, kind, body in CASES:
        if owner is caller:
            yield from (body(part) for part in every(kind))


@functools.cache
def all_asked(title: str) -> list[Json]:
    return list(asked(next(caller for caller in compatibility.CALLERS if caller.title == title)))


def refused(caller: compatibility.Caller, found: Iterable[Json], way: Way) -> dict[str, str]:
    """What was refused of them, a line a kind."""
    seen: dict[str, str] = {}
    for body in found:
        try:
            made = written(caller.server, body, way)
        except RequestError:
            continue
        for said in made.refusals(caller.server.protocol) if made is not None else ():
            seen.setdefault(re.sub(r"\d+|'[^']*'", "N", said)[:90], f"{said}\n  of {str(made)[:1500]}")
    return seen


@pytest.mark.parametrize("number", range(len(WAYS)), ids=[way.title for way in WAYS])
@pytest.mark.parametrize("caller", compatibility.CALLERS, ids=lambda caller: caller.title)
def test_what_is_sent_is_taken(caller: compatibility.Caller, number: int) -> None:
    share = all_asked(caller.title)[number % SHARE :: SHARE]
    seen = refused(caller, share, WAYS[number])
    assert share and not seen, f"{len(seen)}:\n" + "\n".join(seen.values())
