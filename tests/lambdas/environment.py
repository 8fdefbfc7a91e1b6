"""An execution environment: the streaming entry in a process of its own, with a table and a simulator around it."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from interchange.identity.keys import digest
from interchange.identity.store import KeyStore
from interchange.metering.accounts import Accounts
from interchange.metering.money import nano
from interchange.tables.dynamodb import DynamoTable
from interchange.tables.port import Table
from local.laptop import free_port
from local.simulated import SIMULATED, wait_for
from scripts.build import interpreter
from tests import moto_server
from tests.lambdas.emulator import Emulator

ROOT = Path(__file__).resolve().parents[2]
TABLE = "lambdas"
BUILT = bool(os.environ.get("INTERCHANGE_BUILT"))
"""Only when asked for: bytecode is never checked against the sources, so an old build must not be tried by accident."""


@dataclass(frozen=True)
class Place:
    """Where functions and layer are: the checkout, or what the build made. `python` is the interpreter of both."""

    name: str
    functions: Mapping[str, Path]
    layer: Path
    path: tuple[Path, ...]
    python: str

    @property
    def entry(self) -> Path:
        return self.layer / "streaming-entry"


def checkout() -> Place:
    functions = {path.parent.name: path.parent for path in (ROOT / "functions").glob("*/app.py")}
    return Place("checkout", functions, ROOT / "shared", (ROOT / "shared",), sys.executable)


def built() -> Place:
    """What `make sam-build-host` made, under a Python of the runtime's version."""
    made = ROOT / ".aws-sam" / "host"
    layer = made / "SharedLayer"
    functions = {path.parent.name.removesuffix("Function").lower(): path.parent for path in made.glob("*/app.py")}
    return Place("built", functions, layer, (layer / "python",), interpreter())


@dataclass
class World:
    """The table and the simulator. `client` and `store` are of this process."""

    endpoint: str
    port: int
    client: Any
    simulator: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.start_simulator()

    def start_simulator(self) -> None:
        command = [sys.executable, "-m", "local.simulator", "--port", str(self.port)]
        self.simulator = subprocess.Popen(command, cwd=ROOT)
        wait_for(f"{self.simulator_url}/healthz", self.simulator)

    def stop_simulator(self) -> None:
        self.simulator.kill()
        self.simulator.wait(10)

    @property
    def simulator_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        """A function's environment variables."""
        vendors = {f"{name}_BASE_URL": f"{self.simulator_url}{path}" for name, path in SIMULATED.items()}
        keys = {f"{name}_API_KEY": "simulated" for name in SIMULATED}
        return {
            **moto_server.CREDENTIALS, **vendors, **keys,
            "AWS_ENDPOINT_URL_DYNAMODB": self.endpoint, "INTERCHANGE_TABLE": TABLE, "INTERCHANGE_SEAL_KEY": "k" * 32,
            "PATH": os.environ["PATH"],
        }  # fmt: skip

    @property
    def table(self) -> Table:
        return DynamoTable(self.client, TABLE)

    def account(self, credit: str = "10", table: Table | None = None) -> tuple[str, str]:
        """(account id, key) with that much credit, on that table or the emulated one."""
        table = table or self.table
        account, key = f"acct_{secrets.token_hex(8)}", f"sk-{secrets.token_urlsafe(36)}"
        now = time.time_ns() // 1_000_000
        accounts = Accounts(table)
        accounts.create(account, "emulated", now)
        accounts.credit(account, nano(credit), "seed", account, now)
        KeyStore(table).add(
            digest(key),
            {"key_id": f"key_{secrets.token_hex(8)}", "account_id": account, "status": "active", "name": "k",
             "limits": {}, "markup": "1", "shards": 1, "created_ms": now},
        )  # fmt: skip
        return account, key

    def balance(self, account: str, table: Table | None = None) -> Any:
        from interchange.metering.ledger import Ledger

        return Ledger(table or self.table).balance(account)


@contextmanager
def world() -> Iterator[World]:
    endpoint = moto_server.start(TABLE)
    made = World(endpoint, free_port(), moto_server.client(endpoint))
    try:
        yield made
    finally:
        made.stop_simulator()


class Environment:
    """One process behind one emulator."""

    def __init__(self, emulator: Emulator, process: subprocess.Popen[bytes]) -> None:
        self.emulator, self.process = emulator, process

    @property
    def url(self) -> str:
        return self.emulator.url

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        self.process.kill()
        self.process.wait(10)
        self.emulator.close()


def start(place: Place, folder: Path, variables: Mapping[str, str], *, freezing: bool = False) -> Environment:
    """Starts what Lambda starts: the wrapper, with the command that it stands in for."""
    emulator = Emulator()
    authorities = place.layer / "certificates"
    trusted = {"SSL_CERT_DIR": str(authorities), "SSL_CERT_FILE": "/dev/null"} if authorities.exists() else {}
    env = {
        **trusted,
        "PYTHONPATH": os.pathsep.join(str(part) for part in place.path),
        **variables,
        "AWS_LAMBDA_RUNTIME_API": emulator.runtime_api,
        "AWS_LAMBDA_FUNCTION_NAME": folder.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
        "LAMBDA_TASK_ROOT": str(folder),
        "_HANDLER": "app.handler",
        "PYTHONUNBUFFERED": "1",
    }
    process = subprocess.Popen([str(place.entry), place.python, "/var/runtime/bootstrap.py"], env=env, cwd=folder)
    made = Environment(emulator, process)
    if freezing:
        emulator.pause, emulator.resume = made.freeze, made.thaw
    return made
