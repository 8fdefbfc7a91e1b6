"""Tools that the servers offer, as tools of one request: each under a name of its own, and back.

A tool keeps its name where no other has it; else its server's stands before it. Names that a vendor does not take are
the rewrites' work, which bring them back too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass, replace
from interchange.hub.blocks import CacheControl
from interchange.hub.failure import invalid
from interchange.hub.mcp import ListedTool, McpServer
from interchange.hub.request import FunctionTool, HostedTool, Request, Tool, ToolChoice, ToolMode

LONGEST_DESCRIPTION = 4_096
MOST_SCHEMA_BYTES = 65_536
SEARCH = "mcp_tool_search"
FOUND_AT_MOST = 8
MOST_DEFERRED = 1_000
"""Tools of a request that may wait for a search: they cost nothing until it finds them."""
SEARCH_TOOL = FunctionTool(
    SEARCH,
    "Searches the tools that are not loaded yet, by words of their names and descriptions. Tools that it finds can be "
    "called in the next step.",
    {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
    foreign=True,
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A tool that the model may call as `name`."""

    name: str
    server: McpServer
    tool: ListedTool

    @property
    def deferred(self) -> bool:
        return self.server.defers(self.tool.name)


@dataclass(slots=True)
class Toolset:
    """`loaded` are the deferred tools that a search has found; `adapted` what no model could be given as the server has
    it: paths, and why."""

    offers: Mapping[str, Offer]
    adapted: Mapping[str, str] = field(default_factory=dict)
    loaded: set[str] = field(default_factory=set)
    most: int = MOST_DEFERRED
    """Tools that may be declared at once."""

    def named(self, server: str | None, tool: str) -> str:
        """The name by which the model knows a server's tool; the tool's own where it is not offered."""
        for offer in self.offers.values():
            if offer.tool.name == tool and (server is None or offer.server.name == server):
                return offer.name
        return tool

    def places(self) -> tuple[str, ...]:
        """Places that each of `tools()` comes from, as paths: tools of servers stand in no caller's body."""
        found = [self.offers.get(tool.name) for tool in self.tools()]
        return tuple(SEARCH if one is None else f"{one.server.path}.{one.tool.name}" for one in found)

    def of_server(self, label: str) -> tuple[str, ...]:
        return tuple(offer.name for offer in self.offers.values() if offer.server.name == label)

    def tools(self) -> tuple[FunctionTool, ...]:
        """The tools, as the next round declares them."""
        shown = [one for one in self.offers.values() if not one.deferred or one.name in self.loaded]
        last = {offer.server.name: offer.name for offer in shown if offer.server.cached}
        found = [_function(offer, offer.name in last.values()) for offer in shown]
        return (*found, SEARCH_TOOL) if len(shown) < len(self.offers) else tuple(found)

    def search(self, query: str) -> str:
        """Loads what fits best, and tells the model."""
        words = {word for word in query.lower().replace("_", " ").split() if word}
        waiting = [one for one in self.offers.values() if one.deferred and one.name not in self.loaded]
        scored = [(_score(words, offer), offer) for offer in waiting]
        room = max(0, self.most - (len(self.offers) - len(waiting)))
        best = sorted((one for one in scored if one[0]), key=lambda one: -one[0])[: min(FOUND_AT_MOST, room)]
        self.loaded |= {offer.name for _, offer in best}
        lines = [f"{offer.name}: {offer.tool.description[:200]}" for _, offer in best]
        return "\n".join(lines) or ("no tool fits these words" if room else "no more tools can be loaded")


def _score(words: Iterable[str], offer: Offer) -> int:
    name, about = offer.name.lower(), offer.tool.description.lower()
    return sum(3 * (word in name) + (word in about) for word in words)


def _function(offer: Offer, cached: bool) -> FunctionTool:
    mark = CacheControl() if cached else None
    return FunctionTool(offer.name, offer.tool.description or None, offer.tool.schema, cache=mark, foreign=True)


