"""Tables for the tests: moto in this process, and DynamoDB Local over HTTP."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import boto3
from boto3.dynamodb.types import TypeDeserializer
from botocore.config import Config
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from interchange.metering.store import Item, Store
from interchange.tables.dynamodb import DynamoTable, create_table
from interchange.upstream.client import HttpUpstream
from interchange.waiting import on_loop

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


class _Looped:
    """A table whose calls run on an event loop of another thread, as those of requests do."""

    def __init__(self, table: DynamoTable, loop: asyncio.AbstractEventLoop) -> None:
        self._table, self._loop = table, loop

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._table, name)
        return functools.partial(self._call, found) if callable(found) and name != "together" else found

    def _call(self, act: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        def whole() -> Any:
            answer = act(*arguments, **named)
            return iter(list(answer)) if isinstance(answer, Iterator) else answer

        return asyncio.run_coroutine_threadsafe(on_loop(whole), self._loop).result()


@contextmanager
def looped(table: DynamoTable) -> Iterator[Store]:
    """`table` as it is called from an event loop. Its client must be the light one."""
    loop, upstream = asyncio.new_event_loop(), HttpUpstream()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    table._client._post = upstream.post
    try:
        yield cast("Store", _Looped(table, loop))
    finally:
        asyncio.run_coroutine_threadsafe(upstream.close(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
