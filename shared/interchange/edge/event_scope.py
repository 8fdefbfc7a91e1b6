"""A Lambda event of HTTP -> an ASGI scope and the body, with the keys that Mangum uses (`aws.event`, `aws.context`).

Two shapes: payload 2.0 (function URLs, HTTP APIs) and payload 1.0 (REST APIs). One function reads each. A load
balancer's event, which is like payload 1.0, is refused by name: its answers cannot stream.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote, urlencode

from starlette.types import Scope

from interchange.dataclass import dataclass

from .event_completed import NotHttp, completed, read_body

FROM_LOAD_BALANCER = (
    "the event is an Application Load Balancer's, which takes whole answers only: it would get this function's "
    "streamed form as it stands. Let it call a function without AWS_LAMBDA_EXEC_WRAPPER, whose `handler` reads its "
    "events, or use the stack's BaseUrl"
)
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html"""


@dataclass(frozen=True, slots=True)
class Context:
    """The part of Lambda's context object that handlers use. `deadline_ms` is in Unix milliseconds."""

    aws_request_id: str
    invoked_function_arn: str
    deadline_ms: int
    function_name: str = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
    function_version: str = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "")
    memory_limit_in_mb: str = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")

    def get_remaining_time_in_millis(self) -> int:
        return max(0, self.deadline_ms - time.time_ns() // 1_000_000)


@dataclass(frozen=True, slots=True)
class _Request:
    """Headers are (name, value) in any case; `path` is decoded, `query` is as on the wire."""

    method: str
    path: str
    query: str
    headers: Iterable[tuple[str, str]]
    source_ip: str


def read_event(event: Any, context: Context) -> tuple[Scope, bytes]:
    """Raises NotHttp."""
    event = completed(event)
    if "elb" in event["requestContext"]:
        raise NotHttp(FROM_LOAD_BALANCER)
    try:
        request = _read_v2(event) if event.get("version") == "2.0" else _read_v1(event)
    except (AttributeError, TypeError, ValueError) as error:
        raise NotHttp(f"the event is no HTTP request: {error!r}") from error
    return _scope(request, event, context), read_body(event)


def _read_v2(event: Mapping[str, Any]) -> _Request:
    """https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html: equal headers are joined by commas, cookies
    stand apart."""
    http = event["requestContext"]["http"]
    headers = list(event["headers"].items())
    if event.get("cookies"):
        headers.append(("cookie", "; ".join(event["cookies"])))
    return _Request(
        http["method"], unquote(event["rawPath"]), event["rawQueryString"], headers,
        http["sourceIp"],
    )  # fmt: skip


def _read_v1(event: Mapping[str, Any]) -> _Request:
    """`path` has no stage. Query values come decoded, so they are encoded again."""
    many = event.get("multiValueHeaders") or {}
    headers = [(name, ", ".join(values)) for name, values in many.items()] or list(event["headers"].items())
    query = event.get("multiValueQueryStringParameters") or event.get("queryStringParameters") or {}
    source_ip = event["requestContext"]["identity"]["sourceIp"] or ""
    return _Request(event["httpMethod"], unquote(event["path"]), urlencode(query, doseq=True), headers, source_ip)


def _scope(request: _Request, event: Mapping[str, Any], context: Context) -> Scope:
    headers = {name.lower(): value for name, value in request.headers}
    host, _, port = headers.get("host", "localhost").partition(":")
    return {
        "type": "http",
        # From 2.4 on a client that is gone is told by `send`, so the framework starts no task that listens for it.
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": headers.get("x-forwarded-proto", "https"),
        "path": request.path or "/",
        "raw_path": None,
        "root_path": "",
        "query_string": request.query.encode(),
        "headers": [(name.encode("latin-1"), _header(value)) for name, value in headers.items()],
        "server": (host, int(port) if port.isascii() and port.isdigit() and len(port) < 6 else 443),
        "client": (request.source_ip, 0),
        "aws.event": event,
        "aws.context": context,
    }


def _header(value: str) -> bytes:
    """Latin-1 is what ASGI means; what it cannot say stays UTF-8, as it was on the wire."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode()
