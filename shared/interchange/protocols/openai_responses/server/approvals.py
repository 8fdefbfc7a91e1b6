"""Holds the caller's words on calls that wait for them to what was asked: a word on nothing would be lost."""

from __future__ import annotations

from collections.abc import Sequence

from interchange.hub.blocks import Raw
from interchange.hub.failure import invalid
from interchange.hub.request import HostedTool, Tool

ANSWER, ASKED = "mcp_approval_response", "mcp_approval_request"
AFTERWARDS = frozenset({"reasoning", "mcp_call", "function_call", "custom_tool_call"})
"""Items of a model that has gone on since."""


def check_approvals(items: Sequence[Raw], tools: Sequence[Tool]) -> None:
    """Raises RequestError for an answer at the input's end to what nobody asked, and for a call that is approved where
    its server is not among the tools, which no request has from the one before."""
    asked = {_name(item, "id"): item for item in items if item.get("type") == ASKED}
    hosted = [tool for tool in tools if isinstance(tool, HostedTool) and tool.kind == "mcp"]
    labels = {_name(tool.raw, "server_label") for tool in hosted}
    for at in _last(items):
        item, path = items[at], f"input[{at}]"
        identity = _name(item, "approval_request_id")
        request = None if identity is None else asked.get(identity)
        if request is None:
            where = f"{path}.approval_request_id"
            raise invalid(f"{where}: no {ASKED} of this conversation has that id", where, "invalid_value")
        label = _name(request, "server_label")
        if item.get("approve") is True and not labels & {label, None}:  # a label that is no text is refused by itself
            raise invalid(f"{path}: no tool of this request is the MCP server {label!r}", "tools", "mcp_servers")


def _name(holder: Raw, field: str) -> str | None:
    """A caller may have written anything there."""
    value = holder.get(field)
    return value if isinstance(value, str) else None


def _last(items: Sequence[Raw]) -> list[int]:
    found: list[int] = []
    for at, item in enumerate(items):
        if item.get("type") in AFTERWARDS or item.get("role") == "assistant":
            found.clear()
        elif item.get("type") == ANSWER:
            found.append(at)
    return found
