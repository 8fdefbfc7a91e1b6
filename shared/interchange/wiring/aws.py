"""AWS: clients and credentials. On Lambda the light client where a customer waits for a cold start; elsewhere boto3, or
what INTERCHANGE_AWS_CLIENT says (docs/decisions/0003-cold-start.md, 0091-a-far-table-on-the-loop.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import NoCredentialsError

from interchange.aws.aws_json import DYNAMODB, AwsJson, Post
from interchange.aws.aws_json import SECRETS as SECRETS_MANAGER
from interchange.aws.sigv4 import Credentials

from .setting import SettingError

CLIENT = "INTERCHANGE_AWS_CLIENT"
LIGHT, BOTO3 = "light", "boto3"
CHANGING = frozenset({"snap-start", "lambda-managed-instances"})
"""AWS_LAMBDA_INITIALIZATION_TYPE where an environment outlives its credentials, or is restored to others: botocore
has them renewed, and a start costs nobody time.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"""
POOL = 64
"""Connections to the table; as many as invocations where those come at once."""


def dynamodb(env: Mapping[str, str], post: Post | None = None) -> Any:
    """Short timeouts, standard retries. A failed condition is never retried. `post` is the event loop's way out."""
    own: Credentials | Callable[[], Credentials] | None = role(env)
    if own is None and env.get(CLIENT, "").strip() == LIGHT and not on_lambda(env):
        own = credentials(env)
    if own is not None:
        return AwsJson(DYNAMODB, region(env), own, endpoint(env, "DYNAMODB"), post)
    import boto3  # its import and its client take longer than the rest of a cold start
    from botocore.config import Config

    config = Config(
        connect_timeout=2,
        read_timeout=5,
        max_pool_connections=max(POOL, at_once(env)),
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
    """The function's own credentials, in the environment for as long as that lives, for the light client. None where
    boto3 finds them: off Lambda, where they change, and where the operator has chosen it. Raises SettingError."""
    chosen = env.get(CLIENT, "").strip() or LIGHT
    if chosen not in (LIGHT, BOTO3):
        raise SettingError(f"{CLIENT}: {chosen!r} is neither {LIGHT} nor {BOTO3}")
    key, secret = env.get("AWS_ACCESS_KEY_ID"), env.get("AWS_SECRET_ACCESS_KEY")
    lasting = env.get("AWS_LAMBDA_INITIALIZATION_TYPE") not in CHANGING
    if chosen == BOTO3 or not lasting or not on_lambda(env) or not key or not secret:
        return None
    return Credentials(key, secret, env.get("AWS_SESSION_TOKEN") or None)


def on_lambda(env: Mapping[str, str]) -> bool:
    return bool(env.get("AWS_LAMBDA_FUNCTION_NAME"))


def at_once(env: Mapping[str, str]) -> int:
    """Invocations that an environment serves at once."""
    given = env.get("AWS_LAMBDA_MAX_CONCURRENCY", "")
    return int(given) if given.isdecimal() else 1


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
        known = session.get_credentials()
        if known is None:
            raise NoCredentialsError
        frozen = known.get_frozen_credentials()
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token)

    return found


def region(env: Mapping[str, str]) -> str:
    return env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION") or "us-east-1"
