"""What each vendor says, in its own format, about one answer: text, then calls; and how a caller's stream is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from interchange.wire import codec
from interchange.wire.sse import FrameReader
from tests.exchange import world as w

Call = tuple[str, str, str]
"""(id, name, arguments as JSON text)"""
CALLS: tuple[Call, ...] = (("call_1", "get_weather", '{"city":"Oslo"}'), ("call_2", "get_time", "{}"))


def chat_whole(text: str | None, calls: Sequence[Call] = (), finish: str = "stop", **message: Any) -> bytes:
    said = [{"id": i, "type": "function", "function": {"name": n, "arguments": a}} for i, n, a in calls]
    choice = {"index": 0, "finish_reason": finish, "logprobs": None,
              "message": {"role": "assistant", "content": text, "refusal": None, **message,
                          **({"tool_calls": said} if said else {})}}  # fmt: skip
    return w.chat_answer(choices=[choice])


def claude_whole(*blocks: dict[str, Any], stop: str = "end_turn", **usage: Any) -> bytes:
    return codec.dumps({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-up", "content": list(blocks),
        "stop_reason": stop, "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 5, "cache_creation_input_tokens": 0,
                  "cache_read_input_tokens": 0, **usage},
    })  # fmt: skip


def gemini_whole(*parts: dict[str, Any], finish: str = "STOP") -> bytes:
    return codec.dumps({
        "candidates": [{"index": 0, "finishReason": finish, "content": {"role": "model", "parts": list(parts)}}],
        "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15},
        "modelVersion": "gemini-up", "responseId": "r1",
    })  # fmt: skip


def one_call(model: str) -> bytes:
    """The whole answer of the world's `model` that calls one tool."""
    name, arguments = "get_weather", {"city": "Oslo"}
    match model:
        case "claude":
            return claude_whole({"type": "tool_use", "id": "toolu_1", "name": name, "input": arguments},
                                stop="tool_use")  # fmt: skip
        case "gemini":
            return gemini_whole({"functionCall": {"name": name, "args": arguments}})
        case _:
            return chat_whole(None, CALLS[:1], finish="tool_calls")


def frames(chunks: Sequence[bytes]) -> list[dict[str, Any]]:
    """The JSON frames of a stream, in order."""
    found = [frame for frame in FrameReader().feed(b"".join(chunks)) if frame.data not in (None, b"[DONE]")]
    return [codec.loads(frame.data or b"") for frame in found]


def weather(family: str) -> list[dict[str, Any]]:
    """One tool, declared in the caller's protocol."""
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    if family == "chat":
        return [{"type": "function", "function": {"name": "get_weather", "description": "now", "parameters": schema}}]
    return [{"name": "get_weather", "description": "now", "input_schema": schema}]


def asked(family: str, model: str, **extra: Any) -> dict[str, Any]:
    limit = {} if family == "chat" else {"max_tokens": 100}
    return {"model": model, "messages": w.user(), **limit, **extra}
