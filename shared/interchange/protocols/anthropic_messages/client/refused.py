"""A body that came with a status of success and is no answer."""

from __future__ import annotations

from interchange.hub.failure import Failure, malformed
from interchange.protocols.faces import JsonObject

from ..errors import read_error


def refused(body: JsonObject, _choices: int) -> Failure | None:
    """The failure that stands in the place of an answer; None for an answer."""
    if body.get("error") or body.get("type") == "error":
        return read_error(body)
    content = body.get("content")
    if not isinstance(content, list) or not all(isinstance(block, dict) for block in content):
        return malformed("the answer has no content")
    return None
