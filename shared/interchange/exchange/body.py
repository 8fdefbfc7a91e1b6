"""Parses the body and validates `model` and `stream`."""

from __future__ import annotations

import re
from typing import Any

from interchange.dataclass import dataclass, replace
from interchange.hub.failure import ErrorKind, Failure, RequestError, invalid
from interchange.wire import codec, splice

from .http import Inbound

ENVELOPE = frozenset(
    {"model", "stream", "n", "max_tokens", "max_completion_tokens", "max_output_tokens", "service_tier", "speed"}
    | {"inference_geo", "messages", "input", "system", "instructions", "tools", "thinking", "reasoning", "store"}
)
"""Fields that routing and the price depend on."""
_ESCAPED = re.compile(rb"\\u00[4-7]")
"""An escape that no JSON writer makes: it spells a letter."""
_MOST_COUNTED = 64
"""Members of a body that are searched for one by one; above it one walk over all is shorter."""


@dataclass(frozen=True, slots=True)
class RequestHead:
    """`body` is the parsed object, `raw` its bytes as they came."""

    model: str
    stream: bool
    body: dict[str, Any]
    raw: bytes

    def saying(self, body: dict[str, Any]) -> RequestHead:
        """The same with another body."""
        return replace(self, body=body, raw=codec.dumps(body))


def read_object(inbound: Inbound) -> dict[str, Any]:
    """The JSON object of the body. Raises RequestError: 415 for another media type or a compressed body, 400 for
    anything but an object."""
    media = inbound.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media != "application/json" and not media.endswith("+json"):
        raise RequestError(
            Failure(ErrorKind.UNSUPPORTED_MEDIA, f"content-type is {media!r}: this endpoint takes application/json")
        )
    refuse_compressed(inbound)
    if not inbound.body.strip():
        raise invalid("the request body is empty: a JSON object is expected")
    try:
        body = codec.loads(inbound.body)
    except (ValueError, RecursionError) as error:
        raise invalid(f"the request body is not valid JSON: {error}"[:300]) from error
    if not isinstance(body, dict):
        raise invalid(f"the request body must be a JSON object, not {_name(body)}")
    return body


def too_deep() -> RequestError:
    """Refusal of a body that could be read, and is nested deeper than it can be written again."""
    return invalid("the request body is nested too deeply")


def refuse_compressed(inbound: Inbound) -> None:
    """Raises RequestError 415."""
    coding = inbound.headers.get("content-encoding", "").strip().lower()
    if coding not in ("", "identity"):
        said = f"content-encoding is {coding!r}: this endpoint takes bodies that are not compressed"
        raise RequestError(Failure(ErrorKind.UNSUPPORTED_MEDIA, said))


def read_head(inbound: Inbound) -> RequestHead:
    """Raises RequestError naming `model` or `stream`."""
    body = read_object(inbound)
    _refuse_repeated(inbound.body, body)
    model = body.get("model")
    if model is None:
        raise invalid("model: Field required", "model")
    if not isinstance(model, str) or not model:
        raise invalid(f"model: must be a non-empty string, not {_name(model)}", "model")
    stream = body.get("stream")
    if stream is not None and not isinstance(stream, bool):
        raise invalid(f"stream: must be a boolean, not {_name(stream)}", "stream")
    return RequestHead(model, bool(stream), body, inbound.body)


def _refuse_repeated(raw: bytes, body: dict[str, Any]) -> None:
    """Refuses a member that stands twice: which of two a vendor reads is its own affair, and some read names in any
    case. What is priced must be what is sent."""
    for name in body:
        if name not in ENVELOPE and name.lower() in ENVELOPE:
            raise invalid(f"{name}: the field's name is {name.lower()!r}", name, "invalid_field_name")
    few = len(body) <= _MOST_COUNTED and not _ESCAPED.search(raw)
    if few and all(raw.count(f'"{name}"'.encode()) == 1 for name in body if name.isascii()):
        return  # the members need not be walked, which takes a while in a long body
    seen: set[str] = set()
    for member in splice.members(raw):
        if member.name in seen:
            raise invalid(f"{member.name}: the field stands twice in the body", member.name, "repeated_field")
        seen.add(member.name)


def _name(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case str():
            return "a string"
        case int() | float():
            return "a number"
        case list():
            return "an array"
        case _:
            return "an object"
