"""The way out to providers and to media on the internet, loaded only by the families that take it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

from interchange.aws.aws_json import Post
from interchange.dataclass import replace
from interchange.exchange.mcp import Mcp, McpLimits, Session
from interchange.exchange.services import Fetch
from interchange.hub.blocks import Base64Source
from interchange.hub.mcp import McpServer
from interchange.upstream.budget import Budget
from interchange.upstream.call import Incoming, Outgoing, Ticket, Upstream

from .setting import SettingError, read_count, read_seconds


class Way(NamedTuple):
    """To vendors, to media, and to the operator's own services; None where there is no way to these."""

    upstream: Upstream
    fetch: Fetch
    post: Post | None = None


def way_out() -> Way:
    from interchange.upstream.client import HttpUpstream
    from interchange.upstream.fetch import fetch

    upstream = HttpUpstream()
    return Way(upstream, fetch, upstream.post)


def no_way_out() -> Way:
    return Way(_Closed(), _fetch_nothing)


def mcp(env: Mapping[str, str]) -> Mcp:
    """The way to callers' MCP servers. Raises SettingError."""
    known, named = McpLimits(), env.get("INTERCHANGE_MCP_ADDRESSES", "")
    limits = replace(
        known,
        rounds=read_count(env, "INTERCHANGE_MCP_ROUNDS") or known.rounds,
        servers=read_count(env, "INTERCHANGE_MCP_SERVERS") or known.servers,
        tools=read_count(env, "INTERCHANGE_MCP_TOOLS") or known.tools,
        result_bytes=read_count(env, "INTERCHANGE_MCP_RESULT_BYTES") or known.result_bytes,
        call_seconds=read_seconds(env, "INTERCHANGE_MCP_SECONDS") or known.call_seconds,
    )
    try:
        networks = _networks(named) if named.strip() else ()
    except ValueError as error:
        raise SettingError(f"INTERCHANGE_MCP_ADDRESSES: {error}") from error

    async def connect(server: McpServer) -> Session:
        return await asyncio.to_thread(_session, server, networks, limits.call_seconds)

    return Mcp(connect, limits)


def _networks(named: str) -> tuple[Any, ...]:
    from interchange.upstream.public import read_reach

    return read_reach(named).named


def _session(server: McpServer, networks: tuple[Any, ...], silence: float) -> Session:
    """In a thread: the library is loaded with the first server, and takes a second."""
    from interchange.upstream.mcp_servers import McpSession
    from interchange.upstream.public import Reach

    return McpSession(server, Reach(networks), silence)


class _Closed:
    async def send(self, ticket: Ticket, outgoing: Outgoing) -> Incoming:
        raise RuntimeError(f"{ticket.request_id}: this family calls no provider, so it cannot call {outgoing.url}")

    async def close(self) -> None:
        return


async def _fetch_nothing(url: str, param: str, budget: Budget) -> Base64Source:
    raise RuntimeError(f"{param}: this family fetches nothing, so it cannot fetch {url}")
