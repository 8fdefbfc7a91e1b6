"""Reads the vendors' keys anew, and knows when it last did."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from interchange.dataclass import dataclass


@dataclass(slots=True)
class Keys:
    """`read` reads them where they are kept, and returns True where they are others than before; it may wait, and
    raise. `read_ms` is when that was done last, in Unix milliseconds."""

    read: Callable[[], bool]
    read_ms: int
    reading: asyncio.Task[None] | None = None
