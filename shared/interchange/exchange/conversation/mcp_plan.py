"""Plan of one round: what it asks of the model, and by which routes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field

from interchange.catalog.models import Model
from interchange.dataclass import dataclass, replace
from interchange.estimate import estimate_tokens
from interchange.exchange.mcp import Mcp
from interchange.exchange.services import Services
from interchange.hub import blocks as b
from interchange.hub.losses import Losses
from interchange.hub.mcp import McpServer
from interchange.hub.request import FunctionTool, Request, ToolChoice, ToolMode
from interchange.metering.bounds import Extent
from interchange.rounds.toolset import Toolset, chosen, own_tools

from .caller import ConversationCaller
from .lanes import issuer_of
from .losses import LossReport
from .mcp_lane import RoundLane, Show
from .routes import ConversationAttempt, Routed, profile, routes

STANDING = FunctionTool("mcp_tool", None, {"type": "object"})
"""Stands for the servers' tools before they are known: a model that calls no tools refuses it."""


@dataclass(slots=True)
class RoundReport(LossReport):
    """`tools` are the paths of the round's tools, in their order; `adapted` is what of them is not as its server has
    it, and why."""

    tools: Sequence[str] = ()
    adapted: Mapping[str, str] = field(default_factory=dict)

    def add(self, losses: Losses) -> None:
        LossReport.add(self, losses)
        for path, why in self.adapted.items():
            losses.drop(LossReport.path(self, path), why)

    def path(self, path: str) -> str:
        found = _TOOL.match(path)
        if found is not None and int(found[1]) < len(self.tools):
            place, rest = self.tools[int(found[1])], path[found.end() :]
            path = place + (rest if place.startswith("tools[") else rest.replace(".parameters", ".input_schema", 1))
        return LossReport.path(self, path)


_TOOL = re.compile(r"tools\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Plan:
    """`request` is the caller's, MCP and all; `servers` are read from it."""

    caller: ConversationCaller
    request: Request
    servers: tuple[McpServer, ...]
    mcp: Mcp
    model: Model
    strict: bool
    shows_tools: bool
    """The answer shows what a server has listed."""
    own_limit: bool = False
    """The caller has said how many calls there may be: behind them the model answers (openai-python,
    `types/responses/response_create_params.py`: further attempts are ignored)."""

    def bare(self) -> Request:
        """The request of a round, without the servers' tools."""
        return replace(self.request, tools=own_tools(self.request.tools), mcp_servers=())

    def first(self) -> Request:
        """The request of the first round, as far as that is known before any server is asked."""
        request = self.bare()
        return replace(request, tools=(*request.tools, STANDING), tool_choice=None)

    def round(self, messages: Sequence[b.Message], tools: Toolset, spent: int, calls: int, *, first: bool) -> Request:
        """`spent` are the output tokens of the rounds before: the caller's limit is for all of them. So many `calls`
        were made."""
        request = self.bare()
        choice = chosen(request.tool_choice, tools, request.tools)
        if self.own_limit and calls >= self.mcp.limits.calls and not request.tools:
            choice = ToolChoice(ToolMode.NONE)
        limit = None if request.max_tokens is None else max(1, request.max_tokens - spent)
        return replace(
            request,
            messages=tuple(messages),
            tools=(*request.tools, *tools.tools()),
            tool_choice=choice if first else later(choice),
            max_tokens=limit,
        )

    def report(self, tools: Toolset) -> LossReport:
        """Names a round's tools as the caller knows them: its own by their places, servers' by their servers."""
        own = own_tools(self.request.tools)
        numbers = [number for number, tool in enumerate(self.request.tools) if any(tool is one for one in own)]
        places = (*(f"tools[{number}]" for number in numbers), *tools.places())
        return RoundReport(self.caller.server, self.caller.body, tools=places, adapted=tools.adapted)

    def attempts(
        self, services: Services, request: Request, report: LossReport | None = None, show: Show | None = None
    ) -> list[ConversationAttempt]:
        """Every route translates: what comes back is made a part of the turn."""
        caller = replace(self.caller, request=request)
        report = report or self.report(Toolset({}))
        found = routes(services, self.model, self.caller.server.protocol, request)
        return [self._attempt(caller, one, report, show) for one in found]

    def _attempt(
        self, caller: ConversationCaller, routed: Routed, report: LossReport, show: Show | None
    ) -> ConversationAttempt:
        described = profile(routed, self.model)
        issuer = issuer_of(routed.client, described, routed.provider.state_owner)
        lane = RoundLane(caller, routed.client, described, issuer=issuer, _report=report, show=show)
        return ConversationAttempt(routed.provider, routed.client, routed.route, lane)


def counting(request: Request, extent: Extent, model: Model) -> Callable[[], int]:
    """Counts a round's input in tokens, which may take a while."""
    return lambda: min(extent.input_tokens, estimate_tokens(request, model.traits))


def later(choice: ToolChoice | None) -> ToolChoice | None:
    """A tool that had to be called has been: from then on the model decides."""
    if choice is None or choice.mode in (ToolMode.NONE, ToolMode.AUTO):
        return choice
    if choice.mode is ToolMode.NAMED or not choice.names:
        return None
    return replace(choice, mode=ToolMode.AUTO, raw=None)
