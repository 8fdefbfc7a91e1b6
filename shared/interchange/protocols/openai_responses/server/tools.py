"""`tools` and `tool_choice` -> hub tools. Source: openai-python `types/responses/tool_param.py`.

Tools grouped under a name (`type: "namespace"`). Other formats have flat names, so a tool is called by both names
joined; the answer takes them apart again by what the request declared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from interchange.hub import request as r
from interchange.protocols.faces import JsonObject
from interchange.protocols.openai import fields

from ..client_run import as_function
from ..words import HOSTED_KINDS, PROTOCOL, TOOL_MODES

_FUNCTION = frozenset({"type", "name", "description", "parameters", "strict"})
_CUSTOM = frozenset({"type", "name", "description", "format"})
_CHOICES = ("none", "auto", "required")


def read_tools(body: JsonObject) -> tuple[tuple[r.Tool, ...], tuple[JsonObject, ...]]:
    """(tools, MCP servers). A server whose calls need no approval is one that every protocol with MCP can say; one
    whose calls do (the default) stays a tool of this protocol, since nobody else can ask for approval."""
    tools: list[r.Tool] = []
    servers: list[JsonObject] = []
    for path, tool in fields.objects(body, "tools"):
        kind = fields.needed_text(tool, "type", f"{path}.type")
        if kind == "namespace":
            tools += _namespace(tool, path)
            continue
        if is_server(tool):
            servers.append(_server(tool, path))
        else:
            tools.append(_tool(tool, kind, path))
    return tuple(tools), tuple(servers)


_OWN = ("headers", "server_description", "defer_loading", "allowed_callers")


def is_server(tool: JsonObject) -> bool:
    """True for an MCP server that the hub can say. What only this protocol can say keeps the tool its own: without
    headers or a filter by more than names more would be allowed than the caller wants."""
    never = tool.get("require_approval") == "never"
    allowed = tool.get("allowed_tools")
    own = any(tool.get(name) for name in _OWN) or (isinstance(allowed, dict) and bool(allowed.keys() - {"tool_names"}))
    return tool.get("type") == "mcp" and never and isinstance(tool.get("server_url"), str) and not own


def _tool(tool: JsonObject, kind: str, path: str) -> r.Tool:
    match kind:
        case "function":
            return r.FunctionTool(
                name=fields.needed_text(tool, "name", f"{path}.name"),
                description=fields.text(tool, "description", f"{path}.description"),
                schema=fields.mapping(tool, "parameters", f"{path}.parameters"),
                strict=fields.boolean(tool, "strict", f"{path}.strict"),
                extra=_rest(tool, _FUNCTION),
            )
        case "custom":
            return r.CustomTool(
                fields.needed_text(tool, "name", f"{path}.name"),
                fields.text(tool, "description", f"{path}.description"),
                fields.mapping(tool, "format", f"{path}.format"),
                _rest(tool, _CUSTOM),
            )
        case _:
            return _hosted(tool, kind, path)


def _rest(tool: JsonObject, known: frozenset[str]) -> JsonObject | None:
    return {name: value for name, value in tool.items() if name not in known and value is not None} or None


def _namespace(tool: JsonObject, path: str) -> Iterator[r.Tool]:
    """Its tools, each told what the group is for."""
    space = fields.needed_text(tool, "name", f"{path}.name")
    about = fields.text(tool, "description", f"{path}.description")
    for here, inner in fields.objects(tool, "tools", f"{path}.tools"):
        name = joined(space, fields.needed_text(inner, "name", f"{here}.name"))
        told = [part for part in (about, fields.text(inner, "description", f"{here}.description")) if part]
        flat = {**inner, "name": name, "description": " ".join(told) or None}
        yield _tool(flat, fields.needed_text(inner, "type", f"{here}.type"), here)


def _hosted(tool: JsonObject, kind: str, path: str) -> r.HostedTool:
    filters = fields.mapping(tool, "filters", f"{path}.filters") or {}
    fields.text(tool, "search_context_size", f"{path}.search_context_size")
    if kind == "mcp":
        _allowed_tools(tool, path)
        fields.mapping(tool, "headers", f"{path}.headers")
    name = tool.get("name")
    calls, function = as_function(tool) or ("function", None)
    return r.HostedTool(
        HOSTED_KINDS.get(kind, "other"),
        PROTOCOL,
        tool,
        name if isinstance(name, str) else None,
        allowed_domains=fields.texts(filters, "allowed_domains", f"{path}.filters.allowed_domains"),
        blocked_domains=fields.texts(filters, "blocked_domains", f"{path}.filters.blocked_domains"),
        user_location=fields.user_location(tool, "user_location", f"{path}.user_location"),
        function=function,
        calls=calls,
    )


def _server(tool: JsonObject, path: str) -> JsonObject:
    """In the hub's form, which is Messages' `mcp_servers`."""
    out: JsonObject = {
        "type": "url",
        "name": fields.needed_text(tool, "server_label", f"{path}.server_label"),
        "url": tool["server_url"],
    }
    if (token := fields.text(tool, "authorization", f"{path}.authorization")) is not None:
        out["authorization_token"] = token
    names = _allowed_tools(tool, path)
    if names is not None:
        out["tool_configuration"] = {"enabled": True, "allowed_tools": list(names)}
    return out


def _allowed_tools(tool: JsonObject, path: str) -> tuple[str, ...] | None:
    """None where every tool of the server is allowed."""
    here, holder, name = f"{path}.allowed_tools", tool, "allowed_tools"
    if isinstance(tool.get(name), dict):
        here, holder, name = f"{here}.tool_names", tool[name], "tool_names"
    return None if holder.get(name) is None else fields.texts(holder, name, here)


def read_choice(body: JsonObject) -> r.ToolChoice | None:
    value: Any = body.get("tool_choice")
    match value:
        case None:
            return None
        case str():
            if value not in TOOL_MODES:
                raise fields.unsupported("tool_choice", value, _CHOICES)
            return r.ToolChoice(TOOL_MODES[value])
        case {"type": "function" | "custom" as kind}:
            return r.ToolChoice(r.ToolMode.NAMED, (fields.needed_text(value, "name", "tool_choice.name"),), kind)
        case {"type": "allowed_tools"}:
            return _allowed(value)
        case {"type": str(word)}:
            return r.ToolChoice(
                r.ToolMode.NAMED, (str(value.get("name") or HOSTED_KINDS.get(word, word)),), "hosted", value
            )
        case dict():
            raise fields.missing("tool_choice.type")
        case _:
            raise fields.mistyped("tool_choice", "one of a string or an object", value)


def _allowed(value: JsonObject) -> r.ToolChoice:
    mode = fields.needed_text(value, "mode", "tool_choice.mode")
    if mode not in ("auto", "required"):
        raise fields.unsupported("tool_choice.mode", mode, ("auto", "required"))
    tools = list(fields.objects(value, "tools", "tool_choice.tools"))
    plain = all(tool.get("type") in ("function", "custom") for _, tool in tools)
    names = tuple(_chosen(tool, path) for path, tool in tools)
    return r.ToolChoice(TOOL_MODES[mode], names, raw=None if plain else value)


def _chosen(tool: JsonObject, path: str) -> str:
    kind = fields.needed_text(tool, "type", f"{path}.type")
    if kind in ("function", "custom"):
        return fields.needed_text(tool, "name", f"{path}.name")
    named = fields.text(tool, "name", f"{path}.name") or fields.text(tool, "server_label", f"{path}.server_label")
    return named or kind


LONGEST = 64
"""What the strictest vendor takes as a tool's name."""


def joined(namespace: str, name: str) -> str:
    """One name, the same each time; too long a one ends in a digest."""
    whole = f"{namespace}{name}" if namespace.endswith("__") else f"{namespace}__{name}"
    if len(whole) <= LONGEST:
        return whole
    return f"{whole[: LONGEST - 9]}_{hashlib.sha256(whole.encode()).hexdigest()[:8]}"


def grouped(asked: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Joined name -> (namespace, name), for every grouped tool of a request's body."""
    return {joined(space, name): (space, name) for space, name in _pairs(asked.get("tools"))}


def _pairs(tools: Any) -> Iterator[tuple[str, str]]:
    for tool in tools if isinstance(tools, list) else ():
        if isinstance(tool, dict) and tool.get("type") == "namespace":
            for inner in tool.get("tools") or ():
                yield str(tool.get("name")), str(inner.get("name"))


def apart(name: str, known: Mapping[str, tuple[str, str]]) -> JsonObject:
    """The fields of a call that name its tool."""
    if name not in known:
        return {"name": name}
    space, short = known[name]
    return {"name": short, "namespace": space}
