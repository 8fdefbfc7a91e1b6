"""The stock Node SDKs on function URLs; their frames arrive before the provider ends, too."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lambdas.environment import Environment, World
from tests.sdk.installed import installed

PROGRAM = Path(__file__).with_name("frames.mjs")


@pytest.fixture(scope="module")
def sdks() -> Path:
    """The folder where the SDKs are installed."""
    return installed("node", "the Node SDKs")


def test_node_reads_frames_as_they_come(
    sdks: Path, shared_environments: Callable[[str], Environment], around: World
) -> None:
    _, key = around.account()
    urls = [shared_environments(family).url for family in ("chat", "messages")]
    command = ["node", str(PROGRAM), str(sdks), *urls, key, around.simulator_url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["model"] for line in lines] == ["gpt-4o-mini", "claude-sonnet-4-5"]
    for line in lines:
        assert "one two three four" in line["chat"] and "one two three four" in line["messages"]
