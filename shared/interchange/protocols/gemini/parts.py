"""Hub blocks as parts of a content."""

from __future__ import annotations

from typing import Any

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub.failure import invalid
from interchange.hub.losses import Losses
from interchange.protocols import Profile
from interchange.wire import codec

from .dialect import Dialect
from .media import Media, Part, report_cache, report_marks
from .vocabulary import PROTOCOL

SEPARATOR = "\n"


@dataclass(frozen=True, slots=True)
class Parts:
    """Writes the blocks of one request. State of other issuers is left out quietly, and thoughts without a signature
    with it: they would be read as the model's words of today."""

    dialect: Dialect
    profile: Profile
    losses: Losses

    @property
    def media(self) -> Media:
        return Media(self.profile, self.losses)

    def write(self, block: b.Block, path: str) -> list[Part]:
        self._report_marks(block, path)
        match block:
            case b.Text(text, state=state):
                signed = _signed(state)
                return [{"text": text, **signed}] if text or signed else []
            case b.Thinking(text, state):
                signed = _signed(state)
                return [{**({"text": text} if text else {}), "thought": True, **signed}] if signed else []
            case b.RedactedThinking(state):
                signed = _signed(state)
                return [{"thought": True, **signed}] if signed else []
            case b.Refusal(text):
                return [{"text": text}] if text else []
            case b.Image():
                return self.media.write_image(block, path)
            case b.Document():
                return self.media.write_document(block, path)
            case b.Audio():
                return self._audio(block, path)
            case b.ToolUse():
                return [self._call(block, path)]
            case b.ServerToolUse(protocol=protocol, raw=raw) | b.ServerToolResult(protocol=protocol, raw=raw):
                return self._raw(protocol, raw, path)
            case b.Opaque(protocol, raw):
                return self._raw(protocol, raw, path)
            case b.ToolResult():
                raise invalid(f"{path}: a tool result stands where none can stand", path)

    def write_result(self, block: b.ToolResult, name: str, path: str) -> tuple[Part, list[Part]]:
        """The functionResponse, and the parts that have to stand after the run of them."""
        self._report_marks(block, path)
        texts: list[str] = []
        media: list[Part] = []
        for number, item in enumerate(block.content):
            place = f"{path}.content[{number}]"
            match item:
                case b.Text(text):
                    self._report_marks(item, place)
                    texts.append(text)
                case b.Image() | b.Document() | b.Audio():
                    for part in self.write(item, place):
                        texts.append(part["text"]) if "text" in part else media.append(part)
                case _:
                    self.losses.drop(place, "a tool result holds text and media")
        inside = bool(self.profile.traits.get("media_in_results", self.profile.traits.get("thinking") == "level"))
        label = f"{name} {block.tool_use_id}"
        if media and not inside:
            texts.append(f"[the media of this result follow, marked: {label}]")
        response: Part = {
            **({"id": block.tool_use_id} if self.dialect.call_ids else {}),
            "name": name,
            "response": {"error" if block.is_error else "output": SEPARATOR.join(texts)},
            **({"parts": media} if media and inside else {}),
        }
        hoisted = [{"text": f"[media of {label}]"}, *media] if media and not inside else []
        return {"functionResponse": response}, hoisted

    def _call(self, block: b.ToolUse, path: str) -> Part:
        arguments = _arguments(block, path)
        call = {**({"id": block.id} if self.dialect.call_ids else {}), "name": block.name, "args": arguments}
        return {"functionCall": call, **_signed(block.state)}

    def _audio(self, block: b.Audio, path: str) -> list[Part]:
        match block.source:
            case b.Base64Source(data=data) if not data and block.transcript:
                return [{"text": block.transcript}]
            case b.FileSource(protocol=protocol) if protocol != PROTOCOL and block.transcript:
                return [{"text": block.transcript}]
            case _:
                return self.media.write_audio(block, path)

    def _raw(self, protocol: str, raw: b.Raw, path: str) -> list[Part]:
        if protocol == PROTOCOL:
            return [dict(raw)]
        self.losses.drop(path, f"a block that only {protocol} understands")
        return []

    def _report_marks(self, block: b.Block, path: str) -> None:
        match block:
            case b.ToolUse(cache=mark) | b.ToolResult(cache=mark):
                report_cache(mark, path, self.losses)
            case _:
                report_marks(block, path, self.losses)


def _signed(state: b.Continuation | None) -> dict[str, Any]:
    if state is None or state.issuer != PROTOCOL:
        return {}
    return {"thoughtSignature": state.data}


def _arguments(block: b.ToolUse, path: str) -> dict[str, Any]:
    """The arguments as the object that the wire wants. Text that is no object is kept under `input`: the model wrote
    it, and it is better shown than refused (histories hold broken calls)."""
    if block.kind == "custom":
        return {"input": block.arguments}
    if not block.arguments.strip():
        return {}
    try:
        found = codec.loads(block.arguments)
    except ValueError:
        return {"input": block.arguments}
    return found if isinstance(found, dict) else {"input": found}
