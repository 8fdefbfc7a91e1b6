"""Errors, in one vocabulary. Each protocol has a table from these kinds to its own types, codes and statuses.

InterchangeError
├── Failure carried as a value (upstream answers, stream errors)
└── RequestError        the caller's fault, found by us: names the field
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from interchange.dataclass import dataclass

from .rates import Rates


class ErrorKind(StrEnum):
    INVALID_REQUEST = "invalid_request"
    AUTHENTICATION = "authentication"
    BILLING = "billing"
    """402: the balance or an allowance does not cover the request."""
    PERMISSION = "permission"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    UNSUPPORTED_MEDIA = "unsupported_media"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    RATE_LIMIT = "rate_limit"
    API = "api"
    """A fault upstream or in the gateway."""
    TIMEOUT = "timeout"
    OVERLOADED = "overloaded"


STATUS: dict[ErrorKind, int] = {
    ErrorKind.INVALID_REQUEST: 400,
    ErrorKind.AUTHENTICATION: 401,
    ErrorKind.BILLING: 402,
    ErrorKind.PERMISSION: 403,
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.METHOD_NOT_ALLOWED: 405,
    ErrorKind.CONFLICT: 409,
    ErrorKind.TOO_LARGE: 413,
    ErrorKind.UNSUPPORTED_MEDIA: 415,
    ErrorKind.RATE_LIMIT: 429,
    ErrorKind.API: 500,
    ErrorKind.TIMEOUT: 504,
    ErrorKind.OVERLOADED: 529,
}
"""The default status of a kind. A protocol's server face may say otherwise (chat has no 529: it answers 503)."""
KINDS: dict[int, ErrorKind] = {
    **{status: kind for kind, status in STATUS.items()},
    408: ErrorKind.TIMEOUT,
    422: ErrorKind.INVALID_REQUEST,
    502: ErrorKind.API,
    503: ErrorKind.OVERLOADED,
}
"""The kind that a status stands for, where the vendor's words do not tell more. Another 4xx is an invalid request."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure, described once. `param` is the JSON path of the field at fault; `code` the vendor's or our own code;
    `status` the upstream's HTTP status where there was one; `retry_after` in seconds; `headers` upstream headers that
    callers rely on (request ids, rate limits), lower-case. `upstream` is True when the provider said it."""

    kind: ErrorKind
    message: str
    param: str | None = None
    code: str | None = None
    status: int | None = None
    retry_after: float | None = None
    request_id: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    upstream: bool = False
    rates: Rates | None = None
    """What is left of the key's minute, where a limit by the minute is the reason."""
    details: Mapping[str, Any] | None = None
    """What a client reads of the error beside its words, in the caller's protocol."""


class RequestError(Exception):
    """The request cannot be served, and why. Raised before anything was sent upstream; carries a `Failure`."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def malformed(message: str) -> Failure:
    """An answer of a provider that cannot be read, or is none."""
    return Failure(ErrorKind.API, message, code="upstream_malformed", upstream=True)


def invalid(message: str, param: str | None = None, code: str | None = None) -> RequestError:
    """A 400 that names its field."""
    return RequestError(Failure(ErrorKind.INVALID_REQUEST, message, param=param, code=code))
