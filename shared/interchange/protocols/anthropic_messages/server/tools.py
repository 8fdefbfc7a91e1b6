"""`tools`, `mcp_servers` and `tool_choice` of a caller, wire -> hub."""

from __future__ import annotations

from interchange.dataclass import replace
from interchange.hub.request import (
    FunctionTool,
    HostedTool,
    Tool,
    ToolChoice,
    ToolMode,
)

from ..client_run import as_function
from ..toolsets import family, members
from ..words import CHOICE, PROTOCOL, TOOL_PREFIX, Json
from . import fields as check
from .fields import ROOT, Place
from .messages import ContentReader

TOOL_FIELDS = frozenset({"type", "name", "description", "input_schema", "strict", "cache_control"})


def read_tools(raw: Json, place: Place, reader: ContentReader) -> tuple[Tool, ...]:
    """One tool, or the members of a family that one entry declares."""
    configs = check.optional_mapping(raw, "configs", place) if family(raw) is not None else None
    for name in configs or {}:
        check.optional_mapping(configs or {}, name, place.key("configs"))
    found = members(raw)
    if not found:
        return (read_tool(raw, place, reader),)
    return (*found[:-1], replace(found[-1], cache=reader.cache(raw, place)))


def read_tool(raw: Json, place: Place, reader: ContentReader) -> Tool:
    """Decided by `type`, never by the name: a caller's own function may be called web_search."""
    kind = check.optional_text(raw, "type", place)
    if kind is not None and kind != "custom":
        return HostedTool(
            kind=next((word for prefix, word in TOOL_PREFIX.items() if kind.startswith(prefix)), "other"),
            protocol=PROTOCOL,
            raw=raw,
            name=check.optional_text(raw, "name", place) or check.optional_text(raw, "mcp_server_name", place),
            max_uses=check.optional_integer(raw, "max_uses", place, 1),
            allowed_domains=check.texts(raw, "allowed_domains", place),
            blocked_domains=check.texts(raw, "blocked_domains", place),
            user_location=_location(raw, place),
            cache=reader.cache(raw, place),
            function=as_function(raw),
        )
    place = place.tag("custom")
    return FunctionTool(
        name=check.text(raw, "name", place),
        description=check.optional_text(raw, "description", place),
        schema=check.mapping(raw, "input_schema", place),
        strict=check.optional_flag(raw, "strict", place),
        cache=reader.cache(raw, place),
        extra={name: value for name, value in raw.items() if name not in TOOL_FIELDS and value is not None} or None,
    )


def _location(raw: Json, place: Place) -> Json | None:
    found = check.optional_mapping(raw, "user_location", place)
    for name in ("type", "city", "region", "country", "timezone"):
        check.optional_text(found or {}, name, place.key("user_location"))
    return found


def read_server(raw: Json, place: Place) -> Json:
    for name in ("type", "url", "name", "authorization_token"):
        check.optional_text(raw, name, place)
    allowed = check.optional_mapping(raw, "tool_configuration", place) or {}
    check.texts(allowed, "allowed_tools", place.key("tool_configuration"))
    return raw


def read_tool_choice(body: Json) -> tuple[ToolChoice | None, bool | None]:
    raw = check.optional_mapping(body, "tool_choice", ROOT)
    if raw is None:
        return None, None
    here = ROOT.key("tool_choice")
    kind = check.text(raw, "type", here)
    if kind not in CHOICE:
        raise here.wrong(f"Input tag '{kind}' does not match any of the expected tags: 'auto', 'any', 'tool', 'none'")
    mode = CHOICE[kind]
    names = (check.text(raw, "name", here.tag(kind)),) if mode is ToolMode.NAMED else ()
    single = check.optional_flag(raw, "disable_parallel_tool_use", here)
    return ToolChoice(mode, names), None if single is None else not single
