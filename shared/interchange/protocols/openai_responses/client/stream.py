"""A stream, wire -> hub; a whole answer is read as a stream of whole items.
Source: https://platform.openai.com/docs/api-reference/responses-streaming, and recorded traffic.

response.created, then per output item: output_item.added, pieces, output_item.done; at last response.completed,
.incomplete or .failed, or an `error` anywhere.

The blocks of an answer in sequence: the first unfinished item passes as it comes, later ones wait behind it.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass, replace
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.failure import ErrorKind, Failure
from interchange.hub.indexes import needed_index, read_index
from interchange.hub.usage import Usage
from interchange.protocols.faces import EachFrame, JsonObject
from interchange.protocols.openai import errors
from interchange.wire import codec
from interchange.wire.sse import Frame

from ..usage import read_answer_usage
from ..words import CUT_SHORT, INCOMPLETE_REASONS, PROTOCOL
from .items import ItemReader, reader_of


@dataclass(slots=True)
class Sequence:
    """Numbers the blocks, and knows what the answer holds."""

    called: bool = False
    refused: bool = False
    _waiting: list[list[e.Event]] = field(default_factory=list)
    """By item, in the order in which items began."""
    _done: set[int] = field(default_factory=set)
    _first: int = 0
    """The item whose events pass as they come."""
    _count: int = 0
    _text: int = 0
    _base: int = 0
    """Characters of text told so far, and of those before the block that is open."""

    def begin(self) -> None:
        self._waiting.append([])

    def take(self, item: int, events: Iterable[e.Event], *, done: bool = False) -> Iterator[e.Event]:
        self._waiting[item].extend(events)
        if done:
            self._done.add(item)
        yield from self._advance()

    def _advance(self) -> Iterator[e.Event]:
        while self._first < len(self._waiting):
            events = self._waiting[self._first]
            self._waiting[self._first] = []
            for event in events:
                yield self._numbered(event)
            if self._first not in self._done:
                return
            self._first += 1

    def _numbered(self, event: e.Event) -> e.Event:
        at = self._count - 1
        match event:
            case e.BlockStart(block=block):
                self._count += 1
                self._base = self._text
                self.called = self.called or isinstance(block, b.ToolUse)
                self.refused = self.refused or isinstance(block, b.Refusal)
                return replace(event, index=at + 1)
            case e.TextDelta(text=text):
                self._text += len(text)
                return replace(event, index=at)
            case e.CitationDelta(citation=citation):
                return e.CitationDelta(at, self._placed(citation))
            case e.MessageStart() | e.UsageReported() | e.Logprobs() | e.Note() | e.MessageStop() | e.StreamFailed():
                return event
            case _:
                return replace(event, index=at)

    def _placed(self, citation: b.Citation) -> b.Citation:
        if citation.start is None or citation.end is None:
            return citation
        return replace(citation, start=citation.start + self._base, end=citation.end + self._base)


BEFORE = frozenset({"response.created", "response.in_progress", "response.queued", "keepalive", "ping"})
"""What comes before the model's first word, or beside it."""
PREVIEWS = {"image_generation_call.partial_image": "image_generation"}
"""Events that show a part of what a tool makes, and the tool's kind."""
INDEXES = ("output_index", "content_index", "summary_index", "annotation_index", "partial_image_index")
"""Numbers of parts in an event: the caller's client builds lists of them, whichever way the event goes."""
ENDS = frozenset({"response.completed", "response.incomplete", "response.done"})
ITEM_OF = (
    ("reasoning", "reasoning"),
    ("function_call", "function_call"),
    ("custom_tool_call", "custom_tool_call"),
    ("content_part", "message"),
    ("output_text", "message"),
    ("refusal", "message"),
)
"""Beginnings of event types -> the item that they speak of, for servers that do not announce it."""
CUT = Failure(
    ErrorKind.API, "the provider's stream ended before the answer did", code="upstream_truncated", upstream=True
)


@dataclass(frozen=True, slots=True)
class _Item:
    """`name` is its id where it began."""

    reader: ItemReader
    kind: str
    name: str


