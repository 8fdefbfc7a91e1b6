"""Environment -> services. The only place that chooses; a missing or malformed setting is one line naming it."""

from __future__ import annotations

import functools
import importlib
import json
import os
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger

from interchange.aws_json import DYNAMODB, AwsJson
from interchange.aws_json import SECRETS as SECRETS_MANAGER
from interchange.catalog.load import CatalogError, load
from interchange.catalog.lookup import Catalog
from interchange.continuity.store import TableMemory
from interchange.estimate.manner import read_manner
from interchange.exchange.services import Services
from interchange.exchange.uploads import UploadStore
from interchange.identity.keys import Identity
from interchange.identity.store import KeyStore
from interchange.metering.idempotency import Idempotency
from interchange.metering.ledger import Ledger
from interchange.metering.store import Store
from interchange.providers import Provider
from interchange.providers.anthropic import anthropic
from interchange.providers.gemini import gemini
from interchange.providers.generic import generic
from interchange.providers.openai import openai
from interchange.providers.xai import xai
from interchange.upstream.client import Upstream
from interchange.upstream.fetch import fetch
from interchange.wire.seal import Seal
from interchange.wire.sigv4 import Credentials


class SettingError(Exception):
    """A setting that is missing or cannot be used; the message names the variable."""


VENDORS: Mapping[str, Callable[..., Provider]] = {
    "OPENAI": openai,
    "ANTHROPIC": anthropic,
    "GEMINI": gemini,
    "XAI": xai,
}

BUILT_IN = (*(name.lower() for name in VENDORS), "bedrock")


SECRETS = ("INTERCHANGE_SECRET_ARN", "INTERCHANGE_EDGE_SECRET_ARN")
"""Variables that name a secret: the vendors' keys, and what the edge shows to prove itself."""


