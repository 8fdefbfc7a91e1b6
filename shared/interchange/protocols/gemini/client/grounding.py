"""Reads Gemini's notes on the text it wrote: sources, citations, log-probabilities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from interchange.hub.blocks import Citation
from interchange.hub.events import Logprobs

from ..words import PROTOCOL


def read_grounding(metadata: Mapping[str, Any], text: str, part: int = 0) -> Iterator[Citation]:
    """`groundingMetadata`: each support names a segment of the answer and the chunks (sources) that carry it. `text` is
    the answer's so far, and its last part begins at the character `part`."""
    chunks = metadata.get("groundingChunks") or []
    for support in metadata.get("groundingSupports") or ():
        segment = support.get("segment") or {}
        start, end = _span(segment, text, part)
        for number in support.get("groundingChunkIndices") or ():
            if isinstance(number, int) and number < len(chunks):
                raw = {"segment": segment, "groundingChunk": chunks[number]}
                yield _citation(raw, chunks[number], start, end)


def _citation(raw: Mapping[str, Any], chunk: Mapping[str, Any], start: int | None, end: int | None) -> Citation:
    source = next((value for value in chunk.values() if isinstance(value, Mapping)), {})
    return Citation(
        protocol=PROTOCOL,
        raw=raw,
        url=source.get("uri"),
        title=source.get("title"),
        cited_text=source.get("text"),
        start=start,
        end=end,
    )


def read_citations(metadata: Mapping[str, Any], text: str) -> Iterator[Citation]:
    """`citationMetadata`: quotations at length. Entries without a source say nothing."""
    for item in metadata.get("citations") or metadata.get("citationSources") or ():
        if item.get("uri") or item.get("title"):
            start, end = _span(item, text)
            yield Citation(PROTOCOL, item, url=item.get("uri"), title=item.get("title"), start=start, end=end)


def _span(segment: Mapping[str, Any], text: str, part: int = 0) -> tuple[int | None, int | None]:
    """Character offsets into the answer. The wire counts bytes of UTF-8, leaves out a zero start, and counts from the
    part (google-genai `types.Segment`), in a stream from the first frame's text (recorded): so the segment's own text,
    where given, has the last word."""
    stop = segment.get("endIndex")
    if not isinstance(stop, int):
        return None, None
    begin = segment.get("startIndex") or 0
    said = segment.get("text")
    said = said if isinstance(said, str) else None
    for base in (0, part):
        data = text[base:].encode("utf-8", "surrogatepass")
        start = base + len(data[:begin].decode("utf-8", "ignore"))
        end = base + len(data[:stop].decode("utf-8", "ignore"))
        if said is None:
            return (start, end) if stop <= len(data) else (None, None)
        if text[start:end] == said:
            return start, end
    found = text.find(said or "")
    return (found, found + len(said)) if said and found >= 0 else (None, None)


def read_logprobs(result: Mapping[str, Any], choice: int) -> Logprobs:
    """`logprobsResult` in chat's form. `topCandidates` runs beside `chosenCandidates`, one entry a step."""
    tops = result.get("topCandidates") or []
    steps: list[dict[str, Any]] = []
    for number, chosen in enumerate(result.get("chosenCandidates") or ()):
        top = (tops[number].get("candidates") or ()) if number < len(tops) else ()
        steps.append({**_token(chosen), "top_logprobs": [_token(item) for item in top]})
    return Logprobs(choice, tuple(steps))


def _token(item: Mapping[str, Any]) -> dict[str, Any]:
    token = str(item.get("token", ""))
    data = list(token.encode("utf-8", "surrogatepass"))
    return {"token": token, "logprob": item.get("logProbability", 0.0), "bytes": data}
