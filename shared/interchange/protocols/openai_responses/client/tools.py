"""Hub tools -> `tools`, `tool_choice` and `parallel_tool_calls`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub import request as r
from interchange.hub.failure import invalid
from interchange.protocols.faces import JsonObject
from interchange.wire.schema import OPENAI_STRICT, sanitize

from ..words import PROTOCOL, TOOL_CHOICES
from .content import Hosted, Parts, label

CALLS = "max_tool_calls"
_DEMANDS = (r.ToolMode.REQUIRED, r.ToolMode.NAMED)


def call_limit(request: r.Request) -> int | None:
    """The limit on all tools that the vendor runs, together; None where there are none, or none was reckoned."""
    stated = request.extra.get(CALLS)
    if isinstance(stated, int):
        return stated
    limits = [tool.limit for tool in request.tools if isinstance(tool, r.HostedTool) and tool.function is None]
    return sum(limit or 0 for limit in limits) or None if None not in limits else None


@dataclass(frozen=True, slots=True)
class Tools:
    parts: Parts

    def write(self, request: r.Request) -> JsonObject:
        tools = [*self._declared(request), *Hosted(self.parts).servers(request)]
        out: JsonObject = {"tools": tools} if tools else {}
        calls = call_limit(request) if CALLS in self.parts.dialect.parameters else None
        if calls is not None and tools:
            out[CALLS] = calls
        choice = request.tool_choice
        if choice is not None and not tools:
            if choice.mode in _DEMANDS:
                message = "tool_choice: a tool is demanded, and none is declared that could be called"
                raise invalid(message, "tool_choice")
        elif choice is not None:
            out["tool_choice"] = self._chosen(choice, request)
        if request.parallel_tool_calls is not None and tools:
            out["parallel_tool_calls"] = request.parallel_tool_calls
        return out

    def _declared(self, request: r.Request) -> Iterator[JsonObject]:
        for number, tool in enumerate(request.tools):
            path = f"tools[{number}]"
            match tool:
                case r.FunctionTool():
                    yield self._function(tool, path)
                case r.CustomTool():
                    yield self._custom(tool, path)
                case r.HostedTool():
                    yield from Hosted(self.parts).write(tool, path)

    def _function(self, tool: r.FunctionTool, path: str) -> JsonObject:
        dialect, losses = self.parts.dialect, self.parts.losses
        if len(tool.name) > dialect.name_length and not self.parts.own:
            raise invalid(f"{path}.name: at most {dialect.name_length} characters for this provider", f"{path}.name")
        out: JsonObject = {"type": "function", "name": tool.name}
        if tool.description is not None:
            out["description"] = tool.description
        schema = self._schema(tool, path)
        if schema is not None:
            out["parameters"] = schema
        if tool.strict is not None:
            out["strict"] = tool.strict
        elif tool.foreign or not self.parts.own:
            out["strict"] = False  # said outright: it is on by default here, and rewrites `required`
        if tool.cache is not None:
            losses.drop(f"{path}.cache_control", "Responses has no cache breakpoint on a tool")
        return out | self._extra(tool.extra, path)

    def _schema(self, tool: r.FunctionTool, path: str) -> Mapping[str, Any] | None:
        """Another protocol's schema gets what this one insists on: the strict subset under `strict`, and `properties`
        on an object always."""
        if tool.schema is None:
            return {"type": "object", "properties": {}}
        if self.parts.own and not tool.foreign:
            return tool.schema
        if tool.strict and not self.parts.kin:
            adapted, dropped = sanitize(tool.schema, OPENAI_STRICT)
            for loss in dropped:
                self.parts.losses.drop(f"{path}.input_schema.{loss.path}", loss.reason)
            return adapted
        return tool.schema if "properties" in tool.schema else {"type": "object", "properties": {}, **tool.schema}

    def _extra(self, extra: Mapping[str, Any] | None, path: str) -> dict[str, Any]:
        if extra is None or self.parts.own:
            return dict(extra or {})
        for name in extra:
            self.parts.losses.drop(f"{path}.{name}", "Responses has no such field of a function")
        return {}

    def _custom(self, tool: r.CustomTool, path: str) -> JsonObject:
        if not self.parts.dialect.custom_tools:
            raise invalid(f"{path}: this provider has no custom tools", path)
        form = dict(tool.format) if tool.format is not None else None
        if form is not None and isinstance(form.get("grammar"), Mapping):
            form = {"type": "grammar", **form["grammar"]}  # chat nests it one level deeper
        fields = {"type": "custom", "name": tool.name, "description": tool.description, "format": form}
        return {name: value for name, value in fields.items() if value is not None} | self._extra(tool.extra, path)

    def _chosen(self, choice: r.ToolChoice, request: r.Request) -> str | JsonObject:
        match choice:
            case r.ToolChoice(raw=raw) if raw is not None and self.parts.own:
                return dict(raw)
            case r.ToolChoice(mode=r.ToolMode.NAMED, names=(name, *_)):
                return self._named(name, request, choice.kind)
            case r.ToolChoice(mode=mode, names=names) if names:
                tools = [self._named(name, request, "function") for name in names]
                word = "required" if mode is r.ToolMode.REQUIRED else "auto"
                return {"type": "allowed_tools", "mode": word, "tools": tools}
            case r.ToolChoice(mode=mode):
                return TOOL_CHOICES.get(mode, "auto")

    def _named(self, name: str, request: r.Request, kind: str) -> JsonObject:
        """A declared tool by its name; a vendor-run one is chosen by its type, an MCP server's by its label."""
        for tool in request.tools:
            match tool:
                case r.CustomTool(name=known) if known == name:
                    return {"type": "custom", "name": name}
                case r.HostedTool(name=known) if known == name and tool.kind != "mcp":
                    written = next(Hosted(self.parts).write(tool, "tool_choice"), {"type": PROTOCOL})
                    return {"type": written["type"]}
                case r.HostedTool(name=known, kind="mcp") if known == name:
                    return {"type": "mcp", "server_label": label(name)}
                case r.FunctionTool(name=known) if known == name:
                    return {"type": "function", "name": name}
                case _:
                    pass  # another tool
        if not self.parts.own:
            raise invalid(f"tool_choice: {name!r} is no tool of this request", "tool_choice")
        return {"type": kind, "name": name}
