"""What we answer lacks no field of the newest SDKs' types and has none that they do not know, save a few that are named
here: recorded answers of every vendor, whole and streamed, parsed by the SDKs' own types."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from anthropic.types import Message, RawMessageStreamEvent
from anthropic.types.beta import BetaMessage, BetaRawMessageStreamEvent
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import BaseModel, TypeAdapter, ValidationError

from interchange.wire import codec
from interchange.wire.sse import FrameReader
from tests.laws import traffic
from tests.laws.test_pairs import ENVELOPE, INBOUND, Failed, Inbound, read

MOST = 120
"""Answers of each vendor, spread over its recordings."""
TYPES: dict[str, tuple[list[TypeAdapter[Any]], list[TypeAdapter[Any]]]] = {
    "chat": ([TypeAdapter(ChatCompletion)], [TypeAdapter(ChatCompletionChunk)]),
    "messages": (
        [TypeAdapter(Message), TypeAdapter(BetaMessage)],
        [TypeAdapter(RawMessageStreamEvent), TypeAdapter(BetaRawMessageStreamEvent)],
    ),
    "responses": ([TypeAdapter(Response)], [TypeAdapter(ResponseStreamEvent)]),
}
OURS = {
    "chat": frozenset({
        "reasoning_content", "reasoning_details", "images", "extra_content", "citations", "annotations", "custom",
        "refusal", "native_finish_reason", "cache_write_tokens", "index", "mcp_calls",
    }),
    "messages": frozenset({"stop_details", "context_management"}),
    # `store` is in OpenAI's own answers; `name` was in the type of an event before 3.57; `bytes` is in all logprobs
    "responses": frozenset({"cache_write_tokens", "store", "name", "bytes"}),
}  # fmt: skip
"""Additions of ours that clients ask for by these names, and what a stream's chunk has for calls of free-form tools."""


def unknown(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, BaseModel):
        for name in value.model_extra or {}:
            yield f"{path}.{name}"
        for name in type(value).model_fields:
            yield from unknown(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, list | tuple):
        for item in value:
            yield from unknown(item, path)


def parsed(raw: bytes, kinds: list[TypeAdapter[Any]]) -> list[str]:
    """The fields that the type which fits best does not know."""
    found: list[list[str]] = []
    failed: ValidationError | None = None
    for kind in kinds:
        try:
            found.append(list(unknown(kind.validate_json(raw, strict=True))))
        except ValidationError as error:
            failed = failed or error
    if not found and failed is not None:
        raise failed
    return min(found, key=len)


def answers(source: traffic.Source) -> Iterator[dict[str, Any]]:
    found = [record for record in traffic.lines(source) if traffic.answered(record)]
    yield from itertools.islice(found, 0, None, max(1, len(found) // MOST))


def bodies(source: traffic.Source, record: dict[str, Any], inbound: Inbound) -> tuple[list[bytes], bool]:
    """What the caller gets: the frames of a stream, or the one body."""
    response, events = read(source, record)
    if events is None:
        return [codec.dumps(inbound.server.write_response(response, ENVELOPE))], False
    writer = inbound.server.write_stream(ENVELOPE)
    raw = b"".join(writer.write(event) for event in events)
    return [frame.data for frame in FrameReader().feed(raw) if frame.data and frame.data != b"[DONE]"], True


@pytest.mark.parametrize("name", sorted(INBOUND))
@pytest.mark.parametrize("source", traffic.SOURCES, ids=lambda source: source.name)
def test_an_answer_has_the_fields_that_the_sdks_know(source: traffic.Source, name: str) -> None:
    inbound, wrong, count = INBOUND[name], dict[str, str](), 0
    if source.client.protocol == inbound.server.protocol:
        pytest.skip("goes back as it came")
    for record in answers(source):
        try:
            found, streamed = bodies(source, record, inbound)
        except Failed:
            continue
        for raw in found:
            count += 1
            for path in parsed(raw, TYPES[name][streamed]):
                if path.rpartition(".")[2] not in OURS[name]:
                    wrong.setdefault(path, raw.decode()[:400])
    assert count
    assert not wrong, "\n".join(f"{path}: {raw}" for path, raw in wrong.items())
