"""A stream, wire -> hub. Source: https://docs.anthropic.com/en/docs/build-with-claude/streaming.

message_start (content_block_start content_block_delta* content_block_stop)* message_delta message_stop, with pings
between, or an error anywhere. The arguments of a call may stand in its content_block_start (calls made by a program),
and so may a text's first piece.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Any, TypeAlias

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.events import Choice, Response, Stop, StopReason
from interchange.hub.failure import ErrorKind, Failure, malformed
from interchange.hub.indexes import needed_index, read_index
from interchange.hub.usage import Usage
from interchange.protocols.faces import EachFrame
from interchange.wire import codec
from interchange.wire.sse import Frame

from ..blocks import CALLS, read_answer_block, read_arguments, read_citation, read_server_call, read_state
from ..errors import read_error
from ..usage import merge, read_usage
from ..words import PROTOCOL, STOP, Json

CUT = Failure(ErrorKind.API, "the provider's stream ended before its end", code="upstream_cut", upstream=True)


@dataclass(slots=True)
class _Open:
    """The block that is open: `raw` as it started, `index` on the hub's side. `wrote` is set with the first piece of
    arguments; `whole` is a block that only its end makes readable."""

    index: int
    raw: Json
    whole: bool = False
    wrote: bool = False


@dataclass(slots=True)
class StreamReader(EachFrame):
    skips_text = True
    usage: Usage | None = None
    _report: Json = field(default_factory=dict)
    _open: dict[int | None, _Open] = field(default_factory=dict)
    _count: int = 0
    _stop: e.Stop | None = None
    _extra: Json = field(default_factory=dict)
    _started: bool = False
    _ended: bool = False

    def read(self, frame: Frame) -> Iterator[e.Event]:
        if self._ended or frame.data is None or frame.data == b"[DONE]":
            return
        try:
            event = codec.loads(frame.data)
        except ValueError:
            event = None
        if not isinstance(event, dict):
            failure = Failure(ErrorKind.API, "a frame of the provider's stream is no JSON object",
                              code="upstream_malformed", upstream=True)  # fmt: skip
            yield from self._failed(failure)
            return
        kind = str(event.get("type"))
        handler = HANDLERS.get(kind)
        if not self._started and handler is not None and kind not in ("message_start", "error"):
            yield from self._start({})
        if handler is not None:
            yield from self._handled(handler, event)
        elif kind != "ping" and self._started:  # what comes before the beginning says nothing of the answer
            yield e.Note(PROTOCOL, event)

    def _handled(self, handler: Handler, event: Json) -> Iterator[e.Event]:
        try:
            yield from handler(self, event)
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            message = f"an event of the provider's stream could not be read: {error}"[:300]
            yield from self._failed(Failure(ErrorKind.API, message, code="upstream_malformed", upstream=True))

    def finish(self) -> Iterator[e.Event]:
        if not self._ended:
            yield from self._failed(CUT)

    def _message_start(self, event: Json) -> Iterator[e.Event]:
        if self._started:
            return
        message = event.get("message") or {}
        yield from self._start(message)
        yield from self._reported(message.get("usage"))

    def _start(self, message: Json) -> Iterator[e.Event]:
        self._started = True
        yield e.MessageStart(message.get("id"), message.get("model"), extra=read_extra(message))

    def _reported(self, report: Any) -> Iterator[e.Event]:
        if isinstance(report, Mapping):
            self._report = merge(self._report, report)
            usage = read_usage(self._report)
            self.usage = usage if self.usage is None else self.usage.merge(usage)
            yield e.UsageReported(usage)

    def _block_start(self, event: Json) -> Iterator[e.Event]:
        yield from self._close_all()
        raw = event.get("content_block") or {}
        opened = _Open(needed_index(self._count, "a block"), raw)
        self._count += 1
        self._open[_place(event, opened.index)] = opened
        match raw.get("type"):
            case "text":
                yield e.BlockStart(opened.index, b.Text(""))
                for citation in raw.get("citations") or ():
                    yield e.CitationDelta(opened.index, read_citation(citation))
                if raw.get("text"):
                    yield e.TextDelta(opened.index, raw["text"])
            case "thinking":
                yield e.BlockStart(opened.index, b.Thinking(""))
                if raw.get("thinking"):
                    yield e.ThinkingDelta(opened.index, raw["thinking"])
                state = read_state(raw.get("signature"))
                if state is not None:
                    yield e.StateDelta(opened.index, state)
            case "tool_use":
                yield e.BlockStart(opened.index, b.ToolUse(str(raw.get("id")), str(raw.get("name")), ""))
            case "server_tool_use" | "mcp_tool_use":
                yield e.BlockStart(opened.index, read_server_call(raw, ""))
            case _:
                opened.whole = True

    def _block_delta(self, event: Json) -> Iterator[e.Event]:
        opened = self._open.get(_place(event))
        delta = event.get("delta") or {}
        if opened is None:
            yield e.Note(PROTOCOL, event)
            return
        index, kind = opened.index, opened.raw.get("type")
        match delta.get("type"):
            case _ if opened.whole:
                opened.raw = merge(opened.raw, {name: value for name, value in delta.items() if name != "type"})
            case "text_delta" if kind == "text":
                yield e.TextDelta(index, delta.get("text") or "")
            case "citations_delta" if kind == "text":
                yield e.CitationDelta(index, read_citation(delta.get("citation") or {}))
            case "thinking_delta" if kind == "thinking":
                yield e.ThinkingDelta(index, delta.get("thinking") or "")
            case "signature_delta" if kind == "thinking":
                state = read_state(delta.get("signature"))
                if state is not None:
                    yield e.StateDelta(index, state)
            case "input_json_delta" if kind in CALLS:
                if delta.get("partial_json"):
                    opened.wrote = True
                    yield e.ArgumentsDelta(index, delta["partial_json"])
            case _:
                yield e.Note(PROTOCOL, event)

    def _block_stop(self, event: Json) -> Iterator[e.Event]:
        opened = self._open.pop(_place(event), None)
        if opened is not None:
            yield from self._close(opened)

    def _close_all(self) -> Iterator[e.Event]:
        for index in list(self._open):
            yield from self._close(self._open.pop(index))

    def _close(self, opened: _Open) -> Iterator[e.Event]:
        if opened.whole:
            yield e.BlockStart(opened.index, read_answer_block(opened.raw))
        elif opened.raw.get("type") in CALLS and not opened.wrote:
            yield e.ArgumentsDelta(opened.index, read_arguments(opened.raw.get("input") or {}))
        yield e.BlockStop(opened.index)

    def _message_delta(self, event: Json) -> Iterator[e.Event]:
        yield from self._close_all()
        delta = event.get("delta") or {}
        if self._stop is None or delta.get("stop_reason") is not None:
            self._stop = read_stop(delta)
        beside = {name: value for name, value in event.items() if name != "delta"}
        self._extra.update({**read_extra(delta), **read_extra(beside)})
        yield from self._reported(event.get("usage"))

    def _message_stop(self, _event: Json) -> Iterator[e.Event]:
        if not self._count and self._stop is None:
            yield from self._failed(malformed("the stream ends and has said nothing"))
            return
        yield from self._close_all()
        self._ended = True
        yield e.MessageStop((self._stop or e.Stop(e.StopReason.OTHER),), self._extra)

    def _error(self, event: Json) -> Iterator[e.Event]:
        yield from self._failed(read_error(event))

    def _failed(self, failure: Failure) -> Iterator[e.Event]:
        if not self._started:
            yield from self._start({})
        self._ended = True
        yield e.StreamFailed(failure)


def _place(event: Json, otherwise: int | None = None) -> int | None:
    """The index of a block, where the event has one."""
    index = read_index(event.get("index"), "a content block")
    return otherwise if index is None else index


Handler: TypeAlias = Callable[[StreamReader, Json], Iterator[e.Event]]
HANDLERS: dict[str, Handler] = {
    "message_start": StreamReader._message_start,
    "content_block_start": StreamReader._block_start,
    "content_block_delta": StreamReader._block_delta,
    "content_block_stop": StreamReader._block_stop,
    "message_delta": StreamReader._message_delta,
    "message_stop": StreamReader._message_stop,
    "error": StreamReader._error,
}
CONTENT = frozenset({"content_block_start", "content_block_delta", "content_block_stop", "message_delta",
                     "message_stop", "error"})  # fmt: skip
"""Events that say something about the answer: message_start comes before the model's first token, pings any time."""


