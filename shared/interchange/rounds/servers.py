"""The MCP servers of a request, whatever protocol declared them. Sources: anthropic `types/beta/
beta_request_mcp_server_url_definition_param.py` and `beta_mcp_toolset_param.py`, openai `types/responses/tool_param.py`
(class Mcp)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from interchange.dataclass import replace
from interchange.hub.blocks import Raw
from interchange.hub.failure import invalid
from interchange.hub.mcp import ListedTool, McpServer, ToolRule
from interchange.hub.request import HostedTool, Request

ALL: frozenset[str | None] = frozenset({None})
SERVER = ("type", "url", "name", "authorization_token", "tool_configuration", "default_config", "configs")
"""Fields of a server in `mcp_servers`. The last two stand there for chat, which has no toolset beside it."""
CONFIGURATION = ("enabled", "allowed_tools")
TOOLSET = ("type", "mcp_server_name", "default_config", "configs", "cache_control", "tools")
CONFIG = ("enabled", "defer_loading")
FILTER = ("tool_names", "read_only")
LONGEST_NAME = 64


def read_servers(request: Request, most: int) -> tuple[McpServer, ...]:
    """Raises RequestError naming the hub's field."""
    found = [_server(raw, f"mcp_servers[{number}]") for number, raw in enumerate(request.mcp_servers)]
    sets = {f"tools[{number}]": tool for number, tool in enumerate(request.tools) if isinstance(tool, HostedTool)}
    declared = {path: tool for path, tool in sets.items() if _is_mcp(tool)}
    found += [_declared(tool.raw, path) for path, tool in declared.items() if "server_label" in tool.raw]
    toolsets = {path: tool for path, tool in declared.items() if "server_label" not in tool.raw}
    if toolsets:
        found = list(_configured(found, toolsets))
    _check(found, most)
    return tuple(found)


def _is_mcp(tool: object) -> bool:
    return isinstance(tool, HostedTool) and tool.kind == "mcp"


def _check(servers: list[McpServer], most: int) -> None:
    names: set[str] = set()
    for number, server in enumerate(servers):
        if number >= most:
            raise invalid(f"{server.path}: a request may name {most} MCP servers at most", server.path, "mcp_servers")
        if server.name in names:
            where = f"{server.path}.{'name' if server.path.startswith('mcp_servers') else 'server_label'}"
            raise invalid(f"{where}: {server.name!r} is named twice", where, "mcp_servers")
        names.add(server.name)


def _server(raw: Raw, path: str) -> McpServer:
    """Messages' `mcp_servers`, with the earlier beta's `tool_configuration`."""
    kind = raw.get("type", "url")
    if kind != "url":
        raise invalid(f"{path}.type: expected 'url', but got {kind!r}", f"{path}.type", "invalid_value")
    _only(raw, SERVER, path)
    rules = _mapping(raw.get("tool_configuration"), f"{path}.tool_configuration")
    _only(rules, CONFIGURATION, f"{path}.tool_configuration")
    allowed = rules.get("allowed_tools")
    server = McpServer(
        path=path,
        name=_name(raw.get("name"), f"{path}.name"),
        url=_text(raw.get("url"), f"{path}.url"),
        token=_header(raw.get("authorization_token"), f"{path}.authorization_token"),
        enabled=_flag(rules, "enabled", f"{path}.tool_configuration") is not False,
        allowed=None if allowed is None else frozenset(allowed),
    )
    return _with_rules(server, raw, path) if "default_config" in raw or "configs" in raw else server


def _declared(raw: Raw, path: str) -> McpServer:
    """Responses' tool of type `mcp`. Its calls need approval unless it says otherwise."""
    if raw.get("server_url") is None:
        word = next((name for name in ("connector_id", "tunnel_id") if raw.get(name)), "server_url")
        message = f"{path}.{word}: the gateway reaches MCP servers by their server_url alone"
        raise invalid(message, f"{path}.{word}", "mcp_servers")
    callers = raw.get("allowed_callers")
    if isinstance(callers, list) and "direct" not in callers:
        where = f"{path}.allowed_callers"
        raise invalid(f"{where}: the gateway has tools called by the model directly alone", where, "mcp_servers")
    allowed, read_only = _filter(raw.get("allowed_tools"), f"{path}.allowed_tools")
    headers = _mapping(raw.get("headers"), f"{path}.headers")
    server = McpServer(
        path=path,
        name=_name(raw.get("server_label"), f"{path}.server_label"),
        url=_text(raw.get("server_url"), f"{path}.server_url"),
        token=_header(raw.get("authorization"), f"{path}.authorization"),
        headers={name: str(_header(value, f"{path}.headers.{name}")) for name, value in headers.items()},
        deferred=raw.get("defer_loading") is True,
        about=str(raw.get("server_description") or ""),
        allowed=allowed,
        read_only=read_only,
    )
    return _asking(server, raw.get("require_approval"), f"{path}.require_approval")


