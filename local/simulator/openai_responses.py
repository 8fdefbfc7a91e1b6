"""Responses as OpenAI and xAI speak it. Reasoning comes encrypted when it is asked for, and is checked when it comes
back: what this simulator did not encrypt itself it refuses, as the vendors do."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import control
from .script import Prompt, Script, Tool, collect, play

CREATED = 1_760_000_000
FIELDS = frozenset(
    "model input instructions stream stream_options tools tool_choice parallel_tool_calls temperature top_p "
    "top_logprobs max_output_tokens max_tool_calls text reasoning include store metadata user service_tier "
    "safety_identifier prompt_cache_key prompt_cache_retention prompt_cache_options previous_response_id "
    "conversation prompt truncation background context_management moderation".split()
)
STATUSES = {
    "429": ("rate_limit_error", "rate_limit_exceeded"),
    "500": ("server_error", "server_error"),
    "529": ("server_error", "server_is_overloaded"),
}
ENCRYPTED = "reasoning.encrypted_content"


def _error(
    status: int, message: str, kind: str = "invalid_request_error", code: Any = None, param: Any = None
) -> Response:
    headers = {"retry-after": "1"} if status == 429 else {}
    body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    return JSONResponse(body, status_code=status, headers=headers)


def _items(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    given = body["input"]
    return [{"type": "message", "role": "user", "content": given}] if isinstance(given, str) else given


def _check(body: Any) -> Response | None:
    if not isinstance(body, dict) or not isinstance(body.get("input"), str | list):
        return _error(400, "Missing required parameter: 'input'.", code="missing_required_parameter", param="input")
    for name in body:
        if name not in FIELDS:
            return _error(400, f"Unknown parameter: '{name}'.", code="unknown_parameter", param=name)
    if (body.get("max_output_tokens") or 16) < 16:
        message = "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16."
        return _error(400, message, code="integer_below_min_value", param="max_output_tokens")
    return _check_items(_items(body))


def _check_items(items: list[dict[str, Any]]) -> Response | None:
    called: set[str] = set()
    answered: set[str] = set()
    for number, item in enumerate(items):
        match item.get("type", "message"):
            case "function_call" | "custom_tool_call":
                called.add(item["call_id"])
            case "function_call_output" | "custom_tool_call_output":
                answered.add(item["call_id"])
                if item["call_id"] not in called:
                    message = f"No tool call found for function call output with call_id {item['call_id']}."
                    return _error(400, message, param="input")
            case "reasoning" if not _genuine(item):
                message = f"The encrypted content for item {item.get('id')} could not be verified."
                return _error(400, message, code="invalid_encrypted_content", param=f"input[{number}]")
            case _:
                pass  # messages, and items of the vendor's own tools
    for call_id in called - answered:
        return _error(400, f"No tool output found for function call {call_id}.", param="input")
    return None


def _genuine(item: Mapping[str, Any]) -> bool:
    return item.get("encrypted_content") == _encrypt(str(item.get("id")))


def _encrypt(item_id: str) -> str:
    return f"gAAAAAsim{hashlib.sha256(item_id.encode()).hexdigest()}"


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return collect(part.get("text", f"<{part.get('type')}>") for part in content or [])


def _prompt(body: Mapping[str, Any]) -> Prompt:
    items = _items(body)
    choice = body.get("tool_choice")
    forced = {"required": "", "none": None, "auto": None}.get(choice) if isinstance(choice, str) else None
    if isinstance(choice, dict) and choice.get("type") in ("function", "custom"):
        forced = choice.get("name", "")
    tools = tuple(
        Tool(tool["name"], tool.get("parameters") or {})
        for tool in body.get("tools") or []
        if tool.get("type") == "function" and choice != "none"
    )
    form = (body.get("text") or {}).get("format") or {}
    schema = form.get("schema") if form.get("type") == "json_schema" else None
    if form.get("type") == "json_object":
        schema = {"type": "object", "properties": {"answer": {"type": "string"}}}
    said = (_text(item.get("content")) for item in reversed(items) if item.get("role") == "user")
    return Prompt(
        model=body["model"],
        text=next(said, ""),
        everything=json.dumps([body.get("instructions"), items, body.get("tools")], sort_keys=True),
        tools=tools,
        forced=forced,
        answered=str(items[-1].get("type")).endswith("_output") if items else False,
        thinking=(body.get("reasoning") or {}).get("effort") not in (None, "none"),
        schema=schema,
        limit=body.get("max_output_tokens"),
    )


def _output(script: Script, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if script.thinking:
        shown = bool((body.get("reasoning") or {}).get("summary"))
        item_id = f"rs_{script.seed[:48]}"
        item: dict[str, Any] = {"id": item_id, "type": "reasoning", "summary": []}
        if shown:
            item["summary"] = [{"type": "summary_text", "text": script.thinking}]
        if ENCRYPTED in (body.get("include") or []):
            item["encrypted_content"] = _encrypt(item_id)
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


def _whole(script: Script, body: Mapping[str, Any]) -> dict[str, Any]:
    status = "incomplete" if script.stop == "length" else "completed"
    return _response(script, body, list(_output(script, body)), status)


def _events(script: Script, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    begun = _response(script, body, [], "in_progress")
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    whole = _whole(script, body)
    for number, item in enumerate(whole["output"]):
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
    yield {"type": f"response.{whole['status']}", "response": whole}


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


def _frame(number: int, event: Mapping[str, Any]) -> bytes:
    data = json.dumps({**event, "sequence_number": number}, separators=(",", ":")).encode()
    return b"event: " + str(event["type"]).encode() + b"\ndata: " + data + b"\n\n"


def _endpoint(vendor: str) -> Any:
    async def responses(request: Request) -> Response:
        body = await request.json()
        control.STATE.heard(request, body)
        wrong = _check(body)
        if wrong is not None:
            return wrong
        script = play(_prompt(body))
        for status, (kind, code) in STATUSES.items():
            if status in script.markers:
                return _error(503 if status == "529" else int(status), f"simulated {status}", kind, code)
        control.STATE.count(vendor, script)
        if body.get("stream"):
            frames = [_frame(number, event) for number, event in enumerate(_events(script, body))]
            broken = {"type": "error", "code": "server_error", "message": "simulated failure", "param": None}
            return control.stream(script, frames, b"data: {oops\n\n", _frame(0, broken))
        await control.wait(script)
        return JSONResponse(_whole(script, body), headers={"x-request-id": f"req_{script.seed[:16]}"})

    return responses


routes = [
    Route("/openai/v1/responses", _endpoint("openai"), methods=["POST"]),
    Route("/xai/v1/responses", _endpoint("xai"), methods=["POST"]),
]
