"""Tables for the tests: moto in this process, and DynamoDB Local over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from boto3.dynamodb.types import TypeDeserializer
from botocore.config import Config
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from interchange.metering.store import Item, Store
from interchange.tables.dynamodb import DynamoTable, create_table

CREDENTIALS: dict[str, Any] = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}


@contextmanager
def in_memory(name: str = "books") -> Iterator[Store]:
    """moto: right one call at a time, not atomic between threads."""
    with mock_aws():
        client = boto3.client("dynamodb", **CREDENTIALS)
        create_table(client, name)
        yield DynamoTable(client, name)


def every_item(name: str) -> Iterator[Item]:
    """All that a moto table holds, without moto's slow way of answering."""
    backend = dynamodb_backends[DEFAULT_ACCOUNT_ID][CREDENTIALS["region_name"]]
    read = TypeDeserializer().deserialize
    for item in backend.get_table(name).all_items():
        yield {attribute: read(value.to_regular_json()) for attribute, value in item.attrs.items()}


def over_http(endpoint: str) -> Any:
    """A client for DynamoDB Local. It has 64 connections."""
    config = Config(max_pool_connections=64, retries={"mode": "standard", "total_max_attempts": 4})
    return boto3.client("dynamodb", endpoint_url=endpoint, config=config, **CREDENTIALS)
