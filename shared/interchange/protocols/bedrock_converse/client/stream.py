"""Converse answers -> hub events. A whole answer is read as the stream that it would have been."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.failure import ErrorKind, Failure
from interchange.hub.indexes import needed_index
from interchange.hub.usage import Usage
from interchange.protocols.faces import EachFrame, JsonObject
from interchange.wire import codec
from interchange.wire.sse import Frame

from ..usage import read_usage
from ..words import ERROR_KINDS, PROTOCOL, STOP_REASONS


@dataclass(slots=True)
class Reader(EachFrame):
    """Event-stream frames: `Frame.event` is the `:event-type` (or `:exception-type`), `Frame.data` the JSON payload."""

    usage: Usage | None = None
    _started: bool = False
    _next: int = 0
    _open: dict[int, tuple[int, type]] = field(default_factory=dict)
    _calls: bool = False
    _stop: e.Stop | None = None
    _done: bool = False

    def read(self, frame: Frame) -> Iterator[e.Event]:
        payload = codec.loads(frame.data) if frame.data else {}
        yield from self.take(frame.event or "", payload)

    def take(self, kind: str, payload: JsonObject) -> Iterator[e.Event]:
        if self._done:
            return
        if not self._started:
            self._started = True
            yield e.MessageStart()
        match kind:
            case "messageStart":
                pass  # says the role only
            case "contentBlockStart":
                yield from self._start(_place(payload), payload.get("start") or {})
            case "contentBlockDelta":
                yield from self._delta(_place(payload), payload.get("delta") or {})
            case "contentBlockStop":
                yield from self._close(_place(payload))
            case "messageStop":
                word = payload.get("stopReason") or ""
                raw = payload.get("additionalModelResponseFields")
                sequence = raw.get("stop_sequence") if isinstance(raw, dict) else None
                self._stop = e.Stop(STOP_REASONS.get(word, e.StopReason.OTHER), sequence=sequence, detail=word)
            case "metadata":
                self.usage = read_usage(payload.get("usage"), payload.get("serviceTier")) or self.usage
            case _ if kind.endswith("Exception"):
                self._done = True
                yield e.StreamFailed(_failure(kind, payload))
            case _:
                yield e.Note(PROTOCOL, {kind: payload})

    def finish(self) -> Iterator[e.Event]:
        if self._done:
            return
        self._done = True
        if not self._started:
            yield e.MessageStart()
        if self._stop is None:
            yield e.StreamFailed(Failure(ErrorKind.API, "the stream ended without messageStop", upstream=True))
            return
        for place in list(self._open):
            yield from self._close(place)
        if self.usage is not None:
            yield e.UsageReported(self.usage)
        stop = self._stop
        if self._calls and stop.reason is e.StopReason.END:
            stop = e.Stop(e.StopReason.TOOL_USE, detail=stop.detail)
        yield e.MessageStop((stop,))

    def _start(self, place: int, start: Mapping[str, Any]) -> Iterator[e.Event]:
        match start:
            case {"toolUse": {"type": str(), "toolUseId": name, "name": tool}}:
                raw = dict(start["toolUse"])
                yield from self._open_block(place, b.ServerToolUse(name, tool, "", "other", PROTOCOL, raw))
            case {"toolUse": {"toolUseId": name, "name": tool}}:
                self._calls = True
                yield from self._open_block(place, b.ToolUse(name, tool, ""))
            case {}:
                pass  # text and reasoning open with their first delta
            case _:
                yield from self._open_block(place, b.Opaque(PROTOCOL, start))

    def _open_block(self, place: int, block: b.Block) -> Iterator[e.Event]:
        for other in list(self._open):
            yield from self._close(other)
        self._open[place] = (self._next, type(block))
        yield e.BlockStart(self._next, block)
        self._next += 1

    def _inside(self, place: int, empty: b.Block) -> Iterator[e.Event]:
        """Opens the block that a delta stands in, where the stream did not."""
        if place not in self._open or self._open[place][1] is not type(empty):
            yield from self._open_block(place, empty)

    def _close(self, place: int) -> Iterator[e.Event]:
        if place in self._open:
            yield e.BlockStop(self._open.pop(place)[0])

    def _delta(self, place: int, delta: Mapping[str, Any]) -> Iterator[e.Event]:
        match delta:
            case {"text": str(text)}:
                yield from self._inside(place, b.Text(""))
                yield e.TextDelta(self._open[place][0], text)
            case {"toolUse": {"input": str(text)}} if place in self._open:
                yield e.ArgumentsDelta(self._open[place][0], text)
            case {"reasoningContent": {"redactedContent": str(data)}}:
                yield from self._open_block(place, b.RedactedThinking(b.Continuation(PROTOCOL, data)))
            case {"reasoningContent": reasoning}:
                yield from self._inside(place, b.Thinking(""))
                if reasoning.get("text"):
                    yield e.ThinkingDelta(self._open[place][0], reasoning["text"])
                if reasoning.get("signature"):
                    yield e.StateDelta(self._open[place][0], b.Continuation(PROTOCOL, reasoning["signature"]))
            case {"citation": citation}:
                yield from self._inside(place, b.Text(""))
                yield e.CitationDelta(self._open[place][0], read_citation(citation))
            case _:
                yield e.Note(PROTOCOL, {"contentBlockDelta": delta})


def _place(payload: Mapping[str, Any]) -> int:
    return needed_index(payload["contentBlockIndex"], "a content block")


def read_citation(raw: Mapping[str, Any]) -> b.Citation:
    location = raw.get("location") or {}
    web = location.get("web") or {}
    quoted = "".join(part.get("text", "") for part in raw.get("sourceContent") or [])
    url = web.get("url") or raw.get("source")
    return b.Citation(PROTOCOL, raw, url=url, title=raw.get("title"), cited_text=quoted or None)


def _failure(kind: str, payload: Mapping[str, Any]) -> Failure:
    word = kind[:1].upper() + kind[1:]
    message = payload.get("message") or payload.get("originalMessage") or kind
    return Failure(ERROR_KINDS.get(word, ErrorKind.API), str(message), code=word, upstream=True)


def unfolded(body: JsonObject) -> Iterable[e.Event]:
    """The events of a whole answer. Raises KeyError or TypeError for a body that is no Converse answer."""
    reader = Reader()
    events = list(reader.take("messageStart", {}))
    for place, block in enumerate(body["output"]["message"]["content"]):
        for kind, payload in _frames(place, block):
            events += reader.take(kind, payload)
    events += reader.take("messageStop", body)
    events += reader.take("metadata", body)
    events += reader.finish()
    return events


def _frames(place: int, block: Mapping[str, Any]) -> Iterator[tuple[str, JsonObject]]:
    """The frames that would have carried one block."""

    def delta(value: JsonObject) -> tuple[str, JsonObject]:
        return "contentBlockDelta", {"contentBlockIndex": place, "delta": value}

    match block:
        case {"text": str(text)}:
            yield delta({"text": text})
        case {"toolUse": use}:
            start = {name: value for name, value in use.items() if name != "input"}
            yield "contentBlockStart", {"contentBlockIndex": place, "start": {"toolUse": start}}
            yield delta({"toolUse": {"input": codec.dumps_text(use.get("input") or {})}})
        case {"reasoningContent": {"reasoningText": reasoning}}:
            yield delta({"reasoningContent": dict(reasoning)})
        case {"reasoningContent": reasoning}:
            yield delta({"reasoningContent": dict(reasoning)})
        case {"citationsContent": cited}:
            for citation in cited.get("citations") or []:
                yield delta({"citation": citation})
            yield delta({"text": "".join(part.get("text", "") for part in cited.get("content") or [])})
        case _:
            yield "contentBlockStart", {"contentBlockIndex": place, "start": dict(block)}
    yield "contentBlockStop", {"contentBlockIndex": place}
