"""Answers of the simulator over Responses, whole and as a stream of events."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from .script import Script

CREATED = 1_760_000_000
ENCRYPTED = "reasoning.encrypted_content"


def encrypt(item_id: str) -> str:
    return f"gAAAAAsim{hashlib.sha256(item_id.encode()).hexdigest()}"


def output(script: Script, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if script.thinking:
        shown = bool((body.get("reasoning") or {}).get("summary"))
        item_id = f"rs_{script.seed[:48]}"
        item: dict[str, Any] = {"id": item_id, "type": "reasoning", "summary": []}
        if shown:
            item["summary"] = [{"type": "summary_text", "text": script.thinking}]
        if ENCRYPTED in (body.get("include") or []):
            item["encrypted_content"] = encrypt(item_id)
        yield item
    if script.text:
        part = {"type": "output_text", "text": script.text, "annotations": [], "logprobs": []}
        yield {"id": f"msg_{script.seed[:48]}", "type": "message", "status": "completed", "role": "assistant",
               "content": [part]}  # fmt: skip
    for number, call in enumerate(script.calls):
        yield {"id": f"fc_{number}{script.seed[:47]}", "type": "function_call", "status": "completed",
               "call_id": call.id, "name": call.name, "arguments": call.arguments}  # fmt: skip


def _response(script: Script, body: Mapping[str, Any], output: list[dict[str, Any]], status: str) -> dict[str, Any]:
    done = status != "in_progress"
    return {
        "id": f"resp_{script.seed[:48]}", "object": "response", "created_at": CREATED, "status": status,
        "background": False, "error": None, "instructions": body.get("instructions"),
        "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
        "max_output_tokens": body.get("max_output_tokens"), "model": f"{body['model']}-simulated", "output": output,
        "parallel_tool_calls": True, "previous_response_id": None, "reasoning": {"effort": None, "summary": None},
        "service_tier": "default", "store": body.get("store", True), "temperature": 1.0,
        "text": {"format": {"type": "text"}}, "tool_choice": body.get("tool_choice", "auto"),
        "tools": body.get("tools") or [], "top_p": 1.0, "truncation": "disabled", "metadata": {},
        "usage": _usage(script) if done else None,
    }  # fmt: skip


def _usage(script: Script) -> dict[str, Any]:
    return {
        "input_tokens": script.input_tokens,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": script.output_tokens,
        "output_tokens_details": {"reasoning_tokens": script.thinking_tokens},
        "total_tokens": script.input_tokens + script.output_tokens,
    }


def whole(script: Script, body: Mapping[str, Any]) -> dict[str, Any]:
    status = "incomplete" if script.stop == "length" else "completed"
    return _response(script, body, list(output(script, body)), status)


def events(script: Script, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    begun = _response(script, body, [], "in_progress")
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    answer = whole(script, body)
    for number, item in enumerate(answer["output"]):
        place = {"output_index": number, "item_id": item["id"]}
        match item["type"]:
            case "reasoning":
                yield {"type": "response.output_item.added", "output_index": number, "item": {**item, "summary": []}}
                yield from ({**place, **event} for event in _summary(item))
            case "message":
                bare = {**item, "content": [], "status": "in_progress"}
                yield {"type": "response.output_item.added", "output_index": number, "item": bare}
                yield from ({**place, **event} for event in _message(item, script.words))
            case _:
                bare = {**item, "arguments": "", "status": "in_progress"}
                yield {"type": "response.output_item.added", "output_index": number, "item": bare}
                kind = "response.function_call_arguments"
                for at in range(0, len(item["arguments"]), 6):
                    yield {"type": f"{kind}.delta", **place, "delta": item["arguments"][at : at + 6]}
                yield {"type": f"{kind}.done", **place, "arguments": item["arguments"]}
        yield {"type": "response.output_item.done", "output_index": number, "item": item}
    yield {"type": f"response.{answer['status']}", "response": answer}


def _summary(item: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for part in item["summary"]:
        place = {"summary_index": 0}
        yield {"type": "response.reasoning_summary_part.added", **place, "part": {"type": "summary_text", "text": ""}}
        for number, word in enumerate(part["text"].split()):
            delta = word if number == 0 else f" {word}"
            yield {"type": "response.reasoning_summary_text.delta", **place, "delta": delta}
        yield {"type": "response.reasoning_summary_text.done", **place, "text": part["text"]}
        yield {"type": "response.reasoning_summary_part.done", **place, "part": part}


def _message(item: Mapping[str, Any], words: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    part, place = item["content"][0], {"content_index": 0}
    yield {"type": "response.content_part.added", **place, "part": {**part, "text": ""}}
    for word in words:
        yield {"type": "response.output_text.delta", **place, "delta": word, "logprobs": []}
    yield {"type": "response.output_text.done", **place, "text": part["text"], "logprobs": []}
    yield {"type": "response.content_part.done", **place, "part": part}
