"""A stream of chunks -> hub events; a whole answer is read as a stream of one chunk.

One choice of an answer: deltas (or a whole message, which is one great delta) in, hub events out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.failure import ErrorKind, Failure
from interchange.hub.indexes import read_index
from interchange.hub.usage import Usage
from interchange.protocols.faces import EachFrame, JsonObject
from interchange.protocols.openai import errors
from interchange.wire import codec
from interchange.wire.data_url import read_data_url
from interchange.wire.sse import Frame

from ..blocks import read_annotation, read_detail
from ..usage import read_usage
from ..words import BROKEN, CUT_SHORT, PROTOCOL, STOP_REASONS
from .calls import CallReader, Counter, Delta, Draft, Drafts

DONE = b"[DONE]"
MOST_CHOICES = 128
"""https://platform.openai.com/docs/api-reference/chat/create: the greatest `n`. An index sizes what is built of it."""
_NOT_EXTRA = frozenset({"id", "object", "created", "model", "choices", "usage", "obfuscation", "p", "citations"})
"""Fields with a place of their own, and padding (`obfuscation`, Mistral's `p`)."""


@dataclass(slots=True)
class Reader(EachFrame):
    """MessageStop is held back until the end, because usage follows the finish reason. The end is `[DONE]`, or the
    end of the bytes once every choice has a finish reason: some servers leave `[DONE]` out."""

    skips_text = True
    padding = "obfuscation"
    _choices: dict[int, ChoiceReader] = field(default_factory=dict)
    _counter: Counter = field(default_factory=Counter)
    _start: e.MessageStart | None = None
    _ended: bool = False
    _usage: Mapping[str, Any] | None = None
    _greatest: int = 0
    _extra: dict[str, Any] = field(default_factory=dict)
    _head: Mapping[str, Any] = field(default_factory=dict)

    @property
    def usage(self) -> Usage | None:
        searches = int(any(choice.cited for choice in self._choices.values()))
        return read_usage(self._usage, self._extra.get("service_tier"), searches)

    def read(self, frame: Frame) -> Iterator[e.Event]:
        data = frame.data.strip() if frame.data is not None else b""
        if self._ended or not data:
            return
        if data == DONE:
            yield from self._end(proper=any(choice.told for choice in self._choices.values()))
            return
        try:
            chunk = codec.loads(data)
            if not isinstance(chunk, dict):
                raise ValueError("a chunk is not an object")
            yield from self.take(chunk, named_error=frame.event == "error")
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            message = f"a chunk of the provider's stream could not be read: {error}"[:300]
            yield from self._fail(Failure(ErrorKind.API, message, code="upstream_malformed", upstream=True))

    def finish(self) -> Iterator[e.Event]:
        if not self._ended:
            reasons = [choice.finish_reason for choice in self._choices.values()]
            yield from self._end(proper=bool(reasons) and all(reason is not None for reason in reasons))

    def take(self, chunk: JsonObject, *, named_error: bool = False) -> Iterator[e.Event]:
        """One chunk. Raises ValueError, TypeError, AttributeError or KeyError for what is no chunk."""
        self._note(chunk)
        error = chunk.get("error")
        if error or named_error or chunk.get("object") == "error":
            yield from self._fail(errors.read_error(chunk))
            return
        choices = chunk.get("choices") or []
        if choices:
            yield from self._begin()
        for position, raw in enumerate(choices):
            yield from self._choice(raw, position)
        if self._choices and chunk.get("citations"):
            yield from next(iter(self._choices.values())).sources(chunk["citations"])

    def _choice(self, raw: Mapping[str, Any], position: int) -> Iterator[e.Event]:
        index = read_index(raw.get("index"), "a choice", MOST_CHOICES)
        index = position if index is None else index
        choice = self._choices.setdefault(index, ChoiceReader(index, self._counter))
        if raw.get("error") or raw.get("finish_reason") == BROKEN:
            yield from self._fail(errors.read_error(raw.get("error") or {}))
            return
        # A server that cannot stream answers with one chunk that holds a `message`.
        delta = raw["delta"] if "delta" in raw else raw.get("message")
        yield from choice.read(delta or {}, str(self._head.get("id") or ""))
        logprobs = raw.get("logprobs")
        if isinstance(logprobs, Mapping) and (logprobs.get("content") or logprobs.get("refusal")):
            yield e.Logprobs(index, _steps(logprobs.get("content")), _steps(logprobs.get("refusal")))
        if raw.get("finish_reason") is not None:
            choice.finish_reason = str(raw["finish_reason"])

    def _note(self, chunk: Mapping[str, Any]) -> None:
        """Keeps what may come in any chunk. Of several usage objects the greatest counts, whole: they are cumulative,
        and a mixture of two would be neither."""
        for name in ("id", "model", "created"):
            if chunk.get(name) and name not in self._head:
                self._head = {**self._head, name: chunk[name]}
        for name, value in chunk.items():
            if value is not None and name not in _NOT_EXTRA and name != "error":
                self._extra[name] = value
        for found in (chunk.get("usage"), *_other_usages(chunk)):
            usage = read_usage(found)
            if usage is not None and usage.total >= self._greatest:
                self._usage, self._greatest = found, usage.total

    def _begin(self) -> Iterator[e.Event]:
        if self._start is None:
            created = self._head.get("created")
            self._start = e.MessageStart(
                self._head.get("id"),
                self._head.get("model"),
                int(created) if isinstance(created, int | float) else None,
                dict(self._extra),
            )
            yield self._start

    def _end(self, *, proper: bool) -> Iterator[e.Event]:
        if not proper:
            message = "the provider's stream ended before the answer did"
            yield from self._fail(Failure(ErrorKind.API, message, code="upstream_truncated", upstream=True))
            return
        yield from self._begin()
        self._ended = True
        for choice in self._choices.values():
            yield from choice.finish()
        if (usage := self.usage) is not None:
            yield e.UsageReported(usage)
        empty = e.Stop(e.StopReason.END)
        count = max(self._choices) + 1
        stops = [self._choices[at].stop() if at in self._choices else empty for at in range(count)]
        told = self._start.extra if self._start is not None else {}
        late = {name: value for name, value in self._extra.items() if told.get(name) != value}
        yield e.MessageStop(tuple(stops), late)

    def _fail(self, failure: Failure) -> Iterator[e.Event]:
        yield from self._begin()
        self._ended = True
        if (usage := self.usage) is not None:
            yield e.UsageReported(usage)
        yield e.StreamFailed(failure)


