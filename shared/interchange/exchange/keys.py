"""Where the vendors' keys are read anew, and what is known of the last time that they were."""

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
