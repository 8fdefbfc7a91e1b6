"""What a caller's stock SDK makes of what we emit: every frame and every answer parsed strictly by the SDK's own types,
and reduced to the few facts that must not differ from what the model said."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from anthropic.types import Message, RawMessageStreamEvent
from anthropic.types.beta import BetaMessage, BetaRawMessageStreamEvent
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter, ValidationError

from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.wire.sse import FrameReader

STREAM_EVENT: TypeAdapter[Any] = TypeAdapter(RawMessageStreamEvent)
RESPONSES_EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
BETA_STREAM_EVENT: TypeAdapter[Any] = TypeAdapter(BetaRawMessageStreamEvent)
"""What only beta callers get (MCP, compaction) is of the SDK's beta types."""


@dataclass(frozen=True)
class Facts:
    """What one choice of an answer comes to."""

    text: str
    refusal: str
    calls: tuple[tuple[str, str], ...]
    """(name, arguments), arguments as parsed JSON text where they are JSON."""
    stop: str
    usage: tuple[int, int] | None
    """(all input tokens, all output tokens)."""
    spoken: str = ""
    """What was said aloud, which a protocol without sound tells as text."""


BETA_BLOCK = re.compile(rb'"type": ?"(mcp_|compaction|tool_search|fallback|advisor)|"name": ?"advisor"')
INLINE_MEDIA = re.compile(r"!?\[[^\]]*\]\(data:[^)]*\)")
"""How media of an answer is told to a caller whose protocol has text only."""
MALFORMED = "_malformed_arguments"
"""Where Messages, whose `input` must be an object, shows what the model wrote instead of one."""

FREE_FORM = "input"
"""How Messages shows what the model wrote for a free-form tool."""


def canonical(arguments: str) -> str:
    try:
        value = json.loads(arguments or "{}")
    except ValueError:
        return arguments
    if isinstance(value, dict) and list(value) == [MALFORMED]:
        return str(value[MALFORMED])
    if isinstance(value, dict) and list(value) == [FREE_FORM] and isinstance(value[FREE_FORM], str):
        return canonical(value[FREE_FORM])
    return json.dumps(value, sort_keys=True)


def hub_facts(response: e.Response, stops: dict[e.StopReason, str], choice: int = 0) -> Facts:
    """The truth: what the vendor's own reader found. `stops` is the caller's word for each reason."""
    blocks = response.choices[choice].blocks if choice < len(response.choices) else ()
    calls = tuple((x.name, canonical(x.arguments)) for x in blocks if isinstance(x, b.ToolUse))
    stop = response.choices[choice].stop.reason if choice < len(response.choices) else e.StopReason.OTHER
    usage = response.usage
    return Facts(
        text="".join(x.text for x in blocks if isinstance(x, b.Text)),
        spoken="".join(x.transcript or "" for x in blocks if isinstance(x, b.Audio)),
        refusal="".join(x.text for x in blocks if isinstance(x, b.Refusal)),
        calls=calls,
        stop=stops[stop],
        usage=None if usage is None else (usage.total_input, usage.total_output),
    )


def chat_whole(body: bytes) -> list[Facts]:
    answer = ChatCompletion.model_validate_json(body, strict=True)
    usage = (answer.usage.prompt_tokens, answer.usage.completion_tokens) if answer.usage else None
    facts = []
    for choice in answer.choices:
        message = choice.message
        calls = []
        for call in message.tool_calls or []:
            if call.type == "function":
                calls.append((call.function.name, canonical(call.function.arguments)))
            else:
                calls.append((call.custom.name, canonical(call.custom.input)))
        facts.append(Facts(message.content or "", message.refusal or "", tuple(calls), choice.finish_reason, usage))
    return facts


