"""The methods of a path, which a 405 owes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from starlette.requests import Request
from starlette.routing import Match

from interchange.hub.failure import ErrorKind, Failure

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
    """A path belongs to the routes that name the most of it: of a wider one, which would have it too, its caller knows
    nothing."""
    scope = {**request.scope, "method": method}
    met = [(route.path, route.matches(scope)[0]) for route in _routes(request.app.routes)]
    paths = [path for path, match in met if match is not Match.NONE]
    own = min(paths, key=lambda path: path.count("{"), default=None)
    return any(match is Match.FULL and path == own for path, match in met)


def _routes(routes: Iterable[Any]) -> Iterator[Any]:
    """Takes included routers apart."""
    for route in routes:
        inner = getattr(route, "effective_candidates", None)
        if inner is not None:
            yield from _routes(inner())
        elif hasattr(route, "path"):
            yield route


def not_taken(request: Request) -> Failure:
    """The refusal of a method: which one, and which would do."""
    allowed = [name for name in METHODS if name != "HEAD" and _takes(name, request)]
    use = f": use {' or '.join(allowed)}" if allowed else ""
    said = f"{request.method} is not taken by {request.scope['path'][:100]}{use}"
    return Failure(ErrorKind.METHOD_NOT_ALLOWED, said, code="method_not_allowed")
