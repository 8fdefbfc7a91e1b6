"""A whole gateway for the tests that use it as a customer does: `python -m local` in a process of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx

from tests.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Gateway:
    """`url` has no /v1. `lines` are what it printed before it was ready, `later` what it prints since."""

    url: str
    key: str
    simulator: str
    table: str
    lines: tuple[str, ...]
    later: list[str]
    process: subprocess.Popen[str]

    def operator(self, *arguments: str) -> Any:
        """Runs the operator's command line with --json against this gateway's table."""
        import json

        env = {**os.environ, "INTERCHANGE_TABLE": self.table}
        command = [sys.executable, "-m", "interchange", *arguments, "--json"]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        sent = {"authorization": f"Bearer {self.key}"} | headers
        return httpx.post(f"{self.url}{path}", json=body, headers=sent, timeout=PATIENCE_S)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(**environment: str) -> Iterator[Gateway]:
    ours = ("OPENAI", "ANTHROPIC", "GEMINI", "XAI", "INTERCHANGE", "AWS_")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    folder = tempfile.mkdtemp(prefix="gateway-")
    env = {**clean, "PORT": str(free_port()), "INTERCHANGE_TABLE": f"sqlite:{folder}/table.db", **environment}
    process = subprocess.Popen(
        [sys.executable, "-m", "local"], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    lines: list[str] = []
    later: list[str] = []
    try:
        for line in process.stdout:
            lines.append(line.strip())
            if line.startswith("ready "):
                break
        assert lines and lines[-1].startswith("ready "), "\n".join(lines)
        threading.Thread(target=lambda: later.extend(process.stdout or ()), daemon=True).start()
        found = {line.split()[0]: line.split() for line in lines}
        yield Gateway(
            url=found["ready"][1],
            key=found["ready"][3],
            simulator=found.get("simulator", ["", ""])[1],
            table=found["export"][1].removeprefix("INTERCHANGE_TABLE="),
            lines=tuple(lines),
            later=later,
            process=process,
        )
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_S)
        shutil.rmtree(folder, ignore_errors=True)
