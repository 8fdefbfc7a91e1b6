"""generateContent and its stream. Thought signatures are given with calls, and checked when they come back."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import control, pictures, sound
from .script import Call, Prompt, Script, Tool, collect, play, tokens

FINISH = {"end": "STOP", "tool": "STOP", "length": "MAX_TOKENS", "stop": "STOP"}
FIELDS = frozenset(
    "contents systemInstruction system_instruction tools toolConfig tool_config generationConfig generation_config "
    "safetySettings cachedContent labels serviceTier store".split()
)
ERRORS = {"429": (429, "RESOURCE_EXHAUSTED"), "500": (500, "INTERNAL"), "529": (503, "UNAVAILABLE")}
SKIP = "skip_thought_signature_validator"


def _error(status: int, word: str, message: str) -> Response:
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1s"}] if status == 429 else []
    body = {"error": {"code": status, "message": message, "status": word, "details": details}}
    return JSONResponse(body, status_code=status)


def sign(call: str) -> str:
    return base64.b64encode(hashlib.sha256(call.encode()).digest()).decode()


def _wrong(body: Any, model: str) -> str | None:
    if not isinstance(body, dict) or not body.get("contents"):
        return "* GenerateContentRequest.contents: contents is not specified"
    for name in body:
        if name not in FIELDS:
            return f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.'
    calls = 0
    for content in body["contents"]:
        parts = content.get("parts") or []
        results = sum("functionResponse" in part for part in parts)
        if (calls or results) and results != calls:
            return (
                "Please ensure that the number of function response parts is equal to the number of function call "
                "parts of the function call turn."
            )
        made = [part for part in parts if "functionCall" in part]
        calls = len(made)
        if made and "gemini-3" in model:
            given = made[0].get("thoughtSignature")
            if given is None:
                name = made[0]["functionCall"]["name"]
                return f"Function call is missing a thought_signature in functionCall parts: {name}"
            if given not in (SKIP, base64.b64encode(SKIP.encode()).decode(), sign(made[0]["functionCall"]["name"])):
                return "Thought signature is not valid."
    return None


def _text(content: Mapping[str, Any]) -> str:
    return collect(part.get("text", "") for part in content.get("parts") or [] if "text" in part)


def _prompt(body: Mapping[str, Any], model: str) -> Prompt:
    config = body.get("generationConfig") or {}
    calling = (body.get("toolConfig") or {}).get("functionCallingConfig") or {}
    mode, names = calling.get("mode"), calling.get("allowedFunctionNames") or []
    declared = [d for tool in body.get("tools") or [] for d in tool.get("functionDeclarations") or []]
    tools = tuple(
        Tool(d["name"], d.get("parametersJsonSchema") or d.get("parameters") or {}) for d in declared if mode != "NONE"
    )
    contents = body["contents"]
    thinking = config.get("thinkingConfig") or {}
    return Prompt(
        model=model,
        text=next((t for c in reversed(contents) if c.get("role") != "model" and (t := _text(c))), ""),
        everything=json.dumps([contents, body.get("systemInstruction"), body.get("tools")], sort_keys=True),
        tools=tools,
        forced=(names[0] if names else "") if mode == "ANY" else None,
        answered=any("functionResponse" in part for part in contents[-1].get("parts") or []),
        thinking=bool(thinking.get("includeThoughts")),
        schema=config.get("responseJsonSchema") or config.get("responseSchema")
        or ({"type": "object", "properties": {"answer": {"type": "string"}}}
            if config.get("responseMimeType") == "application/json" else None),
        limit=config.get("maxOutputTokens"),
        stops=tuple(config.get("stopSequences") or ()),
    )  # fmt: skip


def _call(call: Call, first: bool) -> dict[str, Any]:
    part: dict[str, Any] = {"functionCall": {"name": call.name, "args": json.loads(call.arguments)}}
    return {**part, "thoughtSignature": sign(call.name)} if first else part


def _answer(script: Script, model: str, parts: list[dict[str, Any]], last: bool) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if last:
        candidate["finishReason"] = FINISH[script.stop]
    usage = {
        "promptTokenCount": script.input_tokens, "candidatesTokenCount": script.text_tokens,
        "totalTokenCount": script.input_tokens + script.output_tokens, "thoughtsTokenCount": script.thinking_tokens,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": script.input_tokens}],
    }  # fmt: skip
    if not script.thinking_tokens:
        del usage["thoughtsTokenCount"]
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": f"{model}-simulated",
            "responseId": script.seed[:22]}  # fmt: skip


def _parts(script: Script) -> list[dict[str, Any]]:
    thought = [{"text": script.thinking, "thought": True}] if script.thinking else []
    return [
        *thought,
        *({"text": word} for word in script.words),
        *(_call(call, number == 0) for number, call in enumerate(script.calls)),
    ]


def _whole_parts(script: Script) -> list[dict[str, Any]]:
    spoken = [{"text": script.text}] if script.words else []
    others = [part for part in _parts(script) if part.get("thought") or "functionCall" in part]
    thought = [part for part in others if part.get("thought")]
    return [*thought, *spoken, *(part for part in others if not part.get("thought"))]


async def generate(request: Request) -> Response:
    body = await request.json()
    control.STATE.heard(request, body)
    model, _, verb = request.path_params["call"].partition(":")
    if verb == "countTokens":
        inner = body.get("generateContentRequest") or body
        text = json.dumps([inner.get("contents"), inner.get("systemInstruction"), inner.get("tools")], sort_keys=True)
        return JSONResponse({"totalTokens": tokens(text)})
    wrong = _wrong(body, model)
    if wrong is not None:
        return _error(400, "INVALID_ARGUMENT", wrong)
    if "IMAGE" in ((body.get("generationConfig") or {}).get("responseModalities") or ()):
        return pictures.gemini(body)
    if "AUDIO" in ((body.get("generationConfig") or {}).get("responseModalities") or ()):
        return sound.gemini(body, model, stream=verb == "streamGenerateContent")
    script = play(_prompt(body, model))
    for marker, (status, word) in ERRORS.items():
        if marker in script.markers:
            return _error(status, word, f"simulated {marker}")
    control.STATE.count("gemini", script)
    if verb == "streamGenerateContent":
        parts = _parts(script)
        frames = [_frame(_answer(script, model, [part], n + 1 == len(parts))) for n, part in enumerate(parts)]
        error = _frame({"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}})
        return control.stream(script, frames, b"data: {oops\r\n\r\n", error)
    await control.wait(script)
    return JSONResponse(_answer(script, model, _whole_parts(script), True))


def _frame(body: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(body).encode() + b"\r\n\r\n"


routes = [Route("/gemini/v1beta/models/{call:path}", generate, methods=["POST"])]
