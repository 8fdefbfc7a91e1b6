"""Output items -> hub blocks. An item comes whole (`done`), or in pieces first; what the pieces said is not said again.

Events carry no index yet (-1): `sequence.Sequence` numbers them, since items may interleave and blocks may not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.protocols import JsonObject
from interchange.wire import codec

from .hosted_reader import WholeReader
from .message_reader import MessageReader
from .vocabulary import PROTOCOL

NOWHERE = -1


class ItemReader(Protocol):
    def piece(self, kind: str, event: JsonObject) -> Iterator[e.Event]:
        """An event about the item; `kind` is its type without "response."."""

    def done(self, item: JsonObject) -> Iterator[e.Event]:
        """The whole item: says what is still unsaid, and closes."""


def reader_of(item: Mapping[str, Any], fallback_id: str) -> ItemReader:
    """`fallback_id` names a call that came without an id."""
    match item.get("type"):
        case "message":
            return MessageReader()
        case "reasoning":
            return ReasoningReader()
        case "function_call" | "custom_tool_call":
            return CallReader(fallback_id)
        case _:
            return WholeReader()


@dataclass(slots=True)
class ReasoningReader:
    """A summary in parts (joined by an empty line), or the reasoning itself (`reasoning_text`, open models). The state
    is the encrypted content; the id goes with it."""

    said: str = ""
    begun: bool = False
    closed: bool = False
    _source: str = ""

    def piece(self, kind: str, event: JsonObject) -> Iterator[e.Event]:
        source = "summary" if kind.startswith("reasoning_summary") else "content"
        if kind in ("reasoning_summary_part.added", "reasoning_part.added") and self.said and source == self._source:
            yield from self._say("\n\n", source)
        elif kind in ("reasoning_summary_text.delta", "reasoning_text.delta"):
            yield from self._say(str(event.get("delta") or ""), source)

    def _say(self, text: str, source: str) -> Iterator[e.Event]:
        """Of a reasoning and its summary the first to come is told."""
        self._source = self._source or source
        if self.closed or not text or source != self._source:
            return
        yield from self._begin()
        self.said += text
        yield e.ThinkingDelta(NOWHERE, text)

    def _begin(self) -> Iterator[e.Event]:
        if not self.begun:
            self.begun = True
            yield e.BlockStart(NOWHERE, b.Thinking(""))

    def done(self, item: JsonObject) -> Iterator[e.Event]:
        if self.closed:
            return
        text = _joined(item.get("content")) or _joined(item.get("summary"))
        if text.startswith(self.said):
            yield from self._say(text[len(self.said) :], self._source or "content")
        state = item.get("encrypted_content")
        if isinstance(state, str) and state:
            yield from self._begin()
            yield e.StateDelta(NOWHERE, b.Continuation(PROTOCOL, state, _text(item.get("id"))))
        self.closed = True
        if self.begun:
            yield e.BlockStop(NOWHERE)


def _joined(parts: Any) -> str:
    found = [part.get("text") for part in parts if isinstance(part, Mapping)] if isinstance(parts, list) else []
    return "\n\n".join(text for text in found if isinstance(text, str) and text)


@dataclass(slots=True)
class CallReader:
    """A call that the caller runs: of a function, or of a custom tool with free-form input."""

    fallback_id: str
    said: str = ""
    begun: bool = False
    closed: bool = False

    def piece(self, kind: str, event: JsonObject) -> Iterator[e.Event]:
        if kind == "output_item.added":
            yield from self._begin(event["item"])
        elif kind in ("function_call_arguments.delta", "custom_tool_call_input.delta") and self.begun:
            yield from self._say(str(event.get("delta") or ""))

    def _begin(self, item: JsonObject, *, whole: bool = False) -> Iterator[e.Event]:
        """A call is begun when its name is known."""
        name = _text(item.get("name"))
        if not self.begun and (name or whole):
            self.begun = True
            call_id = _text(item.get("call_id")) or _text(item.get("id")) or self.fallback_id
            kind = "custom" if item.get("type") == "custom_tool_call" else "function"
            yield e.BlockStart(NOWHERE, b.ToolUse(call_id, name or "unnamed", "", kind))

    def _say(self, text: str) -> Iterator[e.Event]:
        if text and not self.closed:
            self.said += text
            yield e.ArgumentsDelta(NOWHERE, text)

    def done(self, item: JsonObject) -> Iterator[e.Event]:
        if self.closed or not (item or self.begun):
            return
        yield from self._begin(item, whole=True)
        text = item.get("input" if item.get("type") == "custom_tool_call" else "arguments")
        whole = text if isinstance(text, str) else codec.dumps_text(text) if text else ""
        if whole.startswith(self.said):
            yield from self._say(whole[len(self.said) :])
        self.closed = True
        yield e.BlockStop(NOWHERE)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
