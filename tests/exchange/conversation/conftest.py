"""A gateway, and a server with tools that it may call."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.exchange import world as w
from tests.exchange.conversation import mcp_world
from tests.rounds.servers import Seen, server


@pytest.fixture(scope="module")
def tools() -> Iterator[tuple[str, Seen]]:
    """(the server's address, what it was asked)"""
    with server() as made:
        yield made


@pytest.fixture
def here() -> Iterator[w.World]:
    with mcp_world.world() as made:
        yield made
