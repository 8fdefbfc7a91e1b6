"""Waits for something of the event loop in the midst of plain calls, without a thread.

The books are plain calls of a table, which may be far: `on_loop` runs such a call on a stack of its own (a greenlet),
and where it must `wait`, its task goes on to whatever else there is. Nothing on the way need know of it.
"""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_RUNNING: set[asyncio.Task[Any]] = set()
"""A task that nobody refers to may be collected before it ends."""


async def on_loop(act: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Returns what `act` returns, and goes on to its end whoever stops waiting for it, as a thread would."""
    task = asyncio.get_running_loop().create_task(_run(functools.partial(act, *arguments, **named)))
    _RUNNING.add(task)
    task.add_done_callback(_RUNNING.discard)
    return await asyncio.shield(task)


def can_wait() -> bool:
    """True within `on_loop`."""
    return bool(_RUNNING) and type(_greenlets().getcurrent()) is _stack()


def wait(awaited: Awaitable[T]) -> T:
    """Returns what it comes to, or raises what it raises. To be called within `on_loop`."""
    result: T = _greenlets().getcurrent().parent.switch(awaited)
    return result


def pause(seconds: float) -> None:
    """Sleeps: only this call where it is within `on_loop`, else the thread."""
    if can_wait():
        wait(asyncio.sleep(seconds))
    else:
        time.sleep(seconds)


async def _run(act: Callable[[], T]) -> T:
    stack = _stack()(act)
    stack.gr_context = _greenlets().getcurrent().gr_context  # a stack begins with none of its task's variables
    found = stack.switch()
    while not stack.dead:
        try:
            given = await found
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised where it was waited for
            found = stack.throw(error)
        else:
            found = stack.switch(given)
    result: T = found
    return result


@functools.cache
def _greenlets() -> Any:
    """Loaded with the first call of a far table."""
    import greenlet

    return greenlet


@functools.cache
def _stack() -> Any:
    """The stacks of `on_loop`, told from those of threads."""
    return type("Stack", (_greenlets().greenlet,), {})
