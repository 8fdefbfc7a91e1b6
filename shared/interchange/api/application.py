"""A JSON family in one call: FastAPI's application with the errors, the limits and the entries of every family."""

# Annotations are read as they stand: FastAPI looks for the names in them.
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response
from starlette.routing import Route

from interchange.edge.app import Handlers, error_handlers, read_inbound, send_answer
from interchange.edge.base_path import AsText
from interchange.edge.buffered import Handler
from interchange.edge.contained import Contained
from interchange.edge.family import HEALTH, dressed, health, refuser, reporter
from interchange.edge.revalidated import Revalidated
from interchange.exchange.http import Inbound
from interchange.exchange.services import Services
from interchange.protocols.faces import Server

from .described import refused


async def _inbound(request: Request) -> Inbound:
    return await read_inbound(request)


SECRET = ("authorization", "x-api-key")
"""Headers by which an answer is one caller's own."""
Handle = Callable[[Request, Exception], Awaitable[Response]]
Asked = Annotated[Inbound, Depends(_inbound)]
"""The whole request, for an endpoint whose body is carried to a vendor as it came."""


def json_family(
    title: str,
    routers: Sequence[APIRouter],
    paths: Sequence[str],
    server: Server,
    services: Services,
    *,
    by_version: Server | None = None,
    kept_s: int | None = None,
) -> tuple[FastAPI, Handler]:
    """(`app`, `handler`). `paths` are those of the routers. Errors are written by `server`; by `by_version` for callers
    that send `anthropic-version`, in a family that answers those of both protocols. With `kept_s` what is read is told
    apart by an `etag`, and kept by any cache for so many seconds where it was asked without a key."""
    routes = [*(route for router in routers for route in router.routes), Route(HEALTH, _health(services))]
    app = FastAPI(title=title, docs_url=None, redoc_url=None, openapi_url=None, routes=routes)
    versioned = None if by_version is None else refuser(by_version, services)
    handlers = error_handlers(paths, refuser(server, services), reporter(title, services), versioned)
    for kind, handle in handlers.by_kind.items():
        app.add_exception_handler(kind, handle)
    app.add_exception_handler(RequestValidationError, _invalid(handlers))
    app.add_middleware(Contained, failed=handlers.failed)
    if kept_s is not None:
        app.add_middleware(Revalidated, by=(*SECRET, "anthropic-version"), secret=SECRET, seconds=kept_s)
        app.add_middleware(AsText)
    _, handler = dressed(app, title, (*paths, HEALTH), server, services)
    return app, handler


def _invalid(handlers: Handlers) -> Handle:
    """Tells what FastAPI itself finds wrong as every other wrong field is told."""

    async def told(request: Request, error: Exception) -> Response:
        found = error.errors() if isinstance(error, RequestValidationError) else ()
        return handlers.refused(request, refused(found))

    return told


def _health(services: Services) -> Callable[[Request], Awaitable[Response]]:
    answer = health(services)

    async def healthy(request: Request) -> Response:
        return send_answer(await answer(await read_inbound(request)), request)

    return healthy