def _asking(server: McpServer, value: Any, path: str) -> McpServer:
    match value:
        case None | "always":
            return replace(server, asks=ALL)
        case "never":
            return server
        case dict():
            _only(value, ("always", "never"), path)
            asks, asks_reads = _filter(value.get("always"), f"{path}.always")
            trusted, trusts_reads = _filter(value.get("never"), f"{path}.never")
            return replace(
                server,
                asks=frozenset(asks or ()) if value.get("always") is not None else ALL,
                asks_read_only=asks_reads,
                trusted=trusted or frozenset(),
                trusts_read_only=trusts_reads is True,
            )
        case _:
            raise invalid(f"{path}: expected 'always', 'never' or an object", path, "invalid_value")


def _filter(value: Any, path: str) -> tuple[frozenset[str] | None, bool | None]:
    """(names, read_only) of a list of names or an object with both."""
    match value:
        case None:
            return None, None
        case list():
            return frozenset(_text(name, f"{path}[{at}]") for at, name in enumerate(value)), None
        case dict():
            _only(value, FILTER, path)
            names, reads = value.get("tool_names"), _flag(value, "read_only", path)
            return (None if names is None else _filter(names, f"{path}.tool_names")[0]), reads
        case _:
            raise invalid(f"{path}: expected names of tools", path, "invalid_type")


def _configured(servers: list[McpServer], toolsets: Mapping[str, HostedTool]) -> Iterator[McpServer]:
    """Messages' `mcp_toolset`, one for each server."""
    left = {str(tool.raw.get("mcp_server_name")): (path, tool) for path, tool in toolsets.items()}
    if len(left) < len(toolsets):
        path = list(toolsets)[-1]
        raise invalid(f"{path}: two toolsets for one MCP server", f"{path}.mcp_server_name", "mcp_servers")
    for server in servers:
        if server.name not in left:
            message = f"{server.path}: no mcp_toolset among the tools names the MCP server {server.name!r}"
            raise invalid(message, server.path, "mcp_servers")
        path, tool = left.pop(server.name)
        yield _with_toolset(server, tool, path)
    for name, (path, _) in left.items():
        raise invalid(f"{path}: the MCP server {name!r} is not among mcp_servers", path, "mcp_servers")


def _with_toolset(server: McpServer, tool: HostedTool, path: str) -> McpServer:
    _only(tool.raw, TOOLSET, path)
    pinned = None if tool.raw.get("tools") is None else tuple(_pinned(tool.raw["tools"], f"{path}.tools"))
    return replace(_with_rules(server, tool.raw, path), cached=tool.cache is not None, pinned=pinned)


def _with_rules(server: McpServer, raw: Raw, path: str) -> McpServer:
    every = _mapping(raw.get("default_config"), f"{path}.default_config")
    _only(every, CONFIG, f"{path}.default_config")
    configs = _mapping(raw.get("configs"), f"{path}.configs")
    rules = {name: _mapping(rule, f"{path}.configs.{name}") for name, rule in configs.items()}
    return replace(
        server,
        enabled=_flag(every, "enabled", f"{path}.default_config") is not False,
        deferred=_flag(every, "defer_loading", f"{path}.default_config") is True,
        rules={name: _rule(rule, f"{path}.configs.{name}") for name, rule in rules.items()},
    )


def _pinned(value: Any, path: str) -> Iterator[ListedTool]:
    """anthropic `types/beta/beta_mcp_tool_param_param.py`"""
    if not isinstance(value, list):
        raise invalid(f"{path}: expected an array", path, "invalid_type")
    for at, raw in enumerate(value):
        tool = _mapping(raw, f"{path}[{at}]")
        schema = _mapping(tool.get("input_schema"), f"{path}[{at}].input_schema")
        yield ListedTool(_text(tool.get("name"), f"{path}[{at}].name"), str(tool.get("description") or ""), schema)


def _name(value: Any, path: str) -> str:
    name = _text(value, path)
    if len(name) > LONGEST_NAME:
        raise invalid(f"{path}: longer than {LONGEST_NAME} characters", path, "invalid_value")
    return name


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise invalid(f"{path}: expected a text", path, "invalid_type")
    return value


def _header(value: Any, path: str) -> str | None:
    """Reads a header's value; the value itself is in no message."""
    if value is not None and not (isinstance(value, str) and value.isascii() and value.isprintable()):
        raise invalid(f"{path}: expected a text of printable ASCII characters", path, "invalid_value")
    return value


def _rule(rule: Mapping[str, Any], path: str) -> ToolRule:
    _only(rule, CONFIG, path)
    return ToolRule(_flag(rule, "enabled", path), _flag(rule, "defer_loading", path))


def _only(raw: Mapping[str, Any], known: Sequence[str], path: str) -> None:
    """Refuses a field that nobody reads: it may have said what a server is not to be asked."""
    for name in raw.keys() - known:
        if raw[name] is not None:
            where = f"{path}.{name}"
            raise invalid(f"{where}: there is no such field; there are {', '.join(known)}", where, "unknown_parameter")


def _flag(rule: Mapping[str, Any], name: str, path: str) -> bool | None:
    value = rule.get(name)
    if value is not None and not isinstance(value, bool):
        raise invalid(f"{path}.{name}: expected true or false", f"{path}.{name}", "invalid_type")
    return value


def _mapping(value: Any, path: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid(f"{path}: expected an object", path, "invalid_type")
    return value
