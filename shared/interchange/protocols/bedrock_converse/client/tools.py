"""Tools, and the choice among them: `toolConfig`. What Converse cannot be made to do is refused, never left out."""

from __future__ import annotations

import re

from interchange.dataclass import dataclass, replace
from interchange.hub import blocks as b
from interchange.hub import request as r
from interchange.hub.failure import invalid
from interchange.hub.losses import Losses
from interchange.protocols.faces import JsonObject, Profile
from interchange.wire.schema import MESSAGES_OUTPUT, sanitize

from .content import cache_point

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
"""`ToolName` of the service model."""
BARE = replace(
    MESSAGES_OUTPUT,
    name="Nova",
    keywords=MESSAGES_OUTPUT.keywords | {"minimum", "maximum", "minLength", "maxLength", "pattern", "maxItems"},
    refs=False,
    closed=False,
    formats=None,
    min_items=None,
)
ROOT = ("type", "properties", "required")
"""https://docs.aws.amazon.com/nova/latest/userguide/prompting-tool-troubleshooting.html: "only three fields are
supported in top-level Object"; zed-industries/zed#28521: "extraneous key [definitions] is not permitted"."""
FORCED = (r.ToolMode.REQUIRED, r.ToolMode.NAMED)


@dataclass(frozen=True, slots=True)
class Tools:
    profile: Profile
    losses: Losses

    def write(self, request: r.Request) -> JsonObject:
        """`toolConfig`, or nothing. A history with calls must have it, even where the model may not call again."""
        choice = request.tool_choice
        offered = [
            (f"tools[{number}]", tool) for number, tool in enumerate(request.tools) if self._offered(tool, choice)
        ]
        specs = [spec for path, tool in offered for spec in self._tool(tool, path)]
        if choice is not None and choice.mode in FORCED:
            self._require(choice, [tool.name for _, tool in offered if isinstance(tool, r.FunctionTool)])
        used = _used(request)
        if choice is not None and choice.mode is r.ToolMode.NONE:
            if specs:
                where = "tool_choice" if used else "tools"
                self.losses.drop(where, "Converse has no `none`: tools stay out, unless the history calls them")
            specs = specs if used else []
            choice = None
        if not specs and used:
            specs = [_spec(name) for name in used]
        return {"tools": specs, **self._choice(choice)} if specs else {}

    def _offered(self, tool: r.Tool, choice: r.ToolChoice | None) -> bool:
        """An allowed subset is said by declaring no others: Converse has no word for it."""
        if choice is None or not choice.names or choice.mode is r.ToolMode.NAMED:
            return True
        return not isinstance(tool, r.FunctionTool) or tool.name in choice.names

    def _tool(self, tool: r.Tool, path: str) -> list[JsonObject]:
        if isinstance(tool, r.HostedTool) and tool.kind == "tool_search":
            self.losses.drop(path, "every tool is declared outright, so there is nothing to search for")
            return []
        if not isinstance(tool, r.FunctionTool):
            raise invalid(f"{path}: this model takes function tools only", path)
        if not _NAME.fullmatch(tool.name):
            raise invalid(f"{path}.name: 1 to 64 letters, digits, _ and - for this model", f"{path}.name")
        schema = self._schema(tool, path)
        if schema.setdefault("type", "object") != "object":
            raise invalid(f"{path}.parameters: the schema must be of type object", f"{path}.parameters")
        spec = _spec(tool.name, schema)
        if tool.description:
            spec["toolSpec"]["description"] = tool.description
        if tool.strict is not None:
            spec["toolSpec"]["strict"] = tool.strict
        for name in tool.extra or ():
            self.losses.drop(f"{path}.{name}", "Converse has no such field of a tool")
        return [spec, *cache_point(tool.cache, self.profile, path, self.losses)]

    def _schema(self, tool: r.FunctionTool, path: str) -> JsonObject:
        """Strict, it has the form of an answer's schema (see `request.write_output`)."""
        bare = self.profile.traits.get("bare_schemas", False)
        if not tool.schema or not (tool.strict or bare):
            return dict(tool.schema or {})
        schema, dropped = sanitize(tool.schema, BARE if bare else MESSAGES_OUTPUT)
        for item in dropped:
            self.losses.drop(f"{path}.parameters.{item.path}", item.reason)
        return {name: value for name, value in schema.items() if name in ROOT} if bare else schema

    def _require(self, choice: r.ToolChoice, declared: list[str]) -> None:
        unknown = [name for name in choice.names if name not in declared]
        if unknown:
            raise invalid(f"tool_choice: {unknown[0]!r} is no tool of this request", "tool_choice")
        if self.profile.traits.get("forced_tools") is False:
            raise invalid("tool_choice: this model cannot be made to call a tool: let it choose", "tool_choice")
        if not declared:
            raise invalid("tool_choice: no tools are declared, so none can be forced", "tool_choice")

    def _choice(self, choice: r.ToolChoice | None) -> JsonObject:
        match choice:
            case None:
                return {}
            case r.ToolChoice(mode=r.ToolMode.NAMED, names=(name, *_)):
                return {"toolChoice": {"tool": {"name": name}}}
            case r.ToolChoice(mode=mode):
                return {"toolChoice": {"any": {}} if mode is r.ToolMode.REQUIRED else {"auto": {}}}


def forced(request: r.Request) -> bool:
    return request.tool_choice is not None and request.tool_choice.mode in FORCED


def _spec(name: str, schema: JsonObject | None = None) -> JsonObject:
    return {"toolSpec": {"name": name, "inputSchema": {"json": schema or {"type": "object"}}}}


def _used(request: r.Request) -> list[str]:
    """The tools that the history calls."""
    blocks = (block for message in request.messages for block in message.content)
    return list(dict.fromkeys(block.name for block in blocks if isinstance(block, b.ToolUse)))
