from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.gateway import ROOT, Gateway, running
from tests.turns import alone_in

SOURCE = ROOT / "console"


@pytest.fixture(scope="session")
def gateway() -> Iterator[Gateway]:
    with running() as found:
        yield found


@pytest.fixture(scope="session")
def tools() -> Path:
    """The console's source, with what it is built and driven by."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node is absent: the console is neither built nor driven")
    with alone_in(SOURCE):
        _install()
    return SOURCE


def _install() -> None:
    installed, wanted = SOURCE / "node_modules" / ".package-lock.json", SOURCE / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < wanted.stat().st_mtime:
        # Not `npm ci`, which wants each optional dependency to be in the lock, one that is for Windows alone too.
        command = ["npm", "install", "--no-save", "--no-audit", "--no-fund", "--silent"]
        done = subprocess.run(command, cwd=SOURCE, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            pytest.skip(f"npm install failed, so the console is neither built nor driven: {done.stderr.strip()[-200:]}")


@pytest.fixture(scope="session")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("Chromium is absent: the console is not opened in a browser")
    return found


Drive = Callable[..., Any]


@pytest.fixture(scope="session")
def drive(gateway: Gateway, tools: Path, chromium: str) -> Drive:
    """Runs a program of console/tests with what it is told, and reads what it prints."""

    def run(program: str, **told: Any) -> Any:
        given = json.dumps({"chromium": chromium, "url": gateway.url, **told})
        command = ["node", f"tests/{program}.mjs", given]
        done = subprocess.run(
            command, cwd=tools, env=os.environ, capture_output=True, text=True, timeout=1800, check=False
        )
        assert done.returncode == 0, done.stderr[-5000:] + "".join(gateway.later)[-3000:]
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="session")
def customer(gateway: Gateway) -> dict[str, str]:
    """An account with an ordinary key, a management key, one that has expired, two codes, and a request with a loss."""
    made = gateway.operator("account", "create", "--name", "Ada", "--credit", "50.0000111")
    account = made["account"]
    boss = gateway.operator("key", "create", "--account", account, "--manage", "--name", "console")
    codes = gateway.operator("code", "create", "--count", "2", "--credit", "25", "--batch", "spring")["codes"]
    body = {
        "model": "claude-sonnet-4-5", "seed": 7, "messages": [{"role": "user", "content": "<b>hello</b>"}],
    }  # fmt: skip
    answer = gateway.post("/v1/chat/completions", body, authorization=f"Bearer {made['key']}")
    assert answer.headers["x-interchange-dropped"] == "seed"
    return {
        "key": made["key"], "boss": boss["key"], "code": codes[0], "code2": codes[1],
        "request": answer.headers["x-interchange-request-id"],
        "charge": answer.headers["x-interchange-charge-usd"],
    }  # fmt: skip
