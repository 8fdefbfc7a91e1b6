"""A body that came with a status of success and is no answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.hub.failure import Failure, malformed
from interchange.protocols.faces import JsonObject
from interchange.protocols.openai import errors


def refused(body: JsonObject, choices: int) -> Failure | None:
    """The failure that stands in the place of an answer to a request for so many `choices`; None for an answer."""
    if body.get("error") or body.get("object") == "error":
        return errors.read_error(body)
    found = body.get("choices")
    if not isinstance(found, list) or not found:
        return malformed("the answer has no choices")
    return next((failure for choice in found if (failure := _refused(choice, choices)) is not None), None)


def _refused(choice: Any, choices: int) -> Failure | None:
    if not isinstance(choice, Mapping):
        return malformed("a choice is not an object")
    if choice.get("error"):  # OpenRouter: the vendor behind it broke
        return errors.read_error(choice["error"])
    index = choice.get("index", 0)
    if index is not None and not (isinstance(index, int) and 0 <= index < choices):
        return malformed("the index of a choice is beyond what was asked for")
    if not isinstance(choice.get("message"), Mapping):
        return malformed("a choice has no message")
    return None
