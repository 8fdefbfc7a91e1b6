"""The JSON codec. orjson for speed; the standard library where orjson is stricter than the vendors are."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any, NoReturn

import orjson


def loads(data: bytes | str) -> Any:
    """Any JSON value, in UTF-8 without a mark before it. Raises ValueError. Integers beyond 64 bits and lone surrogates
    are read as Python reads them."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        # decoded here: Python would guess UTF-16 and UTF-32 too, which nothing that splices the bytes could follow
        text = data.decode() if isinstance(data, bytes) else data
        try:
            return json.loads(text, parse_constant=_refuse, parse_float=_finite)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


def dumps(value: Any) -> bytes:
    """Compact UTF-8 JSON in insertion order; deterministic, so that equal values are equal prefixes to a cache."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


def dumps_text(value: Any) -> str:
    return dumps(value).decode()


def _finite(word: str) -> float:
    value = float(word)
    return value if isfinite(value) else _refuse(word)


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number of JSON")
