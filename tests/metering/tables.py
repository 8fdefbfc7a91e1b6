"""Tables for the tests: moto in this process, and DynamoDB Local over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from moto import mock_aws

from interchange.metering.store import Store, create_table

CREDENTIALS = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}


@contextmanager
def in_memory(name: str = "books") -> Iterator[Store]:
    """moto: right one call at a time, not atomic between threads."""
    with mock_aws():
        client = boto3.client("dynamodb", **CREDENTIALS)
        create_table(client, name)
        yield Store(client, name)


def over_http(endpoint: str) -> Any:
    """A client for DynamoDB Local. It has 64 connections."""
    config = Config(max_pool_connections=64, retries={"mode": "standard", "total_max_attempts": 4})
    return boto3.client("dynamodb", endpoint_url=endpoint, config=config, **CREDENTIALS)
