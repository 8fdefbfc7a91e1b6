"""The Messages API. Thinking blocks are signed, and a signature that comes back is checked, as the vendor does."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import control
from .script import Prompt, Script, Tool, collect, play, tokens

STOPS = {"end": "end_turn", "tool": "tool_use", "length": "max_tokens", "stop": "stop_sequence"}
FIELDS = frozenset(
    "model messages max_tokens system metadata stop_sequences stream temperature top_p top_k tools tool_choice "
    "thinking output_config output_format service_tier container context_management mcp_servers cache_control "
    "inference_geo betas speed diagnostics".split()
)
ERRORS = {"429": (429, "rate_limit_error"), "500": (500, "api_error"), "529": (529, "overloaded_error")}
ID = re.compile(r"[a-zA-Z0-9_-]+")


def _error(status: int, kind: str, message: str) -> Response:
    headers = {"retry-after": "1"} if status == 429 else {}
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_simulated"}
    return JSONResponse(body, status_code=status, headers=headers)


def _wrong(body: Any) -> str | None:
    if not isinstance(body, dict) or not isinstance(body.get("messages"), list) or not body["messages"]:
        return "messages: at least one message is required"
    for name in body:
        if name not in FIELDS:
            return f"{name}: Extra inputs are not permitted"
    if not isinstance(body.get("max_tokens"), int):
        return "max_tokens: Field required"
    budget = (body.get("thinking") or {}).get("budget_tokens")
    if budget is not None and not 1024 <= budget < body["max_tokens"]:
        return "max_tokens must be greater than thinking.budget_tokens"
    open_calls: set[str] = set()
    for number, message in enumerate(body["messages"]):
        for place, block in enumerate(_blocks(message["content"])):
            wrong = _wrong_block(block, f"messages.{number}.content.{place}")
            if wrong:
                return wrong
        results = {b["tool_use_id"] for b in _blocks(message["content"]) if b["type"] == "tool_result"}
        if open_calls - results:
            missing = sorted(open_calls - results)[0]
            return f"messages.{number}: tool_use ids were found without tool_result blocks: {missing}"
        open_calls = {b["id"] for b in _blocks(message["content"]) if b["type"] == "tool_use"}
    return None


def _wrong_block(block: Mapping[str, Any], where: str) -> str | None:
    match block["type"]:
        case "text" if not block.get("text"):
            return f"{where}: text content blocks must be non-empty"
        case "tool_use" if not ID.fullmatch(block["id"]):
            return f"{where}.id: String should match pattern '^[a-zA-Z0-9_-]+$'"
        case "thinking" if block.get("signature") != sign(block.get("thinking", "")):
            return f"{where}: Invalid `signature` in `thinking` block"
        case _:
            return None


def sign(thinking: str) -> str:
    return "sim" + hashlib.sha256(thinking.encode()).hexdigest()


def _blocks(content: Any) -> list[dict[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


def _text(content: Any) -> str:
    return collect(block.get("text", "") for block in _blocks(content) if block["type"] == "text")


def _prompt(body: Mapping[str, Any]) -> Prompt:
    messages = body["messages"]
    choice = body.get("tool_choice") or {}
    forced = {"any": "", "tool": choice.get("name")}.get(choice.get("type", ""))
    tools = tuple(
        Tool(tool["name"], tool.get("input_schema") or {})
        for tool in body.get("tools") or []
        if "input_schema" in tool and choice.get("type") != "none"
    )
    wanted = (body.get("output_config") or {}).get("format") or body.get("output_format") or {}
    last = _blocks(messages[-1]["content"])
    return Prompt(
        model=body["model"],
        text=next((t for m in reversed(messages) if m["role"] == "user" and (t := _text(m["content"]))), ""),
        everything=json.dumps([messages, body.get("system"), body.get("tools")], sort_keys=True),
        tools=tools,
        forced=forced,
        answered=any(block["type"] == "tool_result" for block in last),
        thinking=(body.get("thinking") or {}).get("type") in ("enabled", "adaptive"),
        schema=wanted.get("schema"),
        limit=body.get("max_tokens"),
        stops=tuple(body.get("stop_sequences") or ()),
        servers=bool(body.get("mcp_servers")),
    )


def _usage(script: Script) -> dict[str, Any]:
    return {
        "input_tokens": script.input_tokens, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": script.output_tokens, "service_tier": "standard", "inference_geo": "not_available",
    }  # fmt: skip


def _content(script: Script) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    if script.thinking:
        out.append({"type": "thinking", "thinking": script.thinking, "signature": sign(script.thinking)})
    if script.words:
        out.append({"type": "text", "text": script.text})
    for call in script.calls:
        name = call.id.replace("call_", "toolu_")
        out.append({"type": "tool_use", "id": name, "name": call.name, "input": json.loads(call.arguments)})
    return out


def _message(script: Script, model: str) -> dict[str, Any]:
    return {
        "id": f"msg_{script.seed[:24]}", "type": "message", "role": "assistant", "model": f"{model}-simulated",
        "content": _content(script), "stop_reason": STOPS[script.stop], "stop_sequence": script.stop_sequence,
        "usage": _usage(script),
    }  # fmt: skip


def _frames(script: Script, model: str) -> list[bytes]:
    message = _message(script, model)
    start = {**message, "content": [], "stop_reason": None, "stop_sequence": None,
             "usage": {**message["usage"], "output_tokens": 1}}  # fmt: skip
    out = [_frame("message_start", message=start), _frame("ping")]
    for index, block in enumerate(message["content"]):
        out += _block_frames(index, block, script)
    delta = {"stop_reason": message["stop_reason"], "stop_sequence": message["stop_sequence"]}
    return [*out, _frame("message_delta", delta=delta, usage=message["usage"]), _frame("message_stop")]


def _block_frames(index: int, block: dict[str, Any], script: Script) -> list[bytes]:
    shell: dict[str, Any]
    match block["type"]:
        case "thinking":
            shell = {"type": "thinking", "thinking": "", "signature": ""}
            deltas = [{"type": "thinking_delta", "thinking": block["thinking"]},
                      {"type": "signature_delta", "signature": block["signature"]}]  # fmt: skip
        case "text":
            shell = {"type": "text", "text": ""}
            deltas = [{"type": "text_delta", "text": word} for word in script.words]
        case _:
            shell = {**block, "input": {}}
            text = json.dumps(block["input"])
            deltas = [{"type": "input_json_delta", "partial_json": ""}]
            deltas += [{"type": "input_json_delta", "partial_json": text[at : at + 6]} for at in range(0, len(text), 6)]
    return [
        _frame("content_block_start", index=index, content_block=shell),
        *(_frame("content_block_delta", index=index, delta=delta) for delta in deltas),
        _frame("content_block_stop", index=index),
    ]


def _frame(kind: str, **fields: Any) -> bytes:
    body = json.dumps({"type": kind, **fields}, separators=(",", ":"))
    return f"event: {kind}\ndata: {body}\n\n".encode()


async def messages(request: Request) -> Response:
    body = await request.json()
    control.STATE.heard(request, body)
    wrong = _wrong(body)
    if wrong is not None:
        return _error(400, "invalid_request_error", wrong)
    script = play(_prompt(body))
    for marker, (status, kind) in ERRORS.items():
        if marker in script.markers:
            return _error(status, kind, f"simulated {marker}")
    control.STATE.count("anthropic", script)
    if body.get("stream"):
        error = _frame("error", error={"type": "overloaded_error", "message": "Overloaded"})
        return control.stream(script, _frames(script, body["model"]), b"event: ping\ndata: {oops\n\n", error)
    await control.wait(script)
    return JSONResponse(_message(script, body["model"]), headers={"request-id": f"req_{script.seed[:16]}"})


async def count(request: Request) -> Response:
    body = await request.json()
    control.STATE.heard(request, body)
    text = json.dumps([body.get("messages"), body.get("system"), body.get("tools")], sort_keys=True)
    return JSONResponse({"input_tokens": tokens(text)})


routes = [
    Route("/anthropic/v1/messages", messages, methods=["POST"]),
    Route("/anthropic/v1/messages/count_tokens", count, methods=["POST"]),
]
