"""A deployed stack, as the operator's side sees it: what it put out, and its secret of vendors' keys."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from interchange.dataclass import dataclass

from .books import CommandError

TABLE, SECRET, BASE_URL = "TableName", "VendorKeysArn", "BaseUrl"
"""The outputs of template.yaml that a deployment is found by."""
ADMIN_URL = "AdminUrl"
AWS_ERRORS = (ClientError, BotoCoreError, OSError)
"""OSError is what the client of aws_json raises where AWS cannot be reached."""


@dataclass(frozen=True, slots=True)
class Stack:
    name: str
    region: str
    outputs: Mapping[str, str]
    parameters: Mapping[str, str] = field(default_factory=dict)


def find(name: str, region: str) -> Stack:
    """Raises CommandError where it is no stack of ours, or not there yet; botocore's errors otherwise."""
    import boto3  # slow to import, and the sweep needs the errors alone

    found = boto3.client("cloudformation", region_name=region).describe_stacks(StackName=name)["Stacks"][0]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", [])}
    missing = [output for output in (TABLE, SECRET, BASE_URL) if output not in outputs]
    if missing:
        raise CommandError(f"the stack {name} ({found['StackStatus']}) has no output {missing[0]}")
    given = {one["ParameterKey"]: one.get("ParameterValue", "") for one in found.get("Parameters", [])}
    return Stack(name, region, outputs, given)


def region_of(given: str | None) -> str:
    """The region asked for, or the one that is configured. Raises CommandError."""
    import boto3

    found = given or os.environ.get("AWS_REGION") or boto3.Session().region_name
    if not found:
        raise CommandError("--region: not given, and neither AWS_REGION nor the AWS configuration names one")
    return found


KNOWN = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "XAI_API_KEY", "STRIPE_WEBHOOK_SECRET",
         "STRIPE_API_KEY")  # fmt: skip
"""What the secret has room for, in a stack where nobody has filled it yet."""


def _held(client: Any, arn: str) -> dict[str, Any]:
    """The template makes the secret without a value."""
    try:
        found: dict[str, Any] = json.loads(client.get_secret_value(SecretId=arn)["SecretString"])
    except client.exceptions.ResourceNotFoundException:
        return {}
    return found


def concurrency(region: str) -> int | None:
    """The number of requests that the account's functions may serve at once; None where the caller may not ask."""
    import boto3

    try:
        settings = boto3.client("lambda", region_name=region).get_account_settings()
    except (BotoCoreError, ClientError):
        return None
    return int(settings["AccountLimit"]["ConcurrentExecutions"])


@dataclass(frozen=True, slots=True)
class Stored:
    """The secret's contents: names with a value, and names without one."""

    filled: tuple[str, ...]
    empty: tuple[str, ...]


def store(stack: Stack, values: Mapping[str, str]) -> Stored:
    """Writes the values into the secret beside what it holds. Writes nothing where there is nothing new."""
    import boto3

    client = boto3.client("secretsmanager", region_name=stack.region)
    arn = stack.outputs[SECRET]
    held = _held(client, arn)
    wanted = {**dict.fromkeys(KNOWN, ""), **held, **values}
    if wanted != held:
        client.put_secret_value(SecretId=arn, SecretString=json.dumps(wanted))
    return Stored(
        filled=tuple(sorted(name for name, value in wanted.items() if value)),
        empty=tuple(sorted(name for name, value in wanted.items() if not value)),
    )
