"""Errors of Google's APIs: `{"error": {"code", "message", "status", "details": [{"@type": ...}]}}`, alone, in an array
(streams without SSE), or as an SSE frame. Source: google/rpc/error_details.proto."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.hub.failure import ErrorKind, Failure
from interchange.hub.full_context import CODE, is_full
from interchange.hub.refused_image import read_refused_image
from interchange.hub.waits import retry_after, seconds
from interchange.wire import codec

from .words import HTTP_STATUS, STATUS

FORWARDED = ("retry-after", "x-request-id", "x-goog-request-id")


def read_failure(status: int, headers: Mapping[str, str], body: bytes) -> Failure:
    error = _find_error(body)
    kept = {name.lower(): value for name, value in headers.items() if name.lower() in FORWARDED}
    if error is None:
        text = body.decode("utf-8", "replace").strip()[:2000]
        kind = HTTP_STATUS.get(status, ErrorKind.API if status >= 500 else ErrorKind.INVALID_REQUEST)
        message = text or f"the provider answered {status}"
        return Failure(kind, message, status=status, retry_after=retry_after(kept), headers=kept, upstream=True)
    return read_error(error, status, kept)


def read_error(
    error: Mapping[str, Any], status: int | None = None, headers: Mapping[str, str] | None = None
) -> Failure:
    """One error object. `status` is the HTTP status where there was one; else the object's own code stands in."""
    code = error.get("code")
    status = status if status is not None else (code if isinstance(code, int) else None)
    told = error.get("details")
    details = [item for item in (told if isinstance(told, list) else ()) if isinstance(item, Mapping)]
    reason = next((str(item["reason"]) for item in details if item.get("reason")), None)
    word = str(error.get("status") or "")
    delay = _delay(details)
    message = str(error.get("message") or word or "the provider reported an error without a message")
    return Failure(
        kind=_kind(word, reason, status),
        message=message,
        code=_code(message, reason, word),
        status=status,
        retry_after=retry_after(headers or {}) if delay is None else delay,
        headers=dict(headers or {}),
        upstream=True,
    )


def _find_error(body: bytes) -> Mapping[str, Any] | None:
    text = body.strip()
    if text.startswith(b"data:"):
        text = text.split(b"\n", 1)[0].removeprefix(b"data:")
    try:
        found = codec.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(found, list) and found:
        found = found[0]
    error = found.get("error") if isinstance(found, dict) else None
    return error if isinstance(error, dict) else None


def _kind(word: str, reason: str | None, status: int | None) -> ErrorKind:
    if reason in ("API_KEY_INVALID", "API_KEY_EXPIRED"):  # said with INVALID_ARGUMENT and HTTP 400
        return ErrorKind.AUTHENTICATION
    if status in (413, 529):
        return HTTP_STATUS[status]
    known = STATUS.get(word) or HTTP_STATUS.get(status or 0)
    if known is not None:
        return known
    return ErrorKind.API if status is None or status >= 500 else ErrorKind.INVALID_REQUEST


def _code(message: str, reason: str | None, word: str) -> str | None:
    if is_full(message):
        return CODE
    image = read_refused_image(message) if word == "INVALID_ARGUMENT" else None
    return image or reason or word or None


def _delay(details: list[Mapping[str, Any]]) -> float | None:
    """Reads google.rpc.RetryInfo, whose google.protobuf.Duration is "34.074824224s" in JSON."""
    told = next((str(item["retryDelay"]) for item in details if item.get("retryDelay")), "")
    return seconds(told.removesuffix("s"))
