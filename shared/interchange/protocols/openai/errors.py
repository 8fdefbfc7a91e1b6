"""Errors of OpenAI's formats, both ways: `{"error": {"message", "type", "param", "code"}}`, and what providers send
instead of it. https://platform.openai.com/docs/guides/error-codes"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.hub.failure import KINDS, STATUS, ErrorKind, Failure
from interchange.hub.full_context import CODE, is_full, read_full
from interchange.hub.refused_image import read_refused_image
from interchange.hub.waits import retry_after
from interchange.protocols.faces import JsonObject
from interchange.wire import codec

ERROR_STATUS: dict[ErrorKind, int] = {**STATUS, ErrorKind.OVERLOADED: 503}
ERROR_TYPES: dict[ErrorKind, tuple[str, str | None]] = {
    ErrorKind.INVALID_REQUEST: ("invalid_request_error", None),
    ErrorKind.AUTHENTICATION: ("invalid_request_error", "invalid_api_key"),
    ErrorKind.BILLING: ("insufficient_quota", "insufficient_quota"),
    ErrorKind.PERMISSION: ("invalid_request_error", "permission_denied"),
    ErrorKind.NOT_FOUND: ("invalid_request_error", "not_found"),
    ErrorKind.METHOD_NOT_ALLOWED: ("invalid_request_error", "method_not_supported"),
    ErrorKind.CONFLICT: ("invalid_request_error", "conflict"),
    ErrorKind.TOO_LARGE: ("invalid_request_error", "request_too_large"),
    ErrorKind.UNSUPPORTED_MEDIA: ("invalid_request_error", "unsupported_media_type"),
    ErrorKind.RATE_LIMIT: ("rate_limit_error", "rate_limit_exceeded"),
    ErrorKind.API: ("server_error", None),
    ErrorKind.TIMEOUT: ("server_error", "timeout"),
    ErrorKind.OVERLOADED: ("server_error", "overloaded"),
}
"""`error.type` and the `error.code` where the failure brings none."""
CODE_KINDS: dict[str, ErrorKind] = {
    "invalid_api_key": ErrorKind.AUTHENTICATION,
    "model_not_found": ErrorKind.NOT_FOUND,
    "context_length_exceeded": ErrorKind.INVALID_REQUEST,
    "invalid_prompt": ErrorKind.INVALID_REQUEST,
    "bio_policy": ErrorKind.INVALID_REQUEST,
    "misalignment_policy_violation": ErrorKind.INVALID_REQUEST,
    "data_residency_mismatch": ErrorKind.INVALID_REQUEST,
    "image_too_large": ErrorKind.INVALID_REQUEST,
    "image_too_small": ErrorKind.INVALID_REQUEST,
    "image_parse_error": ErrorKind.INVALID_REQUEST,
    "image_content_policy_violation": ErrorKind.INVALID_REQUEST,
    "image_file_too_large": ErrorKind.INVALID_REQUEST,
    "image_file_not_found": ErrorKind.INVALID_REQUEST,
    "invalid_image": ErrorKind.INVALID_REQUEST,
    "invalid_image_format": ErrorKind.INVALID_REQUEST,
    "invalid_image_mode": ErrorKind.INVALID_REQUEST,
    "invalid_image_url": ErrorKind.INVALID_REQUEST,
    "invalid_base64_image": ErrorKind.INVALID_REQUEST,
    "unsupported_image_media_type": ErrorKind.INVALID_REQUEST,
    "empty_image_file": ErrorKind.INVALID_REQUEST,
    "failed_to_download_image": ErrorKind.INVALID_REQUEST,
    "rate_limit_exceeded": ErrorKind.RATE_LIMIT,
    "insufficient_quota": ErrorKind.RATE_LIMIT,  # the operator's own quota upstream: answered 429
    "overloaded": ErrorKind.OVERLOADED,
    "server_is_overloaded": ErrorKind.OVERLOADED,
    "slow_down": ErrorKind.OVERLOADED,
    "vector_store_timeout": ErrorKind.TIMEOUT,
    "server_error": ErrorKind.API,
    "invalid_request_error": ErrorKind.INVALID_REQUEST,
    "rate_limit_error": ErrorKind.RATE_LIMIT,
    "tokens": ErrorKind.RATE_LIMIT,
    "requests": ErrorKind.RATE_LIMIT,
    "overloaded_error": ErrorKind.OVERLOADED,
}
"""For errors without a status: frames inside a stream, `response.error`. Looked up by `code`, then by `type`."""
_KEPT_HEADERS = ("retry-after", "retry-after-ms", "x-request-id", "x-should-retry", "openai-processing-ms")
_SERVER_STATUSES = frozenset({500, 502, 503, 504})


def read_failure(status: int, headers: Mapping[str, str], body: bytes) -> Failure:
    """An answer of status 300 and above. `headers` in lower case."""
    try:
        parsed = codec.loads(body)
    except (ValueError, RecursionError):
        parsed = None
    fields = read_fields(parsed)
    message = fields["message"] or body[:500].decode("utf-8", "replace").strip() or f"the provider answered {status}"
    return Failure(
        kind=_kind(status, fields, message),
        message=message,
        param=fields["param"],
        code=CODE if _full(status, message) else fields["code"] or _image(status, message),
        status=status,
        retry_after=retry_after(headers),
        request_id=headers.get("x-request-id"),
        headers={n: v for n, v in headers.items() if n in _KEPT_HEADERS or n.startswith("x-ratelimit-")},
        upstream=True,
    )


def _full(status: int | None, message: str) -> bool:
    return status in (None, 400, 413, 422) and is_full(message)


def _image(status: int, message: str) -> str | None:
    return read_refused_image(message) if status in (400, 413, 422) else None


def read_error(raw: Any) -> Failure:
    """The error of a frame, of a body answered with 200, or of an answer that failed. A status may stand in it, or be
    its `code`."""
    fields = read_fields({"error": raw} if not isinstance(raw, Mapping) or "error" not in raw else raw)
    code = fields["code"] or ""
    told = fields["status"] or code
    status = int(told) if told.isdecimal() and len(told) == 3 and 400 <= int(told) < 600 else None
    message = fields["message"] or "the provider reported an error inside its answer"
    kind = KINDS.get(status or 0) or CODE_KINDS.get(code) or CODE_KINDS.get(fields["type"] or "")
    if _full(status, message):
        return Failure(ErrorKind.INVALID_REQUEST, message, fields["param"], CODE, status, upstream=True)
    return Failure(kind or ErrorKind.API, message, fields["param"], fields["code"], status, upstream=True)


def read_fields(parsed: Any) -> dict[str, str | None]:
    """The four fields, and a status where one is told, from OpenAI's object, xAI's `{code, error: text}`,
    Mistral's bare object, or a list of one."""
    if isinstance(parsed, list) and parsed:
        parsed = parsed[0]
    found: Any = parsed if isinstance(parsed, Mapping) else {}
    outer = found
    match found.get("error"):
        case Mapping() as inner:
            found = inner
        case str(text):
            found = {**outer, "message": text}
        case _:
            pass  # the bare object
    message = found.get("message") or found.get("detail")
    metadata = found.get("metadata")
    if isinstance(metadata, Mapping) and isinstance(metadata.get("raw"), str):
        message = f"{message}: {metadata['raw']}"  # OpenRouter keeps the vendor's own words there
    return {
        "message": message if isinstance(message, str) else codec.dumps_text(message) if message else None,
        "type": _text(found.get("type")),
        "param": _text(found.get("param")),
        "code": _text(found.get("code")),
        "status": _text(found.get("status_code") or found.get("raw_status_code")),
    }


