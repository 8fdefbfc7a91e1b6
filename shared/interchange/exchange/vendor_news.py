"""The memory of failures, shared over the table in the background: no request waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from interchange.hub.verdict import Cause
from interchange.upstream.health import Rest

from .services import Services

READ_MS = 15_000
"""At most this old is what is known of other processes' failures, while requests come."""
_TASKS: set[asyncio.Task[None]] = set()


def refresh(services: Services) -> None:
    """Learns what others have seen, while the request is authenticated and held; and tells them from now on."""
    health, now = services.health, services.now_ms()
    if services.rests is None:
        return
    if health.changed is None:
        health.changed = lambda provider: _start(lambda: _save(services, provider))
    if now - health.read_ms > READ_MS:
        health.read_ms = now
        _start(lambda: _load(services))


def _start(act: Callable[[], None]) -> None:
    task = asyncio.get_running_loop().create_task(asyncio.to_thread(act))
    _TASKS.add(task)
    task.add_done_callback(_TASKS.discard)


def _load(services: Services) -> None:
    if services.rests is None:
        return
    try:
        found = services.rests.load()
    except Exception as error:  # noqa: BLE001 - what is not known costs a useless call at most
        services.report("vendors_failed", {"error": repr(error)})
        return
    routes = {
        (provider, str(model)): Rest(int(until), str(cause), 1)
        for provider, state in found.items()
        for model, until, cause in state.get("routes", ())
    }
    services.health.learn(routes, services.now_ms())


def _save(services: Services, provider: str) -> None:
    health, now = services.health, services.now_ms()
    state = health.states.get(provider)
    if services.rests is None or state is None:
        return
    routes = [
        [model, rest.until_ms, rest.cause]
        for (name, model), rest in list(health.routes.items())
        if name == provider and rest.until_ms > now
    ]
    told = {
        "served_ms": state.served_ms,
        "failed_ms": state.failed_ms,
        "cause": state.cause or Cause.FAULT if state.failed_ms else "",
        "routes": routes,
        "failing_ms": state.failing_ms,
        "refused": dict(state.refused),
    }
    try:
        services.rests.save(provider, told, now)
    except Exception as error:  # noqa: BLE001 - see above
        services.report("vendors_failed", {"error": repr(error)})
