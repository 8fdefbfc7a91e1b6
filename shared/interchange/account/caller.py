"""Authorization of the account's API: any good key reads its own data, a management key its account's."""

# Annotations are read as they stand: FastAPI looks for the names in them, which are local here.
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Header, Request

from interchange.exchange.access import identify
from interchange.exchange.http import Inbound
from interchange.exchange.services import Services
from interchange.hub.failure import ErrorKind, Failure, RequestError
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
        return await identify(services, Inbound(request.method, request.url.path, given, b"", 0.0, source_ip=source))

    return ask


def management_key(services: Services) -> Ask:
    """A dependency: as `any_key`, for management keys only."""

    async def ask(principal: Annotated[Principal, Depends(any_key(services))]) -> Principal:
        if not principal.manages:
            raise RequestError(MANAGEMENT_ONLY)
        return principal

    return ask
