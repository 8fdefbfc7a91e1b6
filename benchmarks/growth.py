"""CPU of the gateway as one thing grows and all else stays: `python -m benchmarks.growth [SHAPE ...]`. Needs Linux.

Each row is one shape at its sizes. The last column is the power of the size by which the cost grew in the last step: 0
where it does not, 1 where it costs what it is long, 2 where twice as long costs four times as much.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import math
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.peers.processes import cpu_seconds, memory_mb
from interchange import wiring
from interchange.identity.keys import Limits
from interchange.metering.ledger import AccountRef, Ledger

ROOT = Path(__file__).resolve().parent.parent
LEAST_SECONDS = 0.4
"""Of CPU, so that a figure is of many requests."""
USAGE = {"prompt_tokens": 8, "completion_tokens": 16, "total_tokens": 24}
Body = dict[str, Any]


@dataclass(frozen=True)
class Shape:
    """A thing that grows, its sizes, and the request of each. `path` is the protocol's; `prepare` is done to the
    gateway once for each size, `models` is how many the catalog has."""

    sizes: tuple[int, ...]
    body: Callable[[int], Body]
    path: str = "/v1/chat/completions"
    prepare: Callable[[Gateway, int], None] = lambda gateway, size: None
    models: Callable[[int], int] = lambda size: 1


@dataclass
class Gateway:
    url: str
    key: str
    account: str
    table: str
    process: int


def said(text: str, **more: Any) -> Body:
    return {"model": "m0", "max_tokens": 50, "messages": [{"role": "user", "content": text}], **more}


def turns(number: int) -> Body:
    roles = ("user", "assistant")
    messages = [{"role": roles[at % 2], "content": f"turn {at} of a talk"} for at in range(number - 1 + number % 2)]
    return said("", messages=messages)


def tools(number: int) -> Body:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    made = [{"type": "function", "function": {"name": f"tool_{at}", "parameters": schema}} for at in range(number)]
    return said("hello", tools=made)


def used_tools(number: int) -> Body:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    return said("hello", tools=[{"name": f"tool_{at}", "input_schema": schema} for at in range(number)])


def calls(number: int) -> Body:
    """A turn of so many calls, and their results."""
    made = [
        {"type": "tool_use", "id": f"toolu_{at}", "name": "tool_0", "input": {"city": "Oslo"}} for at in range(number)
    ]
    given = [{"type": "tool_result", "tool_use_id": f"toolu_{at}", "content": "cold"} for at in range(number)]
    said_so = {"role": "user", "content": "weather?"}
    answered = [said_so, {"role": "assistant", "content": made}, {"role": "user", "content": given}]
    return {**used_tools(1), "messages": answered}


def optional_fields(number: int) -> Body:
    """A tool that the vendor is held to, none of whose fields must be given."""
    fields = {f"field_{at}": {"type": "string"} for at in range(number)}
    schema = {"type": "object", "properties": fields, "required": [], "additionalProperties": False}
    return said("hello", tools=[{"name": "tool_0", "strict": True, "input_schema": schema}])


def hold_open(gateway: Gateway, number: int) -> None:
    ledger = Ledger(wiring.open_table({"INTERCHANGE_TABLE": gateway.table}))
    account, now = AccountRef(gateway.account, "key_of_growth", Limits()), time.time_ns() // 1_000_000
    for at in range(number):
        ledger.hold(account, f"{at:032x}", 1, now, now + 3_600_000)


TEXT = (1_000, 10_000, 100_000, 1_000_000, 5_000_000)
SHAPES: Mapping[str, Shape] = {
    "bytes of prompt, chat": Shape(TEXT, lambda size: said("word " * (size // 5))),
    "bytes of prompt, Messages": Shape(TEXT, lambda size: said("word " * (size // 5)), "/v1/messages"),
    "chunks of a stream, chat": Shape((10, 100, 1_000, 10_000), lambda size: said("?", stream=True, max_tokens=size)),
    "chunks of a stream, Messages": Shape(
        (10, 100, 1_000, 10_000), lambda size: said("?", stream=True, max_tokens=size), "/v1/messages"
    ),
    "tools, chat": Shape((1, 10, 100, 1_000), tools),
    "tools, Messages": Shape((1, 10, 100, 1_000), used_tools, "/v1/messages"),
    "calls in one turn, Messages": Shape((1, 10, 100, 1_000, 10_000), calls, "/v1/messages"),
    "optional fields of a strict tool, Messages": Shape((1, 10, 100, 1_000), optional_fields, "/v1/messages"),
    "turns, chat": Shape((2, 20, 200, 2_000), turns),
    "turns, Messages": Shape((2, 20, 200, 2_000), turns, "/v1/messages"),
    "fields of no meaning, chat": Shape(
        (10, 100, 1_000, 10_000), lambda size: said("hello", **{f"field_{at}": at for at in range(size)})
    ),
    "open holds of the account": Shape((1, 10, 100, 500), lambda _: said("hello"), prepare=hold_open),
    "models of the catalog": Shape((10, 100, 1_000, 5_000), lambda _: said("hello"), models=lambda size: size),
}


async def _vendor(port: int) -> None:
    """Chat completions: a stream has as many pieces as `max_tokens` says."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.lower().split(b"\r\n")
                size = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
                asked = json.loads(await reader.readexactly(size))
                writer.write(_streamed(asked) if asked.get("stream") else WHOLE)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass

    server = await asyncio.start_server(serve, "127.0.0.1", port, limit=2**24)
    await server.serve_forever()


