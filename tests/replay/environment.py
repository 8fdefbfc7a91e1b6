"""What the functions find around them: a table with accounts, a simulator, and processes that stand for Lambda's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import boto3

from interchange.tables.dynamodb import DynamoTable
from local.laptop import free_port
from local.recorded import PAYMENTS_SECRET, seed
from local.simulated import SIMULATED, wait_for
from tests import moto_server
from tests.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]
WORKER = Path(__file__).resolve().with_name("worker.py")
TABLE = "replay"


Code = tuple[str, tuple[Path, ...], str]
"""The interpreter, its path, and the handler's module."""


def checkout(family: str) -> Code:
    """The function as it lies here."""
    return sys.executable, (ROOT / "shared", ROOT), f"functions.{family}.app"


@dataclass
class Surroundings:
    """`env` is what the functions' environment variables are, `code` where a family's code is."""

    env: Mapping[str, str]
    endpoint: str
    code: Callable[[str], Code]
    started: dict[str, Lambda] = field(default_factory=dict)

    def function(self, family: str) -> Lambda:
        """The family's handler, started once."""
        if family not in self.started:
            self.started[family] = Lambda(*self.code(family), self.env)
        return self.started[family]

    def close(self) -> None:
        for one in self.started.values():
            one.close()


class Lambda:
    """A process that has imported `module` and answers events one after the other."""

    def __init__(self, python: str, path: tuple[Path, ...], module: str, env: Mapping[str, str]) -> None:
        joined = os.pathsep.join(str(part) for part in path)
        self._process = subprocess.Popen(
            [python, str(WORKER), module],
            env={**env, "PYTHONPATH": joined, "PATH": os.environ["PATH"]},
            cwd=path[0],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started = self._read()
        assert started.get("init") == "ok", started
        self.modules: list[str] = started["modules"]
        self.calls: set[tuple[str, str]] = set()
        """What it asked of AWS: (IAM action, "index" where it was an index)."""

    def invoke(self, event: Any) -> Any:
        """What the handler returns. Raises AssertionError with the trace where it raises."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(event) + "\n")
        self._process.stdin.flush()
        answer = self._read()
        self.calls |= {(action, index) for action, index in answer["calls"]}
        assert "response" in answer, answer.get("trace")
        return answer["response"]

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the function's process ended with {self._process.wait()}"
        found: dict[str, Any] = json.loads(line)
        return found

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=PATIENCE_S)


@contextmanager
def surroundings(
    code: Callable[[str], Code] = checkout, more: Mapping[str, str] = MappingProxyType({}), table: str = TABLE
) -> Iterator[Surroundings]:
    endpoint = moto_server.start(table)
    port = free_port()
    simulator = subprocess.Popen([sys.executable, "-m", "local.simulator", "--port", str(port)], cwd=ROOT)
    made = Surroundings({**_environment(endpoint, port), "INTERCHANGE_TABLE": table, **more}, endpoint, code)
    try:
        seed(DynamoTable(moto_server.client(endpoint), table))
        _client("sns", endpoint).create_topic(Name="alarms")
        wait_for(f"http://127.0.0.1:{port}/healthz", simulator)
        yield made
    finally:
        made.close()
        simulator.terminate()
        simulator.wait(timeout=PATIENCE_S)


def _environment(endpoint: str, simulator: int) -> dict[str, str]:
    """What the template sets, and where AWS and the vendors are in this test."""
    vendors = {f"{name}_API_KEY": "simulated" for name in SIMULATED}
    vendors |= {f"{name}_BASE_URL": f"http://127.0.0.1:{simulator}{path}" for name, path in SIMULATED.items()}
    return {
        "INTERCHANGE_SEAL_KEY": "0123456789abcdef0123456789abcdef",
        "INTERCHANGE_UPLOADS_BUCKET": moto_server.BUCKET,
        "INTERCHANGE_LOG_LEVEL": "ERROR",
        "INTERCHANGE_ALERT_TOPIC": "arn:aws:sns:us-east-1:123456789012:alarms",
        "STRIPE_WEBHOOK_SECRET": PAYMENTS_SECRET,
        "AWS_ENDPOINT_URL": endpoint,
        **moto_server.CREDENTIALS,
        **vendors,
    }


def _client(service: str, endpoint: str) -> Any:
    make: Any = boto3.client
    credentials = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    return make(service, endpoint_url=endpoint, region_name="us-east-1", **credentials)
