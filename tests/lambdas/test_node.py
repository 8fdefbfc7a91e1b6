"""The stock Node SDKs on function URLs; their frames arrive before the provider ends, too."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lambdas.environment import ROOT, Environment, World

SDKS = ROOT / "tests" / "sdk" / "node"
PROGRAM = Path(__file__).with_name("frames.mjs")


@pytest.fixture(scope="module")
def sdks() -> Path:
    """The folder where the SDKs are installed."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node is absent: the Node SDKs are not tried against the function URLs")
    if not (SDKS / "node_modules" / "openai").exists():
        command = ["npm", "ci", "--no-audit", "--no-fund", "--silent"]
        done = subprocess.run(command, cwd=SDKS, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            pytest.skip(f"npm ci failed, so the Node SDKs are not tried: {done.stderr.strip()[-200:]}")
    return SDKS


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
