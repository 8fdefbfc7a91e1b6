"""Measures what the gateway adds to a whole chat request, and how many it serves: the simulator directly, and through
it."""

from __future__ import annotations

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
WARM_UP, REQUESTS = 50, 400
CLIENTS, SECONDS = 16, 4.0
MESSAGES = [{"role": "user", "content": "hello"}]


def measure() -> Iterator[tuple[str, str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    env = {**os.environ, "PORT": port}
    process = subprocess.Popen([sys.executable, "-m", "local"], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said: dict[str, list[str]] = {}
        while "ready" not in said:
            words = process.stdout.readline().split()
            said[words[0]] = words
        yield from _compared(said["simulator"][1], said["ready"][1], said["ready"][3])
    finally:
        process.terminate()
        process.wait()


def _compared(simulator: str, gateway: str, key: str) -> Iterator[tuple[str, str]]:
    direct = _latencies(f"{simulator}/openai/v1/chat/completions", "x", "gpt-4o-mini")
    passed = _latencies(f"{gateway}/v1/chat/completions", key, "gpt-4o-mini")
    translated = _latencies(f"{gateway}/v1/chat/completions", key, "claude-sonnet-4-5")
    base = statistics.median(direct)
    yield "simulator directly, whole chat, median", f"{base:.2f} ms"
    for name, found in (("pass-through", passed), ("translate", translated)):
        yield f"added latency, {name}, median", f"{statistics.median(found) - base:.2f} ms"
    rate = _throughput(f"{gateway}/v1/chat/completions", key)
    yield f"throughput, whole chat, {CLIENTS} clients, one process with its table", f"{rate:.0f} requests/s"


def _latencies(url: str, key: str, model: str) -> list[float]:
    ask = Asker(url, key, model)
    for _ in range(WARM_UP):
        ask()
    return [ask() for _ in range(REQUESTS)]


def _throughput(url: str, key: str) -> float:
    counts = [0] * CLIENTS
    end = time.monotonic() + SECONDS

    def work(number: int) -> None:
        ask = Asker(url, key, "gpt-4o-mini")
        while time.monotonic() < end:
            ask()
            counts[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


class Asker:
    """One connection that asks the same over and over; each call returns its milliseconds."""

    def __init__(self, url: str, key: str, model: str) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80)
        self._connection.connect()
        assert self._connection.sock is not None
        self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._path = parts.path
        self._body = json.dumps({"model": model, "max_tokens": 50, "messages": MESSAGES})
        self._headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}

    def __call__(self) -> float:
        started = time.perf_counter()
        self._connection.request("POST", self._path, self._body, self._headers)
        answer = self._connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        return (time.perf_counter() - started) * 1000
