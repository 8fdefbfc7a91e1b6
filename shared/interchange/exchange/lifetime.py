"""Time that a call may take: to its deadline, or to the end of the process that serves it."""

from __future__ import annotations

import asyncio

from interchange.dataclass import dataclass
from interchange.hub.failure import ErrorKind, Failure

LATE = Failure(ErrorKind.TIMEOUT, "the upstream did not finish before the deadline", code="deadline")
STOPPED = Failure(ErrorKind.OVERLOADED, "this gateway is being stopped or restarted; ask again", code="stopping")


@dataclass(slots=True)
class Lifetime:
    """`over` is what its caller is told at its end, `timer` what ends it while it has not ended by itself."""

    over: Failure = LATE
    timer: asyncio.Timeout | None = None

    def end(self) -> None:
        """Ends it now, for a process that ends."""
        self.over = STOPPED
        if self.timer is not None:
            self.timer.reschedule(asyncio.get_running_loop().time())