def toolset(listed: Sequence[tuple[McpServer, Sequence[ListedTool]]], request: Request, most: int) -> Toolset:
    """Raises RequestError where the tools are too many."""
    own = {tool.name for tool in request.tools if tool.name is not None and not isinstance(tool, HostedTool)}
    chosen = [(server, tool) for server, tools in listed for tool in tools if server.offers(tool)]
    _check(chosen, most)
    counts = Counter(name for name, _ in {(tool.name, server.path) for server, tool in chosen})
    taken, offers, adapted = {*own, SEARCH}, {}, {}
    known: set[tuple[str, str]] = set()
    for server, tool in chosen:
        if not tool.name:
            adapted[f"{server.path}.tools"] = "a tool has no name"
            continue
        if (server.path, tool.name) in known:
            adapted[f"{server.path}.{tool.name}"] = "the server lists it twice: the first counts"
            continue
        known.add((server.path, tool.name))
        adapted |= {f"{server.path}.{tool.name}{path}": why for path, why in tool.faults.items()}
        if "" in tool.faults:
            continue
        if len(str(tool.schema)) > MOST_SCHEMA_BYTES:
            adapted[f"{server.path}.{tool.name}"] = "the tool's schema is too large"
            continue
        if tool.schema.get("type", "object") != "object":
            adapted[f"{server.path}.{tool.name}.input_schema.type"] = "arguments are an object"
        plain = counts[tool.name] == 1 and tool.name not in taken
        name = _free(tool.name if plain else f"{server.name}__{tool.name}", taken)
        taken.add(name)
        offers[name] = Offer(name, server, _bounded(tool, server.about))
    return Toolset(offers, adapted, most=most)


def _check(chosen: Sequence[tuple[McpServer, ListedTool]], most: int) -> None:
    """Deferred tools are declared by and by, so that they have a limit of their own."""
    shown = [server for server, tool in chosen if not server.defers(tool.name)]
    deferred = [server for server, tool in chosen if server.defers(tool.name)]
    for servers, limit, word in ((shown, most, ""), (deferred, max(most, MOST_DEFERRED), "deferred ")):
        if len(servers) > limit:
            path = servers[limit].path
            told = f"{path}: the MCP servers offer {len(servers)} {word}tools, {limit} at most; name the needed ones"
            raise invalid(told + ("" if word else ", or defer their loading"), path, "mcp_tools")


def _free(name: str, taken: set[str]) -> str:
    number, found = 2, name
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found


def _bounded(tool: ListedTool, server: str) -> ListedTool:
    """A server's words are data: so much of them, and a schema whose root is an object. `server` is the caller's word
    on it."""
    about = "\n\n".join(text for text in (server, tool.description) if text)
    schema: dict[str, Any] = {"properties": {}, **tool.schema, "type": "object"}
    cut = about if len(about) <= LONGEST_DESCRIPTION else about[:LONGEST_DESCRIPTION] + "…"
    return replace(tool, description=cut, schema=schema)


def own_tools(tools: Sequence[Tool]) -> tuple[Tool, ...]:
    """The request's tools without MCP's, and without the vendor's own search through them."""
    kinds = ("mcp", "tool_search") if any(_is(tool, "mcp") for tool in tools) else ()
    return tuple(tool for tool in tools if not (isinstance(tool, HostedTool) and tool.kind in kinds))


def _is(tool: Tool, kind: str) -> bool:
    return isinstance(tool, HostedTool) and tool.kind == kind


def chosen(choice: ToolChoice | None, tools: Toolset, own: Sequence[Tool]) -> ToolChoice | None:
    """The caller's choice in the names that the model knows."""
    if choice is None or not (choice.names or choice.raw):
        return choice
    known = {tool.name for tool in own}
    raw = choice.raw or {}
    if raw.get("type") == "mcp":
        label, name = str(raw.get("server_label")), raw.get("name")
        names = (tools.named(label, str(name)),) if name else tools.of_server(label)
        if not names:
            raise invalid(f"tool_choice: no tool of an MCP server {label!r} is offered", "tool_choice", "mcp_tools")
        mode = ToolMode.NAMED if len(names) == 1 else ToolMode.REQUIRED
        return ToolChoice(mode, names)
    names = tuple(name if name in known else tools.named(None, name) for name in choice.names)
    return replace(choice, names=names)