def settings(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment, with what the secrets hold that `SECRETS` name. A variable that is set wins over a secret."""
    env = dict(os.environ if environ is None else environ)
    found: dict[str, str] = {}
    for variable in SECRETS:
        if env.get(variable):
            found |= _secret(variable, env)
    return {**found, **env}


def _secret(variable: str, env: Mapping[str, str]) -> dict[str, str]:
    client = _secrets_manager(env)
    text = client.get_secret_value(SecretId=env[variable]).get("SecretString") or "{}"
    try:
        secret: dict[str, Any] = json.loads(text)
    except ValueError as error:
        raise SettingError(f"{variable}: the secret is not a JSON object of names and values") from error
    return {name: str(value) for name, value in secret.items() if value}


def providers(env: Mapping[str, str]) -> dict[str, Provider]:
    """Every vendor whose key is set; Bedrock where its region is, since it needs no key but the function's role."""
    found: dict[str, Provider] = {}
    for prefix, make in VENDORS.items():
        key = env.get(f"{prefix}_API_KEY", "").strip()
        if not key:
            continue
        base_url = env.get(f"{prefix}_BASE_URL", "").strip()
        provider = make(key, _url(f"{prefix}_BASE_URL", base_url)) if base_url else make(key)
        found[provider.name] = provider
    region = env.get("INTERCHANGE_BEDROCK_REGION", "").strip()
    if region:
        # Imported here: a deployment without Bedrock does not pay for it at a cold start.
        from interchange.providers.bedrock import bedrock

        url = env.get("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "").strip()
        found["bedrock"] = bedrock(_credentials(env), region, url or None)
    return found


def added_providers(env: Mapping[str, str], listed: Catalog) -> tuple[dict[str, Provider], tuple[str, ...]]:
    """The providers that the catalog file itself describes, and a line for each that has no key: its routes are passed
    over. `NAME_BASE_URL` wins over the file's address. Raises CatalogError with the path of what is wrong."""
    found: dict[str, Provider] = {}
    missing: list[str] = []
    for name, entry in listed.providers.items():
        if name in BUILT_IN:
            raise CatalogError(f"catalog: providers.{name}: this name is a built-in provider's; choose another")
        key = env.get(entry.key, "").strip() if entry.key else None
        variable = base_url_variable(name)
        fields: dict[str, Any] = {
            "protocol": entry.protocol, "dialect": dict(entry.dialect),
            "key_header": entry.key_header, "headers": dict(entry.headers),
        }  # fmt: skip
        try:
            made = generic(name, _url(variable, env.get(variable, "").strip() or entry.base_url), key=key,
                           fetches=frozenset(entry.fetches), **fields)  # fmt: skip
        except ValueError as error:
            raise CatalogError(f"catalog: providers.{name}.{error}") from error
        if key == "":
            missing.append(f"{entry.key}: not set; provider {name} cannot be called, and its routes are passed over")
        else:
            found[name] = made
    return found, tuple(missing)


def base_url_variable(provider: str) -> str:
    return f"{provider.upper().replace('-', '_')}_BASE_URL"


def check_routes(listed: Catalog) -> None:
    """Raises CatalogError for a route to a provider that nobody has described, or a manner of counting that is none."""
    for number, model in enumerate(listed.models):
        try:
            read_manner(model.traits)
        except ValueError as error:
            raise CatalogError(f"catalog: models[{number}].{error}") from error
        for place, route in enumerate(model.routes):
            if route.provider not in BUILT_IN and route.provider not in listed.providers:
                known = ", ".join((*BUILT_IN, *listed.providers))
                raise CatalogError(
                    f"catalog: models[{number}].routes[{place}].provider: {route.provider!r} is not known ({known})"
                )


def _url(name: str, value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise SettingError(f"{name}: {value!r} is not an http(s) URL")
    return value.rstrip("/")


def catalog(env: Mapping[str, str]) -> Catalog:
    """Raises CatalogError."""
    path = env.get("INTERCHANGE_CATALOG")
    listed = load(Path(path) if path else None)
    check_routes(listed)
    return listed


def table(env: Mapping[str, str]) -> str:
    name = env.get("INTERCHANGE_TABLE", "")
    if not name:
        raise SettingError("INTERCHANGE_TABLE: not set; it names the DynamoDB table")
    return name


def seal(env: Mapping[str, str]) -> Seal:
    """The key that authenticates reasoning state. Without one of its own, the table's name gives a stable one: state is
    then only as private as that name, which a laptop can live with; the template always sets it."""
    return Seal((env.get("INTERCHANGE_SEAL_KEY") or f"interchange:{table(env)}").encode())


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


def _secrets_manager(env: Mapping[str, str]) -> Any:
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


def _credentials(env: Mapping[str, str]) -> Callable[[], Credentials]:
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


def uploads(env: Mapping[str, str]) -> UploadStore | None:
    name = env.get("INTERCHANGE_UPLOADS_BUCKET", "").strip()
    if not name:
        return None
    # Imported here: only the function that has a bucket pays for it.
    from interchange.exchange.uploads_bucket import Bucket

    return Bucket(name, region(env))


def make(environ: Mapping[str, str] | None = None) -> Services:
    """Everything a handler needs. Raises SettingError or CatalogError with one line."""
    env = settings(environ)
    client = dynamodb(env)
    name = table(env)
    log = Logger(service="interchange", level=env.get("INTERCHANGE_LOG_LEVEL", "INFO"))

    listed = catalog(env)
    added, missing = added_providers(env, listed)
    for line in missing:
        log.warning(line)

    def report(event: str, fields: Mapping[str, object]) -> None:
        log.info(event, extra=dict(fields))

    return Services(
        catalog=listed,
        providers={**providers(env), **added},
        identity=Identity(KeyStore(client, name)),
        ledger=Ledger(Store(client, name)),
        idempotency=Idempotency(Store(client, name)),
        upstream=Upstream(),
        fetch=fetch,
        memory=TableMemory(client, name),
        seal=seal(env),
        now_ms=lambda: time.time_ns() // 1_000_000,
        new_id=lambda: uuid.uuid4().hex,
        report=report,
        uploads=uploads(env),
        edge_secret=env.get("INTERCHANGE_EDGE_SECRET", ""),
    )


@functools.cache
def services() -> Services:
    """The process's services, made once; under SnapStart once more after the snapshot is restored, since its sockets,
    credentials and secrets are of another time."""
    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start":
        importlib.import_module("snapshot_restore_py").register_after_restore(services.cache_clear)
    return make()
