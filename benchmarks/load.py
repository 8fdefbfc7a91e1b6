"""The books under load: many clients on one account, with failures and disconnects, against the simulator's own count.

`python -m benchmarks.load [--requests N] [--clients N] [--seed N]` starts a gateway with its simulator, sends the
requests, waits until nothing is open, and prints figures and whatever does not add up.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import aiohttp

from benchmarks.balance import check, report
from benchmarks.gateway import CAP_USD, Figures, Gateway

ROOT = Path(__file__).resolve().parent.parent
MODELS = ("gpt-4o-mini", "claude-haiku-4-5", "gemini-2.5-flash")
"""Answered whole, also where the caller leaves: what the simulator served of these is known to the token."""
BREAKING = "grok-4"
"""Its streams break off: what was produced before is an estimate."""
PATIENCE_S = 120.0
TIMED_OUT = -1
KINDS = {
    "whole": 30, "stream": 30, "leaves": 12, "leaves at once": 4, "slow": 4, "error 500": 4, "error 429": 4,
    "cut": 6, "error frame": 6,
}  # fmt: skip
"""What a request is -> how often, in percent."""
MARKERS = {
    "slow": "[[slow 0.3]]", "error 500": "[[500]]", "error 429": "[[429]]", "cut": "[[cut]]",
    "error frame": "[[error-frame]]",
}  # fmt: skip
STREAMED = frozenset({"stream", "leaves", "cut", "error frame"})


@contextmanager
def gateway() -> Iterator[Gateway]:
    with tempfile.TemporaryDirectory() as folder:
        yield from _gateway(folder)


def _gateway(folder: str) -> Iterator[Gateway]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    env = {name: value for name, value in os.environ.items() if not name.endswith(("_API_KEY", "_BASE_URL"))}
    table = {"INTERCHANGE_TABLE": f"sqlite:{folder}/table.db"}
    process = subprocess.Popen(
        [sys.executable, "-m", "local"], cwd=ROOT, env={**env, "PORT": port, **table}, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        said: dict[str, list[str]] = {}
        for line in process.stdout:
            words = line.split()
            said[words[0]] = words
            if words[0] == "ready":
                break
        yield Gateway(said["ready"][1], said["ready"][3], said["account"][1], said["simulator"][1],
                      said["export"][1].removeprefix("INTERCHANGE_TABLE="))  # fmt: skip
    finally:
        process.terminate()
        process.wait()


async def send(found: Gateway, keys: list[str], requests: int, clients: int, seed: int) -> Figures:
    figures = Figures(requests, clients, len(keys))
    orders = iter(range(requests))
    started = time.monotonic()
    connector = aiohttp.TCPConnector(limit=0, force_close=False)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def client() -> None:
            for number in orders:
                chance = random.Random(f"{seed}.{number}")
                kind = chance.choices(list(KINDS), list(KINDS.values()))[0]
                try:
                    status = await _ask(session, found, chance.choice(keys), kind, number, chance)
                except TimeoutError:
                    status = TIMED_OUT
                if kind == "leaves":
                    await _open(session, found, number)
                figures.statuses[kind, status] += 1

        await asyncio.gather(*(client() for _ in range(clients)))
    figures.seconds = time.monotonic() - started
    return figures


async def _ask(
    session: aiohttp.ClientSession, found: Gateway, key: str, kind: str, number: int, chance: random.Random
) -> int:
    """The status; 0 where the client left before there was one, or the stream broke off; TIMED_OUT."""
    breaking = kind in ("cut", "error frame")
    marker = f"[[gate {number}]]" if kind == "leaves" else MARKERS.get(kind, "")
    text = f"{marker} request {number} [[tokens {chance.randint(3, 40)}]]"
    body = {
        "model": BREAKING if breaking else chance.choice(MODELS),
        "max_tokens": 200,
        "messages": [{"role": "user", "content": text}],
        "stream": kind in STREAMED,
    }
    path = chance.choice(["/v1/chat/completions", "/v1/messages"])
    headers = {"authorization": f"Bearer {key}"}
    timeout = aiohttp.ClientTimeout(total=PATIENCE_S, sock_read=chance.uniform(0.001, 0.02) if "once" in kind else None)
    with suppress(aiohttp.ClientPayloadError, aiohttp.SocketTimeoutError, aiohttp.ServerDisconnectedError):
        async with session.post(f"{found.url}{path}", json=body, headers=headers, timeout=timeout) as answer:
            if kind == "leaves":
                await answer.content.readany()
                answer.close()
                await asyncio.sleep(0.1)
            else:
                await answer.read()
            return answer.status
    return 0


async def _open(session: aiohttp.ClientSession, found: Gateway, number: int) -> None:
    """Lets the provider go on in the middle of its answer, now that nobody listens."""
    async with session.post(f"{found.simulator}/control/gate/{number}"):
        pass


async def quiet(found: Gateway) -> dict[str, object]:
    """The audit, once no request is open. Callers who left are served to the end."""
    end = time.monotonic() + PATIENCE_S
    while True:
        audit = await asyncio.to_thread(found.operator, "audit", "--rows")
        if audit["open_holds"] == 0 or time.monotonic() > end:
            return audit
        await asyncio.sleep(0.5)


async def served(found: Gateway) -> dict[str, int]:
    """The simulator's own count: "<vendor>.requests", ".input_tokens", ".output_tokens"."""
    async with aiohttp.ClientSession() as session, session.get(f"{found.simulator}/control/served") as answer:
        counts: dict[str, int] = await answer.json()
        return counts


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.load")
    parser.add_argument("--requests", type=int, default=4000)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    with gateway() as found:
        keys = more_keys(found)
        figures = asyncio.run(send(found, keys, wanted.requests, wanted.clients, wanted.seed))
        audit, counts = asyncio.run(quiet(found)), asyncio.run(served(found))
        wrong = check(found, audit, counts)
        print("\n".join(report(found, figures, counts)))
    print("\n".join(wrong) if wrong else "the books balance to the nano-dollar")
    sys.exit(1 if wrong else 0)


def more_keys(found: Gateway) -> list[str]:
    """The account's first key, two more, and one whose cap it will reach."""
    made = [found.operator("key", "create", "--account", found.account) for _ in range(2)]
    made.append(found.operator("key", "create", "--account", found.account, "--name", "capped", "--limit-usd", CAP_USD))
    return [found.key, *(str(key["key"]) for key in made)]


if __name__ == "__main__":
    main()
