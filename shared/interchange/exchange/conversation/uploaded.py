"""Uploads in a conversation: their content stands in the body before it is read, bounded and paid for, so that every
vendor and both lanes take it as if the caller had sent it.

An answer that is kept keeps the ids: a later turn reads the files anew, for as long as they are there.
"""

from __future__ import annotations

from interchange.exchange.body import RequestHead
from interchange.exchange.services import Services
from interchange.exchange.uploads import fetch_all
from interchange.hub.failure import invalid
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
    found = await fetch_all(services, principal, places)
    contents = {name: Content(one.file.name, one.file.media_type, one.data) for name, one in found.items()}
    return head.saying(server.with_uploads(head.body, contents))
