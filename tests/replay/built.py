"""The built artefacts (`make sam-build-host`): the recipe of the deployment, with this machine's wheels."""

from __future__ import annotations

import functools
import os

import pytest

from scripts.build import interpreter
from tests.replay.environment import ROOT, Code

BUILT = ROOT / ".aws-sam" / "host"
ASKED = bool(os.environ.get("INTERCHANGE_BUILT"))
"""Whether the events are to be replayed through the artefacts instead of the checkout."""
LIKE_LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME": "replay", "AWS_SESSION_TOKEN": "local"}
"""What tells the code that it is on Lambda, where it calls AWS without boto3."""


def built(family: str) -> Code:
    """The function's folder before the layer's, as Lambda orders them. Skips where nothing was built."""
    folder = BUILT / f"{family.title()}Function"
    if not (folder / "app.py").exists():
        pytest.skip("nothing is built (`make sam-build-host`)")
    return _interpreter(), (folder, BUILT / "SharedLayer" / "python"), "app"


@functools.cache
def _interpreter() -> str:
    return interpreter()
