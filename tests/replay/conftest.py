from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.replay.built import ASKED, LIKE_LAMBDA, built
from tests.replay.environment import Surroundings, checkout, surroundings


@pytest.fixture(scope="session")
def around() -> Iterator[Surroundings]:
    with surroundings(built, LIKE_LAMBDA) if ASKED else surroundings(checkout) as made:
        yield made
