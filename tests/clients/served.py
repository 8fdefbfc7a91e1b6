"""The four vendors of `tests/continuity/vendors` on a port: they refuse what the real ones refuse, and play what a
client needs for a conversation of two turns.

The first turn thinks, speaks, thinks again and calls two tools at once; later turns call one; after results, or without
tools, comes a text. What is forced (a tool, a schema) is done.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from interchange.upstream.call import Outgoing
from local.simulator.script import example
from tests.continuity.vendors import Part, Vendor, Vendors, four

from .asked import Asked, read_asked, unknown_fields

SAID = "Oak and wren, says the vendor."
"""The text that ends each turn."""
TOOLS: dict[str, tuple[Any, Any]] = {
    "Bash": ({"command": "echo an oak"}, {"command": "echo a wren"}),
    "bash": ({"command": "echo an oak", "description": "Looks"}, {"command": "echo a wren", "description": "Listens"}),
    "exec_command": ({"cmd": "echo an oak"}, {"cmd": "echo a wren"}),
    "shell": ({"command": ["echo", "an oak"]}, {"command": ["echo", "a wren"]}),
    "shell_command": ({"command": "echo an oak"}, {"command": "echo a wren"}),
}
"""What the tools of agents are called with: arguments of two calls."""
PLACE = "up in the crown"
"""The input of a free-form tool."""
OURS = ("look_around", "listen_closely")
"""The tools of the programs."""


@dataclass
class Playing(Vendors):
    """Plays `parts` of each request; `sent` has every request's path, status and body."""

    sent: list[tuple[str, int, dict[str, Any]]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, path: str, body: bytes) -> tuple[int, bytes]:
        name, _, rest = path.lstrip("/").partition("/")
        read = json.loads(body)
        if rest.endswith("count_tokens"):
            return 200, b'{"input_tokens": 5}'
        with self.lock:
            if unknown := unknown_fields(name, rest, read):
                self.made[name].refused.append(f"unknown: {unknown}")
            self.made[name].script = [parts(read_asked(rest, read))]
            says = self(Outgoing("POST", f"http://{name}/{rest}", {}, body))
            self.sent.append((path, says.status, read))
        return says.status, b"".join(says.chunks)

    def reset(self) -> None:
        """Forgets everything but the numbers of the ids: vendors give none twice."""
        self.sent.clear()
        for name, vendor in self.made.items():
            self.made[name] = Vendor(name, count=vendor.count)


def parts(asked: Asked) -> list[Part]:
    """What a model says to a request."""
    thoughts: list[Part] = [("think", "Which tree is it?")] if asked.thinks else []
    if asked.schema is not None:
        return [*thoughts, ("text", json.dumps(example(asked.schema)))]
    calls = _calls(asked)
    if not calls:
        return [*thoughts, ("text", SAID)]
    between: list[Part] = [("text", "I look.")] if not asked.forced else []
    again: list[Part] = [("think", "And listen.")] if thoughts and len(calls) > 1 else []
    return [*thoughts, *between, *again, *calls]


def _calls(asked: Asked) -> list[Part]:
    if asked.forced:
        return [_call(asked, asked.forced)]
    if asked.answered:
        return []
    ours = [_call(asked, name) for name in OURS if name in asked.tools or name in asked.custom]
    agents: list[Part] = [
        ("call", f"{name} {json.dumps(arguments)}")
        for name in TOOLS
        if name in asked.tools
        for arguments in TOOLS[name]
    ]
    found = (ours or agents)[:2]
    return found[1:] if asked.later else found


def _call(asked: Asked, name: str) -> Part:
    if name in asked.custom:
        return "custom", f"{name} {PLACE}"
    return "call", f"{name} {json.dumps(example(asked.tools[name]))}"


@contextmanager
def serving() -> Iterator[tuple[Playing, dict[str, str]]]:
    """The vendors, and the environment that leads a gateway to them."""
    vendors = Playing(four().made)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status, answer = vendors.answer(self.path, body)
            stream = answer[:1] not in (b"{", b"[")
            self.send_response(status)
            self.send_header("content-type", "text/event-stream" if stream else "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    try:
        yield vendors, {
            "OPENAI_BASE_URL": f"{base}/openai/v1", "ANTHROPIC_BASE_URL": f"{base}/anthropic",
            "GEMINI_BASE_URL": f"{base}/gemini", "XAI_BASE_URL": f"{base}/xai/v1",
            **{f"{name}_API_KEY": "sk-vendor" for name in ("OPENAI", "ANTHROPIC", "GEMINI", "XAI")},
        }  # fmt: skip
    finally:
        server.shutdown()
