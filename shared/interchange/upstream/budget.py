"""Budget of what one request may have us fetch in all."""

from __future__ import annotations

import asyncio
from dataclasses import field

from interchange.dataclass import dataclass

MOST_URLS = 16
MOST_BYTES = 64 * 1024 * 1024
AT_A_TIME = 4


@dataclass(slots=True)
class Budget:
    """`left` in bytes, over all of a request's downloads; `turn` lets a few of them run at a time."""

    left: int = MOST_BYTES
    turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_A_TIME))

    def take(self, size: int) -> bool:
        """False where so much is no longer left."""
        self.left -= size
        return self.left >= 0
