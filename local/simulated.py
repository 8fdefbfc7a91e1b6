"""The simulator's process, and the variables that point the providers without a key at it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from .laptop import LOOPBACK, ROOT, free_port, stop

HOST = LOOPBACK[0]
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


@contextmanager
def simulated() -> Iterator[None]:
    """Starts it where a provider has no key, and points that one's variables at it. It ends with this process, however
    that ends."""
    wanted = {name.lower(): (f"{name}_API_KEY", f"{name}_BASE_URL", path) for name, path in SIMULATED.items()}
    wanted |= added()
    from interchange import wiring

    known = wiring.settings()
    missing = [name for name, (key, *_) in wanted.items() if not known.get(key)]
    for name, (key, *_) in wanted.items():
        print(f"provider {name}: {f'simulated (set {key} to call it for real)' if name in missing else 'real'}")
    if not missing:
        yield
        return
    port = free_port()
    process = start(port)
    try:
        for name in missing:
            key, base_url, path = wanted[name]
            os.environ[key] = "simulated"
            os.environ[base_url] = f"http://{HOST}:{port}{path}"
        wait_for(f"http://{HOST}:{port}/healthz", process)
        print(f"simulator http://{HOST}:{port}", flush=True)
        yield
    finally:
        process.terminate()
        process.wait()


def start(port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "local.simulator", "--port", str(port), "--parent", str(os.getpid())]
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True)


def added() -> dict[str, tuple[str, str, str]]:
    """Providers of the catalog file that want a key: name -> its variables, and where the simulator speaks for it."""
    from interchange import wiring
    from interchange.catalog.load import CatalogError

    try:
        listed = wiring.catalog(os.environ)
    except CatalogError as error:
        stop(str(error))
    return {
        name: (entry.key, wiring.base_url_variable(name), SPEAKS[entry.protocol])
        for name, entry in listed.providers.items()
        if entry.key and entry.protocol in SPEAKS
    }


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(400):
        if process.poll() is not None:
            stop("the simulator did not start")
        try:
            with direct.open(url, timeout=1):
                return
        except OSError:
            time.sleep(0.025)
    stop("the simulator did not answer")
