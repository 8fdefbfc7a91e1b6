"""The caller of the admin API, and whether what is asked for is there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Request

from .books import CALLER


def remembered(authorise: Callable[[Request], str | None]) -> Callable[[Request], Awaitable[None]]:
    """Makes the dependency that asks `authorise`, and keeps its answer as the CALLER of what the request does."""

    async def ask(request: Request) -> None:
        CALLER.set(authorise(request) or "")

    return ask


def known_parameters(request: Request) -> None:
    """Raises ValueError for a parameter that the endpoint does not have: a mistyped one would ask about everything."""
    known = [one.alias for one in request.scope["route"].dependant.query_params]
    for name in request.query_params:
        if name not in known:
            raise ValueError(f"{name[:40]}: no such parameter; there are {', '.join(known) or 'none'}")
