"""The simulator's process, and the variables that point the providers without a key at it."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from .laptop import LOOPBACK, ROOT, bind, stop

HOST = LOOPBACK[0]
BACKLOG = 2048
MOST_STARTS = 3
"""Of one gateway: whoever calls meanwhile is answered by the next one."""
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
    with _listening(at_once=len(missing) == len(wanted)) as address:
        for name in missing:
            key, base_url, path = wanted[name]
            os.environ[key] = "simulated"
            os.environ[base_url] = f"{address}{path}"
        print(f"simulator {address}", flush=True)
        yield


@contextmanager
def _listening(*, at_once: bool) -> Iterator[str]:
    """The simulator's address. Its process starts `at_once`, or with its first caller, who is answered when it stands:
    who has keys may never call it."""
    listening = bind(HOST, 0)
    listening.listen(BACKLOG)
    started: list[subprocess.Popen[bytes]] = []
    over = threading.Event()
    environment = dict(os.environ)  # as it is now: who calls this changes it while the process is started beside it

    def start_when_called() -> None:
        if not at_once:
            with suppress(OSError, ValueError):  # nobody has called, and the gateway ends
                select.select([listening], [], [])
        if over.is_set():
            return
        for _ in range(MOST_STARTS):
            ended = run(listening.fileno())
            if over.is_set():
                return
            print(f"simulator: {ended}; it is started again", file=sys.stderr, flush=True)
        listening.close()  # a caller would wait for ever for an answer: refused, it is told at once
        print(f"simulator: {ended}; start the gateway again", file=sys.stderr, flush=True)

    def run(number: int) -> str:
        try:
            started.append(_begun(environment, "--socket", str(number), keeps=(number,)))
        except OSError as error:
            return f"it cannot be started: {error}"
        return f"it ended with code {started[-1].wait()}"

    threading.Thread(target=start_when_called, daemon=True, name="simulator").start()
    try:
        yield f"http://{HOST}:{listening.getsockname()[1]}"
    finally:
        over.set()
        listening.close()
        for process in started:
            process.kill()  # it keeps nothing, and asked to end it would wait for the answers that it holds back
            process.wait()


def start(port: int) -> subprocess.Popen[bytes]:
    return _begun(dict(os.environ), "--port", str(port))


def _begun(environment: Mapping[str, str], *arguments: str, keeps: Sequence[int] = ()) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "local.simulator", *arguments, "--parent", str(os.getpid())]
    return subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True, pass_fds=keeps)


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
