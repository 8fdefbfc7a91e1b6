"""A family in one call: its application, and the handler that Lambda names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware

from interchange.exchange.answers import base_headers, refuse
from interchange.exchange.http import Answer, Inbound
from interchange.exchange.outage import AWAY
from interchange.exchange.services import Services
from interchange.hub.failure import Failure
from interchange.protocols.faces import Server

from .app import FAULT, Endpoint, Handle, Refuse, Report, create_app
from .base_path import AtRoot
from .base_url import Meant
from .buffered import Handler, buffered, within_limit
from .edge_secret import ThroughEdge
from .traced import Traced

ASKED = ("GET", "POST")
HEALTH = "/healthz"
"""Answered by every family with its build: the function is up and its settings are good. It asks nobody else."""


def family(
    title: str, endpoints: Sequence[Endpoint], server: Server, services: Services, *, any_origin: bool = True
) -> tuple[Starlette, Handler]:
    """(`app`, `handler`). Errors that the application makes itself are written by `server`. With `any_origin` a page of
    any site may call with a key of its user's, as the vendors' own APIs let it (`dangerouslyAllowBrowser` in the SDKs);
    nothing is known by cookie here, so no page can use a key that it does not have."""
    served = [*endpoints, Endpoint("GET", HEALTH, health(services))]
    app = create_app(served, refuser(server, services), report=reporter(title, services))
    paths, methods = [one.path for one in served], sorted({*ASKED, *(one.method for one in served)})
    if any_origin and not services.edge_secret and not services.tracer:
        app.answer_directly()
    return dressed(app, title, paths, server, services, any_origin=any_origin, methods=methods)


def health(services: Services) -> Handle:
    async def healthy(_inbound: Inbound) -> Answer:
        headers = {"content-type": "text/plain; charset=utf-8", "cache-control": "no-store"}
        return Answer(200, headers, f"ok {services.build}".encode())

    return healthy


def reporter(title: str, services: Services) -> Report:
    """Tells of an error, and what its caller is told."""

    def failure(error: Exception) -> Failure:
        away = services.is_outage(error)
        services.report("table_failed" if away else "fault", {"family": title, "error": repr(error)})
        return AWAY if away else FAULT

    return failure


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
    refused = refuser(server, services)
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


def refuser(server: Server, services: Services) -> Refuse:
    """Writes a failure in `server`'s protocol, with the headers that every answer has."""
    return lambda failure: refuse(server, failure, base_headers(services.new_id()))


ANY_ORIGIN: Mapping[str, Any] = {
    "allow_origins": ["*"], "allow_headers": ["*"], "expose_headers": ["*"], "max_age": 86_400,
}  # fmt: skip
"""https://fetch.spec.whatwg.org/#http-cors-protocol; template.yaml says the same for API Gateway, which answers the
browser's first question itself."""
