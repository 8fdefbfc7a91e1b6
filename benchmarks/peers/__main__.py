"""Measures the gateways in turns and writes docs/performance.md, and its table in README.

`python -m benchmarks.peers [--rounds N] [--only relay,interchange] [--out FILE]`

Every round asks each gateway the same, in another order; a figure is the median of the rounds, with the least and the
greatest. Each gateway has one core; the vendor and the clients have the other. Linux only (/proc, taskset).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from . import page, processes, quote
from .cells import Cell
from .gateways import CHAT, GATEWAYS, MESSAGES, MODEL, ROOT, Running, free_port, pinned, started
from .load import Answers, Asked, ask
from .page import Mode
from .vendor import CHUNKS

GATEWAY_CORE, OTHER_CORE = 1, 0
WARM_S = 0.6
TEXT = "You are a careful assistant for a travel company. Answer briefly and never invent prices. " * 16
MODES = (
    Mode("whole, one client", CHAT, stream=False, clients=1, seconds=2.5),
    Mode("whole, 32 clients", CHAT, stream=False, clients=32, seconds=4.0),
    Mode("stream, burst", CHAT, stream=True, clients=16, seconds=4.0),
    Mode("stream, paced", CHAT, stream=True, clients=4, seconds=5.0, pace_ms=10),
    Mode("Messages, whole", MESSAGES, stream=False, clients=16, seconds=4.0),
    Mode("Messages, burst", MESSAGES, stream=True, clients=16, seconds=4.0),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.peers")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default=",".join(gateway.name for gateway in GATEWAYS))
    parser.add_argument("--out", type=Path, default=quote.PAGE)
    wanted = parser.parse_args()
    chosen = [gateway for gateway in GATEWAYS if gateway.name in wanted.only.split(",")]
    os.sched_setaffinity(0, {OTHER_CORE} if (os.cpu_count() or 1) > 1 else {0})
    for gateway in chosen:
        print(f"installing {gateway.name} {gateway.version}", flush=True)
        gateway.install()
    with ExitStack() as stack:
        vendor_port = free_port()
        vendor = subprocess.Popen([*pinned(OTHER_CORE), sys.executable, "-m", "benchmarks.peers.vendor",
                                  str(vendor_port)],
                                  cwd=ROOT)  # fmt: skip
        stack.callback(vendor.wait)
        stack.callback(vendor.terminate)
        address = f"http://127.0.0.1:{vendor_port}"
        running = [Running("direct", vendor_port, 0, {}, frozenset({CHAT}))]
        for gateway in chosen:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            running.append(stack.enter_context(started(gateway, address, folder, GATEWAY_CORE)))
            print(f"{gateway.name}: ready after {running[-1].ready_s:.1f} s", flush=True)
        cells = measured(running, vendor_port, wanted.rounds)
        memory = {one.name: processes.memory_mb(one.pid) for one in running if one.pid}
    versions = {gateway.name: gateway.version for gateway in chosen}
    ready = {one.name: one.ready_s for one in running if one.pid}
    wanted.out.write_text(page.write(cells, versions, ready, memory, MODES, wanted.rounds))
    if wanted.out == quote.PAGE:
        quote.main()
    print(f"wrote {wanted.out}")


def measured(running: list[Running], vendor_port: int, rounds: int) -> dict[tuple[str, str], list[Cell]]:
    """(gateway, mode) -> a cell a round."""
    cells: dict[tuple[str, str], list[Cell]] = {}
    for number in range(rounds):
        for mode in MODES:
            _pace(vendor_port, mode.pace_ms)
            order = [one for one in running if mode.path in one.paths]
            random.Random(f"{number}{mode.name}").shuffle(order)
            for one in order:
                cell = _cell(one, mode)
                cells.setdefault((one.name, mode.name), []).append(cell)
                print(f"{number + 1}/{rounds} {mode.name:20} {one.name:12} {cell.summary()}", flush=True)
    return cells


def _cell(one: Running, mode: Mode) -> Cell:
    body = {"model": MODEL, "max_tokens": 1024, "stream": mode.stream, "messages": [{"role": "user", "content": TEXT}]}
    headers = {**one.headers, "anthropic-version": "2023-06-01"} if mode.path == MESSAGES else dict(one.headers)
    asked = Asked(one.port, mode.path, headers, json.dumps(body).encode())
    asyncio.run(ask(asked, mode.clients, WARM_S))
    before = processes.cpu_seconds(one.pid) if one.pid else 0.0
    answers: Answers = asyncio.run(ask(asked, mode.clients, mode.seconds))
    cpu = (processes.cpu_seconds(one.pid) - before) if one.pid else 0.0
    if answers.failed or not answers.seconds:
        raise SystemExit(f"{one.name}, {mode.name}: {answers.failed} failed, first {answers.first_failure}")
    each = cpu / len(answers.seconds)
    return Cell(each * 1e3, each / CHUNKS * 1e6, median(answers.seconds) * 1e3, answers.per_second)


def _pace(port: int, ms: int) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(100):
        try:
            with direct.open(f"http://127.0.0.1:{port}/pace?ms={ms}", timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError("the vendor does not answer")


if __name__ == "__main__":
    main()
