"""Takes what can be read of an MCP server's answer where another part of it is malformed.

The library holds an answer to the protocol's schema as a whole: one tool of three hundred whose schema is no object
would take all of them away, and one part of a result that it does not know the other parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mcp_types as types
from mcp.client.session import ClientSession
from mcp.shared.dispatcher import CallOptions
from mcp.shared.jsonrpc_dispatcher import JSONRPCDispatcher
from mcp_types import methods

from interchange.hub.mcp import ListedTool
from interchange.wire import codec

VERSION = "2025-11-25"
"""The strictest version of the protocol in what a tool and a result are."""
BARE: dict[str, Any] = {"name": "-", "inputSchema": {"type": "object"}}
"""The least that is a tool."""
MOST_READ = 100
"""Parts of a malformed result that are looked at."""
NO_OBJECT = "arguments are an object"


class Session(ClientSession):
    """The library would hold a result to the tool's own `outputSchema`, by that schema's regular expressions, which a
    hostile server chooses, and would list all tools anew for it. A result is data for the model, whatever its form."""

    async def validate_tool_result(self, name: str, result: types.CallToolResult) -> None:
        """Does nothing."""


class Lenient(JSONRPCDispatcher[Any]):
    """`left_out` are the tools of the last list that cannot be offered; `faults` has what was changed in others, by
    their names."""

    left_out: tuple[ListedTool, ...] = ()
    faults: Mapping[str, Mapping[str, str]] = {}

    async def send_raw_request(
        self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None, **more: Any
    ) -> dict[str, Any]:
        raw = await super().send_raw_request(method, params, opts, **more)
        if method == "tools/list":
            return self._listed(raw)
        return _result(raw) if method == "tools/call" else raw

    def _listed(self, raw: dict[str, Any]) -> dict[str, Any]:
        tools = raw.get("tools")
        if not isinstance(tools, list):
            return raw
        read = [read_tool(tool) for tool in tools]
        self.left_out = tuple(_left_out(tool, faults) for tool, faults in read if "" in faults)
        self.faults = {tool["name"]: faults for tool, faults in read if faults and "" not in faults}
        return {**raw, "tools": [tool for tool, faults in read if "" not in faults]}


def _left_out(tool: Any, faults: Mapping[str, str]) -> ListedTool:
    name = tool.get("name") if isinstance(tool, dict) else None
    return ListedTool(name if isinstance(name, str) else "", "", {}, faults=faults)


def read_tool(tool: Any) -> tuple[Any, dict[str, str]]:
    """The tool as the protocol has it, and what is wrong with it: paths below the tool, and why. The path "" stands for
    the whole of it, which is then left out."""
    if _is_tool(tool):
        return tool, {}
    if not isinstance(tool, dict) or not isinstance(tool.get("name"), str):
        return tool, {"": "a tool has no name"}
    schema, faults = _schema(tool.get("inputSchema"))
    if schema is None:
        return tool, faults
    kept = {"name": tool["name"], "inputSchema": schema}
    for field, value in tool.items():
        if field not in kept and _is_tool({**BARE, field: value}):
            kept[field] = value
        elif field == "description":
            faults[".description"] = "a description is a text"
    return (kept, faults) if _is_tool(kept) else (tool, {"": "the tool's schema is no JSON Schema of an object"})


def _is_tool(tool: Any) -> bool:
    try:
        methods.validate_server_result("tools/list", VERSION, {"tools": [tool]})
    except ValueError:
        return False
    return True


def _schema(schema: Any) -> tuple[dict[str, Any] | None, dict[str, str]]:
    """The schema of an object that was meant; None, and why, where none was."""
    if not isinstance(schema, dict):
        return None, {"": "the tool's schema is no JSON Schema of an object"}
    kind, faults = schema.get("type", "object"), {}
    if isinstance(kind, list) and "object" in kind:
        faults[".input_schema.type"] = NO_OBJECT
    elif kind != "object":
        return None, {"": NO_OBJECT}
    required = schema.get("required")
    if required is not None and not (isinstance(required, list) and all(isinstance(one, str) for one in required)):
        schema = {name: value for name, value in schema.items() if name != "required"}
        faults[".input_schema.required"] = "required is a list of names"
    return {**schema, "type": "object"}, faults


def _result(raw: dict[str, Any]) -> dict[str, Any]:
    """A result without the parts that are none. One of which no part can be read stays as it is."""
    try:
        methods.validate_server_result("tools/call", VERSION, raw)
    except ValueError:
        content = raw.get("content")
        if not isinstance(content, list):
            return raw
        parts = [part if _is_content(part) else _unknown(part) for part in content[:MOST_READ]]
        if content and all(part is not given for part, given in zip(parts, content, strict=False)):
            return raw
        if len(content) > MOST_READ:
            parts.append(_said(f"[left out: {len(content) - MOST_READ} further parts]"))
        return {**raw, **_structured(raw, parts), "content": parts}
    return raw


def _structured(raw: dict[str, Any], parts: list[Any]) -> dict[str, Any]:
    """Structured content that is no object, which only the newest version has, said as text where there is none."""
    given = raw.get("structuredContent")
    if given is None or isinstance(given, dict):
        return {}
    if not any(part.get("type") == "text" for part in parts):
        parts.append(_said(codec.dumps_text(given)))
    return {"structuredContent": None}


def _is_content(part: Any) -> bool:
    try:
        methods.validate_server_result("tools/call", VERSION, {"content": [part]})
    except ValueError:
        return False
    return True


def _unknown(part: Any) -> dict[str, Any]:
    kind = part.get("type") if isinstance(part, dict) else None
    return _said(f"[left out: content of kind {str(kind)[:40]!r}]" if kind else "[left out: content of no kind]")


def _said(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}
