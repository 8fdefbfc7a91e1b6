"""The whole answer is the fold of its stream; `unfold` is the way back.

Laws (tests/laws): `fold(unfold(r)) == r` up to block boundaries, and `fold(read_stream(sse)) == read_response(json)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass, replace

from . import blocks as b
from . import events as e
from .failure import Failure
from .usage import Usage


class StreamBroken(Exception):
    """The folded stream ended in a failure, or without an end. `partial` is what had arrived."""

    def __init__(self, failure: Failure | None, partial: e.Response) -> None:
        super().__init__(failure.message if failure else "the stream ended without its terminal event")
        self.failure = failure
        self.partial = partial


@dataclass(slots=True)
class _Open:
    block: b.Block
    choice: int
    text: list[str] = field(default_factory=list)
    transcript: list[str] = field(default_factory=list)
    citations: list[b.Citation] = field(default_factory=list)
    state: b.Continuation | None = None
    expires_at: int | None = None

    def close(self) -> b.Block:
        text = "".join(self.text)
        block = self.block
        match block:
            case b.Text():
                return replace(
                    block,
                    text=block.text + text,
                    citations=(*block.citations, *self.citations),
                    state=self.state or block.state,
                )
            case b.Thinking():
                return replace(block, text=block.text + text, state=self.state or block.state)
            case b.Refusal():
                return replace(block, text=block.text + text)
            case b.ToolUse():
                return replace(block, arguments=block.arguments + text, state=self.state or block.state)
            case b.ServerToolUse():
                return replace(block, arguments=block.arguments + text)
            case b.Audio(source=b.Base64Source() as source):
                return replace(
                    block,
                    source=replace(source, data=source.data + text),
                    transcript=(block.transcript or "") + "".join(self.transcript) or block.transcript,
                    expires_at=self.expires_at or block.expires_at,
                )
            case _:
                return block


@dataclass(slots=True)
class Folder:
    """Folds events as they come. `response()` may be asked at any time; `ended` and `failure` tell how it stands."""

    start: e.MessageStart = field(default_factory=e.MessageStart)
    usage: Usage | None = None
    ended: e.MessageStop | None = None
    failure: Failure | None = None
    _blocks: dict[int, tuple[int, b.Block]] = field(default_factory=dict)
    _open: dict[int, _Open] = field(default_factory=dict)
    _logprobs: dict[int, e.Logprobs] = field(default_factory=dict)
    _extra: dict[str, Any] = field(default_factory=dict)

    def add(self, event: e.Event) -> None:
        match event:
            case e.MessageStart():
                self.start = event
            case e.BlockStart(index, block, choice):
                self._open[index] = _Open(block, choice)
            case e.TextDelta(index, text) | e.ThinkingDelta(index, text) | e.RefusalDelta(index, text):
                self._open[index].text.append(text)
            case e.ArgumentsDelta(index, text):
                self._open[index].text.append(text)
            case e.AudioDelta(index, data, transcript, expires_at):
                self._open[index].text.append(data)
                self._open[index].transcript.append(transcript)
                self._open[index].expires_at = expires_at or self._open[index].expires_at
            case e.StateDelta(index, state):
                self._open[index].state = state
            case e.CitationDelta(index, citation):
                self._open[index].citations.append(citation)
            case e.BlockStop(index):
                opened = self._open.pop(index)
                self._blocks[index] = (opened.choice, opened.close())
            case e.UsageReported(usage):
                self.usage = usage if self.usage is None else self.usage.merge(usage)
            case e.Logprobs(choice, content, refusal):
                before = self._logprobs.get(choice, e.Logprobs(choice))
                self._logprobs[choice] = e.Logprobs(choice, (*before.content, *content), (*before.refusal, *refusal))
            case e.Note():
                pass  # a frame of one protocol, with no place in the answer
            case e.MessageStop():
                self.ended = event
            case e.StreamFailed(failure):
                self.failure = failure

    def response(self) -> e.Response:
        """The answer so far; open blocks are closed as they stand."""
        found = dict(self._blocks)
        found.update({index: (item.choice, item.close()) for index, item in self._open.items()})
        stops = self.ended.stops if self.ended else ()
        count = max([len(stops), 1, *(choice + 1 for choice, _ in found.values())])
        choices = tuple(
            e.Choice(
                blocks=tuple(block for _, (at, block) in sorted(found.items()) if at == choice),
                stop=stops[choice] if choice < len(stops) else e.Stop(e.StopReason.OTHER),
                logprobs=self._logprobs.get(choice),
            )
            for choice in range(count)
        )
        extra = {**self.start.extra, **(self.ended.extra if self.ended else {})}
        return e.Response(self.start.id, self.start.model, self.start.created, choices, self.usage, extra)


def fold(events: Iterable[e.Event]) -> e.Response:
    """The whole answer. Raises StreamBroken where the stream failed or has no end."""
    folder = Folder()
    for event in events:
        folder.add(event)
    if folder.failure is not None or folder.ended is None:
        raise StreamBroken(folder.failure, folder.response())
    return folder.response()


def unfold(response: e.Response) -> Iterator[e.Event]:
    """A stream that folds to `response`: one delta a block, and the log-probabilities of a text before it ends."""
    yield e.MessageStart(response.id, response.model, response.created, response.extra)
    index = 0
    for at, choice in enumerate(response.choices):
        told = _shares(choice)
        for number, block in enumerate(choice.blocks):
            yield from _unfold_block(index, block, at, told.get(number))
            index += 1
        if choice.logprobs is not None and not told:
            yield choice.logprobs
    if response.usage is not None:
        yield e.UsageReported(response.usage)
    yield e.MessageStop(tuple(choice.stop for choice in response.choices))


def _shares(choice: e.Choice) -> dict[int, e.Logprobs]:
    """The log-probabilities of each text, by the number of its block: as many steps as its characters take, and the
    last takes what is left. A refusal's are with the last refusal; empty where a kind has no block to stand in."""
    texts = [number for number, block in enumerate(choice.blocks) if isinstance(block, b.Text)]
    refusals = [number for number, block in enumerate(choice.blocks) if isinstance(block, b.Refusal)]
    whole = choice.logprobs
    if whole is None or (whole.content and not texts) or (whole.refusal and not refusals):
        return {}
    found: dict[int, e.Logprobs] = {}
    left = list(reversed(whole.content))
    for number in texts:
        block = choice.blocks[number]
        assert isinstance(block, b.Text)
        steps, length = [], len(block.text)
        while left and (length > 0 or number == texts[-1]):
            steps.append(left.pop())
            length -= len(str(steps[-1].get("token", "")))
        if steps:
            found[number] = e.Logprobs(whole.choice, tuple(steps))
    if whole.refusal:
        found[refusals[-1]] = e.Logprobs(whole.choice, (), whole.refusal)
    return found


def _unfold_block(index: int, block: b.Block, choice: int, told: e.Logprobs | None) -> Iterator[e.Event]:
    match block:
        case b.Text(text, citations):
            yield e.BlockStart(index, replace(block, text="", citations=(), state=None), choice)
            for citation in citations:
                yield e.CitationDelta(index, citation)
            if text:
                yield e.TextDelta(index, text)
        case b.Thinking(text):
            yield e.BlockStart(index, replace(block, text="", state=None), choice)
            if text:
                yield e.ThinkingDelta(index, text)
        case b.Refusal(text):
            yield e.BlockStart(index, b.Refusal(""), choice)
            yield e.RefusalDelta(index, text)
        case b.ToolUse(arguments=arguments) | b.ServerToolUse(arguments=arguments):
            yield e.BlockStart(index, replace(block, arguments=""), choice)
            if arguments:
                yield e.ArgumentsDelta(index, arguments)
        case _:
            yield e.BlockStart(index, block, choice)
    match block:
        case b.Text(state=b.Continuation() as state) | b.Thinking(state=b.Continuation() as state):
            yield e.StateDelta(index, state)
        case _:
            pass  # the others begin with the state that they have
    if told is not None:
        yield told
    yield e.BlockStop(index)
