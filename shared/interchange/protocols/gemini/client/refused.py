"""A body that came with a status of success and is no answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.hub.failure import Failure, malformed
from interchange.protocols.faces import JsonObject

from ..errors import read_error


def refused(body: JsonObject, choices: int) -> Failure | None:
    """The failure that stands in the place of an answer to a request for so many candidates; None for an answer."""
    error = body.get("error")
    if error:
        return read_error(error if isinstance(error, Mapping) else {"message": str(error)})
    candidates = body.get("candidates") or []
    if not isinstance(candidates, list) or not (candidates or body.get("promptFeedback")):
        return malformed("the answer has no candidates")
    if not all(_asked_for(candidate, choices) for candidate in candidates):
        return malformed("a candidate is beyond what was asked for")
    return None


def _asked_for(candidate: Any, choices: int) -> bool:
    if not isinstance(candidate, Mapping):
        return False
    index = candidate.get("index", 0)
    return isinstance(index, int) and 0 <= index < choices and _said(candidate.get("content"))


def _said(content: Any) -> bool:
    """True for parts of text or of something else, and for none."""
    if content is None:
        return True
    parts = content.get("parts") if isinstance(content, Mapping) else False
    if parts is None:
        return True
    if not isinstance(parts, list):
        return False
    return all(isinstance(part, Mapping) and isinstance(part.get("text", ""), str) for part in parts)
