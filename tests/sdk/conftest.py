from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sdk.gateway import Gateway, running

NODE = Path(__file__).resolve().parent / "node"


@pytest.fixture(scope="session")
def gateway() -> Iterator[Gateway]:
    with running() as found:
        yield found


@pytest.fixture(scope="session")
def node() -> Path:
    """The folder of the Node programs, with the SDKs installed."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node is absent: the Node SDKs are not tried against the gateway")
    installed, wanted = NODE / "node_modules" / ".package-lock.json", NODE / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < wanted.stat().st_mtime:
        command = ["npm", "ci", "--no-audit", "--no-fund", "--silent"]
        done = subprocess.run(command, cwd=NODE, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            pytest.skip(f"npm ci failed, so the Node SDKs are not tried: {done.stderr.strip()[-200:]}")
    return NODE
