"""Streams that share one environment: `python -m benchmarks.at_once [STREAMS] [SECONDS]`. Linux.

The chat family under the streaming entry, as Managed Instances run it: one process, so many invocations at once, each a
paid stream of a hundred frames over so many seconds. Prints what one stream costs in CPU, and memory in all. The
emulated service, the vendor and the clients are in another process.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import httpx2 as httpx

from interchange.tables.sqlite import SqliteTable
from tests.lambdas.environment import Environment, World, checkout, start

FRAMES = 100


async def vendor(seconds: float) -> asyncio.Server:
    """A chat stream for whoever asks."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(length)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
        for number in range(FRAMES):
            writer.write(_frame({"content": f"word{number} "}, None))
            await writer.drain()
            await asyncio.sleep(seconds / FRAMES)
        writer.write(_frame({}, "stop") + b"data: [DONE]\n\n")
        await writer.drain()
        writer.close()

    return await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1000)


def _frame(delta: dict[str, str], finish: str | None) -> bytes:
    usage = {"prompt_tokens": 10, "completion_tokens": FRAMES, "total_tokens": FRAMES + 10} if finish else None
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    said = {
        "id": "x",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [choice],
        "usage": usage,
    }
    return b"data: " + json.dumps(said).encode() + b"\n\n"


async def ask(client: httpx.AsyncClient, url: str, key: str) -> bool:
    body = {
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": "hello"}],
        "stream": True,
        "max_tokens": 200,
    }
    headers = {"authorization": f"Bearer {key}"}
    answer = await client.post(f"{url}/v1/chat/completions", json=body, headers=headers)
    return answer.status_code == 200 and answer.text.rstrip().endswith("data: [DONE]")


def cpu_seconds(made: Environment) -> float:
    fields = Path(f"/proc/{made.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(made: Environment) -> float:
    """The most that it ever had."""
    lines = Path(f"/proc/{made.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


async def measure(streams: int, seconds: float, folder: Path) -> None:
    server = await vendor(seconds)
    port = server.sockets[0].getsockname()[1]
    table = SqliteTable(folder / "table.db", create=True)
    account, key = World.account(World.__new__(World), "1000", table)
    place = checkout()
    made = start(place, place.functions["chat"], {
        "INTERCHANGE_TABLE": f"sqlite:{folder / 'table.db'}", "OPENAI_API_KEY": "k", "INTERCHANGE_SEAL_KEY": "k" * 32,
        "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1", "AWS_LAMBDA_MAX_CONCURRENCY": str(streams),
        "INTERCHANGE_LOG_LEVEL": "ERROR", "PATH": os.environ["PATH"],
    })  # fmt: skip
    made.emulator.seconds = 900.0
    try:
        async with httpx.AsyncClient(timeout=300, limits=httpx.Limits(max_connections=streams)) as client:
            assert await ask(client, made.url, key)  # what the first request loads is not a stream's
            before, began = cpu_seconds(made), time.monotonic()
            answers = await asyncio.gather(*(ask(client, made.url, key) for _ in range(streams)))
            wall, spent, memory = time.monotonic() - began, cpu_seconds(made) - before, memory_mb(made)
    finally:
        made.close()
    balance = World.balance(World.__new__(World), account, table)
    print(f"{sum(answers)} of {streams} streams of {seconds:g} s complete in {wall:.1f} s, held {balance.held_nano}")
    print(f"CPU {1000 * spent / streams:.0f} ms a stream, memory {memory:.0f} MB in all")


def main() -> None:
    streams, seconds = (float(one) for one in (*sys.argv[1:], *("200", "10")[len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(int(streams), seconds, Path(folder)))


if __name__ == "__main__":
    main()
