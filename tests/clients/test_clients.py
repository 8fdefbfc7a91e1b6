"""Clients that people have, at their newest versions, against the running gateway and vendors that refuse.

`make clients` installs and tries all of them and writes docs/client-versions.md; without it, the SDKs of the lock are
tried."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping

import pytest

from tests.sdk.gateway import Gateway, running

from .matrix import CLIENTS, MODELS, PAGE, PROGRAMS, Absent, Npm, Python, converse, page
from .served import Playing, serving

NEWEST = bool(os.environ.get("INTERCHANGE_NEWEST_CLIENTS"))
LOCKED = ("openai_sdk", "anthropic_sdk")
"""Programs that the tests' own environment can run."""
Rows = dict[str, tuple[str, Mapping[str, str]]]


@pytest.fixture(scope="module")
def vendors() -> Iterator[tuple[Playing, Gateway]]:
    with serving() as (found, environment), running(**environment) as gateway:
        yield found, gateway


@pytest.fixture(scope="module")
def rows() -> Iterator[Rows]:
    """What each client came to; the page is written when all have been tried."""
    found: Rows = {}
    yield found
    if NEWEST and len(found) == len(CLIENTS):
        PAGE.write_text(page(found))


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.stem)
def test_conversations_of_two_turns(client: Python | Npm, vendors: tuple[Playing, Gateway], rows: Rows) -> None:
    playing, gateway = vendors
    if NEWEST:
        try:
            version = client.install()
        except Absent as absent:
            rows[client.name] = (str(absent), {})
            pytest.skip(f"{client.name}: {absent}")
        command = client.command()
    elif client.stem in LOCKED:
        version, command = "locked", [sys.executable, str(PROGRAMS / client.program)]
    else:
        pytest.skip(f"{client.name}: tried by `make clients`")
    playing.reset()
    cases = converse(client, command, gateway.url, gateway.key, MODELS)
    rows[client.name] = (version, cases)
    print(f"{client.name} {version}: {len(cases)} conversations")
    assert {case: result for case, result in cases.items() if result != "ok"} == {}
    assert playing.refused == []


def test_the_page_has_every_client_of_the_table() -> None:
    told = PAGE.read_text()
    assert [client.name for client in CLIENTS if f"| {client.name} | " not in told] == [], "run `make clients`"
    assert [client.name for client in CLIENTS if client.does not in told] == [], "run `make clients`"
