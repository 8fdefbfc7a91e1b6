from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from interchange.aws.aws_json import DYNAMODB, AwsJson
from interchange.aws.sigv4 import Credentials
from interchange.metering.store import Store, create_table
from tests.metering.contract import dynamodb_local
from tests.metering.tables import CREDENTIALS, in_memory, over_http


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


@pytest.fixture
def own_client(dynamodb: Any) -> Store:
    """A fresh table on that server, by the client that is used on Lambda in place of boto3's."""
    name = f"books-{uuid.uuid4().hex[:12]}"
    create_table(dynamodb, name)
    given = Credentials(CREDENTIALS["aws_access_key_id"], CREDENTIALS["aws_secret_access_key"])
    return Store(AwsJson(DYNAMODB, CREDENTIALS["region_name"], given, dynamodb.meta.endpoint_url), name)


@pytest.fixture(params=["moto", "dynamodb-local", "own-client"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """The same empty store three times: what holds for one must hold for the others."""
    if request.param == "moto":
        with in_memory() as found:
            yield found
    else:
        yield request.getfixturevalue("real_store" if request.param == "dynamodb-local" else "own_client")
