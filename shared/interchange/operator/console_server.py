"""The operator's page: on loopback alone, for whoever has the address that is printed.

The address ends in a token that each call must show, so that no other page which a browser here has open, and no other
user of this machine, reaches the admin API through it; names that are not loopback's are refused as well (a name that
is made to lead here would be one).
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from dataclasses import field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from interchange.dataclass import dataclass
from interchange.plain_http import Reply

from .console_admin import Admin

HOST = "127.0.0.1"
NAMES = (HOST, "localhost")
TOKEN = "x-console-token"  # noqa: S105 - a header's name
MOST_BYTES = 5_000_000
FILES = {"/": ("page.html", "text/html"), "/page.js": ("page.js", "text/javascript"),
         "/parts.js": ("parts.js", "text/javascript"),
         "/page.css": ("page.css", "text/css")}  # fmt: skip
FOLDER = Path(__file__).parent / "page"
SAFE = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
PASSED = ("content-type", "idempotency-key")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Console:
    """`place` says in words what it works on."""

    admin: Admin
    place: str
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        if (urlsplit(f"//{headers.get('host', '')}").hostname or "") not in NAMES:
            return _said(403, "this page answers at its loopback address only")
        if method == "GET" and path in FILES:
            name, kind = FILES[path]
            return Reply(200, f"{kind}; charset=utf-8", (FOLDER / name).read_bytes())
        if not hmac.compare_digest(headers.get(TOKEN, "").encode(), self.token.encode()):
            return _said(403, "open the whole address that `console` printed: it ends in a token")
        if method == "GET" and path == "/place":
            return _said(200, self.place, "place")
        if not path.startswith("/admin/"):
            return _said(404, "there is no such page")
        passed = {name: value for name, value in headers.items() if name in PASSED}
        try:
            return self.admin(method, path, passed, body)
        except Exception as error:  # noqa: BLE001 - whatever keeps the API away is shown on the page
            return _said(502, f"the admin API cannot be reached: {error}")


def _said(status: int, text: str, name: str = "error") -> Reply:
    return Reply(status, "application/json", json.dumps({name: text}).encode())


def server(console: Console, port: int = 0) -> ThreadingHTTPServer:
    """Bound, and not running yet. Raises OSError where the port is taken."""

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            if length > MOST_BYTES:
                reply = _said(413, "the body is too large")
                self.close_connection = True
            else:
                reply = console.answer(self.command, self.path, headers, self.rfile.read(length))
            self.send_response(reply.status)
            named = {"content-type": reply.content_type, "content-length": str(len(reply.body)), **SAFE}
            for name, value in named.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_: object) -> None:
            """Addresses with account ids are nobody's business."""

    for method in METHODS:
        setattr(Handler, f"do_{method}", Handler._serve)
    return ThreadingHTTPServer((HOST, port), Handler)


def start(console: Console, port: int = 0) -> tuple[str, ThreadingHTTPServer]:
    """(the address to open, the server that runs)."""
    made = server(console, port)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    return f"http://{HOST}:{made.server_port}/#{console.token}", made
