"""`tools`, `tool_choice` and their forebears `functions` and `function_call` -> hub tools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from interchange.hub import request as r
from interchange.protocols.faces import JsonObject
from interchange.protocols.openai import fields

from ..words import HOSTED_KINDS, PROTOCOL, TOOL_MODES
from .messages import read_cache

_FUNCTION = frozenset({"name", "description", "parameters", "strict"})
_OUTER = frozenset({"type", "function", "cache_control"})
_CHOICES = ("none", "auto", "required")


def read_tools(body: JsonObject) -> tuple[r.Tool, ...]:
    return (
        *(_tool(tool, path) for path, tool in fields.objects(body, "tools")),
        *(_function(function, path, {}) for path, function in fields.objects(body, "functions")),
        *_web_search(body),
    )


def _tool(tool: JsonObject, path: str) -> r.Tool:
    kind = fields.text(tool, "type", f"{path}.type") or ("function" if "function" in tool else None)
    match kind:
        case None:
            raise fields.missing(f"{path}.type")
        case "function":
            return _function(fields.needed_mapping(tool, "function", f"{path}.function"), f"{path}.function", tool)
        case "custom":
            inner = fields.needed_mapping(tool, "custom", f"{path}.custom")
            return r.CustomTool(
                fields.needed_text(inner, "name", f"{path}.custom.name"),
                fields.text(inner, "description", f"{path}.custom.description"),
                fields.mapping(inner, "format", f"{path}.custom.format"),
            )
        case _:
            name = tool.get("name")
            return r.HostedTool(
                HOSTED_KINDS.get(kind, "other"), PROTOCOL, tool, name if isinstance(name, str) else None
            )


def _function(inner: JsonObject, path: str, outer: JsonObject) -> r.FunctionTool:
    extra: dict[str, Any] = {name: value for name, value in outer.items() if name not in _OUTER}
    cache = read_cache(outer, path.removesuffix(".function"))
    known = _FUNCTION if cache is not None else {*_FUNCTION, "cache_control"}  # some clients put it inside
    unknown = {name: value for name, value in inner.items() if name not in known}
    if unknown:
        extra["function"] = unknown
    return r.FunctionTool(
        name=fields.needed_text(inner, "name", f"{path}.name"),
        description=fields.text(inner, "description", f"{path}.description"),
        schema=fields.mapping(inner, "parameters", f"{path}.parameters"),
        strict=fields.boolean(inner, "strict", f"{path}.strict"),
        cache=cache or read_cache(inner, path),
        extra=extra or None,
    )


def _web_search(body: JsonObject) -> Iterator[r.HostedTool]:
    """`web_search_options` is chat's way to declare the one tool that its search models run."""
    options = fields.mapping(body, "web_search_options")
    if options is None:
        return
    path = "web_search_options.user_location"
    location = fields.mapping(options, "user_location", path) or {}
    fields.text(location, "type", f"{path}.type")
    fields.text(options, "search_context_size", "web_search_options.search_context_size")
    place = fields.user_location(location, "approximate", f"{path}.approximate")
    yield r.HostedTool("web_search", PROTOCOL, options, user_location=place)


def read_choice(body: JsonObject) -> r.ToolChoice | None:
    value = body.get("tool_choice")
    match value:
        case None:
            return _legacy_choice(body)
        case str():
            if value not in TOOL_MODES:
                raise fields.unsupported("tool_choice", value, _CHOICES)
            return r.ToolChoice(TOOL_MODES[value])
        case {"type": "function" | "custom" as kind}:
            inner = fields.mapping(value, kind, f"tool_choice.{kind}") or value
            name = fields.needed_text(inner, "name", f"tool_choice.{kind}.name")
            return r.ToolChoice(r.ToolMode.NAMED, (name,), kind)
        case {"type": "tool"}:  # xAI takes it, and Messages says it so
            inner = fields.mapping(value, "function", "tool_choice.function") or value
            return r.ToolChoice(r.ToolMode.NAMED, (fields.needed_text(inner, "name", "tool_choice.function.name"),))
        case {"type": "allowed_tools"}:
            return _allowed(value)
        case {"type": str(word)} if word in TOOL_MODES:
            return r.ToolChoice(TOOL_MODES[word])
        case {"type": str(word)}:
            raise fields.unsupported("tool_choice.type", word, ("function", "custom", "allowed_tools"))
        case dict():
            raise fields.missing("tool_choice.type")
        case _:
            raise fields.mistyped("tool_choice", "one of a string or an object", value)


def _allowed(value: JsonObject) -> r.ToolChoice:
    path = "tool_choice.allowed_tools"
    inner = fields.needed_mapping(value, "allowed_tools", path)
    word = fields.needed_text(inner, "mode", f"{path}.mode")
    if word not in ("auto", "required"):
        raise fields.unsupported(f"{path}.mode", word, ("auto", "required"))
    names: list[str] = []
    for here, tool in fields.objects(inner, "tools", f"{path}.tools"):
        kind = fields.needed_text(tool, "type", f"{here}.type")
        named = fields.mapping(tool, kind, f"{here}.{kind}") or tool
        names.append(fields.needed_text(named, "name", f"{here}.{kind}.name"))
    return r.ToolChoice(TOOL_MODES[word], tuple(names), raw=value)


def _legacy_choice(body: JsonObject) -> r.ToolChoice | None:
    match body.get("function_call"):
        case None:
            return None
        case "none" | "auto" as word:
            return r.ToolChoice(TOOL_MODES[word])
        case {"name": str(name)}:
            return r.ToolChoice(r.ToolMode.NAMED, (name,))
        case other:
            raise fields.mistyped("function_call", "'none', 'auto' or an object with a name", other)
