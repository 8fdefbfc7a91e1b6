"""Hub messages -> `instructions` and `input`: one list of items, in which a turn is as many items as it has parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub.failure import invalid
from interchange.hub.request import Request
from interchange.protocols import JsonObject

from .outbound_content import Parts
from .outbound_turn import Turn, write_id


@dataclass(slots=True)
class Items:
    """Writes one conversation."""

    parts: Parts
    out: list[JsonObject] = field(default_factory=list)
    _kinds: dict[str, str] = field(default_factory=dict)
    """Calls: id -> "function" or "custom", which their results must name."""
    _open: dict[str, str] = field(default_factory=dict)
    """Calls that still need a result: id -> path."""

    def write(self, request: Request) -> JsonObject:
        instructions: JsonObject = {}
        match request.system:
            case ():
                pass  # nothing to say first
            case (b.Text(text=text, cache=None, citations=()),):
                instructions["instructions"] = text
            case blocks:  # several, or with breakpoints, which a string cannot carry
                self.out.append(_message("system", self.parts.write(blocks, "system")))
        for number, message in enumerate(request.messages):
            self._message(message, f"messages[{number}]")
        self._require_results()
        return {**instructions, "input": self.out}

    def _message(self, message: b.Message, path: str) -> None:
        extra = self._extra(message, path)
        if message.name is not None:
            self.parts.losses.drop(f"{path}.name", "Responses names no participants")
        if message.role is b.Role.ASSISTANT:
            self._require_results()
            turn = Turn(self.parts, extra)
            self.out += turn.write(message, path)
            self._open |= turn.called
            self._kinds |= turn.kinds
        elif message.role is b.Role.USER:
            self._user(message, path, extra)
        else:
            content = self.parts.write(message.content, f"{path}.content")
            self.out.append({**_message(message.role.value, content), **extra})

    def _extra(self, message: b.Message, path: str) -> Mapping[str, Any]:
        if message.extra is None or self.parts.own:
            return message.extra or {}
        for name in message.extra:
            self.parts.losses.drop(f"{path}.{name}", "Responses has no such field")
        return {}

    def _user(self, message: b.Message, path: str, extra: Mapping[str, Any]) -> None:
        content: list[JsonObject] = []
        for at, block in enumerate(message.content):
            here = f"{path}.content[{at}]"
            if isinstance(block, b.ToolResult):
                self._result(block, here)
            else:
                content += self.parts.block(block, here)
        if content or not message.content:
            self.out.append({**_message("user", content), **extra})

    def _result(self, block: b.ToolResult, path: str) -> None:
        if block.tool_use_id not in self._kinds and not self.parts.own:
            raise invalid(f"{path}: no tool call before it has the id {block.tool_use_id!r}", path)
        self._open.pop(block.tool_use_id, None)
        content = self.parts.write(block.content, f"{path}.content")
        if block.is_error:
            content = _failed(content, self.parts.dialect.error_prefix)
        if block.cache is not None:
            self.parts.losses.drop(f"{path}.cache_control", "a tool's output carries no cache breakpoint")
        custom = self._kinds.get(block.tool_use_id) == "custom"
        self.out.append(
            {
                "type": "custom_tool_call_output" if custom else "function_call_output",
                "call_id": write_id(block.tool_use_id, self.parts.dialect.id_length),
                "output": _collapsed(content),
            }
        )

    def _require_results(self) -> None:
        """Recorded 400: "No tool output found for function call call_..."."""
        for call_id, path in self._open.items() if not self.parts.own else ():
            raise invalid(f"{path}: the tool call {call_id!r} has no tool result in the messages that follow", path)


def _message(role: str, content: list[JsonObject]) -> JsonObject:
    return {"type": "message", "role": role, "content": content}


def _collapsed(content: list[JsonObject]) -> str | list[JsonObject]:
    """One plain text is a string: what every compatible server takes."""
    match content:
        case []:
            return ""
        case [{"type": "input_text", "text": str(text), **rest}] if not rest:
            return text
        case _:
            return content


def _failed(content: list[JsonObject], prefix: str) -> list[JsonObject]:
    """There is no flag for a failed call: the text says it."""
    match content:
        case [{"type": "input_text", "text": str(text)} as first, *rest]:
            return [{**first, "text": f"{prefix}{text}"}, *rest]
        case _:
            return [{"type": "input_text", "text": prefix.strip(": ")}, *content]
