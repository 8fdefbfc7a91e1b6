"""How a body is not what the newest SDK's request type says: unknown and missing fields, and other types."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin

from typing_extensions import get_type_hints, is_typeddict

HEADERS = frozenset({"betas"})
"""Arguments of an SDK's call that go as headers."""
MORE = {
    "stream_options": "of the streaming form",
    **dict.fromkeys(("temperature", "top_p", "top_k"), "models up to Claude 4.6 take them"),
}


def misfits(value: Any, kind: Any, path: str = "") -> Iterator[str]:
    """How the value is not what a TypedDict of an SDK says: unknown and missing fields, and other types."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is not None and origin in (Required, NotRequired):
        yield from misfits(value, arguments[0], path)
    elif origin in (Union, UnionType):
        found = [list(misfits(value, one, path)) for one in arguments]
        if all(found):
            yield min(found, key=len)[0]
    elif is_typeddict(kind):
        yield from _object(value, kind, path)
    elif origin is Literal:
        if value not in arguments:
            yield f"{path}: {value!r} is none of {arguments}"
    elif origin is dict or origin is Mapping:
        if not isinstance(value, dict):
            yield f"{path}: no object"
    elif arguments and origin is not type:  # a list of some kind
        if not isinstance(value, list):
            yield f"{path}: no list"
            return
        for at, item in enumerate(value):
            yield from misfits(item, arguments[0], f"{path}[{at}]")
    elif kind in PLAIN and not isinstance(value, PLAIN[kind]):
        yield f"{path}: no {kind.__name__}"


PLAIN: dict[Any, Any] = {str: str, int: int, float: (int, float), bool: bool, type(None): type(None)}


@functools.cache
def _fields(kind: Any) -> dict[str, Any]:
    return dict(get_type_hints(kind, include_extras=True))


def _object(value: Any, kind: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: no object"
        return
    fields = _fields(kind)
    for name, inner in value.items():
        here = f"{path}.{name}".lstrip(".")
        if name in fields and name not in HEADERS:
            yield from misfits(inner, fields[name], here)
        elif name not in MORE:
            yield f"{here}: unknown field"
    for name, hint in fields.items():
        if get_origin(hint) is not None and get_origin(hint) in (Required,) and name not in value:
            yield f"{path}.{name}".lstrip(".") + ": missing"
