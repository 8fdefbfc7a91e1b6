"""A body that came with a status of success and is no answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.hub.failure import Failure, malformed
from interchange.protocols.faces import JsonObject
from interchange.protocols.openai import errors

from ..words import BROKEN


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
    if choice.get("error") or choice.get("finish_reason") == BROKEN:  # OpenRouter: the vendor behind it broke
        return errors.read_error(choice.get("error") or {})
    index = choice.get("index", 0)
    if index is not None and not (isinstance(index, int) and 0 <= index < choices):
        return malformed("the index of a choice is beyond what was asked for")
    message = choice.get("message")
    if not isinstance(message, Mapping):
        return malformed("a choice has no message")
    if not _said(message.get("content")):
        return malformed("the content of a choice is no text")
    calls = message.get("tool_calls")
    if not (calls is None or (isinstance(calls, list) and all(isinstance(call, Mapping) for call in calls))):
        return malformed("the tool calls of a choice are none")
    return None


def _said(content: Any) -> bool:
    """True for text, nothing, or Mistral's list of parts."""
    if isinstance(content, list):
        return all(isinstance(part, Mapping) and isinstance(part.get("type"), str) for part in content)
    return content is None or isinstance(content, str)
