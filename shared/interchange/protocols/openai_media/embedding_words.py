"""Parts that the embedding faces share: the answer, its usage, and vectors as base64 or numbers."""

from __future__ import annotations

import base64
import binascii
import sys
from array import array
from collections.abc import Sequence
from typing import Any

from interchange.hub.usage import Usage
from interchange.wire import codec


def read_object(raw: bytes) -> dict[str, Any]:
    body = codec.loads(raw)
    if not isinstance(body, dict) or not isinstance(body.get("data"), list):
        raise ValueError("the answer holds no embeddings")
    return body


def read_usage(body: dict[str, Any]) -> Usage | None:
    usage = body.get("usage")
    tokens = usage.get("prompt_tokens", usage.get("total_tokens")) if isinstance(usage, dict) else None
    return None if tokens is None else Usage(input=int(tokens))


def read_floats(value: Any) -> Sequence[float]:
    if not isinstance(value, str):
        return [float(number) for number in value]
    try:
        vector = array("f", base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError) as error:
        raise ValueError("an embedding is not base64 of float32") from error
    if sys.byteorder == "big":
        vector.byteswap()
    return vector.tolist()
