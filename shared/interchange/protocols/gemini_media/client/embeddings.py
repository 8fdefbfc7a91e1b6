"""models/{model}:batchEmbedContents. https://ai.google.dev/api/embeddings

Older models report no usage: the gateway's estimate is charged then (see docs/billing.md).
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.failure import invalid
from interchange.hub.losses import Losses
from interchange.hub.media import EmbeddingRequest, Embeddings
from interchange.hub.usage import Usage, whole
from interchange.protocols.faces import Profile
from interchange.protocols.media import Posted
from interchange.wire import codec

MOST_INPUTS = 100
"""Requests in one batch: the API refuses more ("at most 100 requests can be in one batch"). Callers of `/v1/embeddings`
send up to 2,048 (LangChain 1,000 unasked), so what is beyond goes out in further batches."""
_NATIVE = {"task_type": "taskType", "title": "title"}
"""Extra fields of a caller that this API has a word for."""


@dataclass(frozen=True, slots=True)
class Client:
    protocol: str = "gemini_media"

    def write_request(self, request: EmbeddingRequest, profile: Profile, losses: Losses) -> Posted:
        model = f"models/{profile.model}"
        if request.user is not None:
            losses.drop("user", "the provider takes no end-user id for embeddings")
        shared: dict[str, Any] = {}
        for name, value in request.extra.items():
            if name in _NATIVE:
                shared[_NATIVE[name]] = value
            else:
                losses.drop(name, "the provider has no such field for embeddings")
        if request.dimensions is not None:
            shared["outputDimensionality"] = request.dimensions
        requests = [
            {"model": model, "content": {"parts": [{"text": _text(given, number)}]}, **shared}
            for number, given in enumerate(request.inputs)
        ]
        first, *more = [
            codec.dumps({"requests": requests[at : at + MOST_INPUTS]})
            for at in range(0, max(1, len(requests)), MOST_INPUTS)
        ]
        path = f"/v1beta/{model}:batchEmbedContents"
        return Posted(path, first, more=tuple(more), join=_join) if more else Posted(path, first)

    def read_response(self, raw: bytes, request: EmbeddingRequest) -> Embeddings:
        body = _object(raw)
        vectors = tuple(_vector(item["values"]) for item in body["embeddings"])
        if len(vectors) != len(request.inputs):
            raise ValueError("the answer does not hold one embedding for each input")
        return Embeddings(vectors, _usage(body))

    def read_usage(self, raw: bytes, _request: EmbeddingRequest) -> tuple[Usage | None, int]:
        body = _object(raw)
        return _usage(body), len(body["embeddings"])


def _text(given: str | tuple[int, ...], number: int) -> str:
    if isinstance(given, str):
        return given
    raise invalid(
        f"input[{number}]: token ids belong to another vendor's tokenizer; send the text "
        "(LangChain: check_embedding_ctx_length=False).",
        f"input[{number}]",
        "token_input",
    )


def _join(answers: Sequence[bytes]) -> bytes:
    """One answer of several batches', in their order; its usage only where each of them tells its own."""
    bodies = [_object(raw) for raw in answers]
    whole: dict[str, Any] = {"embeddings": [item for body in bodies for item in body["embeddings"]]}
    told = [usage.input for body in bodies if (usage := _usage(body)) is not None]
    if len(told) == len(bodies):
        whole["usageMetadata"] = {"promptTokenCount": sum(told)}
    return codec.dumps(whole)


def _object(raw: bytes) -> dict[str, Any]:
    body = codec.loads(raw)
    if not isinstance(body, dict) or not isinstance(body.get("embeddings"), list):
        raise ValueError("the answer holds no embeddings")
    return body


def _vector(values: Any) -> Sequence[float]:
    if not isinstance(values, list) or not values:
        raise ValueError("an embedding is empty")
    if any(one is True or one is False for one in values):
        raise ValueError("an embedding is no list of numbers")
    array("d", values)  # TypeError for what is no number
    return values


def _usage(body: dict[str, Any]) -> Usage | None:
    found = body.get("usageMetadata")
    tokens = found.get("promptTokenCount") if isinstance(found, dict) else None
    return Usage(input=whole(tokens)) if isinstance(tokens, int | float) else None
