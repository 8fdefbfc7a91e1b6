"""Hub messages -> chat messages.

One of the model's own turns, hub -> chat: what a list of blocks comes to in chat's flat message.
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

from ..blocks import NO_ARGUMENTS, write_detail, write_signature
from ..words import PROTOCOL
from .content import Parts, collapsed


@dataclass(slots=True)
class Writer:
    """Writes one conversation. `own` is True where the caller speaks chat too: its unknown fields go along."""

    parts: Parts
    own: bool
    out: list[JsonObject] = field(default_factory=list)
    _open: dict[str, str] = field(default_factory=dict)
    _called: set[str] = field(default_factory=set)
    """Calls that still need a result: id -> path."""
    _held: list[JsonObject] = field(default_factory=list)
    """What stands between a call and its result: it goes behind, since a result must follow its call."""

    def write(self, request: Request) -> list[JsonObject]:
        if request.system:
            content = self.parts.write(request.system, "system")
            self._refuse_media(request.system)
            said = content if self.own else [part for part in content if part != {"type": "text", "text": ""}]
            if said:
                self.out.append({"role": "system", "content": collapsed(said)})
        for number, message in enumerate(request.messages):
            self._message(message, f"messages[{number}]")
        self._require_results()
        self._release()
        return self.out

    def _message(self, message: b.Message, path: str) -> None:
        extra = self._extra(message, path)
        if message.role is b.Role.ASSISTANT:
            self._require_results()
            self._release()
            self.out.append({"role": "assistant", **_name(message), **self._assistant(message, path), **extra})
            return
        if message.role is b.Role.USER:
            self._user(message, path, extra)
            return
        content = collapsed(self.parts.write(message.content, f"{path}.content"))
        text = self.own or isinstance(content, str) or all(part["type"] == "text" for part in content)
        role = self._role(message.role) if text else "user"  # `ChatCompletionSystemMessageParam` holds text only
        self._put({"role": role, "content": content, **_name(message), **extra})

    def _refuse_media(self, system: tuple[b.Block, ...]) -> None:
        for at, block in enumerate(system if not self.own else ()):
            written = () if isinstance(block, b.Text) else self.parts.block(block, f"system[{at}]")
            if any(part["type"] != "text" for part in written):
                raise invalid(f"system[{at}]: the system prompt is text for this model", f"system[{at}]")

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
        if not self._open:
            self._release()
        for at, block in enumerate(message.content):
            if not isinstance(block, b.ToolResult):
                parts += self.parts.block(block, f"{path}.content[{at}]")
        if parts or rest or not message.content:
            self._put({"role": "user", "content": collapsed(parts), **_name(message), **extra})

    def _result(self, block: b.ToolResult, path: str) -> list[JsonObject]:
        """Appends the tool message; returns the parts for the user message behind the run. A tool message holds text
        only (`ChatCompletionToolMessageParam`)."""
        if block.tool_use_id not in self._called and self.parts.dialect.results_required and not self.own:
            raise invalid(f"{path}: no tool call before it has the id {block.tool_use_id!r}", path)
        self._open.pop(block.tool_use_id, None)
        call_id = write_id(block.tool_use_id, self.parts.dialect.id_length)
        said: list[JsonObject] = []
        hoisted: list[JsonObject] = []
        for at, inner in enumerate(block.content):
            written = list(self.parts.block(inner, f"{path}.content[{at}]"))
            (said if all(part["type"] == "text" for part in written) else hoisted).extend(written)
        if hoisted:
            said.append({"type": "text", "text": "(see the media that follow in the next user message)"})
            hoisted.insert(0, {"type": "text", "text": f"Media of the tool result {call_id}:"})
        if block.is_error:
            said = _failed(said, self.parts.dialect.error_prefix)
        mark = self.parts.cache(block.cache, path)
        if mark:
            said = [*said[:-1], {**(said[-1] if said else {"type": "text", "text": ""}), **mark}]
        # The id names the call already; only a caller of this protocol may know that its provider reads the name too.
        name = {"name": block.name} if block.name is not None and self.own else {}
        self.out.append({"role": "tool", "tool_call_id": call_id, **name, "content": collapsed(said)})
        return hoisted

    def _assistant(self, message: b.Message, path: str) -> JsonObject:
        turn = Turn(self.parts, self.own)
        for at, block in enumerate(message.content):
            here = f"{path}.content[{at}]"
            turn.take(block, here)
            if isinstance(block, b.ToolUse):
                self._open[block.id] = here
                self._called.add(block.id)
        return turn.written()

    def _put(self, message: JsonObject) -> None:
        (self._held if self._open else self.out).append(message)

    def _release(self) -> None:
        self.out += self._held
        self._held.clear()

    def _require_results(self) -> None:
        for call_id, path in self._open.items() if self.parts.dialect.results_required else ():
            raise invalid(f"{path}: the tool call {call_id!r} has no tool result in the messages that follow", path)


def _name(message: b.Message) -> JsonObject:
    return {} if message.name is None else {"name": message.name}


def _failed(said: list[JsonObject], prefix: str) -> list[JsonObject]:
    """`is_error` has no field in chat: the text says it."""
    match said:
        case [first, *rest]:
            return [{**first, "text": f"{prefix}{first['text']}"}, *rest]
        case _:
            return [{"type": "text", "text": prefix.strip(": ")}]


@dataclass(slots=True)
class Turn:
    """Takes blocks in order; `written()` is the message without its role."""

    parts: Parts
    own: bool
    texts: list[JsonObject] = field(default_factory=list)
    calls: list[JsonObject] = field(default_factory=list)
    annotations: list[JsonObject] = field(default_factory=list)
    refusal: str = ""
    fields: JsonObject = field(default_factory=dict)

    def take(self, block: b.Block, path: str) -> None:
        match block:
            case b.Text():
                self._text(block, path)
            case b.Refusal(text):
                self.refusal += text
            case b.ToolUse():
                self.calls.append(self._call(block, path))
            case b.Audio(source=b.FileSource(file_id, protocol)) if protocol == PROTOCOL:
                self.fields["audio"] = {"id": file_id}
            case b.Audio(transcript=str(transcript)):
                self.parts.losses.drop(path, "the sound of another vendor's answer goes as its transcript")
                self.texts.append({"type": "text", "text": transcript})
            case b.Thinking() | b.RedactedThinking():
                self._replay(block)
            case b.Opaque(protocol, raw) if protocol == PROTOCOL:
                self.texts.append(dict(raw))
            case _:
                self.parts.losses.drop(path, "chat has no place for this block in an assistant's turn")

    def written(self) -> JsonObject:
        said = collapsed(self.texts)
        silent = not said and (self.calls or self.refusal or "audio" in self.fields)
        optional = {"refusal": self.refusal, "annotations": self.annotations, "tool_calls": self.calls}
        return {
            **self.fields,
            "content": None if silent else said,
            **{name: value for name, value in optional.items() if value},
        }

    def _text(self, block: b.Text, path: str) -> None:
        """Annotations go back only as they came: an answer of this protocol."""
        if self.calls:
            self.parts.losses.drop(path, "chat has no place for text behind a call; it stands before")
        self.annotations += [dict(citation.raw) for citation in block.citations if citation.protocol == PROTOCOL]
        foreign = tuple(citation for citation in block.citations if citation.protocol != PROTOCOL)
        self.texts += self.parts.block(b.Text(block.text, foreign, block.cache), path)

    def _call(self, block: b.ToolUse, path: str) -> JsonObject:
        dialect = self.parts.dialect
        spelled = "input" if block.kind == "custom" else "arguments"
        text = block.arguments if block.arguments.strip() or self.own or block.kind == "custom" else NO_ARGUMENTS
        if block.cache is not None:
            self.parts.losses.drop(f"{path}.cache_control", "chat has no cache breakpoint on a call")
        return {
            "id": write_id(block.id, dialect.id_length),
            "type": block.kind,
            block.kind: {"name": block.name, spelled: text},
            **(write_signature(block.state) if dialect.signatures else {}),
        }

    def _replay(self, block: b.Thinking | b.RedactedThinking) -> None:
        """Earlier reasoning, where the provider wants it back: its text, whoever said it, for such a provider refuses a
        call without any (api-docs.deepseek.com/guides/thinking_mode). Another vendor's state is left out quietly: it
        means nothing here."""
        name = self.parts.dialect.reasoning_replay
        entry = write_detail(block) if name == "reasoning_details" else None
        if entry is not None:
            self.fields.setdefault("reasoning_details", []).append(entry)
        elif name and isinstance(block, b.Thinking) and block.text:
            name = "reasoning" if name == "reasoning_details" else name
            self.fields[name] = self.fields.get(name, "") + block.text


def write_id(call_id: str, limit: int) -> str:
    """Ids that fit go unchanged; a longer one becomes a digest of itself, the same one for a call and its result."""
    if len(call_id) <= limit:
        return call_id
    return f"call_{hashlib.sha256(call_id.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"[:limit]
