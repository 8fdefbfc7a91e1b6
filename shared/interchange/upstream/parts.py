"""One request that takes several calls of its provider, because one call carries only so much."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from interchange.dataclass import dataclass

from .call import Incoming, Outgoing, Take, Ticket, Upstream


@dataclass(slots=True)
class Joined:
    """An `Incoming` whose parts are here already. Reading it raises ValueError where they are no answers."""

    status: int
    headers: Mapping[str, str]
    bodies: Sequence[bytes]
    join: Callable[[Sequence[bytes]], bytes]

    async def read(self) -> bytes:
        return self.join(self.bodies)

    async def pour(self, take: Take) -> None:
        take(self.join(self.bodies))

    def close(self) -> None:
        pass


async def send(upstream: Upstream, ticket: Ticket, outgoing: Outgoing) -> Incoming:
    """Like `Upstream.send`. Where there is more to send, one call after the other: the first that is refused is the
    answer to the whole, for half of an answer is none. Raises ConnectionFault."""
    incoming = await upstream.send(ticket, outgoing)
    if outgoing.join is None:
        return incoming
    bodies: list[bytes] = []
    for further in outgoing.more:
        if incoming.status >= 300:
            return incoming
        bodies.append(await _taken(incoming))
        incoming = await upstream.send(ticket, further)
    if incoming.status >= 300:
        return incoming
    bodies.append(await _taken(incoming))
    return Joined(incoming.status, incoming.headers, bodies, outgoing.join)


async def _taken(incoming: Incoming) -> bytes:
    try:
        return await incoming.read()
    finally:
        incoming.close()
