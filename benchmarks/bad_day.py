"""A model with two routes while the first vendor has its bad day: requests lost, seconds added, useless calls; and how
many connections a hundred streams take. `python -m benchmarks.bad_day`; the table stands in docs/faults.md."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
REQUESTS, CLIENTS, STREAMS = 1_000, 8, 100
FIRST_BYTE_SECONDS = "2"
TEXT = "The sky is blue because air scatters short waves of light more than long ones."
USAGE = {"prompt_tokens": 8, "completion_tokens": 16, "total_tokens": 24}


@dataclass
class Vendor:
    """Speaks chat completions, well or as `manner` says."""

    manner: str = "good"
    port: int = 0
    calls: int = 0
    connections: int = 0
    hung: list[asyncio.StreamWriter] = field(default_factory=list)

    async def start(self) -> None:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await self._answer(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        size = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        asked = json.loads(await reader.readexactly(size))
        self.calls += 1
        match self.manner:
            case "good":
                writer.write(_streamed() if asked.get("stream") else _whole())
            case "hangs":
                self.hung.append(writer)
                await reader.read(1)
                return False
            case "limits":
                writer.write(
                    _sized("429 Too Many Requests", {"error": {"message": "slow down"}}, "retry-after: 20\r\n")
                )
            case "fails":
                writer.write(_sized("503 Unavailable", {"error": {"message": "overloaded"}}))
            case "refuses the key":
                writer.write(_sized("401 Unauthorized", {"error": {"message": "invalid", "code": "invalid_api_key"}}))
            case _:
                return False  # "closes"
        await writer.drain()
        return True


def _sized(status: str, body: object, headers: str = "") -> bytes:
    raw = json.dumps(body).encode()
    head = f"HTTP/1.1 {status}\r\n{headers}content-type: application/json\r\ncontent-length: {len(raw)}\r\n\r\n"
    return head.encode() + raw


def _whole() -> bytes:
    message = {"role": "assistant", "content": TEXT}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    return _sized("200 OK", {"id": "c", "object": "chat.completion", "created": 1, "model": "up", "choices": choices,
                             "usage": USAGE})  # fmt: skip


def _streamed() -> bytes:
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "up"}
    deltas: list[dict[str, object]] = [{"content": word + " "} for word in TEXT.split()]
    bodies = [{**head, "choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    bodies += [{**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}]
    bodies += [{**head, "choices": [], "usage": USAGE}]
    frames = [b"data: " + json.dumps(body).encode() + b"\n\n" for body in bodies] + [b"data: [DONE]\n\n"]
    chunks = b"".join(f"{len(one):x}\r\n".encode() + one + b"\r\n" for one in frames)
    return (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        + chunks
        + (b"0\r\n\r\n")
    )


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@dataclass
class Place:
    first: Vendor
    second: Vendor
    url: str
    key: str


@contextmanager
def placed(manner: str) -> Iterator[Place]:
    """Both vendors, and a gateway of its own before them."""
    first, second, loop = Vendor(), Vendor(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    for vendor in (first, second):
        asyncio.run_coroutine_threadsafe(vendor.start(), loop).result()
    first.manner = manner
    routes = [{"provider": "openai", "model": "up"}, {"provider": "xai", "model": "up"}]
    catalog = [{"id": "two", "routes": routes, "max_output": 1000, "price": {"input": "1", "output": "4"}}]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "catalog.json").write_text(json.dumps(catalog), encoding="utf-8")
        env = {**os.environ, "PORT": _free_port(), "INTERCHANGE_CATALOG": f"{folder}/catalog.json",
               "INTERCHANGE_TABLE": f"sqlite:{folder}/books.db", "INTERCHANGE_FIRST_BYTE_SECONDS": FIRST_BYTE_SECONDS,
               "OPENAI_API_KEY": "k", "OPENAI_BASE_URL": f"http://127.0.0.1:{first.port}/v1",
               "XAI_API_KEY": "k", "XAI_BASE_URL": f"http://127.0.0.1:{second.port}/v1"}  # fmt: skip
        command = [sys.executable, "-m", "local"]
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        try:
            assert process.stdout is not None
            words = next(words for line in process.stdout if (words := line.split())[:1] == ["ready"])
            yield Place(first, second, words[1], words[3])
        finally:
            process.terminate()
            process.wait()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()


def ask(place: Place, *, stream: bool) -> tuple[bool, float]:
    """(served, seconds to the last byte)"""
    parts = urlsplit(place.url)
    body = json.dumps(
        {"model": "two", "max_tokens": 50, "stream": stream, "messages": [{"role": "user", "content": "?"}]}
    )
    started = time.perf_counter()
    try:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=60)
        connection.request("POST", "/v1/chat/completions", body,
                           {"authorization": f"Bearer {place.key}", "content-type": "application/json"})  # fmt: skip
        answer = connection.getresponse()
        raw = answer.read()
        connection.close()
    except OSError:
        return False, time.perf_counter() - started
    served = answer.status == 200 and b"scatters" in raw and b'"error"' not in raw
    return served, time.perf_counter() - started


def run(place: Place, *, stream: bool, number: int, clients: int) -> list[tuple[bool, float]]:
    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(lambda _: ask(place, stream=stream), range(number)))


DAYS = ("good", "closes", "hangs", "limits", "fails", "refuses the key")


def day(manner: str, *, stream: bool) -> str:
    with placed(manner) as place:
        found = run(place, stream=stream, number=REQUESTS, clients=CLIENTS)
        seconds = sorted(one for _, one in found)
        lost = sum(not served for served, _ in found)
        over = sum(one > float(FIRST_BYTE_SECONDS) for one in seconds)
        late = seconds[int(len(seconds) * 0.99)]
        return (
            f"{lost} | {statistics.median(seconds) * 1000:.0f} ms | {late * 1000:.0f} ms | "
            f"{seconds[-1]:.2f} s | {over} | {place.first.calls} | {place.second.calls}"
        )


def connections(clients: int) -> str:
    with placed("good") as place:
        run(place, stream=True, number=5, clients=1)
        before = place.first.connections
        run(place, stream=True, number=STREAMS, clients=clients)
        return f"{place.first.connections - before}"


def main() -> None:
    print(f"{REQUESTS} requests, {CLIENTS} clients, {FIRST_BYTE_SECONDS} s to the first byte of a try\n")
    print("| first vendor | | lost | median | 99 of 100 below | longest | above 2 s | calls to it | to the second |")
    print("|---|---|---|---|---|---|---|---|---|")
    for manner in DAYS:
        for stream in (False, True):
            print(f"| {manner} | {'streamed' if stream else 'whole'} | {day(manner, stream=stream)} |", flush=True)
    print(f"\n| {STREAMS} streams, clients at once | new connections to the vendor |\n|---|---|")
    for clients in (1, CLIENTS):
        print(f"| {clients} | {connections(clients)} |", flush=True)


if __name__ == "__main__":
    main()
