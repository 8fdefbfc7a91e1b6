"""Errors: `{"type": "error", "error": {"type", "message"}, "request_id"}`, as a body or as the data of `event: error`.

Source: https://docs.anthropic.com/en/api/errors.

Rate limits as Messages tells them. https://docs.anthropic.com/en/api/rate-limits#response-headers
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from interchange.hub.failure import KINDS, STATUS, ErrorKind, Failure
from interchange.hub.full_context import CODE, MARKS, is_full, read_full
from interchange.hub.rates import Rates
from interchange.hub.refused_image import CODES as IMAGE_CODES
from interchange.hub.refused_image import LARGE, read_refused_image
from interchange.hub.waits import retry_after
from interchange.wire import codec

from .words import ERROR_KIND, ERROR_TYPE, Json

FORWARDED = ("retry-after", "x-should-retry", "request-id")
IMAGE_MARKS = ("image exceeds", "image dimensions exceed", "Could not process image")
"""What coding agents look for before they take a picture out of the history."""
_PARAM = re.compile(r"([a-z_]+(?:\.[A-Za-z0-9_]+)*): ")
"""How the API names a field at the start of its message: "messages.1.content.0.thinking.signature: Field required"."""


def read_failure(status: int, headers: Mapping[str, str], body: bytes) -> Failure:
    kept = {name.lower(): value for name, value in headers.items() if name.lower() in FORWARDED}
    try:
        found = codec.loads(body)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict) and isinstance(found.get("error"), dict):
        return read_error(found, status, kept)
    text = body.decode("utf-8", "replace").strip()[:2000]
    return Failure(
        _kind(None, status), text or f"the provider answered {status}", status=status, retry_after=retry_after(kept),
        request_id=kept.get("request-id"), headers=kept, upstream=True,
    )  # fmt: skip


def read_error(body: Mapping[str, Any], status: int | None = None, headers: Mapping[str, str] | None = None) -> Failure:
    """An error body or stream event."""
    error = body.get("error")
    error = error if isinstance(error, Mapping) else {}
    word = str(error.get("type") or "")
    message = str(error.get("message") or word or "the provider reported an error without a message")
    kind = _kind(word, status)
    headers = dict(headers or {})
    named = _PARAM.match(message) if kind is ErrorKind.INVALID_REQUEST else None
    return Failure(
        kind=kind,
        message=message,
        param=_path(named[1]) if named else None,
        code=_code(message, kind) or word or None,
        status=status,
        retry_after=retry_after(headers),
        request_id=body.get("request_id") or headers.get("request-id"),
        headers=headers,
        upstream=True,
    )


def write_failure(failure: Failure) -> tuple[int, Json]:
    return write_status(failure), write_error(failure)


def write_error(failure: Failure) -> Json:
    message = _worded(failure) if failure.upstream else _told(failure)
    error: Json = {"type": ERROR_TYPE[failure.kind], "message": message}
    if failure.details is not None:
        error["details"] = dict(failure.details)
    return {"type": "error", "error": error, "request_id": failure.request_id}


def write_status(failure: Failure) -> int:
    """The kind's own; a fault upstream keeps the status that tells it."""
    if failure.kind is ErrorKind.API and failure.status in (500, 502, 503):
        return failure.status
    return STATUS[failure.kind]


def dotted(path: str) -> str:
    """A JSON path in the API's way: "messages[0].content" as "messages.0.content"."""
    return re.sub(r"\[(\d+)\]", r".\1", path).lstrip(".")


def _told(failure: Failure) -> str:
    """The message, with the field named where it does not name it: this format has no place of its own for that."""
    param = failure.param
    if param is None:
        return failure.message
    root = re.split(r"[.\[]", param, maxsplit=1)[0]
    named = re.match(rf"{re.escape(root)}[.\[:]", failure.message)
    return failure.message if named else f"{dotted(param)}: {failure.message}"


def _worded(failure: Failure) -> str:
    """A refusal that clients act on, in the API's own words."""
    message = failure.message
    if failure.code == CODE:
        return _too_long(message)
    if failure.code in IMAGE_CODES and not any(mark in message for mark in IMAGE_MARKS):
        told = "image exceeds the maximum" if failure.code in LARGE else "Could not process image"
        return f"{told}: {message}"
    return _told(failure)


def _too_long(message: str) -> str:
    """Says in the API's own words that the context is full: coding agents shorten their history when they read them."""
    if any(mark in message for mark in MARKS):
        return message
    full = read_full(message)
    if full is None:
        return f"prompt is too long: {message}"
    if full.output is None or full.used > full.limit:
        return f"prompt is too long: {full.used} tokens > {full.limit} maximum"
    return (
        f"input length and `max_tokens` exceed context limit: {full.used} + {full.output} > {full.limit}, "
        "decrease input length or `max_tokens` and try again"
    )


def _path(named: str) -> str:
    return re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", named)


def _code(message: str, kind: ErrorKind) -> str | None:
    """OpenAI's code for what clients act on."""
    if kind in (ErrorKind.INVALID_REQUEST, ErrorKind.TOO_LARGE, ErrorKind.API) and is_full(message):
        return CODE
    return read_refused_image(message) if kind in (ErrorKind.INVALID_REQUEST, ErrorKind.TOO_LARGE) else None


def _kind(word: str | None, status: int | None) -> ErrorKind:
    known = ERROR_KIND.get(word or "")
    if known is not None and status not in (413, 529):
        return known
    fallback = ErrorKind.API if status is None or status >= 500 or status < 400 else ErrorKind.INVALID_REQUEST
    return KINDS.get(status or 0, known or fallback)


def write_rates(rates: Rates) -> dict[str, str]:
    """`anthropic-ratelimit-{requests,tokens}-{limit,remaining,reset}`; a reset is a moment, RFC 3339."""
    out: dict[str, str] = {}
    for name, limit, left in (
        ("requests", rates.requests, rates.requests_left),
        ("tokens", rates.tokens, rates.tokens_left),
    ):
        if limit is not None:
            out |= {
                f"anthropic-ratelimit-{name}-limit": str(limit),
                f"anthropic-ratelimit-{name}-remaining": str(left),
                f"anthropic-ratelimit-{name}-reset": rates.reset_at,
            }
    return out
