"""Checked access to a caller's JSON. Each refusal is a 400 naming the field, in OpenAI's own words and codes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from interchange.hub.failure import RequestError, invalid
from interchange.protocols.faces import JsonObject
from interchange.protocols.parameters import Kind, Row

_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "a boolean"),
    (str, "a string"),
    ((int, float), "a number"),
    (list, "an array"),
    (dict, "an object"),
)
PLACE = ("type", "city", "country", "region", "timezone")
GREATEST = 2**63 - 1


def mistyped(path: str, expected: str, value: Any) -> RequestError:
    got = next((word for kind, word in _KINDS if isinstance(value, kind)), "null")
    return invalid(f"Invalid type for '{path}': expected {expected}, but got {got} instead.", path, "invalid_type")


def missing(path: str) -> RequestError:
    return invalid(f"Missing required parameter: '{path}'.", path, "missing_required_parameter")


def unsupported(path: str, value: Any, supported: Sequence[str]) -> RequestError:
    words = ", ".join(f"'{word}'" for word in supported)
    return invalid(f"Invalid value: '{value}'. Supported values are: {words}.", path, "invalid_value")


def text(body: Mapping[str, Any], name: str, path: str | None = None) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise mistyped(path or name, "a string", value)
    return value


def needed_text(body: Mapping[str, Any], name: str, path: str) -> str:
    value = text(body, name, path)
    if value is None:
        raise missing(path)
    return value


def boolean(body: Mapping[str, Any], name: str, path: str | None = None) -> bool | None:
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise mistyped(path or name, "a boolean", value)
    return value


def number(body: Mapping[str, Any], name: str) -> float | None:
    """Reads a number as it was sent: 1 stays 1."""
    value = body.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise mistyped(name, "a number", value)
    return value


def integer(body: Mapping[str, Any], name: str, least: int | None = None, path: str | None = None) -> int | None:
    value = body.get(name)
    path = path or name
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise mistyped(path, "an integer", value)
    if abs(value) > GREATEST:
        raise invalid(f"Invalid '{path}': an integer beyond 64 bits.", path, "integer_above_max_value")
    if least is not None and value < least:
        message = (
            f"Invalid '{path}': integer below minimum value. Expected a value >= {least}, but got {value} instead."
        )
        raise invalid(message, path, "integer_below_min_value")
    return value


def mapping(body: Mapping[str, Any], name: str, path: str | None = None) -> JsonObject | None:
    value = body.get(name)
    if value is not None and not isinstance(value, dict):
        raise mistyped(path or name, "an object", value)
    return value


def text_mapping(body: Mapping[str, Any], name: str) -> JsonObject | None:
    """An object whose values are texts."""
    value = mapping(body, name)
    for key in value or ():
        text(value or {}, key, f"{name}.{key}")
    return value


def needed_mapping(body: Mapping[str, Any], name: str, path: str) -> JsonObject:
    value = mapping(body, name, path)
    if value is None:
        raise missing(path)
    return value


def objects(body: Mapping[str, Any], name: str, path: str | None = None) -> Iterator[tuple[str, JsonObject]]:
    """(path, object) for each item of an array of objects; nothing for an absent one."""
    path = path or name
    value = body.get(name)
    if value is None:
        return
    if not isinstance(value, list):
        raise mistyped(path, "an array of objects", value)
    for position, item in enumerate(value):
        here = f"{path}[{position}]"
        if not isinstance(item, dict):
            raise mistyped(here, "an object", item)
        yield here, item


def texts(body: Mapping[str, Any], name: str, path: str | None = None) -> tuple[str, ...]:
    value = body.get(name)
    path = path or name
    if value is None:
        return ()
    if not isinstance(value, list):
        raise mistyped(path, "an array of strings", value)
    for position, item in enumerate(value):
        if not isinstance(item, str):
            raise mistyped(f"{path}[{position}]", "a string", item)
    return tuple(value)


def user_location(body: Mapping[str, Any], name: str, path: str) -> JsonObject | None:
    """Reads where a search is made from: every field of it is a text."""
    value = mapping(body, name, path)
    for field in PLACE:
        text(value or {}, field, f"{path}.{field}")
    return value


def parameters(body: Mapping[str, Any], rows: Iterable[Row]) -> dict[str, Any]:
    """Hub field -> value, None where there is none, for each row."""
    # nearly all rows have none: a property for each of them took as long as the rest
    return {row.hub: None if body.get(row.wire or row.hub) is None else _value(body, row) for row in rows}


def _value(body: Mapping[str, Any], row: Row) -> Any:
    return integer(body, row.name, row.least) if row.kind is Kind.INTEGER else _READERS[row.kind](body, row.name)


_READERS: Mapping[Kind, Callable[[Mapping[str, Any], str], Any]] = {
    Kind.NUMBER: number,
    Kind.BOOLEAN: boolean,
    Kind.TEXT: text,
    Kind.OBJECT: mapping,
    Kind.TEXTS_BY_NAME: text_mapping,
}
