"""Tools that the vendor runs itself, and MCP servers, in the words of Responses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub import request as r
from interchange.hub.failure import invalid
from interchange.protocols import JsonObject

from .outbound_content import Parts
from .vocabulary import HOSTED_KINDS, PROTOCOL

_PLACE = ("city", "region", "country", "timezone")
_NOT_LABEL = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True)
class Hosted:
    """Decided by the declaration's `type`, never by a name."""

    parts: Parts

    def write(self, tool: r.HostedTool, path: str) -> Iterator[JsonObject]:
        """Raises RequestError for a tool that this provider does not run: the answer would lack what it finds."""
        losses = self.parts.losses
        if tool.protocol == PROTOCOL or (tool.protocol.startswith("openai_") and tool.raw.get("type") in HOSTED_KINDS):
            yield dict(tool.raw)  # both OpenAI formats declare these tools in the same words
        elif tool.kind == "tool_search":
            losses.drop(path, "every tool is declared outright, so there is nothing to search for")
        elif tool.kind == "mcp":
            pass  # a toolset configures a server, and is written with it
        elif tool.kind == "web_search" and self._runs(tool.kind):
            yield self._search(tool, path)
        elif self._runs(tool.kind):
            yield dict(self.parts.dialect.hosted[tool.kind])
        else:
            kind = tool.raw.get("type", tool.kind)
            raise invalid(f"{path}: this provider cannot run the tool {kind!r}", path)
        if tool.cache is not None:
            losses.drop(f"{path}.cache_control", "Responses has no cache breakpoint on a tool")

    def _runs(self, kind: str) -> bool:
        return kind in self.parts.dialect.hosted

    def _search(self, tool: r.HostedTool, path: str) -> JsonObject:
        if tool.max_uses is not None:
            self.parts.losses.drop(f"{path}.max_uses", "this provider decides how often it searches")
        out: JsonObject = dict(self.parts.dialect.hosted["web_search"])
        blocked = self.parts.dialect.blocked
        if tool.blocked_domains and not blocked:
            self.parts.losses.drop(f"{path}.blocked_domains", "this provider can only be told the allowed domains")
        filters = {"allowed_domains": tool.allowed_domains, blocked: tool.blocked_domains if blocked else ()}
        if any(filters.values()):
            out["filters"] = {name: list(domains) for name, domains in filters.items() if domains}
        if tool.user_location:
            nested = tool.user_location.get("approximate")
            place = nested if isinstance(nested, Mapping) else tool.user_location
            found = {name: place[name] for name in _PLACE if place.get(name)}
            out["user_location"] = {"type": "approximate", **found}
        if tool.raw.get("search_context_size"):
            out["search_context_size"] = tool.raw["search_context_size"]
        return out

    def servers(self, request: r.Request) -> Iterator[JsonObject]:
        """MCP servers are tools here."""
        if request.mcp_servers and not self._runs("mcp"):
            raise invalid("mcp_servers: this provider reaches no MCP servers", "mcp_servers")
        toolsets = {tool.name: tool for tool in request.tools if isinstance(tool, r.HostedTool) and _is_toolset(tool)}
        known = [server.get("name") for server in request.mcp_servers]
        for name in toolsets:
            if name not in known:
                raise invalid(f"tools: the MCP server {name!r} is not among mcp_servers", "mcp_servers")
        for number, server in enumerate(request.mcp_servers):
            path = f"mcp_servers[{number}]"
            name = str(server.get("name") or f"server{number}")
            if not server.get("url") or not isinstance(server["url"], str):
                raise invalid(f"{path}.url: Field required", f"{path}.url")
            declared = dict(self.parts.dialect.hosted["mcp"])
            out: JsonObject = {**declared, "server_label": label(name), "server_url": server["url"]}
            if server.get("authorization_token"):
                out["authorization"] = server["authorization_token"]
            allowed = self._allowed(server.get("tool_configuration"), toolsets.get(name), path)
            if allowed is not None:
                out["allowed_tools"] = allowed
            yield out

    def _allowed(self, configuration: Any, toolset: r.HostedTool | None, path: str) -> list[str] | None:
        """The tools of a server that may be called, None for all: from the older `tool_configuration`, or from the
        toolset that names the server. An allow-list is said exactly; a single tool forbidden cannot be."""
        if isinstance(configuration, Mapping):
            if configuration.get("enabled") is False:
                return []
            names = configuration.get("allowed_tools")
            return [str(name) for name in names] if isinstance(names, list) else None
        if toolset is None:
            return None
        default = toolset.raw.get("default_config")
        configs = toolset.raw.get("configs")
        by_default = not isinstance(default, Mapping) or default.get("enabled") is not False
        known: Mapping[str, Any] = configs if isinstance(configs, Mapping) else {}
        enabled = {name: not isinstance(one, Mapping) or one.get("enabled", by_default) for name, one in known.items()}
        if not by_default:
            return [name for name, on in enabled.items() if on]
        if not all(enabled.values()):
            off = ", ".join(name for name, on in enabled.items() if not on)
            raise invalid(f"{path}: single tools cannot be switched off for this provider ({off}); allow others", path)
        return None


def _is_toolset(tool: r.HostedTool) -> bool:
    return tool.kind == "mcp" and not tool.protocol.startswith("openai_")


def label(name: str) -> str:
    """`server_label` takes letters, digits, - and _."""
    return _NOT_LABEL.sub("_", name)
