"""Tools, and the choice among them, hub -> wire."""

from __future__ import annotations

import re
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.failure import invalid
from interchange.hub.losses import Losses
from interchange.hub.request import CustomTool, FunctionTool, HostedTool, Request, Tool, ToolChoice, ToolMode
from interchange.protocols.faces import Profile
from interchange.wire.schema import MESSAGES_OUTPUT, sanitize

from ..words import CHOICE_WORD, HOSTED_TOOL, LIMITED_TOOLS, PROTOCOL, Json
from .content import write_cache

CALLS = "max_tool_calls"
"""Responses' limit on all tools taken together."""
FORCED = (ToolMode.REQUIRED, ToolMode.NAMED)
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
"""The API's own pattern for `tools.N.custom.name`."""
PLACE = ("city", "region", "country", "timezone")


@dataclass(frozen=True, slots=True)
class Tools:
    profile: Profile
    losses: Losses
    own: bool

    def write(self, request: Request, used: list[str]) -> Json:
        """The fields `tools`, `tool_choice` and `mcp_servers`, where there are any. `used` are the tools that the
        history calls: the API wants them declared, even where the model must not call them again."""
        choice = request.tool_choice
        tools = [self._tool(tool, f"tools[{number}]") for number, tool in enumerate(request.tools)
                 if self._offered(tool, choice) and not self._searches(tool, f"tools[{number}]")]  # fmt: skip
        written: Json = {}
        if tools:
            written["tools"] = tools
            written_choice = self._choice(request, tools)
            if written_choice:
                written["tool_choice"] = written_choice
        elif choice is not None and choice.mode in FORCED and not request.mcp_servers:
            raise invalid("tool_choice: no tools are declared, so none can be forced", "tool_choice")
        elif used and not self.own:
            written["tools"] = [{"name": name, "input_schema": {"type": "object"}} for name in used]
            written["tool_choice"] = {"type": "none"}
        if request.mcp_servers:
            written["mcp_servers"] = [dict(server) for server in request.mcp_servers]
        return written

    def _offered(self, tool: Tool, choice: ToolChoice | None) -> bool:
        """An allowed subset is said by declaring no others: the API has no word for it."""
        if choice is None or not choice.names or choice.mode is ToolMode.NAMED:
            return True
        return not isinstance(tool, FunctionTool) or tool.name in choice.names

    def _searches(self, tool: Tool, path: str) -> bool:
        """True for another vendor's search for tools, which is left out: its tools are not deferred here."""
        if not isinstance(tool, HostedTool) or tool.kind != "tool_search" or tool.protocol == PROTOCOL:
            return False
        self.losses.drop(path, "every tool is declared outright, so there is nothing to search for")
        return True

    def _tool(self, tool: Tool, path: str) -> Json:
        match tool:
            case FunctionTool():
                return self._function(tool, path)
            case CustomTool(name):
                raise invalid(f"{path}: {name!r} takes free-form input; this model takes functions only", path)
            case HostedTool():
                return self._hosted(tool, path)

    def _function(self, tool: FunctionTool, path: str) -> Json:
        if (tool.foreign or not self.own) and not _NAME.fullmatch(tool.name):
            raise invalid(f"{path}.name: 1 to 128 letters, digits, _ and - for this model", f"{path}.name")
        written: Json = {"name": tool.name}
        if tool.description is not None:
            written["description"] = tool.description
        written["input_schema"] = self._schema(tool, path)
        if tool.strict is not None and (self.own or self._strict(tool, path)):
            written["strict"] = tool.strict
        if tool.cache is not None:
            written["cache_control"] = write_cache(tool.cache)
        for name, value in (tool.extra or {}).items():
            if self.own:
                written[name] = value
            else:
                self.losses.drop(f"{path}.{name}", "Messages has no such field of a function")
        return written

    def _strict(self, tool: FunctionTool, path: str) -> bool:
        """False is what its absence means."""
        if tool.strict and not self.profile.traits.get("structured_output"):
            self.losses.drop(f"{path}.strict", "this model does not promise to follow the schema")
            return False
        return bool(tool.strict)

    def _schema(self, tool: FunctionTool, path: str) -> Json:
        if tool.schema is None:
            closed = {"additionalProperties": False} if self._strict(tool, path) else {}
            return {"type": "object", "properties": {}, **closed}
        schema = dict(tool.schema)
        if self.own and not tool.foreign:
            return schema
        if tool.strict and self.profile.traits.get("structured_output"):
            schema, dropped = sanitize(schema, MESSAGES_OUTPUT)
            for item in dropped:
                self.losses.drop(f"{path}.parameters.{item.path}", item.reason)
        kind = schema.get("type", "object")
        if kind != "object" and (not isinstance(kind, list) or "object" not in kind):
            raise invalid(f"{path}.parameters: the schema must be of type object", f"{path}.parameters")
        return {"type": "object", **schema, **({"type": "object"} if kind != "object" else {})}

    def _hosted(self, tool: HostedTool, path: str) -> Json:
        if tool.protocol == PROTOCOL:
            return limited(tool)
        declared = HOSTED_TOOL.get(tool.kind)
        if declared is None:
            kind = tool.raw.get("type", tool.kind)
            raise invalid(f"{path}: {kind!r} is not offered with this model; supported: {', '.join(HOSTED_TOOL)}", path)
        written = dict(declared)
        if tool.kind != "code_execution":
            fields: dict[str, Any] = {
                "max_uses": tool.limit,
                "allowed_domains": list(tool.allowed_domains),
                "blocked_domains": list(tool.blocked_domains),
                "user_location": _location(tool) if tool.kind == "web_search" else None,
            }
            written.update({name: value for name, value in fields.items() if value})
        if tool.raw.get("search_context_size"):
            self.losses.drop(f"{path}.search_context_size", "this model's web search has no such setting")
        if tool.cache is not None:
            written["cache_control"] = write_cache(tool.cache)
        return written

    def _choice(self, request: Request, tools: list[Json]) -> Json:
        choice, parallel = request.tool_choice, request.parallel_tool_calls
        mode = choice.mode if choice is not None else ToolMode.AUTO
        names = choice.names if choice is not None else ()
        declared = [tool.get("name") for tool in tools]
        if mode in FORCED and any(name not in declared for name in names):
            raise invalid(f"tool_choice: {names[0]!r} is no tool of this request", "tool_choice")
        if mode in FORCED and not self.own and self.profile.traits.get("forced_tools") is False:
            raise invalid("tool_choice: this model cannot be made to call a tool: let it choose", "tool_choice")
        if mode is ToolMode.REQUIRED and len(names) == 1:
            mode = ToolMode.NAMED
        written: Json = {"type": CHOICE_WORD[mode]}
        if mode is ToolMode.NAMED:
            written["name"] = names[0]
        if parallel is not None and (self.own or (not parallel and mode is not ToolMode.NONE)):
            written["disable_parallel_tool_use"] = not parallel
        return written if choice is not None or len(written) > 1 else {}


def limited(tool: HostedTool) -> Json:
    """This protocol's own declaration, with the limit on its calls that is held for where it states none."""
    takes = str(tool.raw.get("type")).startswith(LIMITED_TOOLS) and tool.raw.get("max_uses") is None
    return {**tool.raw, "max_uses": tool.most} if takes and tool.most is not None else dict(tool.raw)


def says_calls(request: Request) -> bool:
    """True where `max_uses` says the same as a limit on all tools together: there is one, and it takes it."""
    kinds = [tool.kind for tool in request.tools if isinstance(tool, HostedTool) and tool.function is None]
    return len(kinds) == 1 and str(HOSTED_TOOL.get(kinds[0], {}).get("type")).startswith(LIMITED_TOOLS)


def _location(tool: HostedTool) -> Json | None:
    """{"type": "approximate", "city", ...}; chat nests the place one level deeper."""
    given = tool.user_location
    if not given:
        return None
    nested = given.get("approximate")
    place = nested if isinstance(nested, dict) else given
    return {"type": "approximate", **{name: place[name] for name in PLACE if place.get(name)}}


def is_forced(choice: Json | None) -> bool:
    return choice is not None and choice.get("type") in ("any", "tool")
