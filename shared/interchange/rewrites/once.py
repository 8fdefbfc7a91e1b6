"""Each tool once, no more tools than the vendor takes, and a forced tool that is one of them.

Clients that gather tools from several places declare some twice. Claude ("tools: Tool names must be unique"), Amazon
and Google refuse the whole request then. What is declared in the same words twice is one tool; two tools of one name
are the caller's to tell apart.
"""

from __future__ import annotations

from interchange.dataclass import replace
from interchange.hub.failure import invalid
from interchange.hub.request import CustomTool, FunctionTool, Request, Tool, ToolMode
from interchange.hub.rules import Rules


def once(request: Request, rules: Rules) -> Request:
    """Raises RequestError naming the second tool of a name, the tools where they are too many, or the choice of one
    that is not declared."""
    kept: list[Tool] = []
    places: dict[str, int] = {}
    for number, tool in enumerate(request.tools):
        name = tool.name if isinstance(tool, FunctionTool | CustomTool) else None
        if name is None or name not in places:
            if name is not None:
                places[name] = len(kept)
            kept.append(tool)
            continue
        both = _joined(kept[places[name]], tool)
        if both is None:
            raise invalid(f"tools[{number}].name: two tools are named {name!r}", f"tools[{number}].name")
        kept[places[name]] = both
    if rules.most_tools is not None and len(kept) > rules.most_tools:
        raise invalid(f"tools: this model takes at most {rules.most_tools} tools, not {len(kept)}", "tools")
    _refuse_unknown(request)
    return request if len(kept) == len(request.tools) else replace(request, tools=tuple(kept))


def _joined(first: Tool, second: Tool) -> Tool | None:
    """The one tool that both are, with the breakpoint of either; None where they differ."""
    if isinstance(first, FunctionTool) and isinstance(second, FunctionTool):
        marked = replace(first, cache=second.cache or first.cache)
        return marked if replace(marked, cache=second.cache) == second else None
    return first if first == second else None


def _refuse_unknown(request: Request) -> None:
    choice = request.tool_choice
    if choice is None or choice.mode is not ToolMode.NAMED or choice.raw is not None:
        return
    if not request.tools or request.mcp_servers:  # without any, the writers say so; a server's tools are not known
        return
    declared = {tool.name for tool in request.tools}
    for name in choice.names:
        if name not in declared:
            raise invalid(f"tool_choice: {name!r} is no tool of this request", "tool_choice")
