"""The methods of a path, which a 405 owes."""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import Match

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def headers_of(error: Exception, request: Request) -> dict[str, str]:
    """Headers of an HTTP error. A 405 names every method of its path (RFC 9110, 15.5.6); the framework names those of
    the first route that it finds there, or none."""
    found: dict[str, str] = {**(getattr(error, "headers", None) or {})}
    if getattr(error, "status_code", 0) != 405:
        return found
    rest = {name: value for name, value in found.items() if name.lower() != "allow"}
    return {**rest, "allow": ", ".join(name for name in METHODS if _takes(name, request))}


def _takes(method: str, request: Request) -> bool:
    scope = {**request.scope, "method": method}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
