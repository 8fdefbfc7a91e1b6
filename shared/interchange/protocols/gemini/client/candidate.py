"""One candidate's parts into hub events. The same code reads a stream's frames and a whole answer.

Arguments of one function call that come in pieces: `partialArgs: [{"jsonPath": "$.a.b[0]", "stringValue": ...}]`.

Source: google-genai `types.PartialArg`. Vertex only, and only where `streamFunctionCallArguments` was asked for. The
paths are of RFC 9535's plainest kind: names and indexes.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from itertools import pairwise
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.wire import codec

from ..words import AUDIO_FORMAT, FINISH, PLAIN_FINISH, PROTOCOL
from .grounding import read_citations, read_grounding, read_logprobs
from .tally import Tally
from .tools import read_mcp_call, read_part, read_state, shell

FACTS = (
    "finishMessage",
    "groundingMetadata",
    "urlContextMetadata",
    "citationMetadata",
    "safetyRatings",
    "avgLogprobs",
    "continuationToken",
)
"""Facts of a candidate that have no place in the hub; they go to `MessageStop.extra`."""


@dataclass(slots=True)
class ChoiceReader:
    """`waiting` holds function calls until it is known who runs them: where the vendor does (MCP), their
    `functionResponse` follows in the same answer; otherwise they are the caller's. The text before them stays open
    so long, and before a picture too: the notes on it come with the last frame (recorded streams)."""

    choice: int
    tally: Tally
    finish: str | None = None
    called: bool = False
    ended: bool = False
    """The last finish reason stood behind all that comes. Behind code whose result has yet to come it does not: Gemini
    says STOP in the middle of an answer then (recorded code-execution streams)."""
    _running: bool = False
    facts: dict[str, Any] = field(default_factory=dict)
    _open: int | None = None
    _shell: b.Block | None = None
    _sealed: bool = False
    """The open block has its signature: text that follows is another part."""
    _answer: list[str] = field(default_factory=list)
    """The answer's text so far, thoughts left out."""
    _begin: int = 0
    """How many characters of it stand before the open block."""
    _length: int = 0
    _rest: bytes = b""
    _waiting: list[Mapping[str, Any]] = field(default_factory=list)
    _partial: PartialArguments | None = None

    def read(self, candidate: Mapping[str, Any]) -> Iterator[e.Event]:
        content = candidate.get("content") or {}
        parts = content.get("parts") or []
        if not isinstance(parts, list) or not all(isinstance(part, Mapping) for part in parts):
            raise ValueError("the parts of the answer are none")
        for part in parts:
            yield from self._part(part)
            self._running = "executableCode" in part
        yield from self._about(candidate)
        if candidate.get("finishReason") is not None:
            self.finish = str(candidate["finishReason"])
            self.ended = not self._running

    def end(self) -> Iterator[e.Event]:
        """Nothing more comes: what is open is closed, and the calls that wait are the caller's."""
        yield from self._close()
        yield from self._release()

    def stop(self) -> e.Stop:
        """Derived from the content too: Gemini says STOP for calls, which may stand in an earlier frame."""
        reason = FINISH.get(self.finish or "", e.StopReason.OTHER)
        if reason is e.StopReason.END and self.called:
            reason = e.StopReason.TOOL_USE
        return e.Stop(reason, detail=None if self.finish in PLAIN_FINISH else self.finish)

    def _about(self, candidate: Mapping[str, Any]) -> Iterator[e.Event]:
        self.facts.update({name: candidate[name] for name in FACTS if candidate.get(name)})
        grounding = candidate.get("groundingMetadata") or {}
        self.tally.searched(grounding.get("webSearchQueries"))
        self.tally.searched(grounding.get("imageSearchQueries"))
        pages = (candidate.get("urlContextMetadata") or {}).get("urlMetadata") or ()
        self.tally.pages = max(self.tally.pages, len(pages) if isinstance(pages, list) else 0)
        if self._open is not None and isinstance(self._shell, b.Text):
            text = "".join(self._answer)
            for citation in read_grounding(grounding, text, self._begin):
                yield e.CitationDelta(self._open, citation)
            for citation in read_citations(candidate.get("citationMetadata") or {}, text):
                yield e.CitationDelta(self._open, citation)
        if candidate.get("logprobsResult"):
            yield read_logprobs(candidate["logprobsResult"], self.choice)

    def _part(self, part: Mapping[str, Any]) -> Iterator[e.Event]:
        match part:
            case {"functionCall": dict() as call}:
                yield from self._call(part, call)
            case {"functionResponse": dict() as answer} if _apart(self._waiting)[1]:
                yield from self._answered(part, answer)
            case {"text": str() as text}:
                if text or "thoughtSignature" in part:
                    yield from self._written(part, text)
            case {"text": other} if other is not None:
                raise ValueError("a part's text is none")
            case {"inlineData": {"mimeType": str() as kind, "data": str() as data}} if not part.get("thought"):
                yield from self._media(part, kind, data)
            case {"thoughtSignature": str()} if part.keys() <= {"thought", "thoughtSignature"}:
                yield from self._written(part, "")
            case _:
                yield from self._other(part)

    def _other(self, part: Mapping[str, Any]) -> Iterator[e.Event]:
        if part:
            yield from self.end()
            for block in read_part(part, self.tally):
                yield from self._whole(block)

    def _written(self, part: Mapping[str, Any], text: str) -> Iterator[e.Event]:
        yield from self._release()
        shell: b.Block = b.Thinking("") if part.get("thought") is True else b.Text("")
        if self._open is None or self._shell != shell or self._sealed:
            yield from self._close()
            yield self._start(shell)
        assert self._open is not None
        if text and isinstance(shell, b.Text):
            self._answer.append(text)
            self._length += len(text)
            yield e.TextDelta(self._open, text)
        elif text:
            yield e.ThinkingDelta(self._open, text)
        state = read_state(part)
        if state is not None:
            self._sealed = True
            yield e.StateDelta(self._open, state)

    def _call(self, part: Mapping[str, Any], call: Mapping[str, Any]) -> Iterator[e.Event]:
        whole = "partialArgs" not in call and not call.get("willContinue")
        if self._partial is None and whole:
            if not isinstance(self._shell, b.Text):
                yield from self._close()
            if call.get("name"):
                self._waiting.append(part)
            return
        if call.get("name") and self._partial is not None:  # the one before had no end of its own
            yield from self._close()
        if self._partial is None:
            yield from self.end()
            self.called = True
            self._partial = PartialArguments()
            name = str(call.get("name", ""))
            yield self._start(b.ToolUse(self.tally.call_id(call), name, "", state=read_state(part)))
        for piece in call.get("partialArgs") or ():
            self._partial.add(piece)
        if not call.get("willContinue"):
            yield from self._close()

    def _answered(self, part: Mapping[str, Any], answer: Mapping[str, Any]) -> Iterator[e.Event]:
        """A call of this answer that the vendor ran itself."""
        yield from self._close()
        drawn, self._waiting = _apart(self._waiting)
        for picture in drawn:
            yield from self._whole(_picture(picture))
        calls = [waiting["functionCall"] for waiting in self._waiting]
        same = [n for n, call in enumerate(calls) if call.get("name") == answer.get("name")]
        number = next((n for n, call in enumerate(calls) if call.get("id") and call["id"] == answer.get("id")), None)
        number = number if number is not None else (same or [0])[0]
        call = self._waiting.pop(number)
        use = read_mcp_call(call, self.tally)
        yield from self._whole(use)
        yield from self._whole(b.ServerToolResult(use.id, use.kind, PROTOCOL, part, state=read_state(part)))

    def _media(self, part: Mapping[str, Any], kind: str, data: str) -> Iterator[e.Event]:
        media_type = kind.partition(";")[0].strip().lower()
        if media_type.startswith("image/") and isinstance(self._shell, b.Text):
            self._waiting.append(part)
            return
        yield from self._release()
        if media_type.startswith("audio/"):
            shell = b.Audio(b.Base64Source(kind, ""), AUDIO_FORMAT.get(media_type, media_type.removeprefix("audio/")))
            if self._shell != shell:
                yield from self._close()
                yield self._start(shell)
            yield from self._sound(data)
        else:
            yield from self._close()
            drawn = media_type.startswith("image/")
            yield from self._whole(_picture(part) if drawn else b.Opaque(PROTOCOL, part, read_state(part)))
            return
        state = read_state(part)
        if state is not None:  # sound has no place for it: it stands on an empty text after it
            yield from self._close()
            yield from self._whole(b.Text("", state=state))

    def _sound(self, data: str) -> Iterator[e.Event]:
        """Pieces are padded base64 each; joined as text they must not be, so they are cut anew at three bytes."""
        assert self._open is not None
        try:
            raw = self._rest + base64.b64decode(data, validate=False)
        except (ValueError, binascii.Error):
            raw = self._rest
        cut = len(raw) - len(raw) % 3
        self._rest = raw[cut:]
        if cut:
            yield e.AudioDelta(self._open, data=base64.b64encode(raw[:cut]).decode())

    def _start(self, shell: b.Block) -> e.BlockStart:
        self._open = self.tally.block()
        self._shell = shell
        self._sealed = False
        self._begin = self._length
        return e.BlockStart(self._open, shell, self.choice)

    def _close(self) -> Iterator[e.Event]:
        if self._open is None:
            return
        if self._partial is not None:
            yield e.ArgumentsDelta(self._open, codec.dumps_text(self._partial.value))
            self._partial = None
        if self._rest:
            yield e.AudioDelta(self._open, data=base64.b64encode(self._rest).decode())
            self._rest = b""
        yield e.BlockStop(self._open)
        self._open = self._shell = None

    def _release(self) -> Iterator[e.Event]:
        waiting, self._waiting = self._waiting, []
        if waiting:
            yield from self._close()
        for part in waiting:
            if "functionCall" not in part:
                yield from self._whole(_picture(part))
                continue
            call = part["functionCall"]
            self.called = True
            arguments = codec.dumps_text(call.get("args") or {})
            yield from self._whole(
                b.ToolUse(self.tally.call_id(call), str(call["name"]), arguments, state=read_state(part))
            )

    def _whole(self, block: b.Block) -> Iterator[e.Event]:
        """A block that comes at once. Nothing may be open."""
        match block:
            case b.ToolUse(arguments=arguments) | b.ServerToolUse(arguments=arguments):
                start = self._start(shell(block))
                yield start
                yield e.ArgumentsDelta(start.index, arguments)
            case _:
                yield self._start(block)
        yield from self._close()


