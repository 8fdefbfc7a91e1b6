"""AWS for the tests that run functions: moto's server in this process, made atomic.

moto runs each request in a thread of its own and checks a condition before it writes, with nothing in between to keep
others out: without the lock below, concurrent holds overspend. DynamoDB itself needs no such help.
"""

from __future__ import annotations

import threading
from typing import Any

import boto3
import moto.dynamodb.responses as responses
from moto.server import ThreadedMotoServer

from interchange.tables.dynamodb import create_table

NAME = "interchange"
BUCKET = "interchange-uploads"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_REGION": "us-east-1"}


def start(name: str = NAME) -> str:
    """Starts it on a free port, makes the table and the uploads' bucket. Returns the endpoint."""
    _make_atomic()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    create_table(client(endpoint), name)
    client(endpoint, "s3").create_bucket(Bucket=BUCKET)
    return endpoint


def client(endpoint: str, service: str = "dynamodb") -> Any:
    make: Any = boto3.client
    return make(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


def _make_atomic() -> None:
    lock = threading.RLock()
    original = responses.DynamoHandler.call_action

    def call_action(handler: responses.DynamoHandler) -> Any:
        with lock:
            return original(handler)

    responses.DynamoHandler.call_action = call_action  # type: ignore[method-assign]
