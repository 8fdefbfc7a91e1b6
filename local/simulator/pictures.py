"""Pictures, as OpenAI, xAI and Gemini speak of them: one square of one colour, with a note that it is simulated."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import zlib
from collections.abc import AsyncIterator
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from .control import STATE

INPUT_TOKENS = 14
TOKENS = {"low": 272, "medium": 1056, "high": 4160}
CREATED = 1_760_000_000


def png(prompt: str, side: int = 8) -> str:
    """A valid PNG in base64; its colour follows from the prompt."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    colour = hashlib.sha256(prompt.encode()).digest()[:3]
    rows = b"".join(b"\0" + colour * side for _ in range(side))
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    data += chunk(b"tEXt", b"Comment\0simulated: no model made this")
    data += chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return base64.b64encode(data).decode()


async def _fields(request: Request) -> dict[str, Any]:
    if not request.headers.get("content-type", "").startswith("multipart/"):
        body: dict[str, Any] = await request.json()
        STATE.heard(request, body)
        return body
    form = await request.form()
    fields: dict[str, Any] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            size = len(await value.read())
            fields.setdefault("files", []).append([name, value.filename, value.content_type, size])
        else:
            fields[name] = value
    STATE.heard(request, fields)
    return fields


def _usage(fields: dict[str, Any], count: int) -> dict[str, Any]:
    made = TOKENS.get(str(fields.get("quality")), 1056) * count
    given = 194 * len(fields.get("files", ()))
    STATE.served["openai.requests"] += 1
    STATE.served["openai.input_tokens"] += INPUT_TOKENS + given
    STATE.served["openai.output_tokens"] += made
    return {
        "input_tokens": INPUT_TOKENS + given,
        "input_tokens_details": {"image_tokens": given, "text_tokens": INPUT_TOKENS},
        "output_tokens": made,
        "output_tokens_details": {"image_tokens": made, "text_tokens": 0},
        "total_tokens": INPUT_TOKENS + given + made,
    }


def _refused(message: str, param: str) -> Response:
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": "invalid_value"}
    return JSONResponse({"error": error}, status_code=400)


async def _openai(request: Request) -> Response:
    fields = await _fields(request)
    if "[simulate:400]" in fields["prompt"]:
        return _refused("refused as asked", "prompt")
    if "response_format" in fields:
        return _refused("Unknown parameter: 'response_format'.", "response_format")
    count = int(fields.get("n") or 1)
    facts = {"background": "opaque", "output_format": fields.get("output_format") or "png",
             "quality": fields.get("quality") or "medium", "size": fields.get("size") or "1024x1024"}  # fmt: skip
    usage = _usage(fields, count)
    if fields.get("stream") in (True, "true"):
        word = "image_edit" if request.url.path.endswith("edits") else "image_generation"
        return StreamingResponse(_events(word, fields, facts, usage), media_type="text/event-stream")
    data = [{"b64_json": png(f"{fields['prompt']}{number}")} for number in range(count)]
    return JSONResponse({"created": CREATED, **facts, "data": data, "usage": usage})


async def _events(
    word: str, fields: dict[str, Any], facts: dict[str, Any], usage: dict[str, Any]
) -> AsyncIterator[bytes]:
    prompt = fields["prompt"]
    for number in range(int(fields.get("partial_images") or 0)):
        event = {"type": f"{word}.partial_image", "b64_json": png(prompt, number + 1), "created_at": CREATED,
                 "partial_image_index": number, **facts}  # fmt: skip
        yield f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
        if "[simulate:cut" in prompt:
            raise ConnectionResetError("cut as asked")
    done = {"type": f"{word}.completed", "b64_json": png(prompt), "created_at": CREATED, "usage": usage, **facts}
    yield f"event: {done['type']}\ndata: {json.dumps(done)}\n\n".encode()


async def _xai(request: Request) -> Response:
    fields = await _fields(request)
    unknown = set(fields) - {"model", "prompt", "n", "response_format", "aspect_ratio", "image", "images", "user",
                             "resolution"}  # fmt: skip
    if unknown:
        return _refused(f"unknown field {sorted(unknown)[0]}", sorted(unknown)[0])
    STATE.served["xai.requests"] += 1
    inline = fields.get("response_format") == "b64_json"
    data = [
        {"b64_json": png(fields["prompt"]), "mime_type": "image/png"}
        if inline
        else {"url": f"https://images.invalid/simulated/{number}.png", "mime_type": "image/png"}
        for number in range(int(fields.get("n") or 1))
    ]
    return JSONResponse({"data": data, "usage": {"cost_in_usd_ticks": 200_000_000}})


def gemini(body: dict[str, Any]) -> Response:
    """generateContent of a model that was asked for a picture."""
    parts = body["contents"][-1]["parts"]
    prompt = "".join(part.get("text", "") for part in parts)
    images = 258 * sum("inlineData" in part for part in parts)
    STATE.served["gemini.requests"] += 1
    content = {"role": "model", "parts": [{"inlineData": {"mimeType": "image/png", "data": png(prompt)}}]}
    usage = {
        "promptTokenCount": 8 + images,
        "candidatesTokenCount": 1290,
        "totalTokenCount": 1298 + images,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": 8},
            {"modality": "IMAGE", "tokenCount": images},
        ],
        "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1290}],
    }
    if "[simulate:blocked]" in prompt:
        return JSONResponse({"candidates": [{"finishReason": "IMAGE_SAFETY", "index": 0}], "usageMetadata": usage})
    return JSONResponse(
        {"candidates": [{"content": content, "finishReason": "STOP", "index": 0}], "usageMetadata": usage}
    )


routes = [
    Route("/openai/v1/images/generations", _openai, methods=["POST"]),
    Route("/openai/v1/images/edits", _openai, methods=["POST"]),
    Route("/xai/v1/images/generations", _xai, methods=["POST"]),
    Route("/xai/v1/images/edits", _xai, methods=["POST"]),
]
