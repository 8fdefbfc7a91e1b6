"""A body that came with a status of success and is no answer."""

from __future__ import annotations

from collections.abc import Mapping

from interchange.hub.failure import Failure, malformed
from interchange.protocols.faces import JsonObject


def refused(body: JsonObject, _choices: int) -> Failure | None:
    """The failure that stands in the place of an answer; None for an answer."""
    output = body.get("output")
    if not isinstance(output, Mapping) or not isinstance(output.get("message"), Mapping):
        return malformed("the answer has no message")
    return None
