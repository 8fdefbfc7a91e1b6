"""What a hostile vendor sends, step by step, in the words of the protocol that it is asked in.

A step is bytes to send, a float to wait (seconds), or a word: "close" (FIN), "reset" (RST), "hang".
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .words import WORDS, event

Step = bytes | float | str
OK = b"HTTP/1.1 200 OK\r\n"
SSE = b"content-type: text/event-stream\r\n"
JSON = b"content-type: application/json\r\n"
CHUNKED = b"transfer-encoding: chunked\r\n\r\n"


@dataclass(frozen=True)
class Asked:
    """`words` names the format (`words.WORDS`); `call` counts the calls for one fault, from 0."""

    words: str
    stream: bool
    call: int


def frames(words: str, text: str = "hello", usage: Any = None) -> list[bytes]:
    """A good stream."""
    return WORDS[words].frames(text, usage)


def whole(words: str, text: str = "hello", usage: Any = None) -> bytes:
    """A good whole answer."""
    return WORDS[words].whole(text, usage)


def error(words: str, message: str = "boom", kind: str = "server_error") -> bytes:
    return json.dumps(WORDS[words].error(message, kind)).encode()


def failed_frame(words: str) -> bytes:
    return event(json.loads(error(words)), WORDS[words].error_event)


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
    return frames(words)[: WORDS[words].first]


def begun(words: str) -> list[bytes]:
    """A good stream up to the frame before its first text."""
    return frames(words)[: WORDS[words].begun]


def after_text(*more: Step) -> Fault:
    """A good stream up to its first text, a moment, then `more`."""
    return lambda asked: [*streamed(*text(asked.words)), 0.05, *more]


def after_begin(*more: Step) -> Fault:
    """A good stream up to the frame before its first text, then `more`."""
    return lambda asked: [*streamed(*begun(asked.words)), *more]


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
    return lambda words: made(value) if (made := WORDS[words].output) is not None else None


def zipped(asked: Asked) -> list[Step]:
    data = gzip.compress(b"".join(frames(asked.words)) if asked.stream else whole(asked.words))
    kind = SSE if asked.stream else JSON
    return [sized("200 OK", data, kind + b"content-encoding: gzip\r\n")]


def byte_by_byte(asked: Asked) -> list[Step]:
    data = b"".join(step for step in good(asked) if isinstance(step, bytes))
    return [data[at : at + 1] for at in range(len(data))]
