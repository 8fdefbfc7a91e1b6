"""The way out to providers and to media on the internet, loaded only by the families that take it."""

from __future__ import annotations

from interchange.exchange.services import Fetch
from interchange.hub.blocks import Base64Source
from interchange.upstream.budget import Budget
from interchange.upstream.call import Incoming, Outgoing, Ticket, Upstream


def way_out() -> tuple[Upstream, Fetch]:
    from interchange.upstream.client import HttpUpstream
    from interchange.upstream.fetch import fetch

    return HttpUpstream(), fetch


def no_way_out() -> tuple[Upstream, Fetch]:
    return _Closed(), _fetch_nothing


class _Closed:
    async def send(self, ticket: Ticket, outgoing: Outgoing) -> Incoming:
        raise RuntimeError(f"{ticket.request_id}: this family calls no provider, so it cannot call {outgoing.url}")

    async def close(self) -> None:
        return


async def _fetch_nothing(url: str, param: str, budget: Budget) -> Base64Source:
    raise RuntimeError(f"{param}: this family fetches nothing, so it cannot fetch {url}")
