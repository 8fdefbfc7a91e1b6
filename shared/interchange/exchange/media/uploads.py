"""Files that go ahead of their request, straight to the bucket: requests to Lambda hold 6 MB at most.

An upload belongs to the account that asked for its URL: the account is a part of the object's name, so another
account's id leads nowhere. It can be used until it expires; the bucket's lifecycle removes it.
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from typing import Any

from interchange.dataclass import dataclass
from interchange.exchange.services import Services, UploadStore
from interchange.hub.failure import ErrorKind, Failure, RequestError, invalid
from interchange.hub.media import Upload
from interchange.identity.keys import Principal

MOST_BYTES = 64 * 1024 * 1024
URL_SECONDS = 15 * 60
LIFE_SECONDS = 60 * 60
LONGEST_NAME = 200
LARGER = (
    "Lambda takes requests of 6 MB at most, which is a file of about 4.5 MB. For a larger one ask "
    "POST /v1/uploads/presign for a URL, PUT the file there, and send its id as `file_id`."
)
"""The way around the platform's limit, told by the 413."""
_ID = re.compile(r"file-[0-9a-f]{32}")
_WORD = r"[A-Za-z0-9!#$&^_.+-]+"
MEDIA_TYPE = f"^{_WORD}/{_WORD}(;[ -~]*)?$"
"""RFC 6838's names, with parameters: it becomes a header of the PUT."""
_SOUND = re.compile(r"(audio/|video/|application/(octet-stream|ogg|mp4|x-matroska)\b)")
"""What the endpoints that take an upload may read: an id that nothing takes would be a promise."""


@dataclass(frozen=True, slots=True)
class Announced:
    """A file that a caller is about to send: `content_type` is a MEDIA_TYPE, `size` in bytes, at most MOST_BYTES."""

    name: str
    content_type: str
    size: int


async def presign(services: Services, principal: Principal, file: Announced) -> dict[str, Any]:
    """The place where it is put, and how. Raises RequestError."""
    store = _store(services)
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in file.name):
        raise invalid("filename: has characters that control", "filename", "invalid_value")
    if not _SOUND.match(file.content_type.lower()):
        said = f"content_type: uploads serve transcriptions and translations of sound; send {file.content_type} itself"
        raise invalid(f"{said}, in the request", "content_type", "invalid_value")
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


async def fetch(services: Services, principal: Principal, file_id: str) -> Upload:
    """The uploaded file. Raises RequestError naming `file`: 404 where this account has none of that id."""
    if not _ID.fullmatch(file_id):
        raise invalid(
            "Invalid 'file': expected a file, or the id of an upload (POST /v1/uploads/presign).", "file", "invalid_id"
        )
    try:
        stored = await asyncio.to_thread(_store(services).get, _key(principal, file_id), MOST_BYTES)
    except ValueError as error:
        raise RequestError(Failure(ErrorKind.TOO_LARGE, f"file: {error}", param="file", code="too_large")) from error
    if stored is None or stored.age > LIFE_SECONDS:
        said = f"file: no upload `{file_id}`: nothing was put to its URL, or it has expired"
        raise RequestError(Failure(ErrorKind.NOT_FOUND, said, param="file", code="file_not_found"))
    return stored.file


def _store(services: Services) -> UploadStore:
    if services.uploads is None:
        said = "this deployment takes no uploads: INTERCHANGE_UPLOADS_BUCKET is not set"
        raise RequestError(Failure(ErrorKind.NOT_FOUND, said, code="uploads_disabled"))
    return services.uploads


def _key(principal: Principal, file_id: str) -> str:
    return f"uploads/{principal.account_id}/{file_id}"
