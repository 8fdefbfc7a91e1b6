"""Chat completions as OpenAI and xAI speak it. xAI counts reasoning outside completion_tokens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import control
from .script import Prompt, Script, Tool, collect, play

FINISH = {"end": "stop", "tool": "tool_calls", "length": "length", "stop": "stop"}
CREATED = 1_760_000_000
FIELDS = frozenset(
    "model messages stream stream_options tools tool_choice parallel_tool_calls temperature top_p max_tokens "
    "max_completion_tokens stop n seed frequency_penalty presence_penalty logit_bias logprobs top_logprobs user "
    "metadata store response_format reasoning_effort service_tier verbosity modalities audio prediction "
    "web_search_options prompt_cache_key prompt_cache_retention safety_identifier functions function_call "
    "search_parameters".split()
)
STATUSES = {
    "429": ("rate_limit_error", "rate_limit_exceeded"),
    "500": ("server_error", None),
    "529": ("server_error", None),
}


def _error(
    status: int, message: str, kind: str = "invalid_request_error", code: str | None = None, param: Any = None
) -> Response:
    headers = {"retry-after": "1"} if status == 429 else {}
    body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    return JSONResponse(body, status_code=status, headers=headers)


def _check(body: Any) -> Response | None:
    if not isinstance(body, dict) or not isinstance(body.get("messages"), list) or not body["messages"]:
        return _error(400, "[] is too short - 'messages'", param="messages")
    for name in body:
        if name not in FIELDS:
            return _error(400, f"Unrecognized request argument supplied: {name}", param=name)
    called: set[str] = set()
    for number, message in enumerate(body["messages"]):
        if message.get("role") == "tool" and message.get("tool_call_id") not in called:
            return _error(
                400, f"messages[{number}]: tool message must follow its tool_calls", param=f"messages[{number}]"
            )
        called |= {call["id"] for call in message.get("tool_calls") or []}
        if any(len(call["id"]) > 40 for call in message.get("tool_calls") or []):
            return _error(400, "tool_calls[0].id: string too long (maximum 40)", param=f"messages[{number}]")
    return None


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return collect(part.get("text", f"<{part.get('type')}>") for part in content or [])


def _prompt(body: Mapping[str, Any]) -> Prompt:
    messages = body["messages"]
    choice = body.get("tool_choice")
    forced = {"required": "", "none": None, "auto": None}.get(choice) if isinstance(choice, str) else None
    if isinstance(choice, dict):
        forced = (choice.get("function") or {}).get("name", "")
    tools = tuple(
        Tool(tool["function"]["name"], tool["function"].get("parameters") or {})
        for tool in body.get("tools") or []
        if tool.get("type") == "function" and choice != "none"
    )
    wanted = body.get("response_format") or {}
    schema = (wanted.get("json_schema") or {}).get("schema") if wanted.get("type") == "json_schema" else None
    if wanted.get("type") == "json_object":
        schema = {"type": "object", "properties": {"answer": {"type": "string"}}}
    stop = body.get("stop") or ()
    return Prompt(
        model=body["model"],
        text=next((_text(m.get("content")) for m in reversed(messages) if m["role"] == "user"), ""),
        everything=json.dumps([messages, body.get("tools")], sort_keys=True),
        tools=tools,
        forced=forced,
        answered=messages[-1]["role"] == "tool",
        thinking=body.get("reasoning_effort") not in (None, "none"),
        schema=schema,
        limit=body.get("max_completion_tokens") or body.get("max_tokens"),
        stops=(stop,) if isinstance(stop, str) else tuple(stop),
    )


def _usage(script: Script, apart: bool) -> dict[str, Any]:
    completion = script.text_tokens if apart else script.output_tokens
    return {
        "prompt_tokens": script.input_tokens,
        "completion_tokens": completion,
        "total_tokens": script.input_tokens + script.output_tokens,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": script.thinking_tokens, "audio_tokens": 0,
            "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0,
        },
    }  # fmt: skip


def _whole(script: Script, model: str, apart: bool) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": script.text or None, "refusal": None, "annotations": []}
    if script.calls:
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in script.calls
        ]
    if apart and script.thinking:
        message["reasoning_content"] = script.thinking
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": FINISH[script.stop]}
    return {
        "id": f"chatcmpl-{script.seed[:24]}", "object": "chat.completion", "created": CREATED,
        "model": f"{model}-simulated",
        "choices": [choice], "usage": _usage(script, apart), "service_tier": "default",
        "system_fingerprint": f"fp_{script.seed[:10]}",
    }  # fmt: skip


def _frames(script: Script, model: str, apart: bool, usage: bool) -> list[bytes]:
    head = {"id": f"chatcmpl-{script.seed[:24]}", "object": "chat.completion.chunk", "created": CREATED,
            "model": f"{model}-simulated", "service_tier": "default", "system_fingerprint": "fp_simulated"}  # fmt: skip
    tail: dict[str, Any] = {"usage": None} if usage else {}

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _frame({**head, "choices": [choice], **tail})

    out = [chunk({"role": "assistant", "content": "", "refusal": None})]
    if apart and script.thinking:
        out += [chunk({"reasoning_content": word}) for word in script.thinking.split()]
    out += [chunk({"content": word}) for word in script.words]
    for number, call in enumerate(script.calls):
        opening = {"index": number, "id": call.id, "type": "function", "function": {"name": call.name, "arguments": ""}}
        out.append(chunk({"tool_calls": [opening]}))
        out += [
            chunk({"tool_calls": [{"index": number, "function": {"arguments": call.arguments[at : at + 6]}}]})
            for at in range(0, len(call.arguments), 6)
        ]
    out.append(chunk({}, FINISH[script.stop]))
    if usage:
        out.append(_frame({**head, "choices": [], "usage": _usage(script, apart)}))
    return [*out, b"data: [DONE]\n\n"]


def _frame(body: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(body, separators=(",", ":")).encode() + b"\n\n"


def _endpoint(vendor: str, apart: bool) -> Any:
    async def completions(request: Request) -> Response:
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
            usage = bool((body.get("stream_options") or {}).get("include_usage"))
            error = _frame(
                {"error": {"message": "simulated failure", "type": "server_error", "code": None, "param": None}}
            )
            return control.stream(script, _frames(script, body["model"], apart, usage), b"data: {oops\n\n", error)
        await control.wait(script)
        return JSONResponse(_whole(script, body["model"], apart), headers={"x-request-id": f"req_{script.seed[:16]}"})

    return completions


routes = [
    Route("/openai/v1/chat/completions", _endpoint("openai", False), methods=["POST"]),
    Route("/xai/v1/chat/completions", _endpoint("xai", True), methods=["POST"]),
]
