"""Hub messages -> `instructions` and `input`: one list of items, in which a turn is as many items as it has parts.

One of the model's own turns, hub -> items: reasoning, text and calls, each an item, in the order they came.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub.failure import invalid
from interchange.hub.request import Request
from interchange.protocols.faces import JsonObject

from ..echoed import followed
from ..words import OTHERS_SUMMARY, PROTOCOL
from .content import Parts, label

ORDINARY = ("function", "custom")


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
        said = [part for part in self.parts.write(request.system, "system") if part.get("text") != ""]
        match said:
            case []:
                pass  # nothing to say first
            case [{"type": "input_text", "text": text, **rest}] if not rest:
                instructions["instructions"] = text
            case parts:  # several, or with breakpoints, which a string cannot carry
                self.out.append(_message("system", parts))
        for number, message in enumerate(request.messages):
            self._message(message, f"messages[{number}]")
        self._require_results()
        return {**instructions, "input": followed(self.out)}

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
        if block.tool_use_id not in self._kinds:
            raise invalid(f"{path}: no tool call before it has the id {block.tool_use_id!r}", path)
        self._open.pop(block.tool_use_id, None)
        if block.raw is not None and self._kinds.get(block.tool_use_id) not in ORDINARY:
            self.out.append(dict(block.raw))
            return
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
        for call_id, path in self._open.items():
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


@dataclass(slots=True)
class Turn:
    """`called` are the calls that the caller must answer (id -> path), `kinds` theirs ("function" or "custom").
    `extra` are fields of the turn that only this protocol has."""

    parts: Parts
    extra: Mapping[str, Any]
    out: list[JsonObject] = field(default_factory=list)
    called: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    _said: list[str] = field(default_factory=list)
    _results: dict[str, b.ServerToolResult] = field(default_factory=dict)

    def write(self, message: b.Message, path: str) -> list[JsonObject]:
        self._results = {x.tool_use_id: x for x in message.content if isinstance(x, b.ServerToolResult)}
        for at, block in enumerate(message.content):
            here = f"{path}.content[{at}]"
            match block:
                case b.Text(text=text, citations=citations, cache=cache):
                    self.parts.cache(cache, here, able=False)
                    if citations:
                        self.parts.losses.drop(f"{here}.citations", "Responses takes no citations back")
                    self._said.append(text)
                case b.Refusal(text=text):
                    self._said.append(text)
                case _:
                    self._release()
                    self._item(block, here)
        self._release()
        return self.out

    def _release(self) -> None:
        """Text runs together: an answer's blocks are pieces of one text. As a plain string it needs no item id."""
        said = "".join(self._said)
        self._said.clear()
        if said:
            self.out.append({"type": "message", "role": "assistant", "content": said, **self.extra})

    def _item(self, block: b.Block, path: str) -> None:
        match block:
            case b.ToolUse():
                self.called[block.id] = path
                self.kinds[block.id] = block.kind
                self.out.append(self._call(block, path))
            case b.Thinking(text=text, state=state):
                self._reasoning(text, state)
            case b.RedactedThinking(state=state):
                self._reasoning("", state)
            case b.Opaque(state=b.Continuation(issuer=issuer)) if issuer != PROTOCOL:
                raise invalid(f"{path}: {OTHERS_SUMMARY}", path)
            case b.ServerToolUse(protocol=protocol, raw=raw) | b.Opaque(protocol, raw) if protocol == PROTOCOL:
                self.out.append(dict(raw))
            case b.ServerToolResult(protocol=protocol, raw=raw) if protocol == PROTOCOL:
                self.out += [dict(raw)] if raw else []  # most calls' items hold their result
            case b.ServerToolUse(kind="mcp"):
                self.out.append(self._mcp(block))
            case b.ServerToolResult(kind="mcp", content=content) if content:
                pass  # likewise
            case b.Audio(transcript=str(transcript)):
                self.parts.losses.drop(path, "the sound of an answer goes as its transcript")
                self.out.append({"type": "message", "role": "assistant", "content": transcript})
            case _:
                self.parts.losses.drop(path, "Responses has no place for this block in an assistant's turn")

    def _reasoning(self, text: str, state: b.Continuation | None) -> None:
        """Only this protocol's own state goes back; another vendor's means nothing here and is left out quietly, and so
        is reasoning without any: the API takes no unsigned reasoning."""
        if state is None or state.issuer != PROTOCOL or not state.data:
            return
        item: JsonObject = {"type": "reasoning", "id": state.item_id or f"rs_{_digest(state.data)}"}
        item["summary"] = [{"type": "summary_text", "text": text}] if text else []
        self.out.append({**item, "encrypted_content": state.data})

    def _call(self, block: b.ToolUse, path: str) -> JsonObject:
        if block.cache is not None:
            self.parts.losses.drop(f"{path}.cache_control", "Responses has no cache breakpoint on a call")
        if block.raw is not None and block.kind not in ORDINARY:
            return dict(block.raw)
        call_id = write_id(block.id, self.parts.dialect.id_length)
        own_id = block.state.item_id if block.state is not None and block.state.issuer == PROTOCOL else None
        # a free-form call that goes as a function's: "Expected an ID that begins with 'fc'"
        strange = own_id is None or own_id.startswith("fc_" if block.kind == "custom" else "ctc_")
        item: JsonObject = {} if strange else {"id": own_id}
        item |= {"call_id": call_id, "name": block.name}
        if block.kind == "custom":
            return {"type": "custom_tool_call", **item, "input": block.arguments}
        arguments = block.arguments if block.arguments.strip() or self.parts.own else "{}"
        return {"type": "function_call", **item, "arguments": arguments}

    def _mcp(self, block: b.ServerToolUse) -> JsonObject:
        """Call and result are one item here. Ids of these items begin with `mcp_`."""
        result = self._results.get(block.id)
        text = "".join(part.text for part in result.content if isinstance(part, b.Text)) if result else ""
        told: JsonObject = {}
        if result is not None and result.is_error:
            told["error"] = {"type": "mcp_tool_execution_error", "content": [{"type": "text", "text": text}]}
        elif result is not None:
            told["output"] = text
        identity = block.id if block.id.startswith("mcp_") else f"mcp_{_digest(block.id)}"
        item = {"id": identity, "server_label": label(block.server or ""), "name": block.name}
        return {"type": "mcp_call", **item, "arguments": block.arguments or "{}", **told}


def write_id(call_id: str, limit: int) -> str:
    """Ids that fit go unchanged; a longer one becomes a digest of itself, the same one for a call and its result."""
    if len(call_id) <= limit:
        return call_id
    return f"call_{hashlib.sha256(call_id.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"[:limit]


def _digest(text: str) -> str:
    """Item types require an id; where nothing is stored, it only has to be the same each time."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:48]
