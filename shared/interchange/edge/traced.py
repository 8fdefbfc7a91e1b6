"""A subsegment of X-Ray around each request of a family, by Powertools' Tracer, where the operator has asked for it.

The platform's own tracing (`Tracing: Active`) needs none of this; Tracer costs half a second of a cold start.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATCHED = ("botocore",)
"""What Tracer notes the calls of: DynamoDB and Secrets Manager, where boto3 is the client."""


class Traced:
    """An ASGI middleware. `name` is the family's; `build` which build answers."""

    def __init__(self, app: ASGIApp, name: str, build: str) -> None:
        from aws_lambda_powertools import Tracer  # imported here: who does not trace does not pay for it

        self._app, self._name, self._build = app, name, build
        self._tracer = Tracer(service="interchange", patch_modules=PATCHED)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        async with self._tracer.provider.in_subsegment_async(name=f"## {self._name}") as segment:

            async def noted(message: Message) -> None:
                if message["type"] == "http.response.start":
                    segment.put_annotation(key="status", value=message["status"])
                await send(message)

            segment.put_annotation(key="path", value=scope["path"])
            segment.put_annotation(key="build", value=self._build)
            await self._app(scope, receive, noted)
