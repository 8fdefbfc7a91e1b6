"""Keeps a fault inside its application."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send


class Contained:
    """Answers a fault before it leaves the application: what is raised further costs the caller the connection too."""

    def __init__(self, app: ASGIApp, failed: Callable[[Request, Exception], Response]) -> None:
        self._app = app
        self._failed = failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except ClientDisconnect:  # nobody is there to be answered, and nothing of ours has failed
            await Response(status_code=499)(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - nothing has been answered: every answer is whole
            await self._failed(Request(scope), error)(scope, receive, send)