class _Left:
    """The places of items that have not been told again yet, by id and by type."""

    def __init__(self, items: Iterable[_Item]) -> None:
        self._by_name: dict[str, int] = {}
        self._by_kind: dict[str, deque[int]] = {}
        self._taken: set[int] = set()
        for at, item in enumerate(items):
            self._by_name.setdefault(item.name, at)
            self._by_kind.setdefault(item.kind, deque()).append(at)

    def take(self, item: JsonObject) -> int | None:
        alike = self._by_kind.get(str(item.get("type")), deque())
        while alike and alike[0] in self._taken:
            alike.popleft()
        found = self._by_name.pop(str(item["id"]), None) if item.get("id") else None
        if found is None or found in self._taken:
            found = alike.popleft() if alike else None
        if found is not None:
            self._taken.add(found)
        return found


@dataclass(slots=True)
class Reader(EachFrame):
    _items: list[_Item] = field(default_factory=list)
    _places: dict[int, int] = field(default_factory=dict)
    """The vendor's index -> the place in `_items`."""
    _sequence: Sequence = field(default_factory=Sequence)
    _wholes: dict[int, Any] = field(default_factory=dict)
    """Items as their end told them; they prove what vendor-run tools did."""
    _head: Mapping[str, Any] = field(default_factory=dict)
    _started: bool = False
    _ended: bool = False

    @property
    def usage(self) -> Usage | None:
        told = self._head.get("output")
        items = told if told and isinstance(told, list) else list(self._wholes.values())
        return read_answer_usage(self._head, items)

    def read(self, frame: Frame) -> Iterator[e.Event]:
        data = frame.data.strip() if frame.data is not None else b""
        if self._ended or not data or data == b"[DONE]":
            return
        try:
            event = codec.loads(data)
            if not isinstance(event, dict):
                raise ValueError("an event is not an object")
            kind = event.get("type") or frame.event or ("error" if event.get("error") else None)
            if kind is None:
                raise ValueError("an event has no type")
            yield from self.take(str(kind), event)
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            message = f"an event of the provider's stream could not be read: {error}"[:300]
            yield from self._fail(Failure(ErrorKind.API, message, code="upstream_malformed", upstream=True))

    def finish(self) -> Iterator[e.Event]:
        if not self._ended:
            yield from self._fail(CUT)

    def take(self, kind: str, event: JsonObject) -> Iterator[e.Event]:
        """One event. Raises ValueError, TypeError, AttributeError or KeyError for what is none."""
        for name in INDEXES:
            if name in event:
                read_index(event[name], name)
        if isinstance(event.get("response"), Mapping):
            self._head = {**self._head, **event["response"]}
        if kind == "error" or kind == "response.failed" or kind == "response.cancelled":
            yield from self._fail(errors.read_error(event if kind == "error" else self._head))
        elif kind in BEFORE:
            yield from self._begin()
        elif kind in ENDS:
            yield from self._end(kind)
        elif isinstance(event.get("output_index"), int) and kind.startswith("response."):
            yield from self._begin()
            yield from self._piece(event["output_index"], kind.removeprefix("response."), event)
        else:
            yield from self._begin()
            yield e.Note(PROTOCOL, event)

    def _piece(self, index: Any, kind: str, event: JsonObject) -> Iterator[e.Event]:
        if kind == "output_item.done":
            if not isinstance(event["item"], dict):
                raise ValueError("an output item is not an object")
            yield from self._whole(self._place(index, event["item"], whole=True), event["item"])
            return
        if kind in PREVIEWS:
            yield e.Note("", {}, shows=PREVIEWS[kind])
        begins = kind == "output_item.added"
        at = self._place(index, event["item"] if begins else {"type": _type_of(kind)}, begins=begins)
        yield from self._sequence.take(at, self._items[at].reader.piece(kind, event))

    def _whole(self, at: int, item: JsonObject) -> Iterator[e.Event]:
        if at not in self._wholes:
            self._wholes[at] = item
            yield from self._sequence.take(at, self._items[at].reader.done(item), done=True)

    def _place(self, index: Any, item: Any, *, begins: bool = False, whole: bool = False) -> int:
        """The place of the item that an index stands for. Some servers give every item the same index: what begins
        where another has ended, or is of another type, is an item of its own."""
        at = self._places.get(index)
        if at is None or ((begins or whole) and self._is_another(at, item, begins=begins)):
            at = self._places[index] = self._add(item)
        return at

    def _is_another(self, at: int, item: Any, *, begins: bool) -> bool:
        if not isinstance(item, Mapping):
            return False
        if str(item.get("type")) != self._items[at].kind:
            return True
        return at in self._wholes and (begins or not _alike(self._wholes[at], item))

    def _add(self, item: Any) -> int:
        if not isinstance(item, Mapping):
            raise ValueError("an output item is not an object")
        at = needed_index(len(self._items), "an output item")
        digest = hashlib.sha256(f"{self._head.get('id')}:{at}".encode()).hexdigest()
        reader = reader_of(item, f"call_{digest[:24]}")
        self._items.append(_Item(reader, str(item.get("type")), str(item.get("id"))))
        self._sequence.begin()
        return at

    def _last_told(self, items: Any) -> Iterator[tuple[int, JsonObject]]:
        """The places of the items that the end of a stream tells once more: by id, else the next of the same type,
        since not every server counts from 0 or keeps its ids."""
        left = _Left(self._items)
        for item in items if isinstance(items, list) else ():
            if not isinstance(item, dict):
                raise ValueError("an output item is not an object")
            at = left.take(item)
            yield self._add(item) if at is None else at, item

    def _begin(self) -> Iterator[e.Event]:
        if not self._started:
            self._started = True
            created = self._head.get("created_at")
            seconds = int(created) if isinstance(created, int | float) else None
            yield e.MessageStart(self._head.get("id"), self._head.get("model"), seconds)

    def _end(self, kind: str) -> Iterator[e.Event]:
        if self._head.get("status") in ("failed", "cancelled") or self._head.get("error"):
            yield from self._fail(errors.read_error(self._head))
            return
        yield from self._begin()
        for at, item in self._last_told(self._head.get("output")):
            yield from self._whole(at, item)
        for at in [at for at in range(len(self._items)) if at not in self._wholes]:
            yield from self._whole(at, {})
        self._ended = True
        yield from self._report()
        yield e.MessageStop((self._stop(kind),))

    def _stop(self, kind: str) -> e.Stop:
        details = self._head.get("incomplete_details")
        word = details.get("reason") if isinstance(details, Mapping) else None
        if word or kind == "response.incomplete" or self._head.get("status") == "incomplete":
            reason = INCOMPLETE_REASONS.get(str(word), e.StopReason.OTHER)
            if reason in CUT_SHORT or not self._sequence.called:
                return e.Stop(reason, detail=None if reason in CUT_SHORT else str(word or "incomplete"))
        if self._sequence.called:
            return e.Stop(e.StopReason.TOOL_USE)
        return e.Stop(e.StopReason.REFUSAL if self._sequence.refused else e.StopReason.END)

    def _report(self) -> Iterator[e.Event]:
        if (usage := self.usage) is not None:
            yield e.UsageReported(usage)

    def _fail(self, failure: Failure) -> Iterator[e.Event]:
        yield from self._begin()
        self._ended = True
        yield from self._report()
        yield e.StreamFailed(failure)


def _alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """True for an item that is told twice; some servers make up its id anew each time."""
    return {**one, "id": None} == {**other, "id": None}


def _type_of(kind: str) -> str:
    return next((item for start, item in ITEM_OF if kind.startswith(start)), "other")


def read_whole(body: JsonObject) -> Iterator[e.Event]:
    """The events of a whole answer. Raises ValueError for an error in its place, and for one that is not finished."""
    if body.get("error") or body.get("status") in ("failed", "cancelled"):
        raise ValueError(errors.read_error(body).message)
    if not isinstance(body.get("output"), list):
        raise ValueError("the answer has no output")
    if body.get("status") in ("queued", "in_progress"):
        raise ValueError(f"the answer is not finished: its status is {body['status']!r}")
    return Reader().take("response.completed", {"response": body})
