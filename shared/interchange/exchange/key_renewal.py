"""Vendors' keys, read anew: behind a request every few minutes, and at once where a vendor refuses one.

So a key that the operator has changed is used without a restart, and the request that met the old one's end is served.
"""

from __future__ import annotations

import asyncio
from typing import TypeVar

from .attempt import Attempt
from .keys import Keys
from .services import Services

EVERY_MS = 300_000
"""While requests come."""
SOONEST_MS = 15_000
"""At least so long between two reads, however many requests are refused meanwhile."""

A = TypeVar("A", bound=Attempt)


def refresh(services: Services) -> None:
    """Reads them behind a request, where that is due."""
    keys = services.keys
    if keys is not None and services.now_ms() - keys.read_ms > EVERY_MS:
        _read(services, keys)


async def renewed(services: Services, attempt: A) -> A | None:
    """The attempt under the key that its provider has now; None where that is the one that was refused."""
    keys, name = services.keys, attempt.provider.name
    if keys is not None and services.providers.get(name) is attempt.provider:
        if keys.reading is None and services.now_ms() - keys.read_ms > SOONEST_MS:
            _read(services, keys)
        if keys.reading is not None:
            await asyncio.shield(keys.reading)
    provider = services.providers.get(name)
    return None if provider is None or provider is attempt.provider else attempt.under(provider)


def _read(services: Services, keys: Keys) -> None:
    """Starts one reading, for all who wait for it."""
    keys.read_ms = services.now_ms()

    async def read() -> None:
        try:
            if await asyncio.to_thread(keys.read):
                services.health.renewed()
                services.report("keys_renewed", {})
        except Exception as error:  # noqa: BLE001 - the keys that are known go on being used
            services.report("keys_failed", {"error": repr(error)})
        finally:
            keys.reading = None

    keys.reading = asyncio.get_running_loop().create_task(read())
