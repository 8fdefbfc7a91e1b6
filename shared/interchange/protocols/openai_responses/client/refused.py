"""A body that came with a status of success and is no answer."""

from __future__ import annotations

from interchange.hub.failure import Failure, malformed
from interchange.protocols.faces import JsonObject
from interchange.protocols.openai import errors


def refused(body: JsonObject, _choices: int) -> Failure | None:
    """The failure that stands in the place of an answer; None for an answer."""
    if body.get("error") or body.get("object") == "error" or body.get("status") == "failed":
        return errors.read_error(body.get("error") or body)
    output = body.get("output")
    if not isinstance(output, list) or not all(isinstance(item, dict) for item in output):
        return malformed("the answer has no output")
    return None
