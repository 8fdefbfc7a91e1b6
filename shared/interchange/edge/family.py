"""A family in one call: its application, and the handler that Lambda names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware

from interchange.exchange.answers import base_headers, refuse
from interchange.exchange.http import Answer, Inbound
from interchange.exchange.outage import AWAY
from interchange.exchange.services import Services
from interchange.hub.failure import Failure
from interchange.protocols.faces import Server

from .app import FAULT, Endpoint, create_app
from .base_path import AtRoot
from .base_url import Meant
from .buffered import Handler, buffered, within_limit
from .edge_secret import ThroughEdge
from .traced import Traced

ASKED = ("GET", "POST")
HEALTH = "/healthz"
"""Answered by every family with its build: the function is up and its settings are good. It asks nobody else."""


def family(
    title: str,
    endpoints: Sequence[Endpoint],
    server: Server,
    services: Services,
    *,
    any_origin: bool = True,
    by_version: Server | None = None,
) -> tuple[Starlette, Handler]:
    """(`app`, `handler`). Errors that the application makes itself are written by `server`; by `by_version` for callers
    that send `anthropic-version`, in a family that answers those of both protocols. With `any_origin` a page of
    any site may call with a key of its user's, as the vendors' own APIs let it (`dangerouslyAllowBrowser` in the SDKs);
    nothing is known by cookie here, so no page can use a key that it does not have."""

    def failure(error: Exception) -> Failure:
        away = services.is_outage(error)
        services.report("table_failed" if away else "fault", {"family": title, "error": repr(error)})
        return AWAY if away else FAULT

    async def healthy(_inbound: Inbound) -> Answer:
        headers = {"content-type": "text/plain; charset=utf-8", "cache-control": "no-store"}
        return Answer(200, headers, f"ok {services.build}".encode())

    served = [*endpoints, Endpoint("GET", HEALTH, healthy)]
    versioned = None if by_version is None else _refuser(by_version, services)
    app = create_app(served, _refuser(server, services), report=failure, by_version=versioned)
    paths, methods = [one.path for one in served], sorted({*ASKED, *(one.method for one in served)})
    return dressed(app, title, paths, server, services, any_origin=any_origin, methods=methods)


def dressed(
    app: Starlette,
    title: str,
    paths: Sequence[str],
    server: Server,
    services: Services,
    *,
    any_origin: bool = True,
    methods: Sequence[str] = ASKED,
) -> tuple[Starlette, Handler]:
    """(`app`, `handler`) of an application that has its routes: with what every family has around them. `methods` are
    those that a page of another site may use."""
    refused = _refuser(server, services)
    app.state.title = title
    if services.edge_secret:
        app.add_middleware(ThroughEdge, secret=services.edge_secret, refuse=refused)
    if any_origin:
        app.add_middleware(CORSMiddleware, **ANY_ORIGIN, allow_methods=methods)
    app.add_middleware(Meant)
    app.add_middleware(AtRoot, paths=paths)
    if services.tracer:
        app.add_middleware(Traced, name=title, build=services.build)
    return app, within_limit(buffered(app), refused)


def _refuser(server: Server, services: Services) -> Callable[[Failure], Answer]:
    return lambda failure: refuse(server, failure, base_headers(services.new_id()))


ANY_ORIGIN: Mapping[str, Any] = {
    "allow_origins": ["*"], "allow_headers": ["*"], "expose_headers": ["*"], "max_age": 86_400,
}  # fmt: skip
"""https://fetch.spec.whatwg.org/#http-cors-protocol; template.yaml says the same for API Gateway, which answers the
browser's first question itself."""
