"""The JSON codec. orjson for speed; the standard library where orjson is stricter than the vendors are."""

from __future__ import annotations

import json
from typing import Any

import orjson


def loads(data: bytes | str) -> Any:
    """Any JSON value. Raises ValueError. Integers beyond 64 bits and lone surrogates are read as Python reads them."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return json.loads(data, parse_constant=_refuse)


def dumps(value: Any) -> bytes:
    """Compact UTF-8 JSON in insertion order; deterministic, so that equal values are equal prefixes to a cache."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


def dumps_text(value: Any) -> str:
    return dumps(value).decode()


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")
