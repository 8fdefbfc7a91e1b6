"""Responses as OpenAI and xAI speak it. Reasoning comes encrypted when it is asked for, and is checked when it comes
back: what this simulator did not encrypt itself it refuses, as the vendors do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import control
from .openai_responses_answer import encrypt, events, whole
from .script import Prompt, Tool, collect, play

FIELDS = frozenset(
    "model input instructions stream stream_options tools tool_choice parallel_tool_calls temperature top_p "
    "top_logprobs max_output_tokens max_tool_calls text reasoning include store metadata user service_tier "
    "safety_identifier prompt_cache_key prompt_cache_retention prompt_cache_options previous_response_id "
    "conversation prompt truncation background context_management moderation client_metadata".split()
)
STATUSES = {
    "429": ("rate_limit_error", "rate_limit_exceeded"),
    "500": ("server_error", "server_error"),
    "529": ("server_error", "server_is_overloaded"),
}


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
    return item.get("encrypted_content") == encrypt(str(item.get("id")))


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
        servers=any(tool.get("type") == "mcp" for tool in body.get("tools") or []),
    )


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
            frames = [_frame(number, event) for number, event in enumerate(events(script, body))]
            broken = {"type": "error", "code": "server_error", "message": "simulated failure", "param": None}
            return control.stream(script, frames, b"data: {oops\n\n", _frame(0, broken))
        await control.wait(script)
        return JSONResponse(whole(script, body), headers={"x-request-id": f"req_{script.seed[:16]}"})

    return responses


routes = [
    Route("/openai/v1/responses", _endpoint("openai"), methods=["POST"]),
    Route("/xai/v1/responses", _endpoint("xai"), methods=["POST"]),
]
