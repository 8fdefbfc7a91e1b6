"""The same tokens in each protocol's own meaning, for each vendor, whole and streamed.

Of every answer: 10 tokens of input anew, 30 from a cache, 20 written to one (where the vendor says so), 40 of output of
which 15 are reasoning. Chat and Responses count the cache inside the input, Messages beside it; all count reasoning
inside the output.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from interchange.catalog.load import load
from interchange.wire import codec
from tests.exchange import world as w

CHAT_USAGE = {
    "prompt_tokens": 60, "completion_tokens": 40, "total_tokens": 100,
    "prompt_tokens_details": {"cached_tokens": 30, "cache_write_tokens": 20},
    "completion_tokens_details": {"reasoning_tokens": 15},
}  # fmt: skip
XAI_USAGE = {
    "prompt_tokens": 40, "completion_tokens": 25, "total_tokens": 80, "prompt_tokens_details": {"cached_tokens": 30},
    "completion_tokens_details": {"reasoning_tokens": 15}, "num_sources_used": 0,
}  # fmt: skip
"""https://docs.x.ai/docs/guides/reasoning: reasoning stands beside `completion_tokens`."""
RESPONSES_USAGE = {
    "input_tokens": 60, "output_tokens": 40, "total_tokens": 100,
    "input_tokens_details": {"cached_tokens": 30, "cache_write_tokens": 20},
    "output_tokens_details": {"reasoning_tokens": 15},
}  # fmt: skip
MESSAGES_USAGE = {
    "input_tokens": 10, "cache_read_input_tokens": 30, "cache_creation_input_tokens": 20, "output_tokens": 40,
    "cache_creation": {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 0},
    "output_tokens_details": {"thinking_tokens": 15},
}  # fmt: skip
GEMINI_USAGE = {"promptTokenCount": 40, "cachedContentTokenCount": 30, "candidatesTokenCount": 25,
                "thoughtsTokenCount": 15, "totalTokenCount": 80}  # fmt: skip
MODELS = {"claude": "claude-sonnet-4-5", "gemini": "gemini-2.5-flash", "gpt": "gpt-4.1", "gpt reasoning": "gpt-5.4",
          "grok": "grok-4.3"}  # fmt: skip
WRITES = {"claude", "gpt", "gpt reasoning"}
"""Vendors that count what is written to a cache."""
THINKING: dict[str, dict[str, Any]] = {
    "chat": {"reasoning_effort": "high"}, "messages": {"thinking": {"type": "adaptive"}},
}  # fmt: skip
"""Leads to the vendor's Responses."""


def says(outgoing: Any) -> w.Says:
    """The vendor's answer by the path that it is asked by."""
    body = codec.loads(outgoing.body)
    streams = bool(body.get("stream")) or "streamGenerateContent" in outgoing.url
    if outgoing.url.endswith("/chat/completions"):
        return _chat(XAI_USAGE if "xai" in outgoing.url else CHAT_USAGE, streams)
    if outgoing.url.endswith("/responses"):
        return _responses(streams, {} if "xai" not in outgoing.url else _without_writes(RESPONSES_USAGE))
    return _messages(streams) if outgoing.url.endswith("/messages") else _gemini(streams)


def _without_writes(usage: dict[str, Any]) -> dict[str, Any]:
    return {**usage, "input_tokens": 40, "total_tokens": 80, "input_tokens_details": {"cached_tokens": 30}}


def _chat(usage: dict[str, Any], streams: bool) -> w.Says:
    if not streams:
        return w.Says(chunks=[w.chat_answer(usage=usage)])
    return w.Says(
        chunks=[
            w.chat_chunk({"role": "assistant", "content": "hello"}),
            w.chat_chunk({}, "stop"),
            w.chat_chunk(None, usage=usage),
            b"data: [DONE]\n\n",
        ]
    )


def _responses(streams: bool, usage: dict[str, Any]) -> w.Says:
    text = {"type": "output_text", "text": "hello", "annotations": []}
    item = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [text]}
    whole = {"id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": "up", "error": None,
             "output": [item], "usage": usage or RESPONSES_USAGE}  # fmt: skip
    if not streams:
        return w.Says(chunks=[codec.dumps(whole)])
    here = {"output_index": 0, "item_id": "msg_1", "content_index": 0}
    events: list[tuple[str, dict[str, Any]]] = [
        ("created", {"response": {**whole, "status": "in_progress", "output": [], "usage": None}}),
        ("output_item.added", {"output_index": 0, "item": {**item, "content": []}}),
        ("content_part.added", {**here, "part": {**text, "text": ""}}),
        ("output_text.delta", {**here, "delta": "hello"}),
        ("output_text.done", {**here, "text": "hello"}),
        ("content_part.done", {**here, "part": text}),
        ("output_item.done", {"output_index": 0, "item": item}),
        ("completed", {"response": whole}),
    ]
    return w.Says(
        chunks=[
            w.messages_frame(f"response.{kind}", sequence_number=at, **more) for at, (kind, more) in enumerate(events)
        ]
    )


