"""A body that came with a status of success and is no answer."""

from __future__ import annotations

from interchange.hub.failure import Failure, malformed
from interchange.protocols.faces import JsonObject

from ..errors import read_error

TEXTS = {"text": "text", "thinking": "thinking"}
"""Fields of a block that hold what it says, by its type."""


def refused(body: JsonObject, _choices: int) -> Failure | None:
    """The failure that stands in the place of an answer; None for an answer."""
    if body.get("error") or body.get("type") == "error":
        return read_error(body)
    content = body.get("content")
    if not isinstance(content, list) or not all(isinstance(block, dict) for block in content):
        return malformed("the answer has no content")
    if not all(isinstance(block.get("type"), str) for block in content):
        return malformed("a block of the answer has no type")
    said = [block.get(TEXTS[block["type"]]) for block in content if block["type"] in TEXTS]
    return None if all(isinstance(text, str) for text in said) else malformed("a block of the answer is no text")
