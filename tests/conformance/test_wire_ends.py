"""An end that is none is never told as a clean one: every vendor's words, new words and none, to every caller."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from interchange.catalog.load import read
from interchange.wire import codec
from tests.conformance import vendors as v
from tests.exchange import world as w

Json = dict[str, Any]
MODELS: list[Json] = [
    {"id": "gpt", "routes": [{"provider": "openai", "model": "gpt-up", "protocol": "openai_chat"}], "price": w.PRICE},
    {"id": "grok", "routes": [{"provider": "xai", "model": "grok-up", "protocol": "openai_responses"}],
     "price": w.PRICE},
    {"id": "claude", "routes": [{"provider": "anthropic", "model": "claude-up"}], "max_output": 1000, "price": w.PRICE},
    {"id": "gemini", "routes": [{"provider": "gemini", "model": "gemini-up"}], "max_output": 1000, "price": w.PRICE},
]  # fmt: skip
NEW = ["a_new_word", "error", "", None]
"""What no vendor is known to say, and nothing at all. OpenRouter's `error` is a failure."""
WORDS: dict[str, list[str | None]] = {
    "gpt": ["length", "content_filter", "insufficient_system_resource", "abort", *NEW],
    "grok": ["max_output_tokens", "content_filter", "max_turns", *NEW],
    "claude": ["max_tokens", "pause_turn", "refusal", "model_context_window_exceeded", "compaction", *NEW],
    "gemini": ["MAX_TOKENS", "SAFETY", "LANGUAGE", "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "OTHER",
               "TOO_MANY_TOOL_CALLS", "MALFORMED_RESPONSE", "FINISH_REASON_UNSPECIFIED", "IMAGE_SAFETY", *NEW],
}  # fmt: skip
USAGE = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}


def gpt(word: str | None, text: str) -> tuple[Json, list[Json]]:
    head = {"id": "c1", "object": "chat.completion", "created": 1, "model": "gpt-up", "usage": USAGE}
    said = {"role": "assistant", "content": text or None}
    whole = {**head, "choices": [{"index": 0, "message": said, "finish_reason": word}]}
    chunk = {**head, "object": "chat.completion.chunk"}
    pieces = [{**chunk, "choices": [{"index": 0, "delta": delta, "finish_reason": end}], "usage": None}
              for delta, end in (({**said, "content": text}, None), ({}, word))]  # fmt: skip
    return whole, [*pieces, {**chunk, "choices": []}]


def grok(word: str | None, text: str) -> tuple[Json, list[Json]]:
    part = {"type": "output_text", "text": text, "annotations": []}
    item = {"type": "message", "id": "msg_1", "role": "assistant", "status": "incomplete", "content": [part]}
    whole = {"id": "r1", "object": "response", "created_at": 1, "model": "grok-up", "status": "incomplete",
             "output": [item] if text else [], "incomplete_details": None if word is None else {"reason": word},
             "usage": {"input_tokens": 5, "output_tokens": 2, "total_tokens": 7}}  # fmt: skip
    begun = {**whole, "status": "in_progress", "output": [], "usage": None, "incomplete_details": None}
    done = {"type": "response.output_item.done", "output_index": 0, "item": item}
    ended = {"type": "response.incomplete", "response": whole}
    return whole, [{"type": "response.created", "response": begun}, *([done] if text else []), ended]


def claude(word: str | None, text: str) -> tuple[Json, list[Json]]:
    blocks = [{"type": "text", "text": text}] if text else []
    whole = codec.loads(v.claude_whole(*blocks))
    whole["stop_reason"] = word
    start = {"type": "message_start", "message": {**whole, "content": [], "stop_reason": None}}
    piece = [{"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
             {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}},
             {"type": "content_block_stop", "index": 0}]  # fmt: skip
    ended = {
        "type": "message_delta",
        "delta": {"stop_reason": word, "stop_sequence": None},
        "usage": {"output_tokens": 2},
    }
    return whole, [start, *(piece if text else []), ended, {"type": "message_stop"}]


def gemini(word: str | None, text: str) -> tuple[Json, list[Json]]:
    whole = codec.loads(v.gemini_whole(*([{"text": text}] if text else [])))
    whole["candidates"][0]["finishReason"] = word
    return whole, [whole]


SPEAKS: dict[str, Callable[[str | None, str], tuple[Json, list[Json]]]] = {
    "gpt": gpt, "grok": grok, "claude": claude, "gemini": gemini,
}  # fmt: skip
OWN = {"gpt": "chat", "grok": "responses", "claude": "messages", "gemini": ""}
CLEAN = {
    "chat": ('"finish_reason":"stop"', '"finish_reason":"tool_calls"'),
    "messages": ('"stop_reason":"end_turn"', '"stop_reason":"tool_use"', '"stop_reason":null'),
    "responses": ('"status":"completed","type":"response"', '"response.completed"'),
}


def told(model: str, family: str, word: str | None, text: str, stream: bool) -> tuple[int, Any]:
    """What the caller hears where the vendor answers so each time."""
    whole, events = SPEAKS[model](word, text)
    frames = [b"event: " + str(one.get("type", "message")).encode() + b"\ndata: " + codec.dumps(one) + b"\n\n"
              for one in events]  # fmt: skip
    frames += [b"data: [DONE]\n\n"] if model == "gpt" else []

    async def run() -> tuple[int, Any]:
        with w.world() as here:
            here.services = replace(here.services, catalog=read(MODELS))
            here.script.default = lambda _: w.Says(chunks=frames if stream else [codec.dumps(whole)])
            asked = {"input": "q"} if family == "responses" else {"messages": w.user(), "max_tokens": 99}
            body = {"model": model, "stream": stream, **asked}
            if not stream:
                status, said, _ = await here.whole(family, body)
                return status, said
            answer, chunks = await here.streamed(family, body)
            return answer.status, b"".join(chunks).decode()

    return asyncio.run(run())


def clean(family: str, said: Any) -> bool:
    if isinstance(said, str):
        ends = ('"response.completed"',) if family == "responses" else CLEAN[family][:2]
        return any(end in said for end in ends)
    match family:
        case "chat":
            return bool(said["choices"][0]["finish_reason"] in ("stop", "tool_calls", None))
        case "messages":
            return bool(said["stop_reason"] in ("end_turn", "tool_use", None))
        case _:
            return bool(said["status"] == "completed")


CASES = [
    pytest.param(model, family, word, id=f"{model}-{family}-{word!r}")
    for model, words in WORDS.items()
    for family in ("chat", "messages", "responses")
    for word in words
    if family != OWN[model] and (family, word) != ("chat", "pause_turn")  # which is no bad end (B7)
]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(("model", "family", "word"), CASES)
def test_an_end_that_is_none_is_no_clean_one(model: str, family: str, word: str | None, stream: bool) -> None:
    for text in ("half", ""):
        status, said = told(model, family, word, text, stream)
        raw = said if isinstance(said, str) else codec.dumps_text(said)
        failed = status != 200 or '"error":{' in raw
        assert failed or not clean(family, said), (text, said)
