"""Authorization of the account's API: any good key reads its own data, a management key its account's."""

# Annotations are read as they stand: FastAPI looks for the names in them, which are local here.
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Header, Request

from interchange.exchange.access import identify
from interchange.exchange.http import Inbound
from interchange.exchange.services import Services
from interchange.hub.failure import ErrorKind, Failure, RequestError, invalid
from interchange.identity.keys import Principal

Ask = Callable[..., Awaitable[Principal]]
MANAGEMENT_ONLY = Failure(
    ErrorKind.PERMISSION,
    "this key sees itself only (GET /v1/key). For the account, use a management key; its operator makes the first.",
    code="management_key_required",
)


def any_key(services: Services) -> Ask:
    """A dependency: the principal of the request's key. Raises RequestError."""

    async def ask(
        request: Request,
        authorization: Annotated[str | None, Header(include_in_schema=False)] = None,
        x_api_key: Annotated[str | None, Header(include_in_schema=False)] = None,
    ) -> Principal:
        headers = {"authorization": authorization, "x-api-key": x_api_key}
        given = {name: value for name, value in headers.items() if value is not None}
        source = request.client.host if request.client else None
        inbound = Inbound(request.method, request.url.path, given, b"", 0.0, source_ip=source)
        principal = await identify(services, inbound)
        check_query(request)
        return principal

    return ask


def management_key(services: Services) -> Ask:
    """A dependency: as `any_key`, for management keys only."""

    async def ask(principal: Annotated[Principal, Depends(any_key(services))]) -> Principal:
        if not principal.manages:
            raise RequestError(MANAGEMENT_ONLY)
        return principal

    return ask


def check_query(request: Request) -> None:
    """Raises RequestError for a parameter that is not read here, or stands there twice: the answer would be another one
    than what was asked for."""
    known = [str(one.alias) for one in request.scope["route"].dependant.query_params]
    for name in request.query_params:
        if name not in known:
            takes = f"this takes {', '.join(known)}" if known else "this takes none"
            raise invalid(f"{name[:80]}: no such parameter; {takes}", name[:80], "invalid_value")
        if len(request.query_params.getlist(name)) > 1:
            raise invalid(f"{name}: given twice", name, "invalid_value")
