"""A hold that grows ahead of its answer: little is set aside at first, and nothing is made that no balance carries.

How much an answer has become is seen from a stream's characters; what nobody sees (a whole answer, reasoning before the
first word) is reckoned by time. Where the balance carries no more, the answer ends (decision 0045).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from interchange.dataclass import dataclass, replace
from interchange.hub.failure import ErrorKind, Failure
from interchange.metering import ledger as books
from interchange.metering.bounds import affordable_output, spoken

from .hold import account_of
from .record import Record
from .services import Services
from .table_calls import ask

TOKENS_A_SECOND = 150
"""Of what is made unseen: recorded models that reason write 50 to 150."""
FASTEST = 2_000
"""Tokens a second that no vendor exceeds: how soon a hold can be used up."""
CHARACTERS_A_TOKEN = 3
"""Fewer than the four that a token has on the average: an answer's end must not come too late."""
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds between two looks."""
T = TypeVar("T")
SPENT = Failure(
    ErrorKind.BILLING,
    "The balance does not carry this answer any further: other requests of the account have used it meanwhile. "
    "Add credit, set an output limit, or run fewer requests at a time.",
    code="insufficient_quota",
)


class Spent(Exception):
    """The balance carries the answer no further."""


@dataclass(slots=True)
class Growing:
    """Sees to one try of a call."""

    services: Services
    record: Record
    stream: bool
    begun: float
    first: float | None = None
    """When the first word came."""

    @property
    def held(self) -> int:
        return self.record.admission.held.output_tokens

    def made(self, now: float) -> int:
        """Tokens of output that the answer may have by now."""
        if not self.stream:
            return int((now - self.begun) * TOKENS_A_SECOND)
        if self.first is None and self.record.first_byte_ms is not None:
            self.first = now
        unseen = (now if self.first is None else self.first) - self.begun
        return int(unseen * TOKENS_A_SECOND) + self.record.produced // CHARACTERS_A_TOKEN

    async def watch(self, limit: asyncio.Timeout, ended: asyncio.Event) -> None:
        """Lets `limit` pass where the answer has become more than the balance carries."""
        while self.held < self.record.admission.output:
            made = self.made(asyncio.get_running_loop().time())
            if made * 2 > self.held:
                await self._grow(made)
            if ended.is_set():
                return  # while the books were asked
            if made > self.held:
                limit.reschedule(asyncio.get_running_loop().time())
                return
            rest = self.held // 2 - made if made * 2 < self.held else self.held - made
            seconds = rest / (FASTEST if self.stream else TOKENS_A_SECOND)
            if await _passed(ended, min(max(seconds, SHORTEST_PAUSE), LONGEST_PAUSE)):
                return

    async def _grow(self, made: int) -> None:
        """Twice what is held or made, as far as the balance goes; where the table is away, at the next look."""
        admission, markup = self.record.admission, self.record.admission.markup
        most = min(admission.output, 2 * max(made, self.held))
        more = spoken(admission.prices, admission.held, most, markup) - admission.hold.nano
        await extend(self.services, self.record, more)
        hold, prices = self.record.admission.hold, admission.prices
        output = affordable_output(prices, replace(admission.held, output_tokens=most), hold.nano, markup)
        held = replace(admission.held, output_tokens=max(self.held, output))
        self.record.admission = replace(self.record.admission, held=held)


async def _passed(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def growing(services: Services, record: Record, trying: Awaitable[T]) -> T:
    """Waits for `trying`, while the hold grows with the answer. Raises Spent."""
    admission = record.admission
    if admission.held.output_tokens >= admission.output:
        return await trying
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    limit = asyncio.timeout(None)
    seeing = Growing(services, record, record.caller.stream, loop.time())
    watching: asyncio.Task[None] | None = None
    try:
        async with limit:
            watching = loop.create_task(seeing.watch(limit, ended))
            return await trying
    except TimeoutError:
        if not limit.expired():
            raise
        raise Spent from None
    finally:
        ended.set()
        if watching is not None:
            await watching


async def extend(services: Services, record: Record, nano: int) -> None:
    """Sets `nano` more aside for the request, or what is left of it, up to what it can cost. The hold stays as it is
    where the books refuse, or cannot be reached."""
    more = min(nano, record.admission.most_nano - record.admission.hold.nano)
    for _ in range(2):
        if more <= 0:
            return
        account = account_of(record.principal)
        try:
            hold = await ask(services, services.ledger.extend, record.admission.hold, account, more)
        except books.InsufficientBalance as short:
            more = min(more, short.available_nano)
        except books.AllowanceExceeded as short:
            more = min(more, short.remaining_nano)
        except Exception as error:  # noqa: BLE001 - whatever the store says, the answer goes on
            services.report("extend_failed", {"request_id": record.request_id, "error": repr(error)})
            return
        else:
            record.admission = replace(record.admission, hold=hold)
            return
