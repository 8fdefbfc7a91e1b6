"""AWS's own Runtime Interface Emulator, from the aws-sam-cli package: it buffers, but it is the real Runtime API.

`INTERCHANGE_RIE` names the binary; otherwise it is looked for where the tools of this repository are installed."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.laptop import free_port
from tests.lambdas.environment import ROOT, Place

MACHINES = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
INVOKE = "/2015-03-31/functions/function/invocations"


def find_rie() -> Path | None:
    name = f"aws-lambda-rie-{MACHINES.get(platform.machine(), '')}"
    named = os.environ.get("INTERCHANGE_RIE")
    if named:
        return Path(named)
    sam = shutil.which("sam")
    homes = [ROOT / ".tools", *([Path(sam).resolve().parent.parent] if sam else [])]
    return next((found for home in homes for found in home.glob(f"**/samcli/local/rapid/{name}")), None)


@contextmanager
def emulated(
    rie: Path, place: Place, folder: Path, variables: Mapping[str, str], command: list[str], runtime: str = ""
) -> Iterator[Interface]:
    """`command` is what the emulator starts as the runtime; `runtime` a folder that stands for /var/runtime."""
    port, api = free_port(), free_port()
    env = {
        "PYTHONPATH": os.pathsep.join([str(folder), *map(str, place.path), runtime]),
        **variables,
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "60",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "LAMBDA_TASK_ROOT": str(folder),
        "_HANDLER": "app.handler",
    }
    addresses = ["--runtime-interface-emulator-address", f"127.0.0.1:{port}"]
    addresses += ["--runtime-api-address", f"127.0.0.1:{api}"]
    process = subprocess.Popen([str(rie), *addresses, *command], env=env, cwd=folder)
    try:
        yield Interface(port, process)
    finally:
        process.terminate()
        process.wait(20)


class Interface:
    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self._url, self._process = f"http://127.0.0.1:{port}{INVOKE}", process

    def invoke(self, event: Any) -> bytes:
        """The answer's bytes as the emulator gives them. It takes a moment until it listens."""
        import time

        request = urllib.request.Request(self._url, json.dumps(event).encode())
        for _ in range(400):
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    found: bytes = answer.read()
                    return found
            except ConnectionRefusedError:
                pass
            except urllib.error.URLError as error:
                if not isinstance(error.reason, ConnectionRefusedError):
                    raise
            assert self._process.poll() is None, "the emulator ended"
            time.sleep(0.05)
        raise AssertionError("the emulator does not listen")
