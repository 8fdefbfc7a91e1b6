"""`sam local start-api` with nothing but this machine: `make sam-local`. A container engine is all it needs.

The functions are the built ones, for this machine's architecture, in Lambda's own image. Their table is an emulated
DynamoDB in this process, the vendors without a key are the simulator, and an account with a key is made. With
`--stack NAME` they work on a deployed stack's table and keys instead, which takes AWS credentials.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from . import dynamodb
from .account import CREDIT_USD, seed
from .laptop import LOCAL_CREDENTIALS, ROOT, free_port, stop
from .simulated import SIMULATED

HOST = ROOT / ".aws-sam" / "host"
"""What `make sam-build-host` made."""
SAM = ROOT / ".tools" / "aws" / "bin" / "sam"
TABLE = "interchange"
OUTSIDE = "host.docker.internal"
"""This machine, as a container names it."""
EVERYWHERE = "0.0.0.0"
MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
"""A machine's name -> Lambda's."""
NOT_HERE = dict.fromkeys(
    ("INTERCHANGE_SECRET_ARN", "INTERCHANGE_SEAL_SECRET_ARN", "INTERCHANGE_EDGE_SECRET_ARN",
     "INTERCHANGE_BEDROCK_REGION", "INTERCHANGE_UPLOADS_BUCKET", "INTERCHANGE_ALERT_TOPIC"), ""
)  # fmt: skip
"""Settings of a stack that has neither secrets nor a bucket."""
DECLARED = (
    "AWS_ENDPOINT_URL_DYNAMODB", "INTERCHANGE_SEAL_KEY",
    *(f"{vendor}_{what}" for vendor in SIMULATED for what in ("API_KEY", "BASE_URL")),
)  # fmt: skip
"""SAM passes on only variables that the template has."""


def local_template(built: str, machine: str) -> str:
    """The built template for `sam local`: of this machine's architecture, with all variables that it may be given."""
    made = re.sub(r"\barm64\b", machine, built)
    indented = re.search(r"^( +)INTERCHANGE_TABLE:", made, re.MULTILINE)
    if indented is None:
        stop("sam-local: the built template has no INTERCHANGE_TABLE among its variables")
    lines = "".join(f"{indented[1]}{name}: ''\n" for name in DECLARED)
    return f"{made[: indented.start()]}{lines}{made[indented.start() :]}"


def variables(table_port: int, simulator_port: int, env: Mapping[str, str]) -> dict[str, str]:
    """Environment of every function. A vendor whose key is set here is called for real."""
    found = {
        **NOT_HERE, "INTERCHANGE_TABLE": TABLE, "AWS_ENDPOINT_URL_DYNAMODB": f"http://{OUTSIDE}:{table_port}",
        "INTERCHANGE_SEAL_KEY": "sam-local-0123456789abcdef",
    }  # fmt: skip
    for vendor, path in SIMULATED.items():
        real = env.get(f"{vendor}_API_KEY", "")
        found[f"{vendor}_API_KEY"] = real or "simulated"
        address = "" if real else f"http://{OUTSIDE}:{simulator_port}{path}"
        found[f"{vendor}_BASE_URL"] = env.get(f"{vendor}_BASE_URL", "") or address
    return found


def find_engine() -> None:
    """Ends the program with one line where no container engine answers."""
    asked = [[name, "info"] for name in ("docker", "podman")]
    for command in asked:
        try:
            if subprocess.run(command, capture_output=True, timeout=30, check=False).returncode == 0:
                return
        except (OSError, subprocess.TimeoutExpired):
            continue
    stop("sam-local: no container engine answers; start Docker or podman (DOCKER_HOST may name its socket)")


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="make sam-local", description=__doc__)
    parser.add_argument("--port", type=int, default=3000)
    parser.add_argument("--stack", help="a deployed stack whose table and keys are used")
    parser.add_argument("--engine", action="store_true", help="only look for a container engine, before a build")
    given = parser.parse_args(arguments)
    find_engine()
    if given.engine:
        return
    machine = MACHINES.get(platform.machine(), "x86_64")
    template = HOST / "template.local.yaml"
    template.write_text(local_template((HOST / "template.yaml").read_text(), machine))
    if given.stack:
        from scripts.sam_env import values

        _start(template, values(given.stack), given.port, {})
        return
    table_port, simulator_port = dynamodb.start(EVERYWHERE), free_port()
    key = _seeded(f"http://127.0.0.1:{table_port}")
    command = [sys.executable, "-m", "local.simulator", "--host", EVERYWHERE, "--port", str(simulator_port)]
    simulator = subprocess.Popen([*command, "--parent", str(os.getpid())], cwd=ROOT, start_new_session=True)
    print(f"account with {CREDIT_USD} USD, key {key}\nBaseUrl http://127.0.0.1:{given.port}", flush=True)
    try:
        _start(template, variables(table_port, simulator_port, os.environ), given.port, LOCAL_CREDENTIALS)
    finally:
        simulator.terminate()
        simulator.wait()


def _seeded(endpoint: str) -> str:
    from interchange.tables.dynamodb import DynamoTable, create_table
    from interchange.wiring.aws import dynamodb as client_of

    os.environ.update({**LOCAL_CREDENTIALS, "AWS_ENDPOINT_URL_DYNAMODB": endpoint})
    client = client_of(os.environ)
    create_table(client, TABLE)
    return seed(DynamoTable(client, TABLE)).key


def _start(template: Path, values: Mapping[str, str], port: int, credentials: Mapping[str, str]) -> None:
    settings = HOST / "env.json"
    settings.write_text(json.dumps({"Parameters": dict(values)}))
    command = [
        str(SAM), "local", "start-api", "--template", str(template), "--env-vars", str(settings), "--port", str(port),
        "--warm-containers", "LAZY", "--add-host", f"{OUTSIDE}:host-gateway",
    ]  # fmt: skip
    env = {**os.environ, **credentials, "SAM_CLI_TELEMETRY": "0"}
    env.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    env.pop("AWS_ENDPOINT_URL_DYNAMODB", None)
    sys.exit(subprocess.run(command, env=env, cwd=ROOT, check=False).returncode)


if __name__ == "__main__":
    main(sys.argv[1:])
