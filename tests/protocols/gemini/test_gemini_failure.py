"""Google's errors into the hub's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interchange.hub.failure import ErrorKind
from interchange.protocols.gemini.client import Client
from interchange.protocols.gemini.words import STATUS

read_failure = Client().read_failure


def error(status: int, word: str, message: str = "said", *details: dict[str, Any]) -> bytes:
    return json.dumps(
        {"error": {"code": status, "message": message, "status": word, "details": list(details)}}
    ).encode()


@pytest.mark.parametrize(("word", "kind"), STATUS.items())
def test_every_status_word(word: str, kind: ErrorKind) -> None:
    failure = read_failure(400, {}, error(400, word))
    assert (failure.kind, failure.message, failure.code, failure.status) == (kind, "said", word, 400)


def test_a_bad_key_is_authentication_though_google_says_400() -> None:
    detail = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
    failure = read_failure(400, {}, error(400, "INVALID_ARGUMENT", "API key not valid.", detail))
    assert (failure.kind, failure.code) == (ErrorKind.AUTHENTICATION, "API_KEY_INVALID")


def test_the_wait_that_google_asks_for() -> None:
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.074824224s"}
    failure = read_failure(429, {}, error(429, "RESOURCE_EXHAUSTED", "quota", info))
    assert (failure.kind, failure.retry_after) == (ErrorKind.RATE_LIMIT, 34.074824224)
    assert read_failure(429, {"Retry-After": "7"}, error(429, "RESOURCE_EXHAUSTED")).retry_after == 7.0


def test_too_long_a_prompt_has_the_code_that_clients_look_for() -> None:
    message = "The input token count (1250074) exceeds the maximum number of tokens allowed (1048576)."
    assert read_failure(400, {}, error(400, "INVALID_ARGUMENT", message)).code == "context_length_exceeded"


@pytest.mark.parametrize("wrap", [lambda x: b"[" + x + b"]", lambda x: b"data: " + x + b"\r\n\r\n", lambda x: x])
def test_an_array_and_a_frame_hold_the_same_error(wrap: Any) -> None:
    failure = read_failure(503, {}, wrap(error(503, "UNAVAILABLE", "overloaded")))
    assert (failure.kind, failure.message) == (ErrorKind.OVERLOADED, "overloaded")


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (502, b"<html>Bad Gateway</html>", ErrorKind.API, "<html>Bad Gateway</html>"),
        (500, b"", ErrorKind.API, "the provider answered 500"),
        (413, b"too big", ErrorKind.TOO_LARGE, "too big"),
        (404, b'{"error": "no"}', ErrorKind.NOT_FOUND, '{"error": "no"}'),
        (418, b"teapot", ErrorKind.INVALID_REQUEST, "teapot"),
        (413, error(413, "INVALID_ARGUMENT"), ErrorKind.TOO_LARGE, "said"),
        (500, error(500, "SOMETHING_NEW"), ErrorKind.API, "said"),
    ],
)
def test_what_is_not_googles_own(status: int, body: bytes, kind: ErrorKind, message: str) -> None:
    failure = read_failure(status, {}, body)
    assert (failure.kind, failure.message, failure.status) == (kind, message, status)
    assert failure.upstream
