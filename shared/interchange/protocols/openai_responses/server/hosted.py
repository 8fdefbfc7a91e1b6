"""Writes the calls that vendors and MCP servers run as output items: this protocol's own as they came, another's where
there is one for it.

What another vendor found by other tools shows in its text and citations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub.mcp import GATEWAY
from interchange.protocols.faces import JsonObject
from interchange.wire import codec

from ..words import PROTOCOL
from .answer import Item, Piece


@dataclass(slots=True)
class McpList(Item):
    """A server's tools; whole from the first, its events told in a row. openai-python `types/responses/
    response_mcp_list_tools_*_event.py`"""

    def opening(self) -> JsonObject:
        return {**self.shape, "tools": []}

    def end(self) -> list[Piece]:
        done: Piece = ("output_item.done", {"item": dict(self.shape)})
        return [("mcp_list_tools.in_progress", {}), ("mcp_list_tools.completed", {}), done]


@dataclass(slots=True)
class McpCall(Item):
    """A call of a server's tool. Its arguments are told as they come; it ends with its result, which other items may
    come before. openai-python `types/responses/response_mcp_call_*_event.py`"""

    said: list[str] = field(default_factory=list)

    def begin(self) -> list[Piece]:
        return [*Item.begin(self), ("mcp_call.in_progress", {})]

    def say(self, text: str) -> list[Piece]:
        self.said.append(text)
        return [("mcp_call_arguments.delta", {"delta": text})]

    def end(self) -> list[Piece]:
        """The arguments' end."""
        text = self.shape["arguments"] = "".join(self.said) or "{}"
        return [("mcp_call_arguments.done", {"arguments": text})]

    def result(self, content: Sequence[b.Block], failed: bool) -> list[Piece]:
        text = "".join(part.text for part in content if isinstance(part, b.Text))
        if failed:
            told = [{"type": "text", "text": text}]
            self.shape |= {"error": {"type": "mcp_tool_execution_error", "content": told}, "status": "failed"}
        else:
            self.shape |= {"output": text, "status": "completed"}
        return [("mcp_call.failed" if failed else "mcp_call.completed", {}), self._done()]

    def cut(self) -> list[Piece]:
        """Its result never came."""
        self.shape["status"] = "incomplete"
        return [self._done()]

    def _done(self) -> Piece:
        return ("output_item.done", {"item": dict(self.shape)})


def mcp_call(block: b.ServerToolUse, new_id: Callable[[str], str]) -> McpCall:
    """An id that the gateway made leads back to the model's own."""
    shape: JsonObject = {
        "id": f"mcp_{block.id}" if block.protocol == GATEWAY else new_id("mcp"),
        "type": "mcp_call", "status": "in_progress", "name": block.name, "server_label": block.server or "",
        "arguments": "", "approval_request_id": block.raw.get("approval_request_id"), "output": None, "error": None,
    }  # fmt: skip
    return McpCall(shape)


def item_of(shape: JsonObject) -> Item:
    """An item that is whole already."""
    return McpList(shape) if shape.get("type") == "mcp_list_tools" else Item(shape)


@dataclass(slots=True)
class Hosted:
    """A call's item is whole when its arguments are."""

    _open: JsonObject | None = None
    _said: list[str] = field(default_factory=list)

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
        if shape["type"] == "mcp_approval_request":
            return [{**shape, "arguments": text or "{}"}]
        return [{**shape, "action": {"type": "search", "query": _query(text)}}]


def _query(arguments: str) -> str:
    try:
        asked = codec.loads(arguments or "{}")
    except ValueError:
        return arguments
    found = asked.get("query") if isinstance(asked, dict) else None
    several = asked.get("queries") if isinstance(asked, dict) else None  # Gemini asks for several at once
    if isinstance(several, list) and several and all(isinstance(one, str) for one in several):
        found = "; ".join(several)
    return found if isinstance(found, str) else arguments
