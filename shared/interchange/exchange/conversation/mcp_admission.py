"""Decides whether the gateway runs a request's MCP tools itself, and makes the call that does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from interchange.catalog.models import Model
from interchange.dataclass import replace
from interchange.exchange.attempt_failed import usable
from interchange.exchange.call import Call
from interchange.exchange.hold import Wanted, admit, kept
from interchange.exchange.http import Inbound
from interchange.exchange.mcp import Mcp
from interchange.exchange.record import Record
from interchange.exchange.serve import SETTLE_SECONDS
from interchange.exchange.services import Services
from interchange.hub.failure import RequestError, invalid
from interchange.hub.mcp import ListedTool, McpServer
from interchange.hub.request import HostedTool, Request
from interchange.identity.keys import Principal
from interchange.rounds.history import read_history, read_listings
from interchange.rounds.servers import read_servers

from .bound import measure, output_floor
from .caller import ConversationCaller
from .inline import Pending
from .losses import LossReport
from .mcp_call import RoundsCall
from .mcp_plan import Plan, counting
from .routes import Routed, attempts

HEADER = "x-interchange-mcp"
WORDS = ("auto", "gateway", "vendor")


def at_vendor(found: Sequence[Routed], model: Model, caller: ConversationCaller, inbound: Inbound) -> bool:
    """True where some vendor of the model reaches the servers itself by all that was said of them, and the caller does
    not want it otherwise. Raises RequestError for a word that the header does not have."""
    word = read_word(inbound)
    if word == "vendor":
        return True
    if word == "gateway" or caller.server.extensions & caller.body.keys():
        return False
    try:
        chosen = usable(attempts(found, model, caller), model, strict=inbound.strict)
    except RequestError:
        return False
    lost = [loss.path for loss in chosen[0].lane.losses.items]
    return not (lost and _of_servers(lost, caller))


def read_word(inbound: Inbound) -> str:
    """Reads who is to run the tools, by the caller's header. Raises RequestError for a word that it does not have."""
    word = inbound.headers.get(HEADER, "auto").lower()
    if word not in WORDS:
        raise invalid(f"{HEADER}: {word[:80]!r} is none of {', '.join(WORDS)}", HEADER, "invalid_value")
    return word


def _of_servers(paths: Sequence[str], caller: ConversationCaller) -> bool:
    """True where one of the caller's paths is of an MCP server: what is not said of it may allow more."""
    report, request = LossReport(caller.server, caller.body), caller.request
    places = [f"mcp_servers[{number}]" for number in range(len(request.mcp_servers))]
    hosted = [(number, tool) for number, tool in enumerate(request.tools) if isinstance(tool, HostedTool)]
    places += [f"tools[{number}]" for number, tool in hosted if tool.kind == "mcp"]
    return any(path.startswith(tuple(map(report.path, places))) for path in paths)


async def rounds_call(
    services: Services,
    principal: Principal,
    model: Model,
    caller: ConversationCaller,
    media: Pending,
    inbound: Inbound,
    headers: dict[str, str],
    started_ms: int,
    mcp: Mcp,
) -> Call:
    """The hold is what the request costs without any tool: each round sets aside what it needs beyond."""
    report = LossReport(caller.server, caller.body)
    with report.refusals():
        plan = _plan(caller, model, inbound, mcp)
        first = replace(plan.first(), messages=read_history(caller.request, lambda _, tool: tool).standing())
        chosen = usable(plan.attempts(services, first), model, strict=inbound.strict)
    bare = plan.bare()
    seconds = inbound.deadline - asyncio.get_running_loop().time()
    extent = measure(bare, caller.raw, model).most
    identity = caller.envelope.request_id
    wanted = Wanted(extent, output_floor(bare))
    admission = await admit(services, principal, model, identity, wanted, seconds=seconds)
    if media.urls:
        async with kept(services, admission):
            with report.refusals():
                plan = replace(plan, request=await media.fetched(services.fetch))
    if admission.rates is not None:
        headers |= caller.server.write_rates(admission.rates)
    headers["x-interchange-mcp"] = "gateway"
    record = Record(caller, principal, model, admission, chosen[0], started_ms, counting(bare, extent, model))
    return RoundsCall.made(services, record, plan, inbound.headers, inbound.deadline - SETTLE_SECONDS)


def _plan(caller: ConversationCaller, model: Model, inbound: Inbound, mcp: Mcp) -> Plan:
    request = caller.request
    if (request.n or 1) > 1:
        raise invalid("n: an answer that calls MCP tools is one", "n", "unsupported_value")
    servers = servers_of(request, mcp)
    most, own = request.extra.get("max_tool_calls"), False
    if isinstance(most, int) and most > 0:
        own = most < mcp.limits.calls
        mcp = replace(mcp, limits=replace(mcp.limits, calls=min(most, mcp.limits.calls)))
        request = replace(request, extra={k: v for k, v in request.extra.items() if k != "max_tool_calls"})
    shows = caller.server.shows_tools(inbound.headers)
    return Plan(caller, request, servers, mcp, model, inbound.strict, shows, own_limit=own)


def servers_of(request: Request, mcp: Mcp) -> tuple[McpServer, ...]:
    """The servers that a request names, with their tools where the history shows them. Raises RequestError."""
    known = read_listings(request)
    return tuple(_known(server, known) for server in read_servers(request, mcp.limits.servers))


def _known(server: McpServer, listings: Mapping[str, tuple[ListedTool, ...]]) -> McpServer:
    there = server.pinned is None and server.name in listings
    return replace(server, pinned=listings[server.name]) if there else server
