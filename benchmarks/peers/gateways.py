"""The gateways that are compared: how each is installed, started and asked. Versions are pinned here."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HOME = ROOT / ".local" / "peers"
MODEL = "gpt-4o-mini"
KEY = "sk-bench-1234"
CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"
START_S = 180.0
PORTKEY, HONO, LITELLM = "1.15.2", "1.13.5", "1.108.1"
"""Portkey's streams break with a newer @hono/node-server than its lock file has."""


@dataclass(frozen=True)
class Running:
    """A gateway that answers. `pid` is the root of its processes; `pid` 0 is the vendor itself."""

    name: str
    port: int
    pid: int
    headers: Mapping[str, str]
    paths: frozenset[str]
    ready_s: float = 0.0


@dataclass(frozen=True)
class Gateway:
    """`start` makes the command and its environment from (port, the vendor's address, a folder of its own)."""

    name: str
    version: str
    start: Callable[[int, str, Path], tuple[Sequence[str], Mapping[str, str]]]
    install: Callable[[], None] = lambda: None
    headers: Callable[[str], Mapping[str, str]] = lambda vendor: {"authorization": f"Bearer {KEY}"}
    paths: frozenset[str] = field(default_factory=lambda: frozenset({CHAT, MESSAGES}))
    says_key: bool = False
    """Its last line names the address and the key."""


def _run(command: Sequence[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)


def _install_portkey() -> None:
    folder = HOME / f"portkey-{PORTKEY}"
    if (folder / "node_modules").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    package = {
        "private": True,
        "dependencies": {"@portkey-ai/gateway": PORTKEY},
        "overrides": {"@hono/node-server": HONO},
    }
    (folder / "package.json").write_text(json.dumps(package))
    _run(["npm", "install", "--silent"], folder)


def _install_litellm() -> None:
    folder = HOME / f"litellm-{LITELLM}"
    if (folder / "bin" / "litellm").exists():
        return
    _run([sys.executable, "-m", "venv", str(folder)], ROOT)
    _run([str(folder / "bin" / "pip"), "install", "--quiet", f"litellm[proxy]=={LITELLM}"], ROOT)


def _relay(port: int, vendor: str, folder: Path) -> tuple[Sequence[str], Mapping[str, str]]:
    command = [sys.executable, "-m", "uvicorn", "benchmarks.peers.relay:app", "--port", str(port), "--no-access-log",
               "--log-level", "warning"]  # fmt: skip
    return command, {"VENDOR": vendor}


def _ours(port: int, vendor: str, folder: Path) -> tuple[Sequence[str], Mapping[str, str]]:
    return [sys.executable, "-m", "local"], {
        "PORT": str(port),
        "OPENAI_BASE_URL": f"{vendor}/v1",
        "OPENAI_API_KEY": "sk-vendor",
        "INTERCHANGE_TABLE": f"sqlite:{folder}/table.db",
        "INTERCHANGE_LOG_LEVEL": "WARNING",
        "POWERTOOLS_LOG_LEVEL": "WARNING",
    }


def _portkey(port: int, vendor: str, folder: Path) -> tuple[Sequence[str], Mapping[str, str]]:
    server = HOME / f"portkey-{PORTKEY}" / "node_modules" / "@portkey-ai" / "gateway" / "build" / "start-server.js"
    return [shutil.which("node") or "node", str(server), "--headless", f"--port={port}"], {"NODE_ENV": "production"}


def _portkey_headers(vendor: str) -> Mapping[str, str]:
    return {"authorization": f"Bearer {KEY}", "x-portkey-provider": "openai", "x-portkey-custom-host": f"{vendor}/v1"}


def _litellm(port: int, vendor: str, folder: Path) -> tuple[Sequence[str], Mapping[str, str]]:
    config = folder / "config.json"
    route = {"model": f"openai/{MODEL}", "api_base": f"{vendor}/v1", "api_key": "sk-vendor"}
    settings = {"num_retries": 0, "telemetry": False, "use_chat_completions_url_for_anthropic_messages": True}
    config.write_text(json.dumps({
        "model_list": [{"model_name": MODEL, "litellm_params": route}],
        "litellm_settings": settings, "general_settings": {"master_key": KEY},
    }))  # fmt: skip
    command = [str(HOME / f"litellm-{LITELLM}" / "bin" / "litellm"), "--config", str(config), "--port", str(port),
               "--host", "127.0.0.1", "--num_workers", "1"]  # fmt: skip
    quiet = {"LITELLM_MODE": "PRODUCTION", "LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    return command, {**quiet, "NO_PROXY": "127.0.0.1", "DISABLE_ADMIN_UI": "True"}


GATEWAYS = (
    Gateway("relay", "Starlette + aiohttp", _relay, paths=frozenset({CHAT})),
    Gateway("interchange", "this one", _ours, says_key=True),
    Gateway("portkey", PORTKEY, _portkey, _install_portkey, _portkey_headers, frozenset({CHAT})),
    Gateway("litellm", LITELLM, _litellm, _install_litellm),
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def pinned(core: int) -> Sequence[str]:
    """Beginning of the command of a process that shall have a core of its own."""
    return ["taskset", "-c", str(core)] if (os.cpu_count() or 1) > 1 and shutil.which("taskset") else []


@contextmanager
def started(gateway: Gateway, vendor: str, folder: Path, core: int) -> Iterator[Running]:
    """Raises TimeoutError where it does not answer."""
    port = free_port()
    command, added = gateway.start(port, vendor, folder)
    began = time.perf_counter()
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [*pinned(core), *command], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT,
            env={name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")} | dict(added),
        )  # fmt: skip
    try:
        headers = _headers(gateway, folder / "log", vendor, began)
        running = Running(gateway.name, port, process.pid, headers, gateway.paths)
        _await(running, process, began)
        yield Running(gateway.name, port, process.pid, headers, gateway.paths, time.perf_counter() - began)
    finally:
        process.terminate()
        process.wait()


def _headers(gateway: Gateway, log: Path, vendor: str, began: float) -> Mapping[str, str]:
    if not gateway.says_key:
        return gateway.headers(vendor)
    while time.perf_counter() - began < START_S:
        for line in log.read_text().splitlines():
            if line.startswith("ready "):
                return {"authorization": f"Bearer {line.split()[-1]}"}
        time.sleep(0.02)
    raise TimeoutError(f"{gateway.name} did not start: {log.read_text()[-500:]}")


def _await(running: Running, process: subprocess.Popen[bytes], began: float) -> None:
    while time.perf_counter() - began < START_S and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", running.port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError(f"{running.name} does not listen")
