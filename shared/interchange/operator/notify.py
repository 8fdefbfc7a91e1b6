"""Notices on an SNS topic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Publish = Callable[[str, str], None]
"""(subject, text) -> said."""


def publisher(arn: str, client: Any = None) -> Publish:
    """Says it on an SNS topic. `arn` is arn:aws:sns:REGION:ACCOUNT:NAME."""
    if client is None:
        import boto3  # only where there is a topic: it is slow to import

        client = boto3.client("sns", region_name=arn.split(":")[3])

    def publish(subject: str, text: str) -> None:
        client.publish(TopicArn=arn, Subject=subject[:100], Message=text)

    return publish
