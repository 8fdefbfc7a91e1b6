"""What vendors and MCP servers run, as output items: this protocol's own as they came, another's where there is one for
it.

What another vendor found by other tools shows in its text and citations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.protocols.faces import JsonObject
from interchange.wire import codec

from ..words import PROTOCOL
from .answer import Item, Piece


@dataclass(slots=True)
class McpItem(Item):
    """A call of a server's tool, or the list of a server's tools; whole from the first, its events told in a row.
    openai-python `types/responses/response_mcp_*_event.py`"""

    def opening(self) -> JsonObject:
        if self.shape["type"] == "mcp_list_tools":
            return {**self.shape, "tools": []}
        blank: JsonObject = {"arguments": "", "output": None, "error": None}
        running = {"status": "in_progress"} if "status" in self.shape else {}
        return {**self.shape, **blank, **running}

    def end(self) -> list[Piece]:
        done: Piece = ("output_item.done", {"item": dict(self.shape)})
        if self.shape["type"] == "mcp_list_tools":
            return [("mcp_list_tools.in_progress", {}), ("mcp_list_tools.completed", {}), done]
        arguments = self.shape["arguments"]
        return [
            ("mcp_call.in_progress", {}),
            ("mcp_call_arguments.delta", {"delta": arguments}),
            ("mcp_call_arguments.done", {"arguments": arguments}),
            ("mcp_call.failed" if self.shape.get("error") else "mcp_call.completed", {}),
            done,
        ]


def item_of(shape: JsonObject) -> Item:
    """An item that is whole already."""
    return McpItem(shape) if shape["type"] in ("mcp_call", "mcp_list_tools") else Item(shape)


@dataclass(slots=True)
class Hosted:
    """A call's item is whole when its arguments are; an MCP call's when its result is."""

    _open: JsonObject | None = None
    _said: list[str] = field(default_factory=list)
    _waiting: dict[str, JsonObject] = field(default_factory=dict)
    """MCP calls without their result, by the call's id."""

    def begin(self, block: b.Block, new_id: Callable[[str], str]) -> list[JsonObject]:
        """Items that are whole already."""
        match block:
            case b.ServerToolUse(protocol=protocol, raw=raw) | b.Opaque(protocol, raw) if protocol == PROTOCOL:
                return [dict(raw)]
            case b.ServerToolUse(kind="web_search", arguments=arguments):
                self._begin({"id": new_id("ws"), "type": "web_search_call", "status": "completed"}, arguments)
            case b.ServerToolUse(kind="mcp_list", raw=raw, server=server):
                listed: JsonObject = {"id": new_id("mcpl"), "type": "mcp_list_tools", "server_label": server or ""}
                return [{**listed, "tools": list(raw.get("tools") or ()), "error": None}]
            case b.ServerToolUse(kind="mcp_approval", name=name, arguments=arguments, server=server):
                shape = {"id": f"mcpr_{block.id}", "type": "mcp_approval_request", "name": name}
                self._begin({**shape, "server_label": server or ""}, arguments)
            case b.ServerToolUse(kind="mcp", name=name, arguments=arguments, protocol="interchange"):
                asked = block.raw.get("approval_request_id")
                shape = {"id": f"mcp_{block.id}", "type": "mcp_call", "name": name, "server_label": block.server or ""}
                self._begin(
                    {**shape, "approval_request_id": asked, "output": None, "error": None, "status": "completed"},
                    arguments,
                )
                self._waiting[block.id] = self._open or {}
            case b.ServerToolUse(kind="mcp", name=name, arguments=arguments, server=server):
                shape = {
                    "id": new_id("mcp"),
                    "type": "mcp_call",
                    "name": name,
                    "server_label": server or "",
                }
                self._begin({**shape, "arguments": "", "output": None, "error": None}, arguments)
                self._waiting[block.id] = self._open or {}
            case b.ServerToolResult(kind="mcp", tool_use_id=call_id, content=content, is_error=failed):
                shape = self._waiting.pop(call_id, {})
                text = "".join(part.text for part in content if isinstance(part, b.Text))
                if shape and failed and "status" in shape:
                    error = {"type": "mcp_tool_execution_error", "content": [{"type": "text", "text": text}]}
                    return [{**shape, "error": error, "status": "failed"}]
                return [{**shape, ("error" if failed else "output"): text}] if shape else []
            case b.Image(source=b.Base64Source(data=data)):
                return [{"id": new_id("ig"), "type": "image_generation_call", "status": "completed", "result": data}]
            case _:
                pass  # this protocol has no item for it
        return []

    def _begin(self, shape: JsonObject, arguments: str) -> None:
        self._open, self._said = shape, [arguments]

    def say(self, text: str) -> None:
        if self._open is not None:
            self._said.append(text)

    def end(self) -> list[JsonObject]:
        shape, self._open = self._open, None
        if shape is None:
            return []
        text = "".join(self._said)
        if shape["type"] == "mcp_call":
            shape["arguments"] = text or "{}"
            return []
        if shape["type"] == "mcp_approval_request":
            return [{**shape, "arguments": text or "{}"}]
        return [{**shape, "action": {"type": "search", "query": _query(text)}}]

    def finish(self) -> list[JsonObject]:
        """Calls whose result never came."""
        waiting, self._waiting = self._waiting, {}
        return [*self.end(), *waiting.values()]


def _query(arguments: str) -> str:
    try:
        asked = codec.loads(arguments or "{}")
    except ValueError:
        return arguments
    found = asked.get("query") if isinstance(asked, dict) else None
    return found if isinstance(found, str) else arguments
