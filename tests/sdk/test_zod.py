"""What the Node SDKs' zod helpers ask for and parse, in every pair, whole and streamed: vendors answer what the schema
that they were sent allows, and refuse what the real ones refuse."""

from __future__ import annotations

import asyncio
import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from interchange.wire import codec
from tests.conformance import wire
from tests.exchange import world as w
from tests.laws import called, parsed

MODELS = ("gpt-4.1", "gpt-5.4", "claude-sonnet-4-5", "gemini-3.5-flash", "gemini-2.5-flash", "grok-4.3")


class Handler(BaseHTTPRequestHandler):
    here: w.World
    last: bool

    def do_POST(self) -> None:
        body = codec.loads(self.rfile.read(int(self.headers["content-length"])))
        family = self.path.partition("?")[0].partition("/v1/")[2].removesuffix("/completions")
        self.here.script.default = called.Answering(parsed.sent_schema(body) or {}, self.last)
        if body.get("stream"):
            answer, chunks = asyncio.run(self.here.streamed(family, body))
            self._answer(answer.status, dict(answer.headers), b"".join(chunks))
        else:
            status, said, headers = asyncio.run(self.here.whole(family, body))
            self._answer(status, dict(headers), codec.dumps(said))

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() != "content-length":
                self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def serving(last: bool) -> Iterator[str]:
    """The address of an exchange; its books are made in the thread that uses them."""
    started: list[HTTPServer] = []
    ready = threading.Event()

    def serve() -> None:
        with wire.built_in() as here:
            handler = type("Bound", (Handler,), {"here": here, "last": last})
            started.append(HTTPServer(("127.0.0.1", 0), handler))
            ready.set()
            started[0].serve_forever()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert ready.wait(60)
    try:
        yield f"http://127.0.0.1:{started[0].server_port}"
    finally:
        started[0].shutdown()
        thread.join(20)
        started[0].server_close()


@pytest.mark.long
@pytest.mark.parametrize("last", [False, True], ids=["first alternatives", "last alternatives"])
def test_zod_shapes_come_back_as_the_caller_has_them(node: Path, last: bool) -> None:
    with serving(last) as url:
        command = ["node", "zod.mjs", url, w.KEY, *MODELS]
        done = subprocess.run(command, cwd=node, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert len(found) == len(MODELS) * 12 * 5
    wrong = [f"{one['model']} {one['call']} {one['shape']}: {one['error']}" for one in found if one["error"]]
    assert not wrong, f"{len(wrong)} of {len(found)}:\n" + "\n".join(wrong)