def _messages(streams: bool) -> w.Says:
    text = {"type": "text", "text": "hello"}
    whole = {"id": "msg_1", "type": "message", "role": "assistant", "model": "up", "stop_reason": "end_turn",
             "stop_sequence": None, "content": [text], "usage": MESSAGES_USAGE}  # fmt: skip
    if not streams:
        return w.Says(chunks=[codec.dumps(whole)])
    begun = {**whole, "stop_reason": None, "content": [], "usage": {**MESSAGES_USAGE, "output_tokens": 2}}
    return w.Says(
        chunks=[
            w.messages_frame("message_start", message=begun),
            *w.messages_stream("hello")[1:4],
            w.messages_frame("message_delta", delta={"stop_reason": "end_turn", "stop_sequence": None},
                             usage=MESSAGES_USAGE),
            w.messages_frame("message_stop"),
        ]
    )  # fmt: skip


def _gemini(streams: bool) -> w.Says:
    content = {"role": "model", "parts": [{"text": "hello"}]}
    whole = {"candidates": [{"content": content, "finishReason": "STOP", "index": 0}], "usageMetadata": GEMINI_USAGE,
             "modelVersion": "up", "responseId": "r1"}  # fmt: skip
    body = codec.dumps(whole)
    return w.Says(chunks=[b"data: " + body + b"\r\n\r\n" if streams else body])


def expected(family: str, writes: int) -> dict[str, Any]:
    total = 40 + writes
    match family:
        case "chat":
            return {"prompt_tokens": total, "completion_tokens": 40, "total_tokens": total + 40, "cached": 30,
                    "reasoning": 15}  # fmt: skip
        case "responses":
            return {"input_tokens": total, "output_tokens": 40, "total_tokens": total + 40, "cached": 30,
                    "reasoning": 15}  # fmt: skip
        case _:
            return {"input_tokens": 10, "cache_read_input_tokens": 30, "cache_creation_input_tokens": writes,
                    "output_tokens": 40}  # fmt: skip


def found(family: str, usage: dict[str, Any]) -> dict[str, Any]:
    match family:
        case "chat":
            names, into, out = ("prompt_tokens", "completion_tokens", "total_tokens"), "prompt_", "completion_"
        case "responses":
            names, into, out = ("input_tokens", "output_tokens", "total_tokens"), "input_", "output_"
        case _:
            return {name: usage[name] for name in expected(family, 0)}
    details = {"cached": usage[f"{into}tokens_details"]["cached_tokens"],
               "reasoning": usage[f"{out}tokens_details"]["reasoning_tokens"]}  # fmt: skip
    return {name: usage[name] for name in names} | details


def frames(pieces: list[bytes]) -> list[dict[str, Any]]:
    lines = b"".join(pieces).split(b"\n")
    return [codec.loads(line[6:]) for line in lines if line.startswith(b"data: {")]


def streamed_usage(family: str, sent: list[dict[str, Any]]) -> dict[str, Any]:
    """As the SDKs' accumulators come to it."""
    if family == "chat":
        return next(one["usage"] for one in sent if one.get("usage"))
    if family == "responses":
        return next(one["response"]["usage"] for one in sent if one["type"] == "response.completed")
    begun = next(one["message"]["usage"] for one in sent if one["type"] == "message_start")
    ended = next(one["usage"] for one in sent if one["type"] == "message_delta")
    return {**begun, **{name: value for name, value in ended.items() if value is not None}}


def request(family: str, model: str, streams: bool) -> dict[str, Any]:
    said = {"input": w.user()} if family == "responses" else {"messages": w.user()}
    more: dict[str, Any] = {"max_tokens": 500} if family == "messages" else {}
    more |= {"stream_options": {"include_usage": True}} if family == "chat" and streams else {}
    if model == MODELS["gpt reasoning"]:
        more |= THINKING.get(family, {})
    return {"model": model, "stream": streams, **said, **more}


@pytest.mark.parametrize("streams", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("family", ["chat", "messages", "responses"])
@pytest.mark.parametrize("vendor", sorted(MODELS))
def test_usage_means_what_users_of_the_protocol_expect(vendor: str, family: str, streams: bool) -> None:
    with w.world() as here:
        here.services = replace(here.services, catalog=load())
        here.script.default = says
        body = request(family, MODELS[vendor], streams)
        if streams:
            _, pieces = asyncio.run(here.streamed(family, body))
            usage = streamed_usage(family, frames(pieces))
        else:
            status, answer, _ = asyncio.run(here.whole(family, body))
            assert status == 200, answer
            usage = answer["usage"]
        assert found(family, usage) == expected(family, 20 if vendor in WRITES else 0)
        (row,) = here.rows()
        assert (row.usage.total_input, row.usage.total_output) == (40 + (20 if vendor in WRITES else 0), 40)


def test_a_translated_stream_of_messages_begins_with_no_output_counted() -> None:
    """LangChain JS adds message_delta's output to message_start's."""
    with w.world() as here:
        here.services = replace(here.services, catalog=load())
        here.script.default = says
        _, pieces = asyncio.run(here.streamed("messages", request("messages", "gemini-2.5-flash", True)))
    begun = next(one["message"]["usage"] for one in frames(pieces) if one["type"] == "message_start")
    assert begun["output_tokens"] == 0
    assert begun["input_tokens"] >= 1


def test_a_vendors_own_count_that_is_right_stays_byte_for_byte() -> None:
    body = w.chat_answer(usage=CHAT_USAGE)
    with w.world() as here:
        here.script.answers = [w.Says(chunks=[body])]
        answer = asyncio.run(here.ask("chat", request("chat", "gpt", False)))
    assert answer.body == body.replace(b'"gpt-up-2026"', b'"gpt"')
