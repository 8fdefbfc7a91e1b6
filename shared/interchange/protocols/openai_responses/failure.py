"""Errors, upstream -> hub: `{"error": {"message", "type", "param", "code"}}` with a status, the `error` event of a
stream (its fields bare, or in `error`), and `response.error` of an answer that failed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from interchange.hub.failure import ErrorKind, Failure
from interchange.wire import codec

from .vocabulary import CODE_KINDS, STATUS_KINDS

_SECONDS = re.compile(r"\d{1,9}(\.\d+)?")
_KEPT_HEADERS = ("retry-after", "retry-after-ms", "x-request-id", "x-should-retry", "openai-processing-ms")


def read_failure(status: int, headers: Mapping[str, str], body: bytes) -> Failure:
    """An answer of status 300 and above. `headers` in lower case."""
    try:
        parsed = codec.loads(body)
    except (ValueError, RecursionError):
        parsed = None
    fields = _fields(parsed)
    message = fields["message"] or body[:500].decode("utf-8", "replace").strip() or f"the provider answered {status}"
    return Failure(
        kind=_kind(status, message),
        message=message,
        param=fields["param"],
        code=fields["code"],
        status=status,
        retry_after=_retry_after(headers),
        request_id=headers.get("x-request-id"),
        headers={n: v for n, v in headers.items() if n in _KEPT_HEADERS or n.startswith("x-ratelimit-")},
        upstream=True,
    )


def read_error(raw: Any) -> Failure:
    """The error of an event, or of a whole answer whose status is `failed`."""
    fields = _fields(raw)
    message = fields["message"] or "the provider reported an error inside its answer"
    kind = CODE_KINDS.get(fields["code"] or "") or CODE_KINDS.get(fields["type"] or "") or ErrorKind.API
    return Failure(kind, message, fields["param"], fields["code"], upstream=True)


def _fields(parsed: Any) -> dict[str, str | None]:
    """From OpenAI's object, xAI's `{code, error: text}`, or a bare object."""
    found: Any = parsed if isinstance(parsed, Mapping) else {}
    match found.get("error"):
        case Mapping() as inner:
            found = inner
        case str(text):
            found = {**found, "message": text}
        case _:
            pass  # the bare object
    message = found.get("message") or found.get("detail")
    return {
        "message": message if isinstance(message, str) else codec.dumps_text(message) if message else None,
        "type": _text(found.get("type")),
        "param": _text(found.get("param")),
        "code": _text(found.get("code")),
    }


def _text(value: Any) -> str | None:
    return None if value is None or isinstance(value, dict | list) else str(value)


def _kind(status: int, message: str) -> ErrorKind:
    if status == 400 and "incorrect api key" in message.lower():  # xAI answers 400 for a bad key
        return ErrorKind.AUTHENTICATION
    return STATUS_KINDS.get(status) or (ErrorKind.INVALID_REQUEST if 400 <= status < 500 else ErrorKind.API)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds. OpenAI sends milliseconds beside them; an HTTP date is left to the header itself."""
    for name, scale in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        text = headers.get(name, "").strip()
        if _SECONDS.fullmatch(text):
            return float(text) / scale
    return None
