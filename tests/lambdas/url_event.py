"""What a function URL makes of a request."""

from __future__ import annotations

import base64
import uuid
from typing import Any

from tests.lambdas.http import Head


def event_v2(head: Head, body: bytes) -> dict[str, Any]:
    """The event that a function URL makes of a request; bodies that are no text are base64."""
    headers = dict(head.headers)
    cookies = headers.pop("cookie", "")
    path, _, query = head.path.partition("?")
    text = headers.get("content-type", "").startswith(("application/json", "text/"))
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        **({"cookies": cookies.split("; ")} if cookies else {}),
        "headers": {**headers, "x-forwarded-proto": "https", "x-forwarded-port": "443"},
        "requestContext": {
            "accountId": "anonymous",
            "http": {"method": head.method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.9"},
            "requestId": str(uuid.uuid4()),
            "stage": "$default",
        },
        "body": body.decode() if text else base64.b64encode(body).decode(),
        "isBase64Encoded": not text,
    }