def chat_stream(raw: bytes) -> list[Facts]:
    """Also the order: a role first, no gap in the indexes of calls, one finish a choice, usage last, then [DONE]."""
    frames = [frame for frame in FrameReader().feed(raw) if frame.data is not None]
    assert frames and frames[-1].data == b"[DONE]", "a stream ends with [DONE]"
    text: dict[int, list[str]] = {}
    refusal: dict[int, list[str]] = {}
    calls: dict[int, dict[int, list[str]]] = {}
    stops: dict[int, str] = {}
    usage: tuple[int, int] | None = None
    created, ids = set(), set()
    for frame in frames[:-1]:
        assert frame.data is not None
        chunk = ChatCompletionChunk.model_validate_json(frame.data, strict=True)
        created.add(chunk.created)
        ids.add(chunk.id)
        assert usage is None, "nothing follows the usage"
        for choice in chunk.choices:
            delta = choice.delta
            if choice.index not in text:
                assert delta.role == "assistant", "the first delta names the role"
            assert choice.index not in stops, "nothing follows a choice's finish"
            text.setdefault(choice.index, []).append(delta.content or "")
            refusal.setdefault(choice.index, []).append(delta.refusal or "")
            for call in delta.tool_calls or []:
                known = calls.setdefault(choice.index, {})
                if call.index not in known:
                    assert call.index == len(known), "calls count up from 0"
                    assert call.id, "a call's first delta has its id"
                    known[call.index] = ["", ""]
                extra: dict[str, Any] = call.model_extra or {}
                custom = extra.get("custom") or {}
                name = call.function.name if call.function else custom.get("name")
                arguments = call.function.arguments if call.function else custom.get("input")
                known[call.index][0] += name or ""
                known[call.index][1] += arguments or ""
            if choice.finish_reason:
                stops[choice.index] = choice.finish_reason
        if chunk.usage is not None:
            assert not chunk.choices, "usage comes in a chunk of its own"
            usage = (chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
    assert len(created) == 1 and len(ids) == 1, "one id and one time for the whole stream"
    assert set(stops) == set(text), "every choice finishes"
    return [
        Facts(
            "".join(text[index]),
            "".join(refusal[index]),
            tuple((name, canonical(arguments)) for name, arguments in calls.get(index, {}).values()),
            stops[index],
            usage,
        )
        for index in sorted(text)
    ]


def _messages_facts(message: Message | BetaMessage) -> Facts:
    usage = message.usage
    cached = (usage.cache_read_input_tokens or 0) + (usage.cache_creation_input_tokens or 0)
    return Facts(
        text="".join(block.text for block in message.content if block.type == "text"),
        refusal="",
        calls=tuple((x.name, canonical(json.dumps(x.input))) for x in message.content if x.type == "tool_use"),
        stop=message.stop_reason or "",
        usage=(usage.input_tokens + cached, usage.output_tokens),
    )


def messages_whole(body: bytes) -> list[Facts]:
    try:
        return [_messages_facts(Message.model_validate_json(body, strict=True))]
    except ValidationError:
        if not BETA_BLOCK.search(body):
            raise
        return [_messages_facts(BetaMessage.model_validate_json(body, strict=True))]


def _stream_event(data: bytes) -> Any:
    try:
        return STREAM_EVENT.validate_json(data, strict=True)
    except ValidationError:
        if not BETA_BLOCK.search(data):
            raise
        return BETA_STREAM_EVENT.validate_json(data, strict=True)


def messages_stream(raw: bytes) -> list[Facts]:
    """Also the order that the SDK's accumulator relies on."""
    events = []
    for frame in FrameReader().feed(raw):
        assert frame.data is not None
        event = _stream_event(frame.data)
        assert frame.event == event.type
        events.append((event, json.loads(frame.data)))
    kinds = [event.type for event, _ in events]
    assert kinds[0] == "message_start" and kinds.count("message_start") == 1
    assert kinds[-2:] == ["message_delta", "message_stop"]
    start = events[0][1]["message"]
    content: list[dict[str, Any]] = []
    partial: dict[int, str] = {}
    opened: int | None = None
    for event, raw_event in events[1:]:
        match event.type:
            case "content_block_start":
                assert opened is None and event.index == len(content), "blocks are sequential and count up from 0"
                opened = event.index
                content.append(raw_event["content_block"])
            case "content_block_delta":
                assert event.index == opened, "a delta stands in the open block"
                _apply(content[event.index], raw_event["delta"], partial, event.index)
            case "content_block_stop":
                assert event.index == opened
                opened = None
                if event.index in partial:
                    content[event.index]["input"] = _input(partial[event.index])
            case "message_delta":
                start["stop_reason"] = raw_event["delta"]["stop_reason"]
                start["stop_sequence"] = raw_event["delta"]["stop_sequence"]
                merged = {name: value for name, value in raw_event["usage"].items() if value is not None}
                start["usage"] = {**start["usage"], **merged}
            case _:
                pass  # message_stop
    assert opened is None
    return messages_whole(json.dumps({**start, "content": content}).encode())


def _input(partial: str) -> dict[str, Any]:
    """A call that was cut off by the output limit streams what there is of it, as the vendor does."""
    try:
        value: dict[str, Any] = json.loads(partial or "{}")
    except ValueError:
        return {MALFORMED: partial}
    return value


KIND_OF_DELTA = {
    "text_delta": "text", "thinking_delta": "thinking", "signature_delta": "thinking", "citations_delta": "text",
}  # fmt: skip


def _apply(block: dict[str, Any], delta: dict[str, Any], partial: dict[int, str], index: int) -> None:
    kind = delta["type"]
    if kind == "input_json_delta":
        assert block["type"] in ("tool_use", "server_tool_use", "mcp_tool_use")
        partial[index] = partial.get(index, "") + delta["partial_json"]
        return
    assert block["type"] == KIND_OF_DELTA[kind], f"{kind} inside {block['type']}"
    match kind:
        case "text_delta":
            block["text"] += delta["text"]
        case "thinking_delta":
            block["thinking"] += delta["thinking"]
        case "signature_delta":
            block["signature"] = delta["signature"]
        case _:
            block["citations"] = [*(block.get("citations") or []), delta["citation"]]


def responses_whole(body: bytes) -> list[Facts]:
    answer = Response.model_validate_json(body, strict=True)
    texts, refusals, calls = [], [], []
    for item in answer.output:
        match item.type:
            case "message":
                texts += [part.text for part in item.content if part.type == "output_text"]
                refusals += [part.refusal for part in item.content if part.type == "refusal"]
            case "function_call":
                calls.append((item.name, canonical(item.arguments)))
            case "custom_tool_call":
                calls.append((item.name, canonical(item.input)))
            case _:
                pass  # reasoning, and what the vendor ran itself
    reason = answer.incomplete_details.reason if answer.incomplete_details else None
    assert (answer.status == "incomplete") == (reason is not None)
    usage = (answer.usage.input_tokens, answer.usage.output_tokens) if answer.usage else None
    return [Facts("".join(texts), "".join(refusals), tuple(calls), reason or str(answer.status), usage)]


def responses_stream(raw: bytes) -> list[Facts]:
    """Also the order, and that the pieces come to what the last event holds."""
    last: dict[str, Any] = {}
    items: dict[int, dict[str, Any]] = {}
    said: dict[tuple[int, int], str] = {}
    arguments: dict[int, str] = {}
    opened: int | None = None
    for number, frame in enumerate(FrameReader().feed(raw)):
        assert frame.data is not None
        event = RESPONSES_EVENT.validate_json(frame.data, strict=True)
        last = json.loads(frame.data)
        assert frame.event == event.type
        assert event.sequence_number == number, "events are numbered without a gap"
        assert event.type == {0: "response.created", 1: "response.in_progress"}.get(number, event.type)
        match event.type:
            case "response.output_item.added":
                assert opened is None and event.output_index == len(items), "items are sequential and count up from 0"
                opened, items[event.output_index] = event.output_index, last["item"]
            case "response.output_item.done":
                assert event.output_index == opened, "an item ends before the next begins"
                assert last["item"]["id"] == items[event.output_index]["id"], "an item keeps its id"
                opened, items[event.output_index] = None, last["item"]
            case "response.output_text.delta" | "response.refusal.delta":
                assert event.item_id == items[event.output_index]["id"]
                at = (event.output_index, event.content_index)
                said[at] = said.get(at, "") + event.delta
            case "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta":
                arguments[event.output_index] = arguments.get(event.output_index, "") + event.delta
            case _:
                pass  # parts and ends say again what the pieces said
    assert last["type"] in ("response.completed", "response.incomplete")
    whole = last["response"]
    assert [items[at] for at in sorted(items)] == whole["output"]
    for (place, part), text in said.items():
        content = whole["output"][place]["content"][part]
        assert text == content.get("text", content.get("refusal"))
    for place, text in arguments.items():
        assert text == whole["output"][place].get("arguments", whole["output"][place].get("input"))
    return responses_whole(json.dumps(whole).encode())
