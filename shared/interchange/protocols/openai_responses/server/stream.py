"""Hub events -> the events of Responses, and the whole answer, which is what the last of them holds.

    response.created, response.in_progress, (response.output_item.added ... response.output_item.done)*,
    response.completed | response.incomplete | response.failed

Every event carries a `sequence_number`; items do not interleave, but for calls of MCP servers,
which end with their results.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from interchange.continuity.seal import Seal
from interchange.dataclass import dataclass, replace
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.fold import unfold
from interchange.hub.usage import Usage
from interchange.protocols.faces import Envelope, JsonObject
from interchange.wire import codec
from interchange.wire.sse import write_frame

from ..client_run import RUN, write_call
from ..words import INCOMPLETE_WORDS, PROTOCOL, own_id
from .answer import AnswerFrame, CallItem, Item, MessageItem, Piece, ReasoningItem
from .hosted import Hosted, McpCall, item_of, mcp_call
from .messages import REDACTED
from .tools import apart, grouped


@dataclass(slots=True)
class Writer:
    envelope: Envelope
    seal: Seal
    output: list[JsonObject] = field(default_factory=list)
    usage: Usage | None = None
    final: JsonObject = field(default_factory=dict)
    _item: Item | None = None
    _hosted: Hosted = field(default_factory=Hosted)
    _calls: dict[str, McpCall] = field(default_factory=dict)
    """Calls of MCP servers that wait for their results, by the call's id."""
    _message: MessageItem | None = None
    """The message that text in a row is added to."""
    _sequence: int = 0
    _made: int = 0
    _text: int = 0
    _skipped: set[int] = field(default_factory=set)

    def write(self, event: e.Event) -> bytes:
        if self._of_another_choice(event):
            return b""
        return b"".join(self._framed(kind, fields) for kind, fields in self._events(event))

    def _of_another_choice(self, event: e.Event) -> bool:
        """This format has one answer; a provider that gives more was not asked to."""
        match event:
            case e.BlockStart(index=index, choice=choice):
                if choice:
                    self._skipped.add(index)
                return choice > 0
            case e.Logprobs(choice=choice):
                return choice > 0
            case e.MessageStart() | e.UsageReported() | e.Note() | e.MessageStop() | e.StreamFailed():
                return False
            case _:
                return event.index in self._skipped

    def _framed(self, kind: str, fields: JsonObject) -> bytes:
        name = f"response.{kind}"
        body = {"type": name, "sequence_number": self._sequence, **fields}
        self._sequence += 1
        return write_frame(codec.dumps(body), name)

    def _events(self, event: e.Event) -> Iterator[Piece]:
        frame = AnswerFrame(self.envelope)
        match event:
            case e.MessageStart():
                yield "created", {"response": frame.begun()}
                yield "in_progress", {"response": frame.begun()}
            case e.BlockStart(block=block):
                yield from self._start(block)
            case e.BlockStop():
                yield from self._stop()
            case e.UsageReported(usage):
                self.usage = usage if self.usage is None else self.usage.merge(usage)
            case e.Logprobs(content=content) if self._message is not None:
                self._message.probable([dict(one) for one in content])
            case e.MessageStop(stops):
                stop = stops[0] if stops else e.Stop(e.StopReason.OTHER)
                yield from self._finish(cut=stop.reason in INCOMPLETE_WORDS)
                self.final = frame.ended(self.output, self.usage, stop)
                yield str(self.final["status"]), {"response": self.final}
            case e.StreamFailed(failure):
                yield from self._finish(cut=True)
                self.final = frame.failed(self.output, self.usage, failure)
                yield "failed", {"response": self.final}
            case _:
                yield from self._delta(event)

    def _start(self, block: b.Block) -> Iterator[Piece]:
        match block:
            case b.Text(text, citations):
                yield from self._open_part("output_text", text)
                for citation in citations:
                    yield from self._delta(e.CitationDelta(0, citation))
            case b.Refusal(text):
                yield from self._open_part("refusal", text)
            case b.Audio(transcript=transcript):
                yield from self._open_part("output_text", transcript or "")
            case _:
                yield from self._end_message()
                yield from self._begin(block)

    def _begin(self, block: b.Block) -> Iterator[Piece]:
        match block:
            case b.Thinking(text, state):
                self._item = ReasoningItem({"id": self._id("rs"), "type": "reasoning", "summary": []})
                yield from self._placed(self._item.say(text) if text else [])
                if state is not None:
                    yield from self._placed(self._item.state(self._sealed(state)))
            case b.RedactedThinking(state):
                item = ReasoningItem({"id": self._id("rs"), "type": "reasoning", "summary": []})
                self._item = item
                yield from self._placed(item.state(self._sealed(replace(state, item_id=REDACTED))))
            case b.ToolUse():
                self._item = self._call(block)
                if not isinstance(self._item, OwnItem):
                    yield from self._placed(self._item.begin())
                if block.arguments:
                    yield from self._delta(e.ArgumentsDelta(0, block.arguments))
            case b.ServerToolUse(kind="mcp", protocol=protocol) if protocol != PROTOCOL:
                self._item = self._calls[block.id] = mcp_call(block, self._id)
                yield from self._placed(self._item.begin())
                if block.arguments:
                    yield from self._delta(e.ArgumentsDelta(0, block.arguments))
            case b.ServerToolResult(kind="mcp", tool_use_id=call_id) if call_id in self._calls:
                call = self._calls.pop(call_id)
                yield from self._placed(call.result(block.content, block.is_error), call)
            case _:
                yield from self._whole(self._hosted.begin(block, self._id))

    def _call(self, block: b.ToolUse) -> CallItem:
        call_id = block.id or self._call_id()
        named = apart(block.name, grouped(self.envelope.asked))
        if block.kind in RUN:
            shape = {"id": self._id(RUN[block.kind].call[:2]), "call_id": call_id, "status": "in_progress"}
            return OwnItem(shape, kind=block.kind)
        if block.kind == "custom":
            kept = {"type": "custom_tool_call", "call_id": call_id, **named, "input": ""}
            return CallItem({"id": self._id("ctc"), **kept})
        kept = {"type": "function_call", "call_id": call_id, **named, "arguments": ""}
        return CallItem({"id": self._id("fc"), **kept, "status": "in_progress"})

    def _delta(self, event: e.Event) -> Iterator[Piece]:
        item = self._item
        match event:
            case e.TextDelta(text=text) if isinstance(item, MessageItem):
                self._text += len(text)
                yield from self._placed(item.say(text))
            case e.RefusalDelta(text=text) if isinstance(item, MessageItem):
                yield from self._placed(item.say(text))
            case e.AudioDelta(transcript=text) if isinstance(item, MessageItem) and text:
                self._text += len(text)
                yield from self._placed(item.say(text))
            case e.CitationDelta(citation=citation) if isinstance(item, MessageItem):
                yield from self._placed(item.cite(citation, PROTOCOL))
            case e.ThinkingDelta(text=text) if isinstance(item, ReasoningItem) and text:
                yield from self._placed(item.say(text))
            case e.StateDelta(state=state) if isinstance(item, ReasoningItem):
                yield from self._placed(item.state(self._sealed(state)))
            case e.ArgumentsDelta(text=text) if isinstance(item, CallItem | McpCall):
                yield from self._placed(item.say(text))
            case e.ArgumentsDelta(text=text):
                self._hosted.say(text)
            case _:
                pass  # a call's state is found again by its id; notes are of another protocol

    def _stop(self) -> Iterator[Piece]:
        item, self._item = self._item, None
        match item:
            case MessageItem():
                yield from self._placed(item.close(), item)
            case None:
                yield from self._whole(self._hosted.end())
            case _:
                yield from self._placed(item.end(), item)

    def _finish(self, *, cut: bool) -> Iterator[Piece]:
        if cut and (last := self._item or self._message) is not None:
            last.ending = "incomplete"
        if self._item is not None:
            yield from self._stop()
        yield from self._end_message()
        yield from self._whole(self._hosted.end())
        for call in self._calls.values():
            yield from self._placed(call.cut(), call)

    def _open_part(self, kind: str, text: str) -> Iterator[Piece]:
        if self._message is None:
            shape = {
                "id": self._id("msg"),
                "type": "message",
                "role": "assistant",
                "status": "in_progress",
                "content": [],
            }
            self._message = MessageItem(shape)
        self._item = self._message
        self._message.open(kind, self._text)
        if text:
            self._text += len(text) if kind == "output_text" else 0
            yield from self._placed(self._message.say(text))

    def _end_message(self) -> Iterator[Piece]:
        message = self._message
        if message is not None:
            yield from self._placed(message.end(), message)
            self._message = None

    def _whole(self, shapes: list[JsonObject]) -> Iterator[Piece]:
        for shape in shapes:
            item = item_of(shape)
            yield from self._placed([*item.begin(), *item.end()], item)

    def _placed(self, pieces: list[Piece], item: Item | None = None) -> Iterator[Piece]:
        """Adds the item's place in the output, and its id where the event does not hold the item itself."""
        item = item or self._item
        for kind, fields in pieces:
            assert item is not None
            if kind == "output_item.added":
                item.place = len(self.output)
                self.output.append(item.shape)
            place: JsonObject = {"output_index": item.place}
            if "item" not in fields and "id" in item.shape:
                place["item_id"] = item.shape["id"]
            yield kind, {**place, **fields}

    def _id(self, prefix: str) -> str:
        self._made += 1
        return own_id(prefix, self.envelope.request_id, self._made)

    def _call_id(self) -> str:
        """Not an item's id: it goes to any vendor, and chat completions take 40 characters."""
        self._made += 1
        return f"call_{self.envelope.request_id}{self._made:02x}"

    def _sealed(self, state: b.Continuation) -> str:
        return state.data if state.issuer == PROTOCOL else self.seal.seal(state)


@dataclass(slots=True)
class OwnItem(CallItem):
    """A call by this protocol's own word. Its item holds what the arguments say, so it begins when they are whole; what
    such an item cannot hold is shown as the function that the model called."""

    kind: str = ""

    def say(self, text: str) -> list[Piece]:
        self.said.append(text)
        return []

    def end(self) -> list[Piece]:
        text = "".join(self.said)
        shape = self.shape
        written = write_call(self.kind, shape["id"], shape["call_id"], text)
        self.shape = written or {**shape, "type": "function_call", "name": self.kind, "arguments": text}
        return [*self.begin(), *Item.end(self)]


def write_answer(response: e.Response, envelope: Envelope, seal: Seal) -> JsonObject:
    """A whole answer is what its stream ends with."""
    writer = Writer(envelope, seal)
    for event in unfold(response):
        writer.write(event)
    return writer.final
