"""Tasks that an invocation's application started, apart from those of its neighbours in the same process."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar
from typing import Any

Tasks = set["asyncio.Task[Any]"]
_NOTED: ContextVar[Tasks | None] = ContextVar("noted", default=None)
"""Where the invocation's tasks are noted. A task has its starter's context, so what it starts is noted there too."""


class Started:
    """Notes the tasks of `loop`, from now on."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.set_task_factory(_note)  # type: ignore[arg-type] # its stub knows `context` alone of what may be named

    @contextmanager
    def noted(self) -> Iterator[Tasks]:
        """Those that run, of all that are started inside."""
        running: Tasks = set()
        token = _NOTED.set(running)
        try:
            yield running
        finally:
            _NOTED.reset(token)


def _note(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **named: Any) -> asyncio.Task[Any]:
    task: asyncio.Task[Any] = asyncio.Task(work, loop=loop, **named)
    context: Context | None = named.get("context")
    running = _NOTED.get() if context is None else context.get(_NOTED)
    if running is not None:
        running.add(task)
        task.add_done_callback(running.discard)
    return task
