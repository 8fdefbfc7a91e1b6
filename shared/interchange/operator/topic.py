"""Amazon and its errors, as the operator's side sees them: the only file here that knows boto3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

Publish = Callable[[str, str], None]
"""(subject, text) -> said."""
AWS_ERRORS = (ClientError, BotoCoreError)


def publisher(arn: str, client: Any = None) -> Publish:
    """Says it on an SNS topic. `arn` is arn:aws:sns:REGION:ACCOUNT:NAME."""
    sns = client or boto3.client("sns", region_name=arn.split(":")[3])

    def publish(subject: str, text: str) -> None:
        sns.publish(TopicArn=arn, Subject=subject[:100], Message=text)

    return publish
