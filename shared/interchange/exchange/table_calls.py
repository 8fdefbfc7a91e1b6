"""Calls of the table from a request: in place where it is near; where it is far, on the loop or in a thread that may
wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from interchange.waiting import on_loop

from .services import Services

P = ParamSpec("P")
T = TypeVar("T")


async def ask(services: Services, act: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Returns what `act` returns. A near table answers in less time than a thread takes to be woken, and nothing can
    come between; a caller who leaves cannot interrupt it."""
    if services.near:
        return act(*arguments, **named)
    if services.on_loop:
        return await on_loop(act, *arguments, **named)
    return await asyncio.to_thread(act, *arguments, **named)
