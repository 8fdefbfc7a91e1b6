"""One of the model's own turns, hub -> chat: what a list of blocks comes to in chat's flat message."""

from __future__ import annotations

import hashlib
from dataclasses import field

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.protocols import JsonObject

from .answer_parts import NO_ARGUMENTS, write_signature
from .outbound_content import Parts, collapsed
from .reasoning import write_detail
from .vocabulary import PROTOCOL


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
        """Earlier reasoning, where the provider wants it back. Another vendor's state is left out quietly: it means
        nothing here."""
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