def is_content(frame: Frame) -> bool:
    if frame.data is None:
        return False
    if frame.event in HANDLERS or frame.event == "ping":
        return frame.event in CONTENT
    try:
        event = codec.loads(frame.data)
    except ValueError:
        return True
    return isinstance(event, dict) and event.get("type") in CONTENT


KNOWN = frozenset({"id", "type", "role", "model", "content", "usage", "stop_reason", "stop_sequence", "stop_details"})


def read_response(body: Json) -> Response:
    """Raises ValueError for what is no message."""
    content = body.get("content")
    if body.get("type") != "message" or not isinstance(content, list):
        raise ValueError(f"the answer is not a message: type {body.get('type')!r}")
    blocks = tuple(read_answer_block(block) for block in content)
    return Response(
        id=body.get("id"),
        model=body.get("model"),
        created=None,
        choices=(Choice(blocks, read_stop(body)),),
        usage=read_body_usage(body),
        extra=read_extra(body),
    )


def read_body_usage(body: Mapping[str, Any]) -> Usage | None:
    usage = body.get("usage")
    return read_usage(usage) if isinstance(usage, Mapping) else None


def read_stop(fields: Mapping[str, Any]) -> Stop:
    """From a message, or from the `delta` of message_delta."""
    word = fields.get("stop_reason")
    details = fields.get("stop_details")
    reason = StopReason.OTHER if word is None else STOP.get(word, StopReason.OTHER)
    detail = word if word is not None and word not in STOP else None
    if isinstance(details, Mapping):
        detail = details.get("category") or detail
    return Stop(
        reason=reason,
        sequence=fields.get("stop_sequence"),
        detail=detail,
        raw={"stop_details": details} if details is not None else None,
    )


def read_extra(fields: Mapping[str, Any]) -> Json:
    """Facts of the answer that only this protocol has (container, context_management, ...)."""
    return {name: value for name, value in fields.items() if name not in KNOWN and value is not None}
