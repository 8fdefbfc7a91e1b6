from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sdk.gateway import Gateway, running
from tests.sdk.installed import HERE, installed

NODE = HERE / "node"


@pytest.fixture(scope="session")
def gateway() -> Iterator[Gateway]:
    with running() as found:
        yield found


@pytest.fixture(scope="session")
def node() -> Path:
    """The folder of the Node programs, with the SDKs installed."""
    return installed("node", "the Node SDKs")
