"""The OpenAPI documents, tried by a generator of requests against the gateway that serves them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from tests.patience import PATIENCE_S
from tests.sdk.gateway import Gateway

SETTINGS = Path(__file__).with_name("schemathesis.toml")
ACCOUNT = {"account", "keys", "credit"}
"""Tags of what a management key asks; an ordinary key asks the rest."""


@pytest.fixture(scope="module")
def made(gateway: Gateway) -> dict[str, str]:
    """Keys of an account of its own: a generator revokes what it finds."""
    first = gateway.operator("account", "create", "--name", "generated", "--credit", "50")
    boss = gateway.operator("key", "create", "--account", first["account"], "--manage", "--name", "boss")
    return {"ordinary": first["key"], "manages": boss["key"]}


@pytest.mark.long
def test_the_models_endpoints_are_as_their_document_says(
    gateway: Gateway, made: dict[str, str], tmp_path: Path
) -> None:
    document = served(gateway, "openapi.json")
    tried(gateway, tmp_path, part(document, lambda tags: not tags & ACCOUNT), made["ordinary"])


@pytest.mark.long
def test_the_accounts_api_is_as_its_document_says(gateway: Gateway, made: dict[str, str], tmp_path: Path) -> None:
    document = served(gateway, "openapi.json")
    tried(gateway, tmp_path, part(document, lambda tags: bool(tags & ACCOUNT)), made["manages"])


@pytest.mark.long
def test_the_operators_api_is_as_its_document_says(gateway: Gateway, tmp_path: Path) -> None:
    document = served(gateway, "openapi-admin.json")
    tried(gateway, tmp_path, document, "")


def served(gateway: Gateway, name: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{gateway.url}/{name}", timeout=PATIENCE_S).json()
    return found


def part(document: dict[str, Any], wanted: Any) -> dict[str, Any]:
    paths = {
        path: {verb: one for verb, one in item.items() if verb == "parameters" or wanted(set(one["tags"]))}
        for path, item in document["paths"].items()
    }
    return {**document, "paths": {path: item for path, item in paths.items() if set(item) - {"parameters"}}}


def tried(gateway: Gateway, folder: Path, document: dict[str, Any], key: str) -> None:
    """Every check there is; the first of each kind of failure is in the message."""
    file = folder / "document.json"
    file.write_text(json.dumps(document))
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(SETTINGS), "run", str(file)]
    command += ["--url", gateway.url, "--continue-on-failure", "--warnings", "off", "--no-color"]
    command += ["--header", f"Authorization: Bearer {key}"] if key else []
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout[-14000:] + done.stderr[-2000:]
