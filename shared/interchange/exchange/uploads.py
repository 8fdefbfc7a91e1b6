"""Files that go ahead of their request, straight to the bucket: requests to Lambda hold 6 MB at most.

An upload belongs to the account that asked for its URL: the account is a part of the object's name, so another
account's id leads nowhere. It can be used until it expires; the bucket's lifecycle removes it.
"""

from __future__ import annotations

import asyncio
import base64
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from interchange.dataclass import dataclass, replace
from interchange.exchange.services import Services, UploadStore
from interchange.hub.failure import ErrorKind, Failure, RequestError, invalid
from interchange.hub.media import Upload
from interchange.hub.uploaded import OURS
from interchange.identity.keys import Principal
from interchange.wire.data_url import ALIASES
from interchange.wire.media_kind import kind_of

MOST_BYTES = 64 * 1024 * 1024
MOST_INLINE = 32 * 1024 * 1024
"""Of all uploads that one conversation's request names: a third more as base64, in a process of a gigabyte. The vendors
take 20 to 50 MB a request."""
URL_SECONDS = 15 * 60
LIFE_SECONDS = 24 * 60 * 60
"""A client sends a conversation again on every turn; a bucket's shortest lifecycle is a day."""
LONGEST_NAME = 200
_WORD = r"[A-Za-z0-9!#$&^_.+-]+"
MEDIA_TYPE = f"^{_WORD}/{_WORD}(;[ -~]*)?$"
"""RFC 6838's names, with parameters: it becomes a header of the PUT."""
_OF_SOUND = f"(audio|video)/{_WORD}|application/(octet-stream|ogg|mp4|x-matroska)"
_OF_PARTS = (
    f"(image|text)/{_WORD}|"
    r"application/(pdf|json|xml|yaml|x-yaml|javascript|x-javascript|rtf|msword|vnd\.[a-z0-9.+-]+)"
)
SOUND = f"^({_OF_SOUND})(;[ -~]*)?$"
TAKEN = f"^({_OF_SOUND}|{_OF_PARTS})(;[ -~]*)?$"
"""What the endpoints that take an upload may read (sound; pictures and documents too): an id that nothing takes would
be a promise."""
_ENDINGS = {
    "pdf": "application/pdf", "txt": "text/plain", "md": "text/markdown", "csv": "text/csv", "html": "text/html",
    "json": "application/json", "xml": "text/xml", "mp3": "audio/mpeg", "wav": "audio/wav", "flac": "audio/flac",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}  # fmt: skip
"""A file name's ending -> media type, for an upload that was announced as bytes of any kind."""


@dataclass(frozen=True, slots=True)
class Announced:
    """A file that a caller is about to send: `content_type` is a MEDIA_TYPE, `size` in bytes, at most MOST_BYTES."""

    name: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Inline:
    """An upload, its media type being what it is; `data` is its bytes in base64."""

    file: Upload
    data: str


async def presign(services: Services, principal: Principal, file: Announced) -> dict[str, Any]:
    """The place where it is put, and how. Raises RequestError."""
    store = _store(services)
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in file.name):
        raise invalid("filename: has characters that control", "filename", "invalid_value")
    _check(file)
    file_id = f"file-{services.new_id()}"
    put = _key(principal, file_id), file.name, file.content_type, file.size, URL_SECONDS
    made = await asyncio.to_thread(store.presign, *put)
    return {
        "file_id": file_id,
        "url": made.url,
        "method": made.method,
        "headers": dict(made.headers),
        "expires_at": services.now_ms() // 1000 + URL_SECONDS,
        "max_bytes": file.size,
    }


def _check(file: Announced) -> None:
    """Raises RequestError for what no endpoint would take by its id."""
    kind = file.content_type.lower()
    if re.match(SOUND, kind):
        return
    if not re.match(TAKEN, kind):
        said = f"content_type: no endpoint takes {file.content_type}; sound, pictures, documents and texts are taken"
        raise invalid(said, "content_type", "invalid_value")
    if file.size > MOST_INLINE:
        raise invalid(f"bytes: {file.content_type} may have {MOST_INLINE} bytes", "bytes", "too_large")


def content_type(file: Upload, data: str) -> str:
    """The media type of an upload, `data` being its bytes in base64: what they begin with, what was announced, or what
    its name says."""
    announced = file.media_type.partition(";")[0].strip().lower()
    announced = ALIASES.get(announced, announced)
    if announced == "application/octet-stream":
        announced = _ENDINGS.get(file.name.rpartition(".")[2].lower(), announced)
    return kind_of(data) or announced


async def fetch(services: Services, principal: Principal, file_id: str, param: str = "file") -> Upload:
    """The uploaded file. Raises RequestError naming `param`: 404 where this account has none of that id."""
    if not OURS.fullmatch(file_id):
        said = f"Invalid '{param}': expected a file, or the id of an upload (POST /v1/uploads/presign)."
        raise invalid(said, param, "invalid_id")
    try:
        stored = await asyncio.to_thread(_store(services).get, _key(principal, file_id), MOST_BYTES)
    except ValueError as error:
        raise RequestError(Failure(ErrorKind.TOO_LARGE, f"{param}: {error}", param=param, code="too_large")) from error
    if stored is None or stored.age > LIFE_SECONDS:
        said = f"{param}: no upload `{file_id}`: nothing was put to its URL, or it has expired"
        raise RequestError(Failure(ErrorKind.NOT_FOUND, said, param=param, code="file_not_found"))
    return stored.file


async def fetch_all(services: Services, principal: Principal, named: Mapping[str, str]) -> dict[str, Inline]:
    """The uploads that a request names, by their ids; `named` has the field of each. Raises RequestError naming it: 404
    for one that is not there, 413 where they are too large together."""
    found: dict[str, Inline] = {}
    left = MOST_INLINE
    for file_id, path in named.items():
        file = await fetch(services, principal, file_id, path)
        left -= len(file.data)
        if left < 0:
            said = f"{path}: the uploads of a request may have {MOST_INLINE} bytes together"
            raise RequestError(Failure(ErrorKind.TOO_LARGE, said, param=path, code="too_large"))
        data = (await asyncio.to_thread(base64.b64encode, file.data)).decode()
        found[file_id] = Inline(replace(file, media_type=content_type(file, data)), data)
    return found


def _store(services: Services) -> UploadStore:
    if services.uploads is None:
        said = "this deployment takes no uploads: INTERCHANGE_UPLOADS_BUCKET is not set"
        raise RequestError(Failure(ErrorKind.NOT_FOUND, said, code="uploads_disabled"))
    return services.uploads


def _key(principal: Principal, file_id: str) -> str:
    return f"uploads/{principal.account_id}/{file_id}"
