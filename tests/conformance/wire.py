"""A world with the built-in catalog, and what its vendors say: whole, or cut into a stream."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from interchange.catalog.load import load
from interchange.upstream.call import Outgoing
from interchange.wire import codec
from tests.conformance import vendors as v
from tests.exchange import world as w

Json = dict[str, Any]


@contextmanager
def built_in() -> Iterator[w.World]:
    with w.world("1000") as made:
        object.__setattr__(made.services, "catalog", load())
        yield made


def ask(here: w.World, family: str, body: Json, answer: bytes | Sequence[bytes] = b"") -> tuple[int, Any, str]:
    """Status, answer (the frames of a stream) and the losses; `answer` is what the vendor says, a
    hello by default."""
    here.script.answers = [w.Says(chunks=[answer] if isinstance(answer, bytes) else list(answer))] if answer else []
    here.script.default = hello
    if not body.get("stream"):
        status, said, headers = asyncio.run(here.whole(family, body))
        return status, said, headers.get("x-interchange-dropped", "")
    said, chunks = asyncio.run(here.streamed(family, body))
    return said.status, v.frames(chunks), said.headers.get("x-interchange-dropped", "")


def sent(here: w.World, family: str, body: Json, answer: bytes | Sequence[bytes] | None = None) -> Any:
    """The upstream body of a request that is served."""
    status, said, _ = ask(here, family, body, answer or b"")
    assert status == 200, said
    return here.script.bodies[-1]


def refused(here: w.World, family: str, body: Json) -> str:
    """The message of a request that is not."""
    before = len(here.script.sent)
    status, said, _ = ask(here, family, body)
    assert (status, len(here.script.sent)) == (400, before), said
    return str(said["error"]["message"])


def hello(outgoing: Outgoing) -> w.Says:
    """A whole answer of the vendor that is asked."""
    for end, answer in ENDS.items():
        if outgoing.url.endswith(end):
            return w.Says(chunks=[answer])
    raise AssertionError(outgoing.url)


def responses_whole(*items: Json) -> bytes:
    said = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
            "content": [{"type": "output_text", "text": "hello", "annotations": []}]}  # fmt: skip
    return codec.dumps({
        "id": "resp_1", "object": "response", "created_at": 1, "model": "gpt-up", "status": "completed",
        "error": None, "incomplete_details": None, "output": list(items) or [said],
        "usage": {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15},
    })  # fmt: skip


def responses_stream(item: Json) -> list[bytes]:
    """A stream with one call."""
    shell = {**item, "arguments": "", "status": "in_progress"}
    at = {"item_id": item["id"], "output_index": 0}
    whole = codec.loads(responses_whole(item))
    events: list[Json] = [
        {"type": "response.created", "response": {**whole, "status": "in_progress", "output": [], "usage": None}},
        {"type": "response.output_item.added", "output_index": 0, "item": shell},
        *(
            {"type": "response.function_call_arguments.delta", **at, "delta": piece}
            for piece in pieces(item["arguments"])
        ),
        {"type": "response.function_call_arguments.done", **at, "arguments": item["arguments"]},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": whole},
    ]
    return [b"event: " + e["type"].encode() + b"\ndata: " + codec.dumps(e) + b"\n\n" for e in events]


def pieces(text: str, size: int = 3) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def claude_call(name: str, arguments: str, identity: str = "toolu_1") -> list[bytes]:
    """A stream with one call."""
    shell = {"type": "tool_use", "id": identity, "name": name, "input": {}}
    start = w.messages_stream()[0]
    return [
        start,
        w.messages_frame("content_block_start", index=0, content_block=shell),
        *(
            w.messages_frame("content_block_delta", index=0, delta={"type": "input_json_delta", "partial_json": piece})
            for piece in pieces(arguments)
        ),
        w.messages_frame("content_block_stop", index=0),
        w.messages_frame("message_delta", delta={"stop_reason": "tool_use", "stop_sequence": None},
                         usage={"output_tokens": 5}),
        w.messages_frame("message_stop"),
    ]  # fmt: skip


def chat_call(name: str, arguments: str, identity: str = "call_1") -> list[bytes]:
    first = {"index": 0, "id": identity, "type": "function", "function": {"name": name, "arguments": ""}}
    return [
        w.chat_chunk({"role": "assistant", "content": None, "tool_calls": [first]}),
        *(
            w.chat_chunk({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
            for piece in pieces(arguments)
        ),
        w.chat_chunk({}, "tool_calls"),
        w.chat_chunk(None, usage={"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}),
        b"data: [DONE]\n\n",
    ]


def function(name: str, schema: Json | None = None, **fields: Any) -> Json:
    """A tool of chat completions."""
    parameters = schema or {"type": "object", "properties": {}}
    return {"type": "function", "function": {"name": name, "parameters": parameters, **fields}}


def user(text: str = "q") -> Json:
    return {"role": "user", "content": text}


ENDS = {
    "/messages": v.claude_whole({"type": "text", "text": "hello"}),
    ":generateContent": v.gemini_whole({"text": "hello"}),
    "/responses": responses_whole(),
    "/chat/completions": w.chat_answer(),
}
