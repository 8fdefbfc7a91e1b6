"""What the stock anthropic SDK makes of what we emit, parsed strictly by its own types."""

from __future__ import annotations

import json
from typing import Any

from anthropic.types import Message, RawMessageStreamEvent
from anthropic.types.beta import BetaMessage, BetaRawMessageStreamEvent
from pydantic import TypeAdapter

from tests.protocols.anthropic_messages.recorded_messages import frames

STREAM_EVENT: TypeAdapter[Any] = TypeAdapter(RawMessageStreamEvent)
BETA_STREAM_EVENT: TypeAdapter[Any] = TypeAdapter(BetaRawMessageStreamEvent)
USAGE = {
    "input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "cache_creation", "output_tokens",
    "service_tier", "server_tool_use", "inference_geo", "output_tokens_details",
}  # fmt: skip
DELTA_OF = {
    "text_delta": "text", "citations_delta": "text", "thinking_delta": "thinking", "signature_delta": "thinking",
}  # fmt: skip
CALLS = ("tool_use", "server_tool_use", "mcp_tool_use")


def parse_whole(body: dict[str, Any], *, beta: bool = False) -> dict[str, Any]:
    text = json.dumps(body)
    (BetaMessage if beta else Message).model_validate_json(text, strict=True)
    assert set(body) >= {"id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage"}
    assert set(body["usage"]) == USAGE
    return body


def accumulate(raw: bytes, *, beta: bool = False) -> dict[str, Any]:
    """The message that the stream comes to, and the order that the SDKs rely on: one message_start, blocks one after
    the other from index 0, each delta in an open block of its kind, one message_delta, message_stop."""
    events = []
    for frame in frames(raw):
        assert frame.data is not None
        event = json.loads(frame.data)
        assert frame.event == event["type"]
        (BETA_STREAM_EVENT if beta else STREAM_EVENT).validate_json(frame.data, strict=True)
        events.append(event)
    kinds = [event["type"] for event in events]
    assert kinds[0] == "message_start" and kinds.count("message_start") == 1
    assert kinds[-2:] == ["message_delta", "message_stop"] and kinds.count("message_delta") == 1
    message: dict[str, Any] = events[0]["message"]
    assert set(message["usage"]) == USAGE and message["usage"]["input_tokens"] >= 1
    content: list[dict[str, Any]] = message["content"]
    arguments: dict[int, str] = {}
    current: int | None = None
    for event in events[1:-2]:
        match event["type"]:
            case "content_block_start":
                assert current is None and event["index"] == len(content)
                current = event["index"]
                content.append(event["content_block"])
            case "content_block_delta":
                assert event["index"] == current
                _apply(content[event["index"]], event["delta"], arguments, event["index"])
            case "content_block_stop":
                assert event["index"] == current
                current = None
            case other:
                raise AssertionError(other)
    assert current is None
    for index, text in arguments.items():
        content[index]["input"] = json.loads(text)
    end = events[-2]
    assert "stop_reason" in end["delta"] and end["delta"]["stop_reason"] is not None
    message.update(end["delta"])
    message.update({name: value for name, value in end.items() if name not in ("type", "delta", "usage")})
    message["usage"].update({name: value for name, value in end["usage"].items() if value is not None})
    return message


def _apply(block: dict[str, Any], delta: dict[str, Any], arguments: dict[int, str], index: int) -> None:
    kind = delta["type"]
    if kind == "input_json_delta":
        assert block["type"] in CALLS
        arguments[index] = arguments.get(index, "") + delta["partial_json"]
        return
    assert block["type"] == DELTA_OF[kind]
    match kind:
        case "text_delta":
            block["text"] += delta["text"]
        case "thinking_delta":
            block["thinking"] += delta["thinking"]
        case "signature_delta":
            block["signature"] = delta["signature"]
        case "citations_delta":
            block["citations"] = [*(block.get("citations") or []), delta["citation"]]
