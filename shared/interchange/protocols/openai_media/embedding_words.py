"""Parts that the embedding faces share: the answer, its usage, and vectors as base64 or numbers."""

from __future__ import annotations

import base64
import binascii
import sys
from array import array
from collections.abc import Sequence
from typing import Any

from interchange.hub.media import EmbeddingRequest
from interchange.hub.usage import Usage, whole
from interchange.protocols.openai.counts import is_count
from interchange.wire import codec


def read_object(raw: bytes) -> dict[str, Any]:
    body = codec.loads(raw)
    if not isinstance(body, dict) or not isinstance(body.get("data"), list):
        raise ValueError("the answer holds no embeddings")
    return body


def read_items(body: dict[str, Any], request: EmbeddingRequest) -> list[Any]:
    """The vectors' objects in the order of the inputs. Raises ValueError where they are not one for each input: numbers
    that repeat or skip would give a text the vector of another."""
    data = body["data"]
    told = [item.get("index", at) for at, item in enumerate(data)]
    if any(isinstance(at, bool) or not isinstance(at, int) for at in told):
        raise ValueError("an embedding's index is no number")
    if sorted(told) != list(range(len(request.inputs))):
        raise ValueError("the answer does not hold one embedding for each input")
    return [data[at] for at in sorted(range(len(data)), key=told.__getitem__)]


def read_usage(body: dict[str, Any]) -> Usage | None:
    usage = body.get("usage")
    tokens = usage.get("prompt_tokens", usage.get("total_tokens")) if isinstance(usage, dict) else None
    return Usage(input=whole(tokens)) if is_count(tokens) else None


def read_numbers(value: Any) -> list[float]:
    """Raises ValueError or TypeError for what is no list of numbers."""
    if not isinstance(value, list) or any(one is True or one is False for one in value):
        raise ValueError("an embedding is no list of numbers")
    return array("d", value).tolist()


def read_floats(value: Any) -> Sequence[float]:
    """Raises ValueError or TypeError for what is no vector."""
    if not value:
        raise ValueError("an embedding is empty")
    if not isinstance(value, str):
        return read_numbers(value)
    try:
        vector = array("f", base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError) as error:
        raise ValueError("an embedding is not base64 of float32") from error
    if sys.byteorder == "big":
        vector.byteswap()
    return vector.tolist()
