"""Uploads in a conversation: their content stands in the body before it is read, bounded and paid for, so that every
vendor and both lanes take it as if the caller had sent it.

An answer that is kept keeps the ids: a later turn reads the files anew, for as long as they are there.
"""

from __future__ import annotations

import asyncio
import base64

from interchange.exchange.body import RequestHead
from interchange.exchange.services import Services
from interchange.exchange.uploads import MOST_INLINE, content_type, fetch
from interchange.hub.failure import ErrorKind, Failure, RequestError, invalid
from interchange.hub.uploaded import Content
from interchange.identity.keys import Principal
from interchange.protocols.faces import Server

MOST_FILES = 16


async def with_uploads(services: Services, principal: Principal, server: Server, head: RequestHead) -> RequestHead:
    """The request with the content of every upload of the account's that it names. Raises RequestError naming the
    field: 404 for one that is not there, 413 where they are too large together."""
    places: dict[str, str] = {}
    for path, file_id in server.uploads(head.body):
        places.setdefault(file_id, path)
    if not places:
        return head
    for path in list(places.values())[MOST_FILES:]:
        raise invalid(f"{path}: a request may name {MOST_FILES} uploads at most", path, "media_count")
    contents: dict[str, Content] = {}
    left = MOST_INLINE
    for file_id, path in places.items():
        file = await fetch(services, principal, file_id, path)
        left -= len(file.data)
        if left < 0:
            said = f"{path}: the uploads of a request may have {MOST_INLINE} bytes together"
            raise RequestError(Failure(ErrorKind.TOO_LARGE, said, param=path, code="too_large"))
        data = (await asyncio.to_thread(base64.b64encode, file.data)).decode()
        contents[file_id] = Content(file.name, content_type(file, data), data)
    return head.saying(server.with_uploads(head.body, contents))
