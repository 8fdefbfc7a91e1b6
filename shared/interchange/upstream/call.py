"""A call to a provider as the exchange sees it; `client` makes it. Apart from it, because the families that call no
provider need not load an HTTP client."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from interchange.dataclass import dataclass


class Ticket(Protocol):
    """The right to send: a hold, or the mark of a call that costs nothing."""

    @property
    def request_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Unmetered:
    """The ticket of a call that the vendor does not charge for (token counting, moderation)."""

    request_id: str


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that one try may take: to connect, from sending to the answer's first byte, and from byte to byte after
    it (a vendor's own signs of life count)."""

    connect: float = 5.0
    first_byte: float = 60.0
    silence: float = 90.0


@dataclass(frozen=True, slots=True)
class Outgoing:
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    more: tuple[Outgoing, ...] = ()
    """What one call cannot carry, sent after it; see `parts`."""
    join: Callable[[Sequence[bytes]], bytes] | None = None
    """Makes one answer's body of all of theirs."""
    patience: Patience = Patience()


class ConnectionFault(Exception):
    """The provider could not be reached, or the connection broke. `sent` is False when no byte can have arrived;
    `silent` is True where a limit of time ended it."""

    def __init__(self, message: str, *, sent: bool, silent: bool = False) -> None:
        super().__init__(message)
        self.sent = sent
        self.silent = silent


Take = Callable[[bytes], bool]
"""Takes some more of a body; False where it wants no more."""


class Incoming(Protocol):
    """An answer whose body is still to be read. Close it in any case."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""

    async def read(self) -> bytes: ...

    async def pour(self, take: Take) -> None:
        """Gives the body to `take` as it arrives, until that says False, or it ends. Raises what `take` raises, and
        ConnectionFault where the body breaks off."""
        ...

    def close(self) -> None: ...


class Upstream(Protocol):
    async def send(self, ticket: Ticket, outgoing: Outgoing) -> Incoming:
        """Sends, and returns when the status and headers are there. The caller bounds the time. `ticket` is the
        proof that the call may be made: nothing is sent without a hold. Raises ConnectionFault."""
        ...

    async def close(self) -> None: ...
