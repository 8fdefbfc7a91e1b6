"""Errors, both ways."""

from __future__ import annotations

import json

import pytest
from anthropic.types import ErrorResponse

from interchange.hub.failure import ErrorKind, Failure, invalid
from interchange.protocols.anthropic_messages.errors import read_failure, write_failure


@pytest.mark.parametrize(("kind", "status", "word"), [
    (ErrorKind.INVALID_REQUEST, 400, "invalid_request_error"),
    (ErrorKind.AUTHENTICATION, 401, "authentication_error"),
    (ErrorKind.BILLING, 402, "billing_error"),
    (ErrorKind.PERMISSION, 403, "permission_error"),
    (ErrorKind.NOT_FOUND, 404, "not_found_error"),
    (ErrorKind.METHOD_NOT_ALLOWED, 405, "invalid_request_error"),
    (ErrorKind.CONFLICT, 409, "conflict_error"),
    (ErrorKind.TOO_LARGE, 413, "request_too_large"),
    (ErrorKind.UNSUPPORTED_MEDIA, 415, "invalid_request_error"),
    (ErrorKind.RATE_LIMIT, 429, "rate_limit_error"),
    (ErrorKind.API, 500, "api_error"),
    (ErrorKind.TIMEOUT, 504, "timeout_error"),
    (ErrorKind.OVERLOADED, 529, "overloaded_error"),
])  # fmt: skip
def test_K8_every_kind_has_a_status_and_a_type(kind: ErrorKind, status: int, word: str) -> None:
    found, body = write_failure(Failure(kind, "what happened", request_id="r"))
    assert (found, body) == (status, {
        "type": "error", "error": {"type": word, "message": "what happened"}, "request_id": "r",
    })  # fmt: skip
    if word not in ("request_too_large", "conflict_error"):  # documented, and not in the SDK's union
        ErrorResponse.model_validate_json(json.dumps(body), strict=True)
    again = read_failure(status, {}, json.dumps(body).encode())
    assert again.kind is (kind if word != "invalid_request_error" else ErrorKind.INVALID_REQUEST)


def test_every_kind_is_written() -> None:
    for kind in ErrorKind:
        write_failure(Failure(kind, "x"))


def test_K9_the_field_at_fault_is_named() -> None:
    _, body = write_failure(invalid("this model takes no images", "messages[0].content[1]").failure)
    assert body["error"]["message"] == "messages.0.content.1: this model takes no images"
    _, body = write_failure(invalid("messages[0].content[1]: no images", "messages[0].content[1]").failure)
    assert body["error"]["message"] == "messages[0].content[1]: no images"


def test_the_field_that_the_provider_names_is_read() -> None:
    text = '{"type":"error","error":{"type":"invalid_request_error","message":"messages.1.content.0.thinking.signature: Field required"}}'  # noqa: E501 - as it was
    assert read_failure(400, {}, text.encode()).param == "messages[1].content[0].thinking.signature"


def test_a_request_that_does_not_fit_has_the_code_that_callers_look_for() -> None:
    error = {"type": "invalid_request_error", "message": "prompt is too long: 205351 tokens > 200000 maximum"}
    failure = read_failure(400, {}, json.dumps({"type": "error", "error": error}).encode())
    assert failure.code == "context_length_exceeded" and failure.param is None


def test_headers_that_callers_rely_on_are_kept() -> None:
    headers = {"Retry-After": "12", "X-Should-Retry": "true", "Request-Id": "req_1", "cf-ray": "x"}
    body = b'{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}'
    failure = read_failure(429, headers, body)
    assert (failure.kind, failure.retry_after, failure.request_id) == (ErrorKind.RATE_LIMIT, 12.0, "req_1")
    assert set(failure.headers) == {"retry-after", "x-should-retry", "request-id"}


@pytest.mark.parametrize(("status", "kind"), [
    (529, ErrorKind.OVERLOADED), (503, ErrorKind.OVERLOADED), (502, ErrorKind.API), (418, ErrorKind.INVALID_REQUEST),
    (413, ErrorKind.TOO_LARGE),
])  # fmt: skip
def test_a_page_that_is_no_error_of_the_api(status: int, kind: ErrorKind) -> None:
    failure = read_failure(status, {}, b"<html>upstream</html>")
    assert (failure.kind, failure.status, failure.message) == (kind, status, "<html>upstream</html>")
    assert read_failure(status, {}, b"").message == f"the provider answered {status}"


def test_a_fault_upstream_keeps_its_status() -> None:
    assert write_failure(Failure(ErrorKind.API, "x", status=502))[0] == 502
    assert write_failure(Failure(ErrorKind.API, "x", status=401))[0] == 500
