"""`make run`: a working gateway on this machine, with nothing to configure."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import uvicorn

from local import table

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
CREDIT_USD = "100"
GRACE_SECONDS = 5
"""How long requests may still run when the gateway is asked to stop."""
SIMULATED: Mapping[str, str] = {
    "OPENAI": "/openai/v1",
    "ANTHROPIC": "/anthropic",
    "GEMINI": "/gemini",
    "XAI": "/xai/v1",
}
"""A provider's prefix of variables -> where the simulator speaks its wire format."""

SPEAKS: Mapping[str, str] = {
    "openai_chat": SIMULATED["OPENAI"],
    "openai_responses": SIMULATED["OPENAI"],
    "anthropic_messages": SIMULATED["ANTHROPIC"],
    "gemini": SIMULATED["GEMINI"],
}
"""A protocol of a provider that the catalog file adds -> where the simulator speaks it."""


def main() -> None:
    port = _port()
    os.environ.update({name: os.environ.get(name, value) for name, value in table.CREDENTIALS.items()})
    os.environ["INTERCHANGE_TABLE"] = os.environ.get("INTERCHANGE_TABLE") or table.NAME
    endpoint = table.start(os.environ["INTERCHANGE_TABLE"])
    os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = os.environ["AWS_ENDPOINT_URL_S3"] = endpoint
    os.environ["INTERCHANGE_UPLOADS_BUCKET"] = table.BUCKET
    os.environ.setdefault("POWERTOOLS_LOG_LEVEL", "WARNING")
    os.environ.setdefault("INTERCHANGE_LOG_LEVEL", "WARNING")
    simulator = _simulate()
    try:
        _serve(port, endpoint)
    finally:
        if simulator is not None:
            simulator.terminate()
            simulator.wait()


def _port() -> int:
    text = os.environ.get("PORT", "8080")
    if not text.isdigit() or not 0 < int(text) < 65536:
        _stop(f"PORT: {text!r} is not a port number")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(text)))
        except OSError:
            _stop(f"PORT: {text} is in use; set PORT to another one")
    return int(text)


def _simulate() -> subprocess.Popen[bytes] | None:
    """Starts the simulator for the providers without a key, and points their variables at it."""
    wanted = {name.lower(): (f"{name}_API_KEY", f"{name}_BASE_URL", path) for name, path in SIMULATED.items()}
    wanted |= _added()
    missing = [name for name, (key, *_) in wanted.items() if not os.environ.get(key)]
    for name, (key, *_) in wanted.items():
        print(f"provider {name}: {f'simulated (set {key} to call it for real)' if name in missing else 'real'}")
    if not missing:
        return None
    port = _free_port()
    command = [sys.executable, "-m", "local.simulator", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    for name in missing:
        key, base_url, path = wanted[name]
        os.environ[key] = "simulated"
        os.environ[base_url] = f"http://{HOST}:{port}{path}"
    _wait_for(f"http://{HOST}:{port}/healthz", process)
    print(f"simulator http://{HOST}:{port}", flush=True)
    return process


def _added() -> dict[str, tuple[str, str, str]]:
    """Providers of the catalog file that want a key: name -> its variables, and where the simulator speaks for it."""
    from interchange import wiring
    from interchange.catalog.load import CatalogError

    try:
        listed = wiring.catalog(os.environ)
    except CatalogError as error:
        _stop(str(error))
    return {
        name: (entry.key, wiring.base_url_variable(name), SPEAKS[entry.protocol])
        for name, entry in listed.providers.items()
        if entry.key and entry.protocol in SPEAKS
    }


def _serve(port: int, endpoint: str) -> None:
    from interchange.catalog.load import CatalogError
    from interchange.wiring import SettingError

    try:
        from local.server import front

        app = front()
        key, account = _seed()
    except (CatalogError, SettingError) as error:
        _stop(str(error))
    server = _Server(
        uvicorn.Config(
            app, host=HOST, port=port, log_level="warning", lifespan="off", timeout_keep_alive=75,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )  # fmt: skip
    lines = [
        f"account {account} credit {CREDIT_USD} USD key {key}",
        f"dashboard http://{HOST}:{port}/console/",
        f"table {endpoint} {os.environ['INTERCHANGE_TABLE']}",
        f"ready http://{HOST}:{port} key {key}",
    ]
    threading.Thread(target=_announce, args=(server, lines), daemon=True).start()
    asyncio.run(_until_stopped(server))


class _Server(uvicorn.Server):
    """Ctrl-C and SIGTERM end it in order; uvicorn's own handling raises the signal once more, past the clean-up."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)
        yield


async def _until_stopped(server: uvicorn.Server) -> None:
    from interchange import wiring

    await server.serve()
    await wiring.services().upstream.close()


def _seed() -> tuple[str, str]:
    """An account with credit and a key, as an operator would make them."""
    from interchange import wiring
    from interchange.identity.keys import digest
    from interchange.identity.store import KeyStore
    from interchange.metering.accounts import Accounts
    from interchange.metering.money import nano

    table = wiring.open_table(os.environ)
    now = time.time_ns() // 1_000_000
    account, key = f"acct_{secrets.token_hex(8)}", f"sk-{secrets.token_urlsafe(36)}"
    accounts = Accounts(table)
    accounts.create(account, "laptop", now)
    accounts.credit(account, nano(CREDIT_USD), "seed", "seed", now)
    KeyStore(table).add(
        digest(key),
        {"key_id": f"key_{secrets.token_hex(8)}", "account_id": account, "status": "active", "name": "laptop",
         "limits": {}, "markup": "1", "shards": 1, "created_ms": now},
    )  # fmt: skip
    return key, account


def _announce(server: uvicorn.Server, lines: list[str]) -> None:
    while not server.started:
        time.sleep(0.02)
    print("\n".join(lines), flush=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(400):
        if process.poll() is not None:
            _stop("the simulator did not start")
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    _stop("the simulator did not answer")


def _stop(line: str) -> NoReturn:
    print(line, file=sys.stderr, flush=True)
    sys.exit(2)


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # warns of every piece that a caller who left does not take
    main()