def _text(value: Any) -> str | None:
    return None if value is None or isinstance(value, dict | list) else str(value)


def _kind(status: int, fields: Mapping[str, str | None], message: str) -> ErrorKind:
    if status == 400 and "incorrect api key" in message.lower():  # xAI answers 400 for a bad key
        return ErrorKind.AUTHENTICATION
    return KINDS.get(status) or (ErrorKind.INVALID_REQUEST if 400 <= status < 500 else ErrorKind.API)


def write_failure(failure: Failure) -> tuple[int, JsonObject]:
    status = ERROR_STATUS[failure.kind]
    if failure.kind is ErrorKind.API and failure.status in _SERVER_STATUSES:
        status = failure.status
    return status, write_error(failure)


def write_error(failure: Failure) -> JsonObject:
    word, code = ERROR_TYPES[failure.kind]
    return {
        "error": {
            "message": worded(failure),
            "type": word,
            "param": failure.param,
            "code": failure.code or code,
        }
    }


EXCEEDS = "Your input exceeds the context window of this model"
"""How the Responses API says it. In a stream LangChain knows it by these words (`_handle_openai_api_error`)."""


def worded(failure: Failure) -> str:
    """The message; that a context is full is said in the API's own words, which LiteLLM and coding agents look for
    beside the code, and some instead of it."""
    if failure.code != CODE or not failure.upstream or EXCEEDS in failure.message:
        return failure.message
    full = read_full(failure.message)
    if full is None:
        return f"{EXCEEDS}: this model's maximum context length is exceeded. {failure.message}"
    asked = f"your messages resulted in {full.used} tokens"
    if full.output is not None:
        total = full.used + full.output
        asked = f"you requested {total} tokens ({full.used} in the messages, {full.output} in the completion)"
    return (
        f"{EXCEEDS}. This model's maximum context length is {full.limit} tokens. However, {asked}. "
        "Please reduce the length of the messages."
    )
