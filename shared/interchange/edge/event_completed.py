"""A Lambda event of HTTP with every field that its readers look for: hand-written ones leave out what does not matter.

Shapes: payload 1.0 (REST APIs) and a load balancer's, which is like it, and payload 2.0 (function URLs, HTTP APIs).
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

Event = dict[str, Any]
BALANCED = ("headers", "queryStringParameters", "multiValueHeaders", "multiValueQueryStringParameters")


class NotHttp(Exception):
    """The event is no HTTP request: a test event of the console, a schedule, or an event that lacks what each has."""


def completed(event: Any) -> Event:
    """The same request, with empty values for what is missing or null. Raises NotHttp where its method or its path is
    missing, and where the body is not in the encoding that the event names."""
    if not isinstance(event, dict):
        raise NotHttp("the event is no HTTP request: an object is wanted")
    context = _object(event, "requestContext")
    whole = _second(event, context) if event.get("version") == "2.0" or "http" in context else _first(event, context)
    read_body(whole)
    return whole


def read_body(event: Mapping[str, Any]) -> bytes:
    """The body's bytes. Raises NotHttp."""
    body = event.get("body") or ""
    try:
        return base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
    except (AttributeError, TypeError, ValueError) as error:
        raise NotHttp(f"the event is no HTTP request: its body: {error}"[:300]) from error


def _second(event: Event, context: Event) -> Event:
    http = _object(context, "http")
    method, path = http.get("method"), event.get("rawPath") or http.get("path")
    _check(method, path, "requestContext.http.method", "rawPath")
    told = {**context, "http": {"protocol": "HTTP/1.1", **http, "path": path, "sourceIp": http.get("sourceIp") or ""}}
    query = event.get("rawQueryString") or ""
    return {**event, "version": "2.0", "rawPath": path, "rawQueryString": query, "headers": _object(event, "headers"),
            "requestContext": told, "body": event.get("body") or "",
            "isBase64Encoded": bool(event.get("isBase64Encoded"))}  # fmt: skip


def _first(event: Event, context: Event) -> Event:
    method, path = event.get("httpMethod") or context.get("httpMethod"), event.get("path")
    _check(method, path, "httpMethod", "path")
    whole = {**event, "httpMethod": method, "path": path or "/", "requestContext": context,
             "body": event.get("body") or "", "isBase64Encoded": bool(event.get("isBase64Encoded"))}  # fmt: skip
    if "elb" in context:
        return _of_balancer(whole)
    told = {**context, "identity": {"sourceIp": "", **_object(context, "identity")}}
    seen = {"resource": event.get("resource") or path, "headers": _object(event, "headers")}
    return {**whole, **seen, "requestContext": told}


def _of_balancer(event: Event) -> Event:
    """The event with one of two forms of headers, as its target group says: the answer has the same."""
    names = "headers", "queryStringParameters"
    if event.get("multiValueHeaders") is not None or "headers" not in event:
        names = "multiValueHeaders", "multiValueQueryStringParameters"
    rest = {name: value for name, value in event.items() if name not in BALANCED}
    return {**rest, **{name: _object(event, name) for name in names}}


def _check(method: Any, path: Any, *names: str) -> None:
    for value, name in zip((method, path), names, strict=True):
        if not isinstance(value, str) or (name == names[0] and not value):
            raise NotHttp(f"the event is no HTTP request: it has no {name}")


def _object(event: Mapping[str, Any], name: str) -> Event:
    found = event.get(name)
    if found is not None and not isinstance(found, dict):
        raise NotHttp(f"the event is no HTTP request: its {name} is no object")
    return found or {}
