"""Uploads as files of one folder, for a server without a bucket. It signs URLs as a bucket does."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import time
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, urlencode

from interchange.exchange.services import Presigned, Stored
from interchange.hub.media import Upload

from .uploads import LIFE_SECONDS

SIGNER = "signer"
ABOUT = ".json"
"""Beside each file, what it is."""


class Folder:
    """`url` is where the server takes the files. Everything is made when the first file is asked for."""

    def __init__(self, path: str | Path, url: str) -> None:
        self._path, self._url = Path(path), url

    def presign(self, key: str, name: str, content_type: str, size: int, seconds: int) -> Presigned:
        until = str(int(time.time()) + seconds)
        query = {"name": name, "until": until, "signature": self._signature(key, name, content_type, size, until)}
        headers = {"content-type": content_type, "content-length": str(size)}
        return Presigned(f"{self._url}/{quote(key)}?{urlencode(query)}", "PUT", headers)

    def open(self, key: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Incoming:
        """Raises PermissionError where the URL is not one that was signed here, or is too old."""
        name, until, given = (query.get(field, "") for field in ("name", "until", "signature"))
        content_type, length = headers.get("content-type", ""), headers.get("content-length", "")
        size = int(length) if length.isascii() and length.isdigit() else -1
        wanted = self._signature(key, name, content_type, size, until)
        if not given.isascii() or not hmac.compare_digest(wanted, given):
            raise PermissionError("the URL, the content type or the length is not what was signed")
        if int(until) < time.time():
            raise PermissionError("the URL has expired")
        return Incoming(self._place(key), {"name": name, "content_type": content_type}, size)

    def get(self, key: str, most: int) -> Stored | None:
        place = self._place(key)
        try:
            about = json.loads(place.with_suffix(ABOUT).read_text(encoding="utf-8"))
            found = place.stat()
            if found.st_size > most:
                raise ValueError(f"{found.st_size} bytes; at most {most} are taken")
            body = place.read_bytes()
        except FileNotFoundError:
            return None
        return Stored(Upload(about["name"], about["content_type"], body), time.time() - found.st_mtime)

    def forget(self) -> None:
        """Removes what is too old to be used."""
        oldest = time.time() - LIFE_SECONDS
        for file in self._path.glob("*"):
            if file.name != SIGNER and file.stat().st_mtime < oldest:
                file.unlink(missing_ok=True)

    def _place(self, key: str) -> Path:
        """No caller's text in a path: a key's digest names the file."""
        return self._path / hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()

    def _signature(self, key: str, name: str, content_type: str, size: int, until: str) -> str:
        signed = json.dumps([key, name, content_type, size, until]).encode()
        return hmac.new(self._secret, signed, hashlib.sha256).hexdigest()

    @cached_property
    def _secret(self) -> bytes:
        """One for all processes of the server: who comes second reads the first one's."""
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = self._path / SIGNER
        fresh = place.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
        try:
            os.link(fresh, place)
        except FileExistsError:
            pass  # another's, or an earlier start's
        finally:
            fresh.unlink()
        return place.read_bytes()


class Incoming:
    """A file that is being written; nobody sees it before `finish`."""

    def __init__(self, place: Path, about: Mapping[str, str], size: int) -> None:
        self._place, self._about, self._size, self._written = place, about, size, 0
        self._fresh = place.with_suffix(f".{secrets.token_hex(8)}")
        self._file = self._fresh.open("wb")

    def write(self, piece: bytes) -> None:
        self._written += len(piece)
        if self._written <= self._size:
            self._file.write(piece)

    def finish(self) -> bool:
        """False, and nothing is kept, where the length is not the signed one."""
        self._file.close()
        if self._written != self._size:
            self._fresh.unlink()
            return False
        self._place.with_suffix(ABOUT).write_text(json.dumps(self._about), encoding="utf-8")
        self._fresh.replace(self._place)
        return True
