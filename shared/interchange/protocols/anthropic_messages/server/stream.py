"""A stream, hub -> wire: one message_start, blocks strictly one after the other from index 0, message_delta,
message_stop. A block is opened with its first content, so that none is ever empty."""

from __future__ import annotations

from dataclasses import field

from interchange.dataclass import dataclass, replace
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.usage import Usage
from interchange.wire import codec
from interchange.wire.sse import write_frame

from .. import errors
from ..blocks import write_arguments
from ..toolsets import apart
from ..usage import estimate_usage, write_delta_usage, write_usage
from ..words import Json
from .answer import EXTRA, AnswerWriter, shown

IN_PIECES = ("server_tool_use",)
"""Vendor-run tools whose arguments every client takes in pieces: of other blocks Claude Code 2.1 says "Content block
is not a input_json block". The SDKs take arguments that come whole."""


@dataclass(slots=True)
class _Block:
    """`block` is the hub's shell, `index` our number once it is open. `held` keeps arguments that cannot go out in
    pieces: those of a custom tool, and those that are no object from their first character on."""

    block: b.Block
    index: int | None = None
    state: b.Continuation | None = None
    held: list[str] = field(default_factory=list)
    wrote: bool = False
    whole: Json | None = None
    """What is written when its arguments are known, where they may not come in pieces."""

    @property
    def free_form(self) -> bool:
        return isinstance(self.block, b.ToolUse) and self.block.kind == "custom"


