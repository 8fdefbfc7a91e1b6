"""The methods of a path, which a 405 owes."""

from __future__ import annotations

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
    """A path belongs to the first route that has it: of a wider one behind, which would have it too, the caller knows
    nothing."""
    scope = {**request.scope, "method": method}
    met = [(route, route.matches(scope)[0]) for route in request.app.routes]
    own = next((getattr(route, "path", None) for route, match in met if match is not Match.NONE), None)
    return any(match is Match.FULL and getattr(route, "path", None) == own for route, match in met)


def not_taken(request: Request) -> Failure:
    """The refusal of a method: which one, and which would do."""
    allowed = [name for name in METHODS if name != "HEAD" and _takes(name, request)]
    use = f": use {' or '.join(allowed)}" if allowed else ""
    said = f"{request.method} is not taken by {request.scope['path'][:100]}{use}"
    return Failure(ErrorKind.METHOD_NOT_ALLOWED, said, code="method_not_allowed")
