"""Hub events -> chunks. Source of the order: `ChatCompletionChunk` of the openai SDK, and recorded streams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from interchange.continuity.seal import Seal
from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.usage import Usage
from interchange.protocols.faces import Envelope, JsonObject
from interchange.protocols.openai import errors
from interchange.wire import codec
from interchange.wire.sse import write_frame

from ..blocks import FORMAT, NO_ARGUMENTS, write_signature
from ..usage import write_usage
from . import mcp
from .answer import (
    audio_id,
    write_annotation,
    write_call,
    write_facts,
    write_finish,
    write_head,
    write_image,
    write_reasoning,
    write_refusal,
    write_source,
)

DONE = write_frame(b"[DONE]")


@dataclass(slots=True)
class _Choice:
    """State of a choice: how many characters of content it has said, and how many of each numbered thing."""

    length: int = 0
    calls: int = 0
    thoughts: int = 0
    annotations: int = 0
    sources: int = 0
    images: int = 0
    served: dict[str, int] = field(default_factory=dict)
    """Calls of MCP servers, numbered, by their ids."""
    refused: bool = False
    bare: list[int] = field(default_factory=list)
    """Function calls without arguments: whether on purpose or cut short, only the end tells."""


@dataclass(slots=True)
class _Open:
    """A block under way. `number` is its place among its kind, `start` where its text begins in the content."""

    block: b.Block
    at: int
    number: int = 0
    start: int = 0
    citations: list[b.Citation] = field(default_factory=list)
    described: bool = False
    """The `format` of its reasoning details has been told; clients concatenate strings of one entry."""
    arguments: bool = False
    """Some of its arguments have been told."""
    sounded: set[str] = field(default_factory=set)
    """The fields of its sound that were told. The SDK adds up numbers (`accumulate_delta`): an expiry comes once."""


@dataclass(slots=True)
class Writer:
    envelope: Envelope
    seal: Seal
    _choices: dict[int, _Choice] = field(default_factory=dict)
    _open: dict[int, _Open] = field(default_factory=dict)
    _usage: Usage | None = None
    _extra: dict[str, Any] = field(default_factory=dict)

    def write(self, event: e.Event) -> bytes:
        match event:
            case e.MessageStart(extra=extra):
                self._extra.update(extra)
                return self._introduce(0)
            case e.BlockStart(index, block, choice):
                return self._introduce(choice) + self._begin(index, block, choice)
            case e.UsageReported(usage):
                self._usage = usage if self._usage is None else self._usage.merge(usage)
                return b""
            case e.Logprobs(choice, content, refusal):
                told = {"content": list(content), "refusal": list(refusal) if refusal else None}
                return self._introduce(choice) + self._chunk(choice, {}, logprobs=told)
            case e.MessageStop(stops, extra):
                self._extra.update(extra)
                return self._finish(stops)
            case e.StreamFailed(failure):
                return write_frame(codec.dumps(errors.write_error(failure)))
            case e.BlockStop(index):
                return self._close(self._open.pop(index))
            case e.Note():
                return b""
            case _:
                return self._delta(self._open[event.index], event)

    def _introduce(self, choice: int) -> bytes:
        """The role chunk, once and first in each choice."""
        if choice in self._choices:
            return b""
        self._choices[choice] = _Choice()
        return self._chunk(choice, {"role": "assistant", "content": "", "refusal": None})

    def _begin(self, index: int, block: b.Block, at: int) -> bytes:
        choice = self._choices[at]
        opened = self._open[index] = _Open(block, at, start=choice.length)
        match block:
            case b.Text(text=text, citations=citations):
                opened.citations += citations
                signature = write_signature(block.state)
                return self._text(opened, text) + (self._chunk(at, signature) if signature else b"")
            case b.ToolUse():
                opened.number = choice.calls
                opened.arguments = bool(block.arguments)
                choice.calls += 1
                return self._chunk(at, {"tool_calls": [write_call(block, block.arguments, opened.number)]})
            case b.Thinking():
                opened.number = choice.thoughts
                choice.thoughts += 1
                told = self._thought(opened, block.text)
                return told + (self._state(opened, block.state) if block.state is not None else b"")
            case b.RedactedThinking():
                choice.thoughts += 1
                entry = write_reasoning(block, choice.thoughts - 1, self.seal)
                return self._chunk(at, {"reasoning_details": [entry]})
            case b.Refusal(text):
                choice.refused = True
                return self._chunk(at, {"refusal": text}) if text else b""
            case b.Audio():
                return self._sound(opened, {"id": audio_id(block, self.envelope), **_audio(block)})
            case b.Image():
                return self._image(choice, at, block)
            case b.ServerToolUse() if mcp.is_call(block):
                opened.number = choice.served[block.id] = len(choice.served)
                return self._mcp(opened, mcp.write_call(block, block.arguments, (choice.length, choice.thoughts)))
            case b.ServerToolResult(tool_use_id=identity) if mcp.is_result(block) and identity in choice.served:
                opened.number = choice.served[identity]
                return self._mcp(opened, mcp.write_result(block))
            case _:
                return b""  # vendor-run tools and documents: what they found is in the text and its annotations

    def _delta(self, opened: _Open, event: e.Event) -> bytes:
        match event, opened.block:
            case e.TextDelta(text=text), _:
                return self._text(opened, text)
            case e.ThinkingDelta(text=text), _:
                return self._thought(opened, text)
            case e.RefusalDelta(text=text), _:
                return self._chunk(opened.at, {"refusal": text})
            case e.ArgumentsDelta(text=text), b.ToolUse(kind=kind):
                opened.arguments = opened.arguments or bool(text)
                piece = {kind: {"input" if kind == "custom" else "arguments": text}}
                return self._chunk(opened.at, {"tool_calls": [{"index": opened.number, **piece}]})
            case e.ArgumentsDelta(text=text), b.ServerToolUse() if mcp.is_call(opened.block):
                return self._mcp(opened, {"arguments": text})
            case e.StateDelta(state=state), b.Thinking():
                return self._state(opened, state)
            case e.StateDelta(state=state), b.ToolUse() if signature := write_signature(state):
                return self._chunk(opened.at, {"tool_calls": [{"index": opened.number, **signature}]})
            case e.StateDelta(state=state), b.Text() if signature := write_signature(state):
                return self._chunk(opened.at, signature)
            case e.CitationDelta(citation=citation), _:
                opened.citations.append(citation)
                return b""  # told when its block ends, since it cites the whole of it
            case e.AudioDelta(data=data, transcript=transcript, expires_at=expires_at), _:
                told = {"data": data, "transcript": transcript, "expires_at": expires_at}
                return self._sound(opened, {name: value for name, value in told.items() if value})
            case _:
                return b""  # arguments of a vendor-run tool, and state that chat has no place for

    def _text(self, opened: _Open, text: str) -> bytes:
        if not text:
            return b""
        self._choices[opened.at].length += len(text)
        return self._chunk(opened.at, {"content": text})

    def _sound(self, opened: _Open, told: JsonObject) -> bytes:
        opened.sounded |= told.keys()
        return self._chunk(opened.at, {"audio": told}) if told else b""

    def _mcp(self, opened: _Open, told: JsonObject) -> bytes:
        return self._chunk(opened.at, {mcp.FIELD: [{"index": opened.number, **told}]})

    def _thought(self, opened: _Open, text: str) -> bytes:
        if not text:
            return b""
        entry = {"type": "reasoning.text", "text": text, "index": opened.number, **self._format(opened)}
        return self._chunk(opened.at, {"reasoning_content": text, "reasoning_details": [entry]})

    def _state(self, opened: _Open, state: b.Continuation) -> bytes:
        entry = {"type": "reasoning.text", "signature": self.seal.seal(state), "index": opened.number}
        if not opened.described:  # a thought without words has a text all the same, as in whole answers
            entry["text"] = ""
        return self._chunk(opened.at, {"reasoning_details": [{**entry, **self._format(opened)}]})

    def _format(self, opened: _Open) -> JsonObject:
        if opened.described:
            return {}
        opened.described = True
        return {"format": FORMAT}

    def _image(self, choice: _Choice, at: int, block: b.Image) -> bytes:
        image = write_image(block)
        if image is None:
            return b""
        choice.images += 1
        return self._chunk(at, {"images": [{**image, "index": choice.images - 1}], **write_signature(block.state)})

    def _close(self, opened: _Open) -> bytes:
        """Writes what is known at a block's end. Citations are numbered, because clients merge lists by `index`."""
        choice = self._choices[opened.at]
        if isinstance(opened.block, b.ToolUse) and opened.block.kind == "function" and not opened.arguments:
            choice.bare.append(opened.number)
        if isinstance(opened.block, b.Audio) and "data" in opened.sounded:
            return self._sound(opened, self._unsounded(opened.block, opened.sounded))
        delta: dict[str, list[JsonObject]] = {}
        for citation in opened.citations:
            annotation = write_annotation(citation, opened.start, choice.length)
            if annotation is not None:
                delta.setdefault("annotations", []).append({**annotation, "index": choice.annotations})
                choice.annotations += 1
            else:
                delta.setdefault("citations", []).append({**write_source(citation), "index": choice.sources})
                choice.sources += 1
        return self._chunk(opened.at, delta) if delta else b""

    def _unsounded(self, block: b.Audio, told: set[str]) -> JsonObject:
        """The fields that a sound has to have and nobody told. All four are required (SDK: `ChatCompletionAudio`); an
        expiry that nobody told is the time of the answer."""
        needed = {"expires_at": block.expires_at or self.envelope.created, "transcript": block.transcript or ""}
        return {name: value for name, value in needed.items() if name not in told}

    def _finish(self, stops: tuple[e.Stop, ...]) -> bytes:
        out: list[bytes] = []
        for at, stop in enumerate(stops):
            out.append(self._introduce(at))
            choice = self._choices[at]
            refusal = None if choice.refused else write_refusal(stop)
            if refusal:
                out.append(self._chunk(at, {"refusal": refusal}))
            finish = write_finish(stop, called=choice.calls > 0)
            if choice.bare and finish == "tool_calls":
                calls = [{"index": number, "function": {"arguments": NO_ARGUMENTS}} for number in choice.bare]
                out.append(self._chunk(at, {"tool_calls": calls}))
            out.append(self._chunk(at, {}, finish=finish))
        if self.envelope.include_usage and self._usage is not None:
            out.append(self._frame([], write_usage(self._usage)))
        return b"".join([*out, DONE])

    def _chunk(
        self, at: int, delta: Mapping[str, Any], *, finish: str | None = None, logprobs: JsonObject | None = None
    ) -> bytes:
        return self._frame([{"index": at, "delta": delta, "logprobs": logprobs, "finish_reason": finish}], None)

    def _frame(self, choices: list[JsonObject], usage: JsonObject | None) -> bytes:
        body = write_head("chat.completion.chunk", self.envelope) | write_facts(self._extra, self._usage)
        body["choices"] = choices
        if self.envelope.include_usage:
            body["usage"] = usage
        return write_frame(codec.dumps(body))


def _audio(block: b.Audio) -> JsonObject:
    match block:
        case b.Audio(source=b.Base64Source(data=data), transcript=transcript) if data or transcript:
            return {"data": data, "transcript": transcript or ""}
        case _:
            return {}
