"""The openai SDK's types of a Responses request, held strictly: no field that they do not have."""

from __future__ import annotations

import collections.abc
import functools
import operator
import types
import typing
from typing import Any

import typing_extensions
from openai.types.responses.response_create_params import (
    ResponseCreateParamsNonStreaming,
    ResponseCreateParamsStreaming,
)
from pydantic import ConfigDict, TypeAdapter


@functools.cache
def strict(kind: Any) -> Any:
    """A TypedDict with its lazily checked iterables made lists, all the way down."""
    if typing_extensions.is_typeddict(kind):
        hints = typing_extensions.get_type_hints(kind, include_extras=True)
        make: Any = typing_extensions.TypedDict
        closed = make(kind.__name__, {field: strict(hint) for field, hint in hints.items()}, total=False)
        closed.__pydantic_config__ = ConfigDict(extra="forbid")
        return closed
    origin, arguments = typing_extensions.get_origin(kind), typing_extensions.get_args(kind)
    match origin:
        case typing_extensions.Required | typing_extensions.NotRequired:
            return origin[strict(arguments[0])]
        case typing.Union | types.UnionType:
            return functools.reduce(operator.or_, [strict(argument) for argument in arguments])
        case collections.abc.Iterable:
            return list[strict(arguments[0])]  # type: ignore[misc]
        case typing.Annotated:
            return strict(arguments[0])
        case _ if origin is list:
            return list[strict(arguments[0])]  # type: ignore[misc]
        case _:
            return kind if "SequenceNotStr[str]" not in str(kind) else list[str]


@functools.cache
def adapter(stream: bool) -> TypeAdapter[Any]:
    return TypeAdapter(strict(ResponseCreateParamsStreaming if stream else ResponseCreateParamsNonStreaming))


def validate(body: dict[str, Any]) -> None:
    adapter(bool(body.get("stream"))).validate_python(body, strict=True)
