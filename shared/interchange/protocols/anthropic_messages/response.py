"""Whole answers, wire -> hub."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.hub.events import Choice, Response, Stop, StopReason
from interchange.hub.usage import Usage

from .answer_blocks import read_answer_block
from .usage import read_usage
from .vocabulary import STOP, Json

KNOWN = frozenset({"id", "type", "role", "model", "content", "usage", "stop_reason", "stop_sequence", "stop_details"})


def read_response(body: Json) -> Response:
    """Raises ValueError for what is no message."""
    content = body.get("content")
    if body.get("type") != "message" or not isinstance(content, list):
        raise ValueError(f"the answer is not a message: type {body.get('type')!r}")
    blocks = tuple(read_answer_block(block) for block in content)
    return Response(
        id=body.get("id"),
        model=body.get("model"),
        created=None,
        choices=(Choice(blocks, read_stop(body)),),
        usage=read_body_usage(body),
        extra=read_extra(body),
    )


def read_body_usage(body: Mapping[str, Any]) -> Usage | None:
    usage = body.get("usage")
    return read_usage(usage) if isinstance(usage, Mapping) else None


def read_stop(fields: Mapping[str, Any]) -> Stop:
    """From a message, or from the `delta` of message_delta."""
    word = fields.get("stop_reason")
    details = fields.get("stop_details")
    reason = StopReason.OTHER if word is None else STOP.get(word, StopReason.OTHER)
    detail = word if word is not None and word not in STOP else None
    if isinstance(details, Mapping):
        detail = details.get("category") or detail
    return Stop(
        reason=reason,
        sequence=fields.get("stop_sequence"),
        detail=detail,
        raw={"stop_details": details} if details is not None else None,
    )


def read_extra(fields: Mapping[str, Any]) -> Json:
    """Facts of the answer that only this protocol has (container, context_management, ...)."""
    return {name: value for name, value in fields.items() if name not in KNOWN and value is not None}
