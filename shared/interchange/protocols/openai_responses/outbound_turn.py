"""One of the model's own turns, hub -> items: reasoning, text and calls, each an item, in the order they came."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.protocols import JsonObject

from .outbound_content import Parts
from .outbound_hosted import label
from .vocabulary import PROTOCOL


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
            case b.ServerToolUse(protocol=protocol, raw=raw) | b.Opaque(protocol, raw) if protocol == PROTOCOL:
                self.out.append(dict(raw))
            case b.ServerToolResult(protocol=protocol) if protocol == PROTOCOL:
                pass  # its call's item holds it
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
        call_id = write_id(block.id, self.parts.dialect.id_length)
        own_id = block.state.item_id if block.state is not None and block.state.issuer == PROTOCOL else None
        item: JsonObject = {} if own_id is None else {"id": own_id}
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
