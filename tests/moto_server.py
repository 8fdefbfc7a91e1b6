"""AWS for the tests that run functions: moto's server in this process."""

from __future__ import annotations

from typing import Any

import boto3

from interchange.tables.dynamodb import create_table
from local import dynamodb

NAME = "interchange"
BUCKET = "interchange-uploads"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_REGION": "us-east-1"}


def start(name: str = NAME) -> str:
    """Starts it on a free port, makes the table and the uploads' bucket. Returns the endpoint."""
    endpoint = f"http://127.0.0.1:{dynamodb.start('127.0.0.1')}"
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
