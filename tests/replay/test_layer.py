"""The layer holds what some function imports."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.replay.built import ASKED, BUILT
from tests.replay.environment import Surroundings
from tests.template.applications import families

LATE: Mapping[str, str] = {
    "jmespath": "botocore's paginators",
    "aws_xray_sdk": "Powertools' Tracer",
    "wrapt": "the same",
    "wrapt-stubs": "its types",
    **dict.fromkeys(
        (
            "mcp",
            "mcp_types",
            "httpx2",
            "httpcore2",
            "h11",
            "jsonschema",
            "jsonschema_specifications",
            "referencing",
            "rpds",
            "opentelemetry",
            "truststore",
        ),
        "the client of callers' MCP servers",
    ),
    "s3transfer": "boto3's uploads",
    "yaml": "a catalog in YAML",
    "_yaml": "the same",
    "multipart": "forms",
    "greenlet": "the first call of a table from a request",
    "tinytag": "the length of a recording",
    "attrs": "the newer name of attr",
}
"""Distributions that are imported at need -> by whom."""

pytestmark = pytest.mark.skipif(not ASKED, reason="the artefacts are tested by `make test-lambda`")


def test_everything_in_the_layer_is_imported_by_some_function(around: Surroundings) -> None:
    imported = {name.partition(".")[0] for family in families() for name in around.function(family).modules}
    packages = BUILT / "SharedLayer" / "python"
    held = {path.name.partition(".")[0] for path in packages.iterdir() if not path.name.endswith(".dist-info")}
    assert held - imported - {"__pycache__"} <= set(LATE)
