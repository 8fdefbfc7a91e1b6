"""A `message` item -> text and refusal blocks, one for each content part."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.protocols import JsonObject

from .vocabulary import PROTOCOL

NOWHERE = -1
SHELLS: dict[str, b.Block] = {"output_text": b.Text(""), "refusal": b.Refusal("")}
FIELDS = {"output_text": "text", "refusal": "refusal"}


@dataclass(slots=True)
class _Part:
    kind: str
    said: str = ""
    cited: int = 0
    logprobs: list[Any] = field(default_factory=list)
    closed: bool = False


@dataclass(slots=True)
class MessageReader:
    _parts: dict[int, _Part] = field(default_factory=dict)
    closed: bool = False

    def piece(self, kind: str, event: JsonObject) -> Iterator[e.Event]:
        at = event.get("content_index")
        at = at if isinstance(at, int) else 0
        if self.closed:
            return
        match kind:
            case "content_part.added":
                yield from self._open(at, _kind(event.get("part")))
            case "output_text.delta" | "refusal.delta":
                part = yield from self._open(at, "refusal" if kind == "refusal.delta" else "output_text")
                yield from _say(part, str(event.get("delta") or ""))
                part.logprobs += event.get("logprobs") or ()
            case "output_text.annotation.added":
                part = yield from self._open(at, "output_text")
                yield from _cite(part, event.get("annotation"))
            case "content_part.done":
                yield from self._part_done(at, event.get("part"))
            case _:
                pass  # "...text.done" says again what its part says

    def done(self, item: JsonObject) -> Iterator[e.Event]:
        if self.closed:
            return
        content = item.get("content")
        known = list(self._parts)  # by order: some servers count parts over all items
        for at, part in enumerate(content if isinstance(content, list) else ()):
            yield from self._part_done(known[at] if at < len(known) else max([at, *(n + 1 for n in known)]), part)
        for part in self._parts.values():
            yield from _close(part)
        self.closed = True

    def _open(self, at: int, kind: str) -> Generator[e.Event, None, _Part]:
        """The part, begun where it is new; one before it that was left open is closed."""
        part = self._parts.get(at)
        if part is None:
            for other in self._parts.values():
                yield from _close(other)
            part = self._parts[at] = _Part(kind)
            if kind in SHELLS:
                yield e.BlockStart(NOWHERE, SHELLS[kind])
        return part

    def _part_done(self, at: int, raw: Any) -> Iterator[e.Event]:
        if not isinstance(raw, Mapping):
            return
        kind = _kind(raw)
        part = yield from self._open(at, kind)
        if part.closed or part.kind != kind:
            return
        if kind not in SHELLS:
            part.closed = True
            yield e.BlockStart(NOWHERE, b.Opaque(PROTOCOL, raw))
            yield e.BlockStop(NOWHERE)
            return
        whole = raw.get(FIELDS[kind])
        if isinstance(whole, str) and whole.startswith(part.said):
            yield from _say(part, whole[len(part.said) :])
        for annotation in (raw.get("annotations") or ())[part.cited :]:
            yield from _cite(part, annotation)
        yield from _close(part, raw.get("logprobs"))


def _kind(raw: Any) -> str:
    return str(raw.get("type")) if isinstance(raw, Mapping) else "output_text"


def _say(part: _Part, text: str) -> Iterator[e.Event]:
    if text and not part.closed and part.kind in SHELLS:
        part.said += text
        yield e.RefusalDelta(NOWHERE, text) if part.kind == "refusal" else e.TextDelta(NOWHERE, text)


def _cite(part: _Part, raw: Any) -> Iterator[e.Event]:
    part.cited += 1
    if part.kind == "output_text" and not part.closed and isinstance(raw, Mapping):
        yield e.CitationDelta(NOWHERE, read_annotation(raw))


def _close(part: _Part, logprobs: Any = None) -> Iterator[e.Event]:
    """Log-probabilities of the whole part are told once; the pieces' are for streams that do not repeat them."""
    if part.closed:
        return
    part.closed = True
    told = tuple(item for item in logprobs or part.logprobs if isinstance(item, Mapping))
    if told:
        yield e.Logprobs(0, told)
    if part.kind in SHELLS:
        yield e.BlockStop(NOWHERE)


def read_annotation(raw: Mapping[str, Any]) -> b.Citation:
    """`start`/`end` count from the part's beginning here: `sequence.Sequence` makes them count from the answer's."""
    start, end = raw.get("start_index"), raw.get("end_index")
    return b.Citation(
        PROTOCOL,
        raw,
        url=raw.get("url"),
        title=raw.get("title") or raw.get("filename"),
        start=start if isinstance(start, int) else None,
        end=end if isinstance(end, int) else None,
    )
