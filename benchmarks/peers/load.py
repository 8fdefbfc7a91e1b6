"""Clients that ask again as soon as they are answered, over connections that stay open, with as little of their own as
can be."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

PATIENCE_S = 60.0


@dataclass(frozen=True)
class Asked:
    port: int
    path: str
    headers: dict[str, str]
    body: bytes

    def wire(self) -> bytes:
        told = {"host": f"127.0.0.1:{self.port}", "content-type": "application/json",
                "content-length": str(len(self.body)), **self.headers}  # fmt: skip
        lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        return f"POST {self.path} HTTP/1.1\r\n{lines}\r\n".encode() + self.body


@dataclass
class Answers:
    """`seconds` of each answer; `failed` are those that were none."""

    seconds: list[float] = field(default_factory=list)
    failed: int = 0
    first_failure: str = ""
    elapsed: float = 0.0

    @property
    def per_second(self) -> float:
        return len(self.seconds) / self.elapsed if self.elapsed else 0.0


async def ask(asked: Asked, clients: int, seconds: float) -> Answers:
    answers, began = Answers(), time.perf_counter()
    wire = asked.wire()

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", asked.port, limit=1 << 22)
        while time.perf_counter() - began < seconds:
            sent = time.perf_counter()
            writer.write(wire)
            status, body = await asyncio.wait_for(_read(reader), PATIENCE_S)
            if status == 200:
                answers.seconds.append(time.perf_counter() - sent)
            else:
                answers.failed += 1
                answers.first_failure = answers.first_failure or f"{status} {body[:300]!r}"
                await asyncio.sleep(0.05)
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    answers.elapsed = time.perf_counter() - began
    return answers


async def _read(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    lowered = head.lower()
    status = int(head.split(b" ", 2)[1])
    if b"transfer-encoding: chunked" in lowered:
        return status, await reader.readuntil(b"\r\n0\r\n\r\n")
    size = int(lowered.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    return status, await reader.readexactly(size)
