from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.replay.environment import Surroundings, surroundings


@pytest.fixture(scope="session")
def around() -> Iterator[Surroundings]:
    with surroundings() as made:
        yield made
