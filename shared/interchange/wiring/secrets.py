"""Settings: the environment, and under it what a file and the secrets hold that it names."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from .aws import secrets_manager
from .setting import SettingError

FILE = "INTERCHANGE_KEYS_FILE"
"""Names a file of this machine that holds what the secret holds on AWS: a JSON object of names and values."""
SECRETS = ("INTERCHANGE_SEAL_SECRET_ARN", "INTERCHANGE_SECRET_ARN", "INTERCHANGE_EDGE_SECRET_ARN")
"""Variables that name a secret: the key that seals reasoning state, the vendors' keys, and what the edge shows to prove
itself. A later one wins."""
VENDORS = "INTERCHANGE_SECRET_ARN"
"""The vendors' keys. The template makes this secret without a value, so that no later template can overwrite it."""


def settings(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment, with what the file and the secrets hold. A variable that is set wins over both."""
    return _read(environ, SECRETS)


def renewed(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The settings that may change while a process runs: the environment, the file, and the vendors' secret."""
    return _read(environ, (VENDORS,))


def _read(environ: Mapping[str, str] | None, secrets: tuple[str, ...]) -> dict[str, str]:
    env = dict(os.environ if environ is None else environ)
    found = _file(env)
    for variable in secrets:
        if env.get(variable):
            found |= _secret(variable, env)
    return {**found, **env}


def _file(env: Mapping[str, str]) -> dict[str, str]:
    path = env.get(FILE, "").strip()
    if not path:
        return {}
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{FILE}: {path} cannot be read: {error}") from error
    return _values(FILE, text)


def _secret(variable: str, env: Mapping[str, str]) -> dict[str, str]:
    """Nothing of a secret that is not filled yet: `bootstrap` fills the vendors' one."""
    try:
        text = secrets_manager(env).get_secret_value(SecretId=env[variable]).get("SecretString") or "{}"
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException" or variable != VENDORS:
            raise
        return {}
    return _values(variable, text)


def _values(variable: str, text: str) -> dict[str, str]:
    try:
        found: Any = json.loads(text)
    except ValueError as error:
        raise SettingError(f"{variable}: what it names is not JSON") from error
    if not isinstance(found, dict):
        raise SettingError(f"{variable}: what it names is not a JSON object of names and values")
    return {name: _value(value) for name, value in found.items() if value}


def _value(value: Any) -> str:
    """A list is of several keys."""
    return ",".join(str(one) for one in value) if isinstance(value, list) else str(value)
