"""One choice of an answer: deltas (or a whole message, which is one great delta) in, hub events out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.wire.data_url import read_data_url

from .call_reader import CallReader
from .drafts import Counter, Delta, Draft, Drafts
from .reasoning import read_detail
from .vocabulary import CUT_SHORT, PROTOCOL, STOP_REASONS


@dataclass(slots=True)
class ChoiceReader:
    """`finish_reason` is the wire's word once it came. `cited` counts the sources named so far."""

    index: int
    counter: Counter
    drafts: Drafts = field(init=False)
    calls: CallReader = field(init=False)
    finish_reason: str | None = None
    refused: bool = False
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
            yield from self._audio(audio)
        for annotation in delta.get("annotations") or ():
            yield from self._annotation(annotation)
        for position, call in enumerate(delta.get("tool_calls") or ()):
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

    def finish(self) -> Iterator[e.Event]:
        yield from self.drafts.advance(end=True)

    def stop(self) -> e.Stop:
        """Why the choice ended: derived from what it holds, whatever the provider's word for a call. Without a word
        (OpenAI's spoken answers have none) it ended by itself."""
        word = self.finish_reason
        reason = e.StopReason.END if word is None else STOP_REASONS.get(word, e.StopReason.OTHER)
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
            case _:
                pass  # null, or the empty text of a role chunk

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


def read_annotation(raw: Mapping[str, Any]) -> b.Citation:
    found = raw.get("url_citation")
    inner: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    return b.Citation(
        PROTOCOL,
        raw,
        url=inner.get("url"),
        title=inner.get("title"),
        cited_text=inner.get("content"),
        start=inner.get("start_index"),
        end=inner.get("end_index"),
    )
