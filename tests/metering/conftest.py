from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interchange.aws.aws_json import DYNAMODB, AwsJson
from interchange.aws.sigv4 import Credentials
from interchange.metering.store import Store
from interchange.tables.dynamodb import DynamoTable, create_table
from interchange.tables.sqlite import MEMORY, SqliteTable
from tests.metering.contract import dynamodb_local
from tests.metering.tables import CREDENTIALS, in_memory, looped, over_http


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
    return DynamoTable(dynamodb, name)


@pytest.fixture
def own_client(dynamodb: Any) -> DynamoTable:
    """A fresh table on that server, by the client that is used on Lambda in place of boto3's."""
    name = f"books-{uuid.uuid4().hex[:12]}"
    create_table(dynamodb, name)
    given = Credentials(CREDENTIALS["aws_access_key_id"], CREDENTIALS["aws_secret_access_key"])
    return DynamoTable(AwsJson(DYNAMODB, CREDENTIALS["region_name"], given, dynamodb.meta.endpoint_url), name)


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Iterator[SqliteTable]:
    made = SqliteTable(tmp_path / "books.db", create=True)
    yield made
    made.close()


@pytest.fixture
def on_the_loop(own_client: DynamoTable) -> Iterator[Store]:
    """The same, called as a request does: on an event loop, in the way of its own HTTP client."""
    with looped(own_client) as found:
        yield found


@pytest.fixture(params=["moto", "dynamodb-local", "own-client", "on-the-loop", "sqlite-file", "sqlite-memory"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """The same empty store six times: what holds for one must hold for the others."""
    match request.param:
        case "moto":
            with in_memory() as found:
                yield found
        case "sqlite-memory":
            yield SqliteTable(MEMORY)
        case name:
            made = {"dynamodb-local": "real_store", "own-client": "own_client", "on-the-loop": "on_the_loop",
                    "sqlite-file": "sqlite_file"}  # fmt: skip
            yield request.getfixturevalue(made[name])


@pytest.fixture(params=["dynamodb-local", "on-the-loop", "sqlite-file"])
def shared_store(request: pytest.FixtureRequest) -> Store:
    """A store that takes many callers at once, which moto does not."""
    made = {"dynamodb-local": "real_store", "on-the-loop": "on_the_loop", "sqlite-file": "sqlite_file"}
    found: Store = request.getfixturevalue(made[request.param])
    return found