@dataclass(slots=True)
class StreamWriter:
    writer: AnswerWriter
    _open: dict[int, _Block] = field(default_factory=dict)
    _next: int = 0
    _usage: Usage | None = None
    _calls: int = 0
    _refused: bool = False
    _characters: int = 0
    _extra: Json = field(default_factory=dict)

    def write(self, event: e.Event) -> bytes:
        match event:
            case e.MessageStart(extra=extra):
                self._extra.update(extra)
                return self._start()
            case e.BlockStart(index, block, choice):
                return self._block_start(index, block) if choice == 0 else b""
            case e.TextDelta(index, text) | e.RefusalDelta(index, text):
                return self._text(index, text)
            case e.AudioDelta(index, data, transcript):
                return self._audio(index, data, transcript)
            case e.ThinkingDelta(index, text):
                return self._delta(index, {"type": "thinking_delta", "thinking": text}, len(text)) if text else b""
            case e.ArgumentsDelta(index, text):
                return self._arguments(index, text)
            case e.CitationDelta(index, citation):
                written = self.writer.citation(citation)
                if written is None:
                    return b""
                return self._delta(index, {"type": "citations_delta", "citation": written}, 0)
            case e.StateDelta(index, state):
                if index in self._open:
                    self._open[index].state = state
                return b""
            case e.BlockStop(index):
                return self._block_stop(index)
            case e.UsageReported(usage):
                self._usage = usage if self._usage is None else self._usage.merge(usage)
                return b""
            case e.MessageStop(stops, extra):
                self._extra.update(extra)
                return self._stop(stops[0])
            case e.StreamFailed(fault):
                return _frame("error", errors.write_error(replace(fault, request_id=self.writer.envelope.request_id)))
            case e.Logprobs() | e.Note():
                return b""  # no place in this format

    def _start(self) -> bytes:
        """The input is an estimate until the upstream reports: clients count their context from it. Of the output
        nothing is counted yet: some add what comes later to it (LangChain JS)."""
        envelope = self.writer.envelope
        message: Json = {
            "id": self.writer.message_id,
            "type": "message",
            "role": "assistant",
            "model": envelope.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "stop_details": None,
            "usage": write_usage(Usage(input=max(1, envelope.estimate))),
        }
        return _frame("message_start", {"type": "message_start", "message": message})

    def _block_start(self, index: int, block: b.Block) -> bytes:
        opened = self._open[index] = _Block(block)
        match block:
            case b.Text(text, citations):
                opened.state = block.state
                written = [self.write(e.CitationDelta(index, citation)) for citation in citations]
                return b"".join([*written, self._text(index, text)])
            case b.Thinking(text, state):
                opened.state = state
                return self.write(e.ThinkingDelta(index, text))
            case b.RedactedThinking(state):
                opened.state = state
                return b""
            case b.ToolUse(name=name):
                identity = self.writer.call_id(block.id, self._calls)
                self._calls += 1
                said = {"type": "tool_use", "id": identity, **apart(name, self.writer.envelope.asked), "input": {}}
                out = self._begin(opened, said)
                return out + self._arguments(index, block.arguments)
            case b.ServerToolUse(arguments=arguments):
                shell = self.writer.server_block(block)
                if shell is not None and shell.get("type") not in IN_PIECES:
                    opened.whole, opened.held = shell, [arguments]
                    return b""
                return b"" if shell is None else self._begin(opened, shell) + self._arguments(index, arguments)
            case b.Audio():
                return b""
            case b.Refusal() | b.Image() | b.Document():
                self._refused = self._refused or isinstance(block, b.Refusal)
                return self._text(index, shown(block) or "")
            case _:
                whole = self.writer.server_block(block)
                return b"" if whole is None else self._begin(opened, whole)

    def _text(self, index: int, text: str) -> bytes:
        return self._delta(index, {"type": "text_delta", "text": text}, len(text)) if text else b""

    def _audio(self, index: int, data: str, transcript: str) -> bytes:
        """The transcript as it comes; sound without one is kept for the end of the block."""
        opened = self._open.get(index)
        if opened is None:
            return b""
        opened.held.append(data)
        return self._text(index, transcript)

    def _arguments(self, index: int, text: str) -> bytes:
        opened = self._open.get(index)
        if opened is None or not text:
            return b""
        if opened.whole is not None:
            opened.held.append(text)
        if opened.index is None:
            return b""
        self._characters += len(text)
        if not opened.wrote:
            begun = "".join([*opened.held, text])
            if opened.free_form or not begun.lstrip().startswith("{"):
                opened.held.append(text)
                return b""
            opened.held.clear()
            text, opened.wrote = begun, True
        return self._piece(opened.index, {"type": "input_json_delta", "partial_json": text})

    def _delta(self, index: int, delta: Json, characters: int) -> bytes:
        opened = self._open.get(index)
        if opened is None:
            return b""
        self._characters += characters
        out = b"" if opened.index is not None else self._begin(opened, _shell(opened.block))
        opened.wrote = True
        assert opened.index is not None
        return out + self._piece(opened.index, delta)

    def _block_stop(self, index: int) -> bytes:
        opened = self._open.pop(index, None)
        if opened is None:
            return b""
        out = b""
        match opened.block:
            case b.Thinking() if opened.state is not None:
                out = b"" if opened.index is not None else self._begin(opened, _shell(opened.block))
                assert opened.index is not None
                signature = {"type": "signature_delta", "signature": self.writer.signature(opened.state)}
                out += self._piece(opened.index, signature)
            case b.RedactedThinking(state):
                whole = self.writer.server_block(b.RedactedThinking(opened.state or state))
                out = b"" if whole is None else self._begin(opened, whole)
            case b.ServerToolUse() if opened.whole is not None:
                text = "".join(opened.held)
                self._characters += len(text)
                out = self._begin(opened, {**opened.whole, "input": write_arguments(text or "{}")})
            case b.ToolUse() | b.ServerToolUse() if opened.index is not None and (opened.held or opened.free_form):
                kind = "custom" if opened.free_form else "function"
                text = codec.dumps_text(write_arguments("".join(opened.held), kind))
                out = self._piece(opened.index, {"type": "input_json_delta", "partial_json": text})
            case b.Audio() if opened.index is None:
                out = self._sound(opened)
            case _:
                pass  # what it had to say is said
        if opened.index is None:
            return out
        return out + _frame("content_block_stop", {"type": "content_block_stop", "index": opened.index})

    def _sound(self, opened: _Block) -> bytes:
        audio = opened.block
        assert isinstance(audio, b.Audio)
        source = audio.source
        if isinstance(source, b.Base64Source):
            source = b.Base64Source(source.media_type, source.data + "".join(opened.held))
        text = shown(b.Audio(source, audio.format, audio.id, audio.transcript)) or ""
        out = self._begin(opened, _shell(audio))
        self._characters += len(text)
        assert opened.index is not None
        return out + self._piece(opened.index, {"type": "text_delta", "text": text})

    def _begin(self, opened: _Block, shell: Json) -> bytes:
        opened.index = self._next
        self._next += 1
        start = {"type": "content_block_start", "index": opened.index, "content_block": shell}
        return _frame("content_block_start", start)

    def _piece(self, index: int, delta: Json) -> bytes:
        return _frame("content_block_delta", {"type": "content_block_delta", "index": index, "delta": delta})

    def _stop(self, stop: e.Stop) -> bytes:
        usage = self._usage
        if usage is None:
            usage = estimate_usage(self.writer.envelope.estimate, self._characters)
        delta = self.writer.stop(stop, self._calls > 0, self._refused)
        extra = {name: self._extra[name] for name in EXTRA if name in self._extra}
        container = {"container": extra.pop("container")} if "container" in extra else {}
        event: Json = {
            "type": "message_delta", "delta": {**delta, **container}, "usage": write_delta_usage(usage), **extra,
        }  # fmt: skip
        return _frame("message_delta", event) + _frame("message_stop", {"type": "message_stop"})


def _shell(block: b.Block) -> Json:
    """The block before its first delta. Media and refusals are told as text."""
    if isinstance(block, b.Thinking):
        return {"type": "thinking", "thinking": "", "signature": ""}
    return {"type": "text", "text": ""}


def _frame(name: str, event: Json) -> bytes:
    return write_frame(codec.dumps(event), name)
