from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from interchange.metering.store import Store, create_table
from tests.metering.contract import dynamodb_local
from tests.metering.tables import in_memory, over_http


@pytest.fixture(scope="session")
def dynamodb() -> Iterator[Any]:
    """A client of a real DynamoDB-compatible server, or a skip that says why there is none."""
    try:
        with dynamodb_local.running() as endpoint:
            yield over_http(endpoint)
    except dynamodb_local.Unavailable as reason:
        pytest.skip(f"DynamoDB Local cannot be had: {reason}")


@pytest.fixture
def real_store(dynamodb: Any) -> Store:
    """A fresh table on that server."""
    name = f"books-{uuid.uuid4().hex[:12]}"
    create_table(dynamodb, name)
    return Store(dynamodb, name)


@pytest.fixture(params=["moto", "dynamodb-local"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """The same empty store twice: what holds for one must hold for the other."""
    if request.param == "moto":
        with in_memory() as found:
            yield found
    else:
        yield request.getfixturevalue("real_store")
