"""The OpenAPI description of the families, by FastAPI: for the laptop and for documents, never on a request's way.

It is made from the same routes that serve, so it cannot name an endpoint that is not there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

BODIES = ("POST", "PUT", "PATCH")


def describe(title: str, version: str, families: Iterable[Starlette]) -> dict[str, Any]:
    """One OpenAPI document of several families; each one's endpoints under its own tag."""
    api = FastAPI(title=title, version=version)
    for app in families:
        for route in app.routes:
            if isinstance(route, Route) and route.include_in_schema:
                _add(api, route, app.state.title)
    return api.openapi()


def _add(api: FastAPI, route: Route, tag: str) -> None:
    for method in sorted((route.methods or set()) - {"HEAD"}):
        body = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}
        api.add_api_route(
            route.path,
            _answer,
            methods=[method],
            tags=[tag],
            operation_id=f"{tag}{route.path}:{method}",
            summary=f"{method} {route.path}",
            openapi_extra=body if method in BODIES else None,
        )


def _answer() -> Response:
    """In the family's protocol."""
    return Response()
