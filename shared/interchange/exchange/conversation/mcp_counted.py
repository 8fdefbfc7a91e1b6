"""A request to be counted whose MCP servers have tools: these are input of its first round, and are asked for.

Counting is free. What connects to a caller's address is not anybody's, though: the money for the request is set aside
meanwhile, as for the request itself, and given back.
"""

from __future__ import annotations

import asyncio

from interchange.catalog.models import Model
from interchange.dataclass import replace
from interchange.exchange.hold import Wanted, admit, released
from interchange.exchange.http import Inbound
from interchange.exchange.mcp import Mcp
from interchange.exchange.services import Services
from interchange.hub.request import Request
from interchange.identity.keys import Principal
from interchange.rounds.history import read_history
from interchange.rounds.toolset import chosen, own_tools, toolset

from .bound import measure, output_floor
from .mcp_admission import read_word, servers_of
from .mcp_sessions import Sessions


async def with_tools(
    services: Services,
    principal: Principal,
    model: Model,
    request: Request,
    inbound: Inbound,
    mcp: Mcp,
    request_id: str,
    *,
    carried: bool,
) -> Request | None:
    """The first round as the model will read it; None where the vendor runs the tools, and counts by itself if it can:
    it is `carried` there, or the caller says so. Raises RequestError."""
    word = read_word(inbound)
    if word == "vendor" or (carried and word == "auto"):
        return None
    servers = servers_of(request, mcp)
    bare = replace(request, tools=own_tools(request.tools), mcp_servers=())
    wanted = Wanted(measure(bare, inbound.body, model).most, output_floor(bare), grows=True)
    seconds = inbound.deadline - asyncio.get_running_loop().time()
    admission = await admit(services, principal, model, request_id, wanted, seconds=seconds)
    sessions = Sessions(services, mcp, request_id)
    try:
        tools = toolset(await sessions.listed(servers), request, mcp.limits.tools)
    finally:
        await sessions.close()
        await asyncio.shield(released(services, admission.hold))
    messages = read_history(request, tools.named).standing()
    choice = chosen(request.tool_choice, tools, request.tools)
    return replace(bare, messages=messages, tools=(*bare.tools, *tools.tools()), tool_choice=choice)