HEAD = {"id": "c", "created": 1, "model": "up"}


def _frame(data: bytes) -> bytes:
    return b"%x\r\ndata: %b\n\n\r\n" % (len(data) + 8, data)


def _piece(choices: list[Body], **more: Any) -> bytes:
    return _frame(json.dumps({**HEAD, "object": "chat.completion.chunk", "choices": choices, **more}).encode())


WORD = _piece([{"index": 0, "delta": {"content": "word "}, "finish_reason": None}])
END = _piece([{"index": 0, "delta": {}, "finish_reason": "stop"}]) + _piece([], usage=USAGE) + _frame(b"[DONE]")


def _streamed(asked: Body) -> bytes:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    return head + WORD * int(asked.get("max_completion_tokens") or asked["max_tokens"]) + END + b"0\r\n\r\n"


def _whole() -> bytes:
    choices = [{"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}]
    raw = json.dumps({**HEAD, "object": "chat.completion", "choices": choices, "usage": USAGE}).encode()
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(raw), raw)


WHOLE = _whole()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(models: int) -> Iterator[Gateway]:
    vendor = _free_port()
    provider = {"base_url": f"http://127.0.0.1:{vendor}/v1", "dialect": {"most_tools": None}}
    route = [{"provider": "scripted", "model": "up"}]
    listed = [
        {"id": f"m{at}", "routes": route, "context": 4_000_000, "max_output": 20_000,
         "price": {"input": "0.001", "output": "0.004"}}
        for at in range(models)
    ]  # fmt: skip
    catalog = {"providers": {"scripted": provider}, "models": listed}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "catalog.json").write_text(json.dumps(catalog), encoding="utf-8")
        env = {
            **os.environ,
            "PORT": str(_free_port()),
            "INTERCHANGE_CATALOG": f"{folder}/catalog.json",
            "INTERCHANGE_TABLE": f"sqlite:{folder}/books.db",
            "INTERCHANGE_LOG_LEVEL": "WARNING",
            "OPENAI_API_KEY": "unused",  # else the simulator would be started, and its memory counted
        }
        scripted = subprocess.Popen([sys.executable, "-m", "benchmarks.growth", "--vendor", str(vendor)], cwd=ROOT)
        gateway = subprocess.Popen(
            [sys.executable, "-m", "local"], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True
        )
        try:
            assert gateway.stdout is not None
            words = next(words for line in gateway.stdout if (words := line.split())[:1] == ["ready"])
            url, key, table = words[1], words[3], env["INTERCHANGE_TABLE"]
            yield Gateway(url, key, _account(table), table, gateway.pid)
        finally:
            for process in (gateway, scripted):
                process.terminate()
                process.wait()


def _account(table: str) -> str:
    command = [sys.executable, "-m", "interchange", "account", "list", "--json"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "INTERCHANGE_TABLE": table}, capture_output=True, check=True
    )
    return str(json.loads(done.stdout)["accounts"][0]["account"])


class Asker:
    def __init__(self, gateway: Gateway, path: str, body: Body) -> None:
        parts = urlsplit(gateway.url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80)
        self._path, self._body = path, json.dumps(body)
        self._headers = {"authorization": f"Bearer {gateway.key}", "content-type": "application/json"}

    def __call__(self) -> None:
        self._connection.request("POST", self._path, self._body, self._headers)
        answer = self._connection.getresponse()
        raw = answer.read()
        assert answer.status == 200, raw[:300]


def milliseconds(gateway: Gateway, shape: Shape, size: int) -> float:
    """CPU of one request."""
    ask = Asker(gateway, shape.path, shape.body(size))
    for _ in range(3):
        ask()
    begun, asked = cpu_seconds(gateway.process), 0
    while (spent := cpu_seconds(gateway.process) - begun) < LEAST_SECONDS:
        ask()
        asked += 1
    return spent / asked * 1000


def grown(shape: Shape) -> list[float]:
    found: list[float] = []
    for size in shape.sizes:
        with started(shape.models(size)) as gateway:
            shape.prepare(gateway, size)
            found.append(milliseconds(gateway, shape, size))
    return found


def kept(number: int) -> tuple[float, float]:
    """Memory in MB after a tenth of so many requests, and after all of them."""
    with started(1) as gateway:
        ask = Asker(gateway, "/v1/chat/completions", said("hello"))
        for _ in range(number // 10):
            ask()
        early = memory_mb(gateway.process)
        for _ in range(number - number // 10):
            ask()
        return early, memory_mb(gateway.process)


def main(names: list[str]) -> None:
    print("| what grows | sizes | CPU a request, ms | power |\n|---|---|---|---|")
    for name, shape in SHAPES.items():
        if names and not any(one in name for one in names):
            continue
        found = grown(shape)
        power = math.log(found[-1] / found[-2]) / math.log(shape.sizes[-1] / shape.sizes[-2])
        sizes, figures = (" · ".join(map(str, one)) for one in (shape.sizes, [f"{ms:.2f}" for ms in found]))
        print(f"| {name} | {sizes} | {figures} | {power:.2f} |", flush=True)
    if not names or "memory" in names:
        number = 100_000
        early, late = kept(number)
        print(f"\nmemory after {number // 10:,} requests {early:.0f} MB, after {number:,} {late:.0f} MB")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--vendor"]:
        asyncio.run(_vendor(int(sys.argv[2])))
    else:
        main(sys.argv[1:])
