"""What a hostile vendor sends, step by step, in the words of the protocol that it is asked in.

A step is bytes to send, a float to wait (seconds), or a word: "close" (FIN), "reset" (RST), "hang".
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Step = bytes | float | str
OK = b"HTTP/1.1 200 OK\r\n"
SSE = b"content-type: text/event-stream\r\n"
JSON = b"content-type: application/json\r\n"
CHUNKED = b"transfer-encoding: chunked\r\n\r\n"


@dataclass(frozen=True)
class Asked:
    """`words` is "chat" or "messages"; `call` counts the calls for one fault, from 0."""

    words: str
    stream: bool
    call: int


def event(words: str, body: Any) -> bytes:
    kind = b"event: " + str(body["type"]).encode() + b"\n" if words == "messages" else b""
    return kind + b"data: " + json.dumps(body).encode() + b"\n\n"


def frames(words: str, text: str = "hello", usage: Any = None) -> list[bytes]:
    """A good stream."""
    if words == "messages":
        return [
            event(words, {"type": "message_start", "message": {"id": "m", "type": "message", "role": "assistant",
                "model": "up", "content": [], "usage": {"input_tokens": 10, "output_tokens": 1}}}),
            event(words, {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
            event(words, {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}),
            event(words, {"type": "content_block_stop", "index": 0}),
            event(words, {"type": "message_delta", "delta": {"stop_reason": "end_turn"},
                "usage": usage or {"output_tokens": 3}}),
            event(words, {"type": "message_stop"}),
        ]  # fmt: skip
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "up"}
    told = usage or {"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13}
    return [
        event(words, {**head, "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]}),
        event(words, {**head, "choices": [{"index": 0, "delta": {"content": text}}]}),
        event(words, {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}),
        event(words, {**head, "choices": [], "usage": told}),
        b"data: [DONE]\n\n",
    ]


def whole(words: str, text: str = "hello", usage: Any = None, **extra: Any) -> bytes:
    """A good whole answer."""
    if words == "messages":
        return json.dumps({"id": "m", "type": "message", "role": "assistant", "model": "up", "stop_reason": "end_turn",
            "content": [{"type": "text", "text": text}],
            "usage": usage or {"input_tokens": 10, "output_tokens": 3}, **extra}).encode()  # fmt: skip
    told = usage or {"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13}
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return json.dumps(
        {
            "id": "c",
            "object": "chat.completion",
            "created": 1,
            "model": "up",
            "choices": [choice],
            "usage": told,
            **extra,
        }
    ).encode()


def error(words: str, message: str = "boom", kind: str = "server_error") -> bytes:
    if words == "messages":
        kind = "api_error" if kind == "server_error" else kind
        return json.dumps({"type": "error", "error": {"type": kind, "message": message}}).encode()
    return json.dumps({"error": {"message": message, "type": kind, "param": None, "code": None}}).encode()


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


END = b"0\r\n\r\n"


def sized(status: str, body: bytes, headers: bytes = JSON) -> bytes:
    return f"HTTP/1.1 {status}\r\n".encode() + headers + f"content-length: {len(body)}\r\n\r\n".encode() + body


def good(asked: Asked) -> list[Step]:
    if asked.stream:
        return [OK + SSE + CHUNKED, *[chunk(one) for one in frames(asked.words)], END]
    return [sized("200 OK", whole(asked.words))]


def streamed(*parts: bytes) -> list[Step]:
    return [OK + SSE + CHUNKED, *[chunk(one) for one in parts]]


Fault = Callable[[Asked], list[Step]]


def both(stream: Fault, whole_: Fault) -> Fault:
    return lambda asked: stream(asked) if asked.stream else whole_(asked)


def once(fault: Fault) -> Fault:
    return lambda asked: fault(asked) if asked.call == 0 else good(asked)


def status(code: str, body: bytes | None = None, headers: bytes = b"") -> Fault:
    return lambda asked: [sized(code, error(asked.words) if body is None else body, JSON + headers)]


def cut_whole(ending: str) -> Fault:
    def steps(asked: Asked) -> list[Step]:
        answer = whole(asked.words)
        return [OK + JSON + f"content-length: {len(answer) + 50}\r\n\r\n".encode() + answer[:50], ending]

    return steps


def text(words: str) -> list[bytes]:
    """A good stream up to its first text."""
    return frames(words)[: 3 if words == "messages" else 2]


def after_text(*more: Step) -> Fault:
    """A good stream up to its first text, a moment, then `more`."""
    return lambda asked: [*streamed(*text(asked.words)), 0.05, *more]


def after(count: int, *more: Step) -> Fault:
    """Some frames of a good stream, then `more`."""
    return lambda asked: [*streamed(*frames(asked.words)[:count]), *more]


def body(make: Callable[[str], bytes], headers: bytes = JSON) -> Fault:
    """A whole body with a status of success, streamed or not."""
    return lambda asked: [sized("200 OK", make(asked.words), SSE if asked.stream and headers is SSE else headers)]


def with_usage(usage: Callable[[str], Any]) -> Fault:
    return lambda asked: (
        [*streamed(*frames(asked.words, usage=usage(asked.words))), END]
        if asked.stream
        else [sized("200 OK", whole(asked.words, usage=usage(asked.words)))]
    )


def output(value: Any) -> Callable[[str], Any]:
    return lambda words: (
        {"input_tokens": 10, "output_tokens": value}
        if words == "messages"
        else {"prompt_tokens": 10, "completion_tokens": value, "total_tokens": value}
    )


def zipped(asked: Asked) -> list[Step]:
    data = gzip.compress(b"".join(frames(asked.words)) if asked.stream else whole(asked.words))
    kind = SSE if asked.stream else JSON
    return [sized("200 OK", data, kind + b"content-encoding: gzip\r\n")]


def byte_by_byte(asked: Asked) -> list[Step]:
    data = b"".join(step for step in good(asked) if isinstance(step, bytes))
    return [data[at : at + 1] for at in range(len(data))]
