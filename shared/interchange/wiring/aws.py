"""AWS: clients and credentials; boto3 off Lambda, and not on it (docs/decisions/0003-cold-start.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from interchange.aws.aws_json import DYNAMODB, AwsJson
from interchange.aws.aws_json import SECRETS as SECRETS_MANAGER
from interchange.aws.sigv4 import Credentials


def dynamodb(env: Mapping[str, str]) -> Any:
    """Short timeouts, standard retries. A failed condition is never retried."""
    own = role(env)
    if own is not None:
        return AwsJson(DYNAMODB, region(env), own, endpoint(env, "DYNAMODB"))
    import boto3  # not on Lambda: its import and its client take longer than the rest of a cold start
    from botocore.config import Config

    config = Config(
        connect_timeout=2,
        read_timeout=5,
        max_pool_connections=64,
        retries={"mode": "standard", "total_max_attempts": 4},
    )
    return boto3.client("dynamodb", region_name=region(env), config=config)


def secrets_manager(env: Mapping[str, str]) -> Any:
    own = role(env)
    if own is not None:
        return AwsJson(SECRETS_MANAGER, region(env), own, endpoint(env, "SECRETS_MANAGER"))
    import boto3

    return boto3.client("secretsmanager", region_name=region(env))


def role(env: Mapping[str, str]) -> Credentials | None:
    """The function's own credentials: in the environment for as long as the environment lives. None off Lambda, and
    under SnapStart, where they come from an endpoint that botocore asks."""
    key, secret = env.get("AWS_ACCESS_KEY_ID"), env.get("AWS_SECRET_ACCESS_KEY")
    if not env.get("AWS_LAMBDA_FUNCTION_NAME") or not key or not secret:
        return None
    return Credentials(key, secret, env.get("AWS_SESSION_TOKEN") or None)


def endpoint(env: Mapping[str, str], service: str) -> str:
    return env.get(f"AWS_ENDPOINT_URL_{service}") or env.get("AWS_ENDPOINT_URL") or ""


def credentials(env: Mapping[str, str]) -> Callable[[], Credentials]:
    """Asked on every request, since what botocore finds may rotate."""
    own = role(env)
    if own is not None:
        return lambda: own
    import botocore.session

    session: Any = botocore.session.get_session()

    def found() -> Credentials:
        frozen = session.get_credentials().get_frozen_credentials()
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token)

    return found


def region(env: Mapping[str, str]) -> str:
    return env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION") or "us-east-1"
