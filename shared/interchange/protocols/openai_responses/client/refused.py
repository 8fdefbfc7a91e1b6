"""A body that came with a status of success and is no answer."""

from __future__ import annotations

from typing import Any

from interchange.hub.failure import Failure, malformed
from interchange.protocols.faces import JsonObject
from interchange.protocols.openai import errors

TEXTS = {"output_text": "text", "refusal": "refusal"}
"""Fields of a part that hold what it says, by its type."""


def refused(body: JsonObject, _choices: int) -> Failure | None:
    """The failure that stands in the place of an answer; None for an answer."""
    if body.get("error") or body.get("object") == "error" or body.get("status") == "failed":
        return errors.read_error(body.get("error") or body)
    output = body.get("output")
    if not isinstance(output, list) or not all(isinstance(item, dict) for item in output):
        return malformed("the answer has no output")
    if not all(isinstance(item.get("type"), str) for item in output):
        return malformed("an item of the output has no type")
    parts = [item.get("content") for item in output if item["type"] == "message"]
    return None if all(_said(content) for content in parts) else malformed("a message of the output is no text")


def _said(content: Any) -> bool:
    if not isinstance(content, list) or not all(isinstance(part, dict) for part in content):
        return False
    texts = [part.get(TEXTS[kind]) for part in content if (kind := str(part.get("type"))) in TEXTS]
    return all(isinstance(part.get("type"), str) for part in content) and all(isinstance(text, str) for text in texts)
