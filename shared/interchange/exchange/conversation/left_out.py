"""Vendor-run tools that a balance cannot carry. Coding agents declare a search with every turn, and hardly ever use it:
where the choice is the model's, the turn goes on without it, and the caller is told."""

from __future__ import annotations

from interchange.exchange.body import RequestHead
from interchange.hub.request import HostedTool, Request, ToolMode

WHY = "the balance does not cover what this tool, which the provider runs, may cost"
OPTIONS = "web_search_options"
"""Chat's way to declare a search (https://platform.openai.com/docs/api-reference/chat/create)."""


def without_hosted(head: RequestHead, request: Request) -> tuple[RequestHead, tuple[str, ...]]:
    """(the request without its vendor-run tools, where they stood); the request as it is where there are none, or one
    must be called, or its own servers are to be asked."""
    forced = request.tool_choice is not None and request.tool_choice.mode not in (ToolMode.AUTO, ToolMode.NONE)
    declared = [tool for tool in request.tools if isinstance(tool, HostedTool)]
    hosted = [tool.raw for tool in declared]
    servers = request.mcp_servers or any(tool.kind == "mcp" for tool in declared)
    tools = head.body.get("tools")
    if not hosted or forced or servers:
        return head, ()
    body, paths = dict(head.body), []
    if isinstance(tools, list):
        paths = [f"tools[{number}]" for number, tool in enumerate(tools) if tool in hosted]
        body["tools"] = [tool for tool in tools if tool not in hosted]
        for name in () if body["tools"] else ("tools", "tool_choice"):
            body.pop(name, None)
    if body.pop(OPTIONS, None) is not None:
        paths.append(OPTIONS)
    return head.saying(body), tuple(paths)