def _steps(found: Any) -> tuple[Mapping[str, Any], ...]:
    return tuple(one for one in found if isinstance(one, Mapping)) if isinstance(found, list) else ()


def _other_usages(chunk: Mapping[str, Any]) -> Iterator[Any]:
    """Groq's first place for it (`x_groq.usage`), and Moonshot's (in the choice)."""
    groq = chunk.get("x_groq")
    if isinstance(groq, Mapping):
        yield groq.get("usage")
    for choice in chunk.get("choices") or ():
        if isinstance(choice, Mapping):
            yield choice.get("usage")


def read_whole(body: JsonObject) -> Iterator[e.Event]:
    """The events of a whole answer. Raises ValueError for an error in the place of an answer, and for no answer."""
    if body.get("error"):
        raise ValueError(errors.read_error(body).message)
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices:
        raise ValueError("the answer has no choices")
    reader = Reader()
    yield from reader.take({**body, "choices": [_as_chunk(choice) for choice in choices]})
    yield from reader._end(proper=True)


def _as_chunk(choice: Mapping[str, Any]) -> JsonObject:
    message = choice.get("message") or {}
    calls = [{**call, "index": at} for at, call in enumerate(message.get("tool_calls") or ())]
    return {**choice, "delta": {**message, "tool_calls": calls}}


