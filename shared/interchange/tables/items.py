"""An item as JSON, for an engine that keeps it as one text.

Numbers, words, lists and maps are JSON's own. What JSON has not is a map of one name that begins with `$`: `$b` bytes
in base64, `$s` a set, `$n` a number that is no 64-bit integer, `$m` a map with a name that begins so itself.
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import orjson

from .port import Item

MARK = b'"$'
NESTED = (dict, list)
MOST = 2**63 - 1
AS_THEY_ARE = frozenset({str, bytes, bool, type(None)})
ESCAPED: Mapping[str, Callable[[Any], Any]] = {
    "$b": a2b_base64,
    "$s": set,
    "$n": lambda text: number(Decimal(text)),
    "$m": lambda pairs: {name: _read(value) for name, value in pairs},
}


def write_item(item: Item) -> bytes:
    """Writes an item of plain values only: see `plain`."""
    escapes: list[dict[str, Any]] = []

    def escaped(value: Any) -> dict[str, Any]:
        escapes.append(_escaped(value))
        return escapes[-1]

    text = orjson.dumps(item, default=escaped)
    return text if text.count(MARK) == len(escapes) else orjson.dumps(_guarded(item), default=_escaped)


def read_item(text: bytes) -> Item:
    item: Item = orjson.loads(text)
    return _read(item) if MARK in text else item


def plain(value: Any) -> Any:
    """The value as both engines give it back. Raises TypeError for what no table can hold: floats, empty sets."""
    kind = type(value)
    if kind in AS_THEY_ARE or (kind is int and -MOST <= value <= MOST):
        return value
    if kind is dict:  # before the match, in which it is no more than a Mapping
        return {name: inner if type(inner) in AS_THEY_ARE else plain(inner) for name, inner in value.items()}
    match value:
        case str() | bool() | bytes():
            return value
        case int() | Decimal():
            return number(value)
        case Mapping():
            return {name: plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case set() | frozenset() if value and all(isinstance(one, str) for one in value):
            return set(value)
        case _:
            raise TypeError(f"no attribute of the table can hold {value!r}")


def number(value: int | Decimal) -> int | Decimal:
    """An int wherever it is whole and short enough for JSON's readers."""
    whole = int(value)
    return whole if value == whole and -MOST <= whole <= MOST else Decimal(value)


def _escaped(value: Any) -> dict[str, Any]:
    match value:
        case bytes():
            return {"$b": b2a_base64(value, newline=False).decode()}
        case Decimal():
            return {"$n": str(value)}
        case set():
            return {"$s": sorted(value)}
        case _:
            raise TypeError(f"no attribute of the table can hold {value!r}")


def _guarded(value: Any) -> Any:
    """Escapes every map that would be taken for an escape."""
    match value:
        case dict():
            inner = {name: _guarded(one) for name, one in value.items()}
            return {"$m": list(inner.items())} if any(name.startswith("$") for name in inner) else inner
        case list():
            return [_guarded(one) for one in value]
        case _:
            return value


def _read(value: Any) -> Any:
    """In place: nobody else has seen the value yet."""
    if type(value) is dict:
        if len(value) == 1:
            ((name, inner),) = value.items()
            if name in ESCAPED:
                return ESCAPED[name](inner)
        for name, inner in value.items():
            if type(inner) in NESTED:
                value[name] = _read(inner)
    elif type(value) is list:
        value[:] = map(_read, value)
    return value
