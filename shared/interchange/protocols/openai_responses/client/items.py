"""Output items -> hub blocks. An item comes whole (`done`), or in pieces first; what the pieces said is not said again.

Events carry no index yet (-1): `sequence.Sequence` numbers them, since items may interleave and blocks may not.

A `message` item -> text and refusal blocks, one for each content part.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import field
from typing import Any, Protocol

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.protocols.faces import JsonObject
from interchange.wire import codec

from ..blocks import NOWHERE, WholeReader, is_search, read_annotation
from ..words import PROTOCOL


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


REASONING_PARTS = frozenset({"reasoning_summary_part.added", "reasoning_part.added", "content_part.added"})


@dataclass(slots=True)
class ReasoningReader:
    """A summary in parts (joined by an empty line), or the reasoning itself (`reasoning_text`, open models), whose
    parts are announced as a message's are (openai SDK: `ResponseContentPartAddedEvent.part`). The state is the
    encrypted content; the id goes with it."""

    said: str = ""
    begun: bool = False
    closed: bool = False
    _source: str = ""

    def piece(self, kind: str, event: JsonObject) -> Iterator[e.Event]:
        source = "summary" if kind.startswith("reasoning_summary") else "content"
        if kind in REASONING_PARTS and self.said and source == self._source:
            yield from self._say("\n\n", source)
        elif kind in ("reasoning_summary_text.delta", "reasoning_text.delta"):
            yield from self._say(str(event.get("delta") or ""), source)

    def _say(self, text: str, source: str) -> Iterator[e.Event]:
        """Says a text, of a reasoning and its summary the first to come."""
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
        """A call is begun when its name is known: by it a vendor's own is told."""
        name = _text(item.get("name"))
        if not self.begun and (name or whole) and not is_search(item):
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
        if is_search(item) and not self.begun:
            self.closed = True
            yield from WholeReader().done(item)
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


SHELLS: dict[str, b.Block] = {"output_text": b.Text(""), "refusal": b.Refusal("")}
FIELDS = {"output_text": "text", "refusal": "refusal"}


@dataclass(slots=True)
class _Part:
    """`ended` when the vendor has said so. Its block stays open until something else begins: servers add to a part
    after its end (a text, its citations), up to the end of the item. `closed` when its block is."""

    kind: str
    said: str = ""
    cited: int = 0
    logprobs: list[Any] = field(default_factory=list)
    whole_logprobs: Any = None
    """Those of its end, which are told rather than the pieces': these are for streams that do not repeat them."""
    told: int = 0
    """Log-probabilities that have been told."""
    ended: bool = False
    closed: bool = False


@dataclass(slots=True)
class MessageReader:
    _parts: dict[int, _Part] = field(default_factory=dict)
    _places: dict[int, int] = field(default_factory=dict)
    _last: _Part | None = None
    """The part that was begun last: the only one that may be open."""
    closed: bool = False

    def piece(self, kind: str, event: JsonObject) -> Iterator[e.Event]:
        if self.closed:
            return
        at = self._place(event.get("content_index"), begins=kind == "content_part.added")
        match kind:
            case "content_part.added":
                yield from self._open(at, _kind(event.get("part")))
            case "output_text.delta" | "refusal.delta":
                part = yield from self._open(at, "refusal" if kind == "refusal.delta" else "output_text")
                yield from self._say(part, str(event.get("delta") or ""))
                part.logprobs += event.get("logprobs") or ()
            case "output_text.annotation.added":
                part = yield from self._open(at, "output_text")
                yield from _cite(part, event.get("annotation"))
            case "content_part.done":
                yield from self._part_done(at, event.get("part"))
            case _:
                pass  # "...text.done" says again what its part says

    def done(self, item: JsonObject) -> Iterator[e.Event]:
        if self.closed:
            return
        content = item.get("content")
        known = list(self._parts)  # by order: some servers count parts over all items
        beyond = max(known, default=-1) + 1
        parts = content if isinstance(content, list) else []
        joined = len(parts) < len(known)  # parts told as one: what stands behind the first has been said
        for at, part in enumerate(parts):
            yield from self._part_done(known[at] if at < len(known) else max(at, beyond), part, again=not joined)
        if self._last is not None:
            yield from _close(self._last)
        self.closed = True

    def _place(self, index: Any, *, begins: bool) -> int:
        """The part that an index stands for; where one begins under the index of a part that has ended, a new one."""
        told = index if isinstance(index, int) else 0
        at = self._places.get(told, told)
        if begins and at in self._parts and self._parts[at].ended:
            at = self._places[told] = max(self._parts) + 1
        return at

    def _open(self, at: int, kind: str) -> Generator[e.Event, None, _Part]:
        """The part, begun where it is new; one before it is closed."""
        part = self._parts.get(at)
        if part is None:
            if self._last is not None:
                yield from _close(self._last)
            part = self._parts[at] = self._last = _Part(kind)
            if kind in SHELLS:
                yield e.BlockStart(NOWHERE, SHELLS[kind])
        return part

    def _say(self, part: _Part, text: str) -> Iterator[e.Event]:
        """Says a text; of a part behind which another has begun, in a block of its own."""
        if not text or part.kind not in SHELLS:
            return
        if part.closed:
            yield from _close(self._last or part)
            part.closed, self._last = False, part
            yield e.BlockStart(NOWHERE, SHELLS[part.kind])
        part.said += text
        yield e.RefusalDelta(NOWHERE, text) if part.kind == "refusal" else e.TextDelta(NOWHERE, text)

    def _part_done(self, at: int, raw: Any, *, again: bool = True) -> Iterator[e.Event]:
        """`again`: a part that has ended may have been added to."""
        if not isinstance(raw, Mapping):
            return
        kind = _kind(raw)
        part = yield from self._open(at, kind)
        if part.kind != kind or (part.ended and (not again or kind not in SHELLS)):
            return
        part.ended = True
        if kind not in SHELLS:
            part.closed = True
            yield e.BlockStart(NOWHERE, b.Opaque(PROTOCOL, raw))
            yield e.BlockStop(NOWHERE)
            return
        whole = raw.get(FIELDS[kind])
        if isinstance(whole, str) and whole.startswith(part.said):
            yield from self._say(part, whole[len(part.said) :])
        part.whole_logprobs = raw.get("logprobs") or part.whole_logprobs
        for annotation in (raw.get("annotations") or ())[part.cited :]:
            yield from _cite(part, annotation)


def _kind(raw: Any) -> str:
    return str(raw.get("type")) if isinstance(raw, Mapping) else "output_text"


def _cite(part: _Part, raw: Any) -> Iterator[e.Event]:
    part.cited += 1
    if part.kind == "output_text" and not part.closed and isinstance(raw, Mapping):
        yield e.CitationDelta(NOWHERE, read_annotation(raw))


def _close(part: _Part) -> Iterator[e.Event]:
    """Log-probabilities of the whole part are told once."""
    if part.closed:
        return
    part.ended = part.closed = True
    found = [item for item in part.whole_logprobs or part.logprobs if isinstance(item, Mapping)]
    told, part.told = tuple(found[part.told :]), len(found)
    if told:
        yield e.Logprobs(0, told)
    if part.kind in SHELLS:
        yield e.BlockStop(NOWHERE)
