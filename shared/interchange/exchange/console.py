"""The pages that a browser opens: the landing page, the console and the documentation. Nothing here asks the table."""

from __future__ import annotations

import hashlib
from pathlib import Path

from interchange.dataclass import dataclass
from interchange.hub.failure import ErrorKind, Failure
from interchange.protocols.faces import Server

from .answers import base_headers, refuse
from .http import Answer, Inbound
from .representation import accepted, same
from .services import Services

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".md": "text/markdown; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
}
PACKED = {"br": ".br", "gzip": ".gz"}
"""`content-encoding` -> the ending of what lies beside a file, compressed when it was built."""
SAFE = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
FOREVER = "public, max-age=31536000, immutable"
OF_A_BODY = ("content-type", "content-encoding")
"""Headers that a 304 does without."""
HASHED = "assets/"
"""Where the names of files change with their content."""
NO_PAGE = Failure(ErrorKind.NOT_FOUND, "no such page", code="unknown_url")


@dataclass(frozen=True, slots=True)
class Console:
    """`static` holds the console and the landing page; `built` what is made of docs/ when a deployment is built.
    `server` writes errors to callers that read no HTML."""

    services: Services
    server: Server
    static: Path
    built: Path

    async def home(self, inbound: Inbound) -> Answer:
        return self._file(inbound, self.static, "home.html")

    async def enter(self, _inbound: Inbound) -> Answer:
        """The page lies below /console/, so that its own links work below any stage or prefix. It is named in full: API
        Gateway may take a slash at the end off, and a redirection to it would then never end."""
        return Answer(307, {"location": "console/index.html"}, b"")

    async def page(self, inbound: Inbound) -> Answer:
        return self._file(inbound, self.static, inbound.query.get("file") or "index.html")

    async def start(self, _inbound: Inbound) -> Answer:
        return Answer(307, {"location": "docs/quickstart"}, b"")

    async def guide(self, inbound: Inbound) -> Answer:
        """A page of the documentation, or with `.md` what it was made from."""
        name = (inbound.query.get("page") or "quickstart").rstrip("/")
        return self._file(inbound, self.built, f"docs/{name}" if name.endswith(".md") else f"docs/{name}.html")

    async def text(self, inbound: Inbound) -> Answer:
        """A file at the root: /llms.txt and the like."""
        return self._file(inbound, self.built, inbound.path.rpartition("/")[2])

    def _file(self, inbound: Inbound, folder: Path, name: str) -> Answer:
        file = (folder / name.replace("\0", "")).resolve()
        inside = file.is_relative_to(folder.resolve()) and file.is_file()
        if not inside or file.suffix not in TYPES:
            return self._missing(inbound)
        content, encoding = self._content(inbound, file)
        headers = {**SAFE, "content-type": TYPES[file.suffix], "vary": "accept-encoding", "etag": _etag(content)}
        headers["cache-control"] = FOREVER if name.startswith(HASHED) else "no-cache"
        if encoding:
            headers["content-encoding"] = encoding
        if same(inbound.headers.get("if-none-match", ""), headers["etag"]):
            return Answer(304, {name: value for name, value in headers.items() if name not in OF_A_BODY}, b"")
        return Answer(200, headers, content)

    def _content(self, inbound: Inbound, file: Path) -> tuple[bytes, str]:
        """The file's bytes, compressed where they lie there compressed and the caller reads them; and how they are."""
        readable = accepted(inbound.headers.get("accept-encoding", ""))
        for encoding, ending in PACKED.items():
            beside = file.with_name(file.name + ending)
            if encoding in readable and beside.is_file():
                return beside.read_bytes(), encoding
        return file.read_bytes(), ""

    def _missing(self, inbound: Inbound) -> Answer:
        """A page for who reads pages, and an error for who reads JSON."""
        if "text/html" not in inbound.headers.get("accept", ""):
            return refuse(self.server, NO_PAGE, base_headers(self.services.new_id()))
        root = "../" * (inbound.path.count("/") - 1) or "./"
        page = (self.static / "missing.html").read_text("utf-8").replace("{root}", root)
        return Answer(404, {**SAFE, "content-type": TYPES[".html"], "cache-control": "no-store"}, page.encode())


def _etag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:20]}"'
