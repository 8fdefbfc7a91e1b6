"""`handler`, the entry that buffers, and its limit: Lambda returns at most 6 MB of JSON, binary bodies as base64.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html. Beyond it the platform would answer 502 with
nothing of ours, so the caller is told what happened and where the answer fits. The streaming entry has no such limit.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette

from interchange.exchange.http import Answer
from interchange.hub.failure import ErrorKind, Failure

from .event_completed import completed

MOST_BYTES = 6 * 1024 * 1024 - 64 * 1024
"""What is left for the body: headers and the envelope take the rest."""
KEPT = ("x-interchange-request-id", "x-interchange-charge-usd", "x-request-id", "request-id")

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def buffered(app: Starlette) -> Handler:
    """Mangum around the application; made at once, unless the streaming entry serves this environment and nobody will
    call it. What an event leaves out is completed; the handler raises NotHttp for one that is no request."""

    @functools.cache
    def adapter() -> Handler:
        from mangum import Mangum  # not where the streaming entry serves: it costs a tenth of a cold start

        made: Handler = Mangum(app, lifespan="off")
        return made

    if not os.environ.get("AWS_LAMBDA_EXEC_WRAPPER") or os.environ.get("AWS_SAM_LOCAL") == "true":
        adapter()
    return lambda event, context: adapter()(completed(event), context)


def within_limit(handler: Handler, refuse: Callable[[Failure], Answer]) -> Handler:
    """`handler`, with an answer in the caller's protocol in place of one that the platform cannot carry."""

    def limited(event: dict[str, Any], context: Any) -> dict[str, Any]:
        result = handler(event, context)
        size = len(str(result.get("body") or "").encode())
        if size <= MOST_BYTES:
            return result
        answer = refuse(_too_large(size))
        assert isinstance(answer.body, bytes)
        given = {**(result.get("headers") or {})}
        headers = {**answer.headers, **{name: given[name] for name in KEPT if name in given}}
        return {**result, "statusCode": answer.status, "headers": headers, "multiValueHeaders": _many(result, headers),
                "body": answer.body.decode(), "isBase64Encoded": False}  # fmt: skip

    return limited


def _many(result: dict[str, Any], headers: dict[str, str]) -> dict[str, list[str]]:
    """Payload 1.0 has headers twice."""
    return {name: [value] for name, value in headers.items()} if "multiValueHeaders" in result else {}


def _too_large(size: int) -> Failure:
    return Failure(
        ErrorKind.TOO_LARGE,
        f"the answer takes {size} bytes, and this address returns at most {MOST_BYTES}. The request was served and "
        "charged. Call the stack's BaseUrl or the function's streaming URL, which have no such limit, or ask for less "
        "(fewer or smaller images, a compressed format).",
        code="answer_too_large",
    )
