"""Hub messages -> chat messages."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from interchange.hub import blocks as b
from interchange.hub.failure import invalid
from interchange.hub.request import Request
from interchange.protocols import JsonObject

from .answer_parts import write_signature
from .outbound_content import Parts, collapsed
from .reasoning import write_detail
from .vocabulary import PROTOCOL


@dataclass(slots=True)
class Writer:
    """Writes one conversation. `own` is True where the caller speaks chat too: its unknown fields go along."""

    parts: Parts
    own: bool
    out: list[JsonObject] = field(default_factory=list)
    _open: dict[str, str] = field(default_factory=dict)
    """Calls that still need a result: id -> path."""

    def write(self, request: Request) -> list[JsonObject]:
        if request.system:
            content = collapsed(self.parts.write(request.system, "system"))
            self.out.append({"role": "system", "content": content})
        for number, message in enumerate(request.messages):
            self._message(message, f"messages[{number}]")
        self._require_results()
        return self.out

    def _message(self, message: b.Message, path: str) -> None:
        extra = self._extra(message, path)
        if message.role is b.Role.ASSISTANT:
            self._require_results()
            self.out.append({**self._assistant(message, path), **extra})
            return
        if message.role is b.Role.USER:
            self._user(message, path, extra)
            return
        role = self._role(message.role)
        content = collapsed(self.parts.write(message.content, f"{path}.content"))
        self.out.append({"role": role, "content": content, **_name(message), **extra})

    def _role(self, role: b.Role) -> str:
        dialect = self.parts.dialect
        if not dialect.system_anywhere:
            return "user"  # where it stands it still says what it says; at the top it would answer another moment
        return "developer" if role is b.Role.DEVELOPER and dialect.developer else "system"

    def _extra(self, message: b.Message, path: str) -> Mapping[str, Any]:
        if message.extra is None or self.own:
            return message.extra or {}
        for name in message.extra:
            self.parts.losses.drop(f"{path}.{name}", "chat has no such field")
        return {}

    # --- the caller's turns

    def _user(self, message: b.Message, path: str, extra: Mapping[str, Any]) -> None:
        """The run of tool messages first; then what could not stand in them, and the rest of the turn."""
        parts: list[JsonObject] = []
        rest = 0
        for at, block in enumerate(message.content):
            here = f"{path}.content[{at}]"
            if isinstance(block, b.ToolResult):
                parts += self._result(block, here)
            else:
                rest += 1
        for at, block in enumerate(message.content):
            if not isinstance(block, b.ToolResult):
                parts += self.parts.block(block, f"{path}.content[{at}]")
        if parts or rest or not message.content:
            self.out.append({"role": "user", "content": collapsed(parts), **_name(message), **extra})

    def _result(self, block: b.ToolResult, path: str) -> list[JsonObject]:
        """Appends the tool message; returns the parts for the user message behind the run. A tool message holds text
        only (`ChatCompletionToolMessageParam`)."""
        losses = self.parts.losses
        self._open.pop(block.tool_use_id, None)
        said: list[JsonObject] = []
        hoisted: list[JsonObject] = []
        for at, inner in enumerate(block.content):
            written = list(self.parts.block(inner, f"{path}.content[{at}]"))
            if all(part["type"] == "text" for part in written) and not isinstance(inner, b.Image | b.Audio):
                said += written
            else:
                hoisted += written
        call_id = write_id(block.tool_use_id, self.parts.dialect.id_length)
        if hoisted:
            said.append({"type": "text", "text": "(see the media that follow in the next user message)"})
            hoisted.insert(0, {"type": "text", "text": f"Media of the tool result {call_id}:"})
        if block.is_error:
            prefix = self.parts.dialect.error_prefix
            first = said[0]["text"] if said else ""
            said[:1] = [{**(said[0] if said else {"type": "text"}), "text": f"{prefix}{first}"}]
        if block.cache is not None:
            mark = self.parts.cache(block.cache, path)
            if said and mark:
                said[-1] = {**said[-1], **mark}
            elif mark:
                losses.drop(f"{path}.cache_control", "an empty tool result has no part that could carry it")
        # The id names the call already; only a caller of this protocol may know that its provider reads the name too.
        name = {"name": block.name} if block.name is not None and self.own else {}
        self.out.append({"role": "tool", "tool_call_id": call_id, **name, "content": collapsed(said)})
        return hoisted

    # --- the model's turns

    def _assistant(self, message: b.Message, path: str) -> JsonObject:
        out: JsonObject = {"role": "assistant", **_name(message)}
        texts: list[JsonObject] = []
        calls: list[JsonObject] = []
        annotations: list[Any] = []
        refusal = ""
        for at, block in enumerate(message.content):
            here = f"{path}.content[{at}]"
            match block:
                case b.Text(citations=citations):
                    if calls:
                        self.parts.losses.drop(here, "chat has no place for text behind a call; it stands before")
                    own = [citation.raw for citation in citations if citation.protocol == PROTOCOL]
                    annotations += own
                    foreign = tuple(citation for citation in citations if citation.protocol != PROTOCOL)
                    texts += self.parts.block(b.Text(block.text, foreign, block.cache), here)
                case b.Refusal(text):
                    refusal += text
                case b.ToolUse():
                    calls.append(self._call(block, here))
                case b.Audio(source=b.FileSource(file_id, protocol)) if protocol == PROTOCOL:
                    out["audio"] = {"id": file_id}
                case b.Audio(transcript=str(transcript)):
                    self.parts.losses.drop(here, "sound of another vendor's answer goes as its transcript")
                    texts.append({"type": "text", "text": transcript})
                case b.Thinking() | b.RedactedThinking():
                    self._replay(block, out)
                case b.Opaque(protocol, raw) if protocol == PROTOCOL:
                    texts.append(dict(raw))
                case _:
                    self.parts.losses.drop(here, "chat has no place for this block in an assistant's turn")
        said = collapsed(texts)
        out["content"] = said if said or not (calls or refusal or "audio" in out) else None
        if refusal:
            out["refusal"] = refusal
        if annotations:
            out["annotations"] = annotations
        if calls:
            out["tool_calls"] = calls
        return out

    def _call(self, block: b.ToolUse, path: str) -> JsonObject:
        dialect = self.parts.dialect
        self._open[block.id] = path
        spelled = "input" if block.kind == "custom" else "arguments"
        # A call without arguments is an empty object: some vendors write nothing for it, and chat servers parse it.
        text = block.arguments if block.arguments.strip() or self.own or block.kind == "custom" else "{}"
        call = {"id": write_id(block.id, dialect.id_length), "type": block.kind}
        signature = write_signature(block.state) if dialect.signatures else {}
        if block.cache is not None:
            self.parts.losses.drop(f"{path}.cache_control", "chat has no cache breakpoint on a call")
        return {**call, block.kind: {"name": block.name, spelled: text}, **signature}

    def _replay(self, block: b.Thinking | b.RedactedThinking, out: JsonObject) -> None:
        """Earlier reasoning, where the provider wants it back. Another vendor's state is left out quietly: it means
        nothing here."""
        match self.parts.dialect.reasoning_replay:
            case "reasoning_details":
                entry = write_detail(block)
                if entry is not None:
                    out.setdefault("reasoning_details", []).append(entry)
                elif isinstance(block, b.Thinking) and block.text:
                    out["reasoning"] = out.get("reasoning", "") + block.text
            case "" | None:
                pass  # OpenAI's chat completions take no reasoning back
            case name:
                if isinstance(block, b.Thinking) and block.text:
                    out[name] = out.get(name, "") + block.text

    def _require_results(self) -> None:
        for call_id, path in self._open.items() if self.parts.dialect.results_required else ():
            raise invalid(f"{path}: the tool call {call_id!r} has no tool result in the messages that follow", path)


def write_id(call_id: str, limit: int) -> str:
    """Ids that fit go unchanged; a longer one becomes a digest of itself, the same one for a call and its result."""
    if len(call_id) <= limit:
        return call_id
    return f"call_{hashlib.sha256(call_id.encode()).hexdigest()[:32]}"[:limit]


def _name(message: b.Message) -> JsonObject:
    return {} if message.name is None else {"name": message.name}
