"""Numbers of parts that no answer can hold, streamed: clients build lists of them, and so do readers."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.indexes import MOST_PARTS
from interchange.protocols.anthropic_messages.client import Client as Messages
from interchange.protocols.bedrock_converse.client import Client as Bedrock
from interchange.protocols.faces import Client
from interchange.protocols.gemini.client import Client as Gemini
from interchange.protocols.openai_chat.client import Client as Chat
from interchange.protocols.openai_responses.client import Client as Responses
from interchange.wire.sse import Frame

IMPOSSIBLE = (MOST_PARTS, 2_000_000, 10**9, 10**40, -1, -(10**9))
TOOL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": ""}}
TEXT = {"type": "text", "text": ""}
ITEM = {"id": "msg_1", "type": "message", "role": "assistant", "content": []}
PART = {"type": "output_text", "text": "", "annotations": []}


def chunk(**delta: Any) -> dict[str, Any]:
    return {"id": "c", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta}]}


CHAT = {
    "a choice": lambda n: [{**chunk(content="x"), "choices": [{"index": n, "delta": {"content": "x"}}]}],
    "a call": lambda n: [chunk(tool_calls=[{**TOOL, "index": n}])],
    "the end of a call": lambda n: [
        chunk(tool_calls=[{**TOOL, "index": 0}]), chunk(tool_calls=[{"index": n, "function": {"arguments": "{}"}}]),
    ],
    "reasoning": lambda n: [chunk(reasoning_details=[{"type": "reasoning.text", "text": "x", "index": n}])],
}  # fmt: skip
MESSAGES = {
    "a block": lambda n: [{"type": "content_block_start", "index": n, "content_block": TEXT}],
    "a piece": lambda n: [
        {"type": "content_block_start", "index": 0, "content_block": TEXT},
        {"type": "content_block_delta", "index": n, "delta": {"type": "text_delta", "text": "x"}},
    ],
    "the end of a block": lambda n: [
        {"type": "content_block_start", "index": 0, "content_block": TEXT},
        {"type": "content_block_stop", "index": n},
    ],
}
RESPONSES = {
    "an item": lambda n: [{"type": "response.output_item.added", "output_index": n, "item": ITEM}],
    "the end of an item": lambda n: [{"type": "response.output_item.done", "output_index": n, "item": ITEM}],
    "a part": lambda n: [
        {"type": "response.output_item.added", "output_index": 0, "item": ITEM},
        {"type": "response.content_part.added", "output_index": 0, "content_index": n, "part": PART},
    ],
    "a piece": lambda n: [
        {"type": "response.output_item.added", "output_index": 0, "item": ITEM},
        {"type": "response.output_text.delta", "output_index": 0, "content_index": n, "delta": "x"},
    ],
    "a summary": lambda n: [
        {"type": "response.reasoning_summary_text.delta", "output_index": 0, "summary_index": n, "delta": "x"},
    ],
    "an annotation": lambda n: [
        {"type": "response.output_text.annotation.added", "output_index": 0, "content_index": 0,
         "annotation_index": n, "annotation": {}},
    ],
    "a picture": lambda n: [
        {"type": "response.image_generation_call.partial_image", "output_index": 0, "partial_image_index": n,
         "partial_image_b64": ""},
    ],
}  # fmt: skip
GEMINI = {"a candidate": lambda n: [{"candidates": [{"index": n, "content": {"parts": [{"text": "x"}]}}]}]}
CASES: list[tuple[Client, str, Any]] = [
    (client, what, make)
    for client, found in ((Chat(), CHAT), (Messages(), MESSAGES), (Responses(), RESPONSES), (Gemini(), GEMINI))
    for what, make in found.items()
]


def read(client: Client, bodies: list[dict[str, Any]]) -> Iterator[e.Event]:
    reader = client.read_stream()
    for body in bodies:
        data = json.dumps(body).encode()
        yield from reader.read(Frame(b"data: " + data + b"\n\n", body.get("type"), data))


@pytest.mark.parametrize("index", IMPOSSIBLE)
@pytest.mark.parametrize(("client", "what", "make"), CASES, ids=lambda one: getattr(one, "protocol", None))
def test_an_index_that_no_answer_can_hold_ends_the_stream(client: Client, what: str, make: Any, index: int) -> None:
    events = list(read(client, make(index)))
    assert isinstance(events[-1], e.StreamFailed), what
    assert events[-1].failure.code in ("upstream_malformed", "bad_frame")


@pytest.mark.parametrize("kind", ["contentBlockStart", "contentBlockDelta", "contentBlockStop"])
@pytest.mark.parametrize("index", [*IMPOSSIBLE, "0", None, True])
def test_converse_refuses_such_an_index_too(kind: str, index: Any) -> None:
    data = json.dumps({"contentBlockIndex": index, "delta": {"text": "x"}}).encode()
    with pytest.raises(ValueError, match="beyond what an answer can hold"):
        list(Bedrock().read_stream().read(Frame(b"", kind, data)))


@pytest.mark.parametrize(("client", "what", "make"), CASES, ids=lambda one: getattr(one, "protocol", None))
def test_the_first_of_a_kind_is_read(client: Client, what: str, make: Any) -> None:
    assert not [event for event in read(client, make(0)) if isinstance(event, e.StreamFailed)], what


def test_many_items_are_told_again_at_the_end_as_soon_as_they_are_read() -> None:
    """By id, or where the ids are new ones, by type and order."""
    kinds = ("message", "function_call")
    items = [
        {"id": f"i{at}", "type": kind, "name": "f", "call_id": f"c{at}", "arguments": "{}", "content": []}
        for at, kind in enumerate(itertools.islice(itertools.cycle(kinds), 9_000))
    ]
    begun = [{"type": "response.output_item.added", "output_index": at, "item": item} for at, item in enumerate(items)]
    for told in (items, [{**item, "id": f"new{at}"} for at, item in enumerate(items)]):
        end = {"type": "response.completed", "response": {"id": "r", "status": "completed", "output": told}}
        events = list(read(Responses(), [*begun, end]))
        assert isinstance(events[-1], e.MessageStop)
        blocks = [one.block for one in events if isinstance(one, e.BlockStart)]
        calls = [block.id for block in blocks if isinstance(block, b.ToolUse)]
        assert calls == [f"c{at}" for at in range(1, 9_000, 2)]
