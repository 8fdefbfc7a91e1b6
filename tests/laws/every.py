"""Every form of a type of the vendors' SDKs: one value with all its fields, and one for each alternative of a field."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Mapping, Sequence
from types import UnionType
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin

from typing_extensions import get_type_hints, is_typeddict

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
KNOWN: Mapping[str, Any] = {
    "name": "n1", "call_id": "c1", "id": "x1", "arguments": '{"a":"w1w"}', "input": {"a": "w2w"}, "parameters": SCHEMA,
    "input_schema": SCHEMA, "schema": SCHEMA, "url": "https://a.example/x", "image_url": "https://a.example/x.png",
    "file_url": "https://a.example/x.pdf", "data": PIXEL, "file_data": "data:application/pdf;base64,JVBERi0xLjQK",
    "media_type": "image/png", "result": PIXEL, "server_url": "https://a.example", "tool_use_id": "t1",
    "country": "NO", "tunnel_id": "tunnel_" + "a" * 32,
}  # fmt: skip
"""What a type cannot tell of a field."""
WRAPPERS: tuple[Any, ...] = (Required, NotRequired)
DEEPEST = 12
_numbers = itertools.count(100)


@functools.cache
def every(kind: Any, field: str = "", depth: int = 0) -> tuple[Any, ...]:
    """At least one value; strings that are not known are words of their own (`w123w`)."""
    origin: Any = get_origin(kind)
    arguments = get_args(kind)
    if origin in WRAPPERS:
        return every(arguments[0], field, depth)
    if origin in (Union, UnionType):
        found = [one for part in arguments if part is not type(None) for one in every(part, field, depth)]
        return tuple(found) or (None,)
    if is_typeddict(kind):
        return _objects(kind, depth)
    if origin is Literal:
        return (arguments[0],)
    if origin in (list, Iterable, Sequence) or "SequenceNotStr" in str(kind):
        inner = arguments[0] if arguments else str
        return tuple([one] for one in every(inner, field, depth))
    if field in KNOWN:
        return (KNOWN[field],)
    if origin in (dict, Mapping):
        return ({"k": f"w{next(_numbers)}w"},)
    plain: dict[Any, Any] = {bool: True, int: 1, float: 0.5}
    return (plain.get(kind, f"w{next(_numbers)}w"),)


def _objects(kind: Any, depth: int) -> tuple[Any, ...]:
    if depth > DEEPEST:
        return ()
    hints = get_type_hints(kind, include_extras=True)
    fields = {name: every(hint, name, depth + 1) for name, hint in hints.items()}
    first = {name: values[0] for name, values in fields.items() if values}
    others = [{**first, name: value} for name, values in fields.items() for value in values[1:]]
    required = {name: first[name] for name, hint in hints.items() if _is_required(hint) and name in first}
    return (first, *others, *([required] if required != first else []))


def _is_required(hint: Any) -> bool:
    return get_origin(hint) in WRAPPERS[:1]
