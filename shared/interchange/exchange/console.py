"""The customer's dashboard: its files. What it shows comes from the account's API and the catalog."""

from __future__ import annotations

from pathlib import Path

from interchange.dataclass import dataclass
from interchange.hub.failure import ErrorKind, Failure
from interchange.protocols.faces import Server

from .answers import base_headers, refuse
from .http import Answer, Inbound
from .services import Services

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}
SAFE = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


@dataclass(frozen=True, slots=True)
class Console:
    """`folder` holds the page's files; `server` writes errors."""

    services: Services
    server: Server
    folder: Path

    async def enter(self, _inbound: Inbound) -> Answer:
        """The page lies below /console/, so that its own links work below any stage or prefix. It is named in full: API
        Gateway may take a slash at the end off, and a redirection to it would then never end."""
        return Answer(307, {"location": "console/index.html"}, b"")

    async def page(self, inbound: Inbound) -> Answer:
        name = inbound.query.get("file") or "index.html"
        file = self.folder / name
        if "/" in name or file.suffix not in TYPES or not file.is_file():
            failure = Failure(ErrorKind.NOT_FOUND, "no such page", code="unknown_url")
            return refuse(self.server, failure, base_headers(self.services.new_id()))
        return Answer(200, {**SAFE, "content-type": TYPES[file.suffix], "cache-control": "no-cache"}, file.read_bytes())
