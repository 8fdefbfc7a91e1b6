"""What each function may load before its first event. A cold start pays for every module, so the list is short."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.imports import STREAMING, environment

ROOT = Path(__file__).resolve().parent.parent
FAMILIES = sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py"))
WAITED_FOR = STREAMING | {"console"}
"""Where a cold start is felt: answers that stream, and the pages that a browser opens."""
JSON = {"embeddings", "models", "account", "admin", "webhooks"}
"""The families of FastAPI."""
NOWHERE = (
    # vendors' SDKs: each costs more than a whole function; we speak their wire formats ourselves
    "openai", "anthropic", "google.genai", "xai_sdk", "grpc", "ai21",
    # what Tracer loads once it is made: half a second even when it is switched off; the template sets
    # `Tracing: Active`. (Its own small module comes with every import of Powertools.)
    "aws_xray_sdk",
    # what only tests and the laptop use
    "pytest", "_pytest", "moto", "hypothesis", "werkzeug", "flask", "uvicorn", "local", "tests", "awslambdaric",
    # other HTTP clients than the one there is
    "httpx", "httpx2", "requests",
    # what only a request with MCP servers needs
    "mcp", "mcp_types", "interchange.rounds", "interchange.upstream.mcp_servers",
    # boto3's resource layer
    "boto3.resources", "boto3.dynamodb",
)  # fmt: skip
NOT_WHERE_CUSTOMERS_WAIT = (
    # see docs/decisions/0003-cold-start.md for what each of them costs and what is there instead
    "fastapi", "pydantic", "boto3", "s3transfer", "botocore.session", "botocore.client", "urllib3", "yaml",
    "interchange.operator", "interchange.catalog.schema",
)  # fmt: skip
NOT_WHERE_NOBODY_IS_CALLED = ("aiohttp", "interchange.upstream.client", "interchange.providers.openai")
"""The way out to providers, and their side of the protocols."""
SERVERS = {
    "chat": {"openai_chat"}, "messages": {"anthropic_messages"}, "responses": {"openai_responses"},
    "models": {"openai_chat", "anthropic_messages"}, "console": {"openai_chat"},
    "embeddings": {"openai_chat", "openai_media"}, "images": {"openai_chat", "openai_media"},
    "audio": {"openai_chat", "openai_media"},
}  # fmt: skip
"""Whose side of the caller a family may load; `protocols/<p>/server` is a family's own."""


@functools.cache
def loaded(family: str) -> frozenset[str]:
    code = f"import json, sys, functions.{family}.app; json.dump(sorted(sys.modules), sys.stdout)"
    path = os.pathsep.join([str(ROOT / "shared"), str(ROOT)])
    env = {**environment(family), "PYTHONPATH": path, "PATH": os.environ["PATH"]}
    done = subprocess.run([sys.executable, "-c", code], env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return frozenset(json.loads(done.stdout.splitlines()[-1]))


def found(family: str, forbidden: tuple[str, ...]) -> list[str]:
    return sorted(name for name in loaded(family) for one in forbidden if name == one or name.startswith(f"{one}."))


@pytest.mark.parametrize("family", FAMILIES)
def test_nothing_that_no_function_needs(family: str) -> None:
    assert found(family, NOWHERE) == []


@pytest.mark.parametrize("family", FAMILIES)
def test_no_other_function(family: str) -> None:
    others = {name.split(".")[1] for name in loaded(family) if name.startswith("functions.")} - {family}
    assert not others


@pytest.mark.parametrize("family", sorted(WAITED_FOR & set(FAMILIES)))
def test_L5_nothing_slow_where_customers_wait(family: str) -> None:
    assert found(family, NOT_WHERE_CUSTOMERS_WAIT) == []


@pytest.mark.parametrize("family", sorted(JSON))
def test_the_json_families_are_made_with_fastapi_and_pydantic(family: str) -> None:
    assert {"fastapi", "pydantic", "mangum"} <= loaded(family)


@pytest.mark.parametrize("family", ["embeddings", "models"])
def test_a_customers_json_family_loads_neither_boto3_nor_the_operators_side(family: str) -> None:
    slow = ("boto3", "s3transfer", "botocore.session", "botocore.client", "urllib3", "yaml", "interchange.operator")
    assert found(family, slow) == []


@pytest.mark.parametrize("family", sorted({"models", "console", "sweep"} & set(FAMILIES)))
def test_no_way_out_where_nobody_is_called(family: str) -> None:
    assert found(family, NOT_WHERE_NOBODY_IS_CALLED) == []


@pytest.mark.parametrize("family", FAMILIES)
def test_no_provider_before_a_route_leads_to_it(family: str) -> None:
    """Each brings its protocol; a request needs one of them."""
    vendors = {name for name in loaded(family) if name.startswith("interchange.providers.")}
    assert vendors <= {"interchange.providers.known"}


@pytest.mark.parametrize("family", sorted(set(SERVERS) & set(FAMILIES)))
def test_no_other_familys_side_of_the_caller(family: str) -> None:
    servers = {name.split(".")[2] for name in loaded(family)
               if name.startswith("interchange.protocols.") and name.endswith(".server")}  # fmt: skip
    assert servers <= SERVERS[family]


@pytest.mark.parametrize("family", sorted(STREAMING & set(FAMILIES)))
def test_a_streaming_function_has_no_second_entry_loaded(family: str) -> None:
    assert found(family, ("mangum",)) == []
