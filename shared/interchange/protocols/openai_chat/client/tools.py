"""Hub tools -> `tools`, `tool_choice`, `parallel_tool_calls` and `web_search_options`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub import request as r
from interchange.hub.failure import invalid
from interchange.protocols.faces import JsonObject
from interchange.wire.schema import OPENAI_STRICT, sanitize

from ..words import PROTOCOL, TOOL_CHOICES
from .content import Parts


@dataclass(frozen=True, slots=True)
class Tools:
    parts: Parts
    own: bool

    def write(self, request: r.Request) -> JsonObject:
        out: JsonObject = {}
        written: list[JsonObject] = []
        for number, tool in enumerate(request.tools):
            path = f"tools[{number}]"
            match tool:
                case r.FunctionTool():
                    written.append(self._function(tool, path))
                case r.CustomTool():
                    written.append(self._custom(tool, path))
                case r.HostedTool(protocol=protocol, raw=raw) if protocol == PROTOCOL and "type" in raw:
                    written.append(dict(raw))
                case r.HostedTool(kind="tool_search", protocol=protocol) if protocol != PROTOCOL:
                    self.parts.losses.drop(path, "every tool is declared outright, so there is nothing to search for")
                case r.HostedTool():
                    out["web_search_options"] = self._search(tool, path)
        if written:
            out["tools"] = written
        return {**out, **self._choice(request, bool(written))}

    def _function(self, tool: r.FunctionTool, path: str) -> JsonObject:
        dialect, losses = self.parts.dialect, self.parts.losses
        if len(tool.name) > dialect.name_length:
            raise invalid(f"{path}.name: at most {dialect.name_length} characters for this provider", f"{path}.name")
        function: JsonObject = {"name": tool.name}
        if tool.description is not None:
            function["description"] = tool.description
        schema = self._schema(tool, f"{path}.input_schema")
        if schema is not None:
            function["parameters"] = schema
        if dialect.strict and tool.strict is not None:
            function["strict"] = tool.strict
        elif dialect.strict and (tool.foreign or not self.own):
            function["strict"] = False  # said outright, because where it is on by default it rewrites `required`
        elif tool.strict:
            losses.drop(f"{path}.strict", "this provider has no strict tools")
        extra = self._extra(tool.extra, path)
        inner = extra.pop("function", {})
        return {
            "type": "function",
            **extra,
            "function": {**function, **inner},
            **self.parts.cache(tool.cache, path, tool=True),
        }

    def _schema(self, tool: r.FunctionTool, path: str) -> Mapping[str, Any] | None:
        """Another protocol's schema gets what this one insists on: the strict subset under `strict`, and `properties`
        on an object always ("object schema missing properties")."""
        schema = tool.schema
        if schema is None or (self.own and not tool.foreign):
            return schema
        if tool.strict and self.parts.dialect.strict:
            adapted, dropped = sanitize(schema, OPENAI_STRICT)
            for loss in dropped:
                self.parts.losses.drop(f"{path}.{loss.path}", loss.reason)
            return adapted
        return {"type": "object", "properties": {}, **schema} if "properties" not in schema else schema

    def _extra(self, extra: Mapping[str, Any] | None, path: str) -> dict[str, Any]:
        if extra is None or self.own:
            return dict(extra or {})
        for name in extra:
            self.parts.losses.drop(f"{path}.{name}", "chat has no such field")
        return {}

    def _custom(self, tool: r.CustomTool, path: str) -> JsonObject:
        if not self.parts.dialect.custom_tools:
            raise invalid(f"{path}: this provider has no custom tools", path)
        form = tool.format
        if form is not None and form.get("type") == "grammar" and "grammar" not in form:  # Responses has it flat
            form = {"type": "grammar", "grammar": {name: value for name, value in form.items() if name != "type"}}
        custom = {"name": tool.name, "description": tool.description, "format": form}
        written = {name: value for name, value in custom.items() if value is not None}
        return {"type": "custom", **self._extra(tool.extra, path), "custom": written}

    def _search(self, tool: r.HostedTool, path: str) -> JsonObject:
        """The one vendor-run tool of chat completions, which only search models have (trait `web_search`)."""
        if tool.protocol == PROTOCOL:
            return dict(tool.raw)
        if tool.kind != "web_search" or not self.parts.profile.traits.get("web_search", False):
            raise invalid(f"{path}: this provider cannot run the tool {tool.kind!r} over chat completions", path)
        for name in ("max_uses", "allowed_domains", "blocked_domains"):
            if getattr(tool, name):
                self.parts.losses.drop(f"{path}.{name}", "chat's web search has no such setting")
        if tool.user_location is None:
            return {}
        place = {name: value for name, value in tool.user_location.items() if name != "type"}
        return {"user_location": {"type": "approximate", "approximate": place}}

    def _choice(self, request: r.Request, any_tools: bool) -> JsonObject:
        out: JsonObject = {}
        choice = request.tool_choice
        if choice is not None and not any_tools:
            if choice.mode in (r.ToolMode.REQUIRED, r.ToolMode.NAMED):
                raise invalid(
                    "tool_choice: a tool is demanded, and none is declared that could be called", "tool_choice"
                )
        elif choice is not None:
            out["tool_choice"] = self._chosen(choice, request)
        if request.parallel_tool_calls is not None:
            if any_tools and "parallel_tool_calls" in self.parts.dialect.parameters:
                out["parallel_tool_calls"] = request.parallel_tool_calls
            elif any_tools:
                self.parts.losses.drop("parallel_tool_calls", "this provider has no such parameter")
        return out

    def _chosen(self, choice: r.ToolChoice, request: r.Request) -> str | JsonObject:
        kinds = {tool.name: "custom" for tool in request.tools if isinstance(tool, r.CustomTool)}
        match choice:
            case r.ToolChoice(mode=r.ToolMode.NAMED, names=(name, *_)):
                kind = kinds.get(name, choice.kind)
                return {"type": kind, kind: {"name": name}}
            case r.ToolChoice(mode=mode, names=names) if names:
                tools = [{"type": (kind := kinds.get(name, "function")), kind: {"name": name}} for name in names]
                word = "required" if mode is r.ToolMode.REQUIRED else "auto"
                return {"type": "allowed_tools", "allowed_tools": {"mode": word, "tools": tools}}
            case r.ToolChoice(mode=mode):
                return TOOL_CHOICES.get(mode, "auto")