def _apart(waiting: list[Mapping[str, Any]]) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """The pictures and the calls."""
    return [part for part in waiting if "functionCall" not in part], [
        part for part in waiting if "functionCall" in part
    ]


def _picture(part: Mapping[str, Any]) -> b.Image:
    data = part["inlineData"]
    return b.Image(b.Base64Source(data["mimeType"], data["data"]), state=read_state(part))


_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\[\"((?:[^\"\\]|\\.)*)\"\]")
_VALUES = ("stringValue", "numberValue", "boolValue")


@dataclass(slots=True)
class PartialArguments:
    """Grows an object piece by piece. Pieces of a string at the same path are joined."""

    value: dict[str, Any] = field(default_factory=dict)

    def add(self, piece: Mapping[str, Any]) -> None:
        """Raises ValueError for a path that cannot be followed."""
        steps = _steps(str(piece.get("jsonPath", "")))
        if "nullValue" in piece:
            found: Any = None
        else:
            found = next((piece[name] for name in _VALUES if name in piece), None)
        target: Any = self.value
        for step, following in pairwise(steps):
            target = _child(target, step, [] if isinstance(following, int) else {})
        before = _get(target, steps[-1])
        _put(target, steps[-1], before + found if isinstance(before, str) and isinstance(found, str) else found)


def _steps(path: str) -> list[str | int]:
    if not path.startswith("$"):
        raise ValueError(f"not a JSON path: {path}")
    steps: list[str | int] = []
    at = 1
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            raise ValueError(f"not a path of names and indexes: {path}")
        name = next(item for item in step.groups() if item is not None)
        steps.append(int(name) if step[2] is not None else name)
        at = step.end()
    if not steps:
        raise ValueError("the path of an argument names none")
    return steps


def _child(target: Any, step: str | int, empty: Any) -> Any:
    found = _get(target, step)
    if isinstance(found, dict | list):
        return found
    _put(target, step, empty)
    return empty


def _get(target: Any, step: str | int) -> Any:
    if isinstance(target, dict):
        return target.get(str(step))
    if isinstance(target, list) and isinstance(step, int) and step < len(target):
        return target[step]
    return None


def _put(target: Any, step: str | int, value: Any) -> None:
    if isinstance(target, dict):
        target[str(step)] = value
    elif isinstance(target, list) and isinstance(step, int) and step <= len(target):
        target[step : step + 1] = [value]
    else:
        raise ValueError(f"no place for {step!r} in the arguments so far")
