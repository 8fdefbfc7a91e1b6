"""A caller's `messages` -> hub messages: system text before the first turn apart, tool results gathered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import field, replace
from typing import Any

from interchange.continuity.seal import Seal
from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub.failure import invalid
from interchange.protocols import JsonObject
from interchange.protocols import openai_fields as fields
from interchange.wire import codec

from .call_reader import read_signature
from .choice_reader import read_annotation
from .inbound_content import read_cache, read_content
from .inbound_reasoning import read_thought
from .vocabulary import PROTOCOL

ROLES = ("system", "developer", "user", "assistant", "tool", "function")
KNOWN = frozenset(
    {"role", "content", "name", "refusal", "audio", "tool_calls", "function_call", "tool_call_id", "annotations"}
    | {"reasoning_content", "reasoning", "reasoning_details", "cache_control"}
)


@dataclass(slots=True)
class Conversation:
    """Takes messages one by one."""

    seal: Seal
    system: list[b.Block] = field(default_factory=list)
    messages: list[b.Message] = field(default_factory=list)
    _results: bool = False
    """The last message gathers tool results."""
    _function_call: str | None = None
    """The id made for the last legacy `function_call`, which a `function` message answers."""

    def add(self, raw: JsonObject, path: str) -> None:
        role = fields.needed_text(raw, "role", f"{path}.role")
        if role not in ROLES:
            raise fields.unsupported(f"{path}.role", role, ROLES)
        name = fields.text(raw, "name", f"{path}.name")
        match role:
            case "tool" | "function":
                self._result(raw, path, role, name)
                return
            case "assistant":
                message = b.Message(b.Role.ASSISTANT, tuple(self._assistant(raw, path)), name)
            case _:
                content = _marked(read_content(_content(raw, path), f"{path}.content"), raw, path)
                if role != "user" and not self.messages and name is None:
                    self.system += content
                    return
                message = b.Message(b.Role(role), content, name)
        extra = {key: value for key, value in raw.items() if key not in KNOWN and value is not None}
        self.messages.append(replace(message, extra=extra or None))
        self._results = False

    def _result(self, raw: JsonObject, path: str, role: str, name: str | None) -> None:
        if role == "tool":
            call_id = fields.needed_text(raw, "tool_call_id", f"{path}.tool_call_id")
        elif self._function_call is None:
            raise invalid(f"'{path}': a function message must follow an assistant's function_call.", path)
        else:
            call_id = self._function_call
        content = read_content(_content(raw, path), f"{path}.content")
        block = b.ToolResult(call_id, content, name=name, cache=read_cache(raw, path))
        if self._results:
            last = self.messages[-1]
            self.messages[-1] = replace(last, content=(*last.content, block))
        else:
            self.messages.append(b.Message(b.Role.USER, (block,)))
            self._results = True

    def _assistant(self, raw: JsonObject, path: str) -> Iterator[b.Block]:
        yield from read_thought(raw, path, self.seal)
        value = raw.get("content")
        said = () if value is None else read_content(value, f"{path}.content")
        yield from _cited(_marked(said, raw, path), raw, path)
        if refusal := fields.text(raw, "refusal", f"{path}.refusal"):
            yield b.Refusal(refusal)
        audio = fields.mapping(raw, "audio", f"{path}.audio")
        if audio is not None:
            audio_id = fields.needed_text(audio, "id", f"{path}.audio.id")
            yield b.Audio(b.FileSource(audio_id, PROTOCOL), "", id=audio_id, transcript=audio.get("transcript"))
        for here, call in fields.objects(raw, "tool_calls", f"{path}.tool_calls"):
            yield _call(call, here)
        legacy = fields.mapping(raw, "function_call", f"{path}.function_call")
        if legacy is not None:
            name = fields.needed_text(legacy, "name", f"{path}.function_call.name")
            arguments = fields.text(legacy, "arguments", f"{path}.function_call.arguments") or ""
            digest = hashlib.sha256(f"{path}:{name}".encode("utf-8", "surrogatepass")).hexdigest()
            self._function_call = f"call_{digest[:24]}"
            yield b.ToolUse(self._function_call, name, arguments)


def _content(raw: JsonObject, path: str) -> Any:
    if raw.get("content") is None:
        if "content" in raw:
            raise fields.mistyped(f"{path}.content", "one of a string or array of objects", None)
        raise fields.missing(f"{path}.content")
    return raw["content"]


def _marked(content: tuple[b.Block, ...], raw: JsonObject, path: str) -> tuple[b.Block, ...]:
    """`cache_control` on a message stands for its last part."""
    cache = read_cache(raw, path)
    if cache is None or not content:
        return content
    match content[-1]:
        case b.Text() | b.Image() | b.Document() as last:
            return (*content[:-1], replace(last, cache=cache))
        case _:
            return content


def _cited(content: tuple[b.Block, ...], raw: JsonObject, path: str) -> Iterator[b.Block]:
    """The annotations of an answer that is sent back belong to its text."""
    citations = [read_annotation(item) for _, item in fields.objects(raw, "annotations", f"{path}.annotations")]
    for position, block in enumerate(content):
        if isinstance(block, b.Text) and position == len(content) - 1 and citations:
            block = replace(block, citations=tuple(citations))
        yield block


def _call(call: JsonObject, path: str) -> b.ToolUse:
    """The arguments stay the text that they are, well-formed or not: the model wrote them."""
    kind = fields.text(call, "type", f"{path}.type") or "function"
    if kind not in ("function", "custom"):
        raise fields.unsupported(f"{path}.type", kind, ("function", "custom"))
    call_id = fields.needed_text(call, "id", f"{path}.id")
    inner = fields.needed_mapping(call, kind, f"{path}.{kind}")
    name = fields.needed_text(inner, "name", f"{path}.{kind}.name")
    spelled = "input" if kind == "custom" else "arguments"
    value = inner.get(spelled)
    if isinstance(value, dict):  # Ollama's form, which its clients send everywhere
        value = codec.dumps_text(value)
    arguments = fields.text({spelled: value}, spelled, f"{path}.{kind}.{spelled}") or ""
    return b.ToolUse(call_id, name, arguments, kind, read_signature(call), read_cache(call, path))
