"""Embeddings and moderations, as OpenAI and Gemini speak them. A vector follows from its text alone."""

from __future__ import annotations

import base64
import hashlib
import math
from array import array
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .control import STATE

DIMENSIONS = {"text-embedding-3-large": 3072}
"""Where a request asks for none; others have 1536 (https://developers.openai.com/api/docs/guides/embeddings)."""
MOST_AT_ONCE = 100
CATEGORIES = (
    "harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent", "self-harm",
    "self-harm/instructions", "self-harm/intent", "sexual", "sexual/minors", "violence", "violence/graphic",
)  # fmt: skip


def _vector(given: Any, dimensions: int) -> list[float]:
    """Unit length, and different for different texts."""
    seed = hashlib.sha256(repr(given).encode()).digest()
    raw = [math.sin(seed[n % 32] + n * (1 + seed[(n + 1) % 32])) for n in range(dimensions)]
    length = math.sqrt(sum(x * x for x in raw)) or 1.0
    return array("f", (x / length for x in raw)).tolist()


def _tokens(given: Any) -> int:
    return max(1, len(given.encode()) // 4) if isinstance(given, str) else len(given)


def _count(vendor: str, tokens: int) -> None:
    STATE.served[f"{vendor}.requests"] += 1
    STATE.served[f"{vendor}.input_tokens"] += tokens


def _inputs(given: Any) -> Sequence[Any]:
    return [given] if isinstance(given, str) or (given and isinstance(given[0], int)) else given


async def _openai(request: Request) -> Response:
    body = await request.json()
    STATE.heard(request, body)
    inputs = _inputs(body["input"])
    encoding = body.get("encoding_format", "float")
    if encoding not in ("float", "base64"):
        error = {"message": "Invalid encoding_format", "type": "invalid_request_error", "param": "encoding_format"}
        return JSONResponse({"error": {**error, "code": None}}, status_code=400)
    data = []
    for number, given in enumerate(inputs):
        vector: Any = _vector(given, body.get("dimensions") or DIMENSIONS.get(body["model"], 1536))
        if encoding == "base64":
            vector = base64.b64encode(array("f", vector).tobytes()).decode()
        data.append({"object": "embedding", "index": number, "embedding": vector})
    tokens = sum(_tokens(given) for given in inputs)
    _count("openai", tokens)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return JSONResponse({"object": "list", "data": data, "model": body["model"], "usage": usage})


async def _gemini(request: Request) -> Response:
    body = await request.json()
    STATE.heard(request, body)
    if len(body["requests"]) > MOST_AT_ONCE:
        message = f"at most {MOST_AT_ONCE} requests can be in one batch"
        return JSONResponse({"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}}, status_code=400)
    texts = ["".join(part["text"] for part in one["content"]["parts"]) for one in body["requests"]]
    size = body["requests"][0].get("outputDimensionality") or 3072
    _count("gemini", sum(_tokens(text) for text in texts))
    tokens = sum(_tokens(text) for text in texts)
    return JSONResponse(
        {
            "embeddings": [{"values": _vector(text, size)} for text in texts],
            "usageMetadata": {"promptTokenCount": tokens},
        }
    )


async def _moderations(request: Request) -> Response:
    body = await request.json()
    STATE.heard(request, body)
    STATE.served["openai.requests"] += 1
    given = body["input"]
    batch = given if isinstance(given, list) and all(isinstance(one, str) for one in given) else [given]
    results = [
        {
            "flagged": "[simulate:flag]" in str(one),
            "categories": dict.fromkeys(CATEGORIES, "[simulate:flag]" in str(one)),
            "category_scores": dict.fromkeys(CATEGORIES, 0.0),
            "category_applied_input_types": {name: ["text"] for name in CATEGORIES},
        }
        for one in batch
    ]
    return JSONResponse({"id": "modr-simulated", "model": body["model"], "results": results})


routes = [
    Route("/openai/v1/embeddings", _openai, methods=["POST"]),
    Route("/openai/v1/moderations", _moderations, methods=["POST"]),
    Route("/gemini/v1beta/models/{model}:batchEmbedContents", _gemini, methods=["POST"]),
]