@dataclass(slots=True)
class ChoiceReader:
    """`finish_reason` is the wire's word once it came. `cited` counts the sources named so far."""

    index: int
    counter: Counter
    drafts: Drafts = field(init=False)
    calls: CallReader = field(init=False)
    finish_reason: str | None = None
    refused: bool = False
    spoken: bool = False
    cited: int = 0
    _urls: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.drafts = Drafts(self.index, self.counter)
        self.calls = CallReader(self.drafts)

    def read(self, delta: Mapping[str, Any], message_id: str) -> Iterator[e.Event]:
        """The order within a delta is the order in which a model speaks: it thinks, says, and calls."""
        yield from self._reasoning(delta)
        yield from self._content(delta.get("content"))
        if refusal := delta.get("refusal"):
            self.refused = True
            yield from self._say(b.Refusal(""), e.RefusalDelta(-1, str(refusal)))
        for image in delta.get("images") or ():
            yield from self._part(image)
        if audio := delta.get("audio"):
            self.spoken = True
            yield from self._audio(audio)
        for annotation in delta.get("annotations") or ():
            yield from self._annotation(annotation)
        for position, call in enumerate(delta.get("tool_calls") or ()):
            call = {**call, "index": read_index(call.get("index"), "a tool call")}
            yield from self.calls.read(call, position, message_id)
        if legacy := delta.get("function_call"):
            yield from self.calls.read({"index": -1, "function": legacy}, 0, message_id)

    def sources(self, urls: Any) -> Iterator[e.Event]:
        """Bare URLs beside the answer (`citations` of xAI and Perplexity, the latter in every chunk anew)."""
        for url in urls if isinstance(urls, list) else ():
            if isinstance(url, str) and url not in self._urls:
                self._urls.add(url)
                citation = b.Citation(PROTOCOL, {"type": "url_citation", "url_citation": {"url": url}}, url=url)
                yield from self._say(b.Text(""), e.CitationDelta(-1, citation))

    @property
    def told(self) -> bool:
        """True where it has said something, or why it ended: a role alone is no answer."""
        return self.finish_reason is not None or self.drafts.last is not None

    def finish(self) -> Iterator[e.Event]:
        yield from self.drafts.advance(end=True)

    def stop(self) -> e.Stop:
        """Why the choice ended: derived from what it holds, whatever the provider's word for a call. Without a word
        only a spoken one ended by itself: OpenAI's have none."""
        word = self.finish_reason
        silent = e.StopReason.END if self.spoken else e.StopReason.OTHER
        reason = silent if word is None else STOP_REASONS.get(word, e.StopReason.OTHER)
        if self.calls.count and reason not in CUT_SHORT:
            reason = e.StopReason.TOOL_USE
        elif reason is e.StopReason.TOOL_USE:
            reason = e.StopReason.END
        elif self.refused and reason is e.StopReason.END:
            reason = e.StopReason.REFUSAL
        return e.Stop(reason, detail=word if word and word not in STOP_REASONS else None)

    def _say(self, shell: b.Block, delta: Delta) -> Iterator[e.Event]:
        """Adds to the last block where it is of the shell's kind, else begins a new one."""
        draft = self.drafts.last
        if draft is None or draft.closed or draft.sealed or type(draft.block) is not type(shell):
            draft = Draft(shell)
            yield from self.drafts.begin(draft)
        draft.sealed = draft.sealed or isinstance(delta, e.StateDelta)
        yield from self.drafts.add(draft, delta)

    def _reasoning(self, delta: Mapping[str, Any]) -> Iterator[e.Event]:
        """`reasoning_details` say it best; `reasoning_content` or `reasoning` are the text beside or without them."""
        details = [item for item in delta.get("reasoning_details") or () if isinstance(item, Mapping)]
        for item in details:
            read_index(item.get("index"), "a piece of reasoning")
        read = [read_detail(item) for item in details]
        if not any(text for text, _, _ in read):
            text = delta.get("reasoning_content") or delta.get("reasoning")
            if isinstance(text, str) and text:
                yield from self._say(b.Thinking(""), e.ThinkingDelta(-1, text))
        for text, state, redacted in read:
            if redacted and state is not None:
                yield from self.drafts.begin(Draft(b.RedactedThinking(state), sealed=True))
                continue
            if text:
                yield from self._say(b.Thinking(""), e.ThinkingDelta(-1, text))
            if state is not None:
                yield from self._say(b.Thinking(""), e.StateDelta(-1, state))

    def _content(self, content: Any) -> Iterator[e.Event]:
        """A string; Mistral's reasoning models send an array of parts."""
        match content:
            case str() if content:
                yield from self._say(b.Text(""), e.TextDelta(-1, content))
            case list():
                for part in content:
                    yield from self._part(part)
            case None | "":
                pass  # as in a role chunk
            case _:
                raise ValueError("the content is no text")

    def _part(self, part: Any) -> Iterator[e.Event]:
        match part:
            case {"type": "text", "text": str(text)}:
                yield from self._content(text)
            case {"type": "thinking", "thinking": list(inner)}:
                for item in inner:
                    if isinstance(item, Mapping) and item.get("text"):
                        yield from self._say(b.Thinking(""), e.ThinkingDelta(-1, str(item["text"])))
            case {"type": "image_url", "image_url": {"url": str(url)}}:
                inline = read_data_url(url)
                source: b.Source = b.Base64Source(*inline) if inline else b.UrlSource(url)
                yield from self.drafts.begin(Draft(b.Image(source)))
            case Mapping():
                yield from self.drafts.begin(Draft(b.Opaque(PROTOCOL, part)))
            case _:
                raise ValueError("a content part is not an object")

    def _audio(self, audio: Mapping[str, Any]) -> Iterator[e.Event]:
        shell = b.Audio(b.Base64Source("audio/*", ""), "", id=audio.get("id"))
        delta = e.AudioDelta(-1, audio.get("data") or "", audio.get("transcript") or "", audio.get("expires_at"))
        yield from self._say(shell, delta)

    def _annotation(self, raw: Any) -> Iterator[e.Event]:
        if not isinstance(raw, Mapping):
            return
        self.cited += 1
        yield from self._say(b.Text(""), e.CitationDelta(-1, read_annotation(raw)))
