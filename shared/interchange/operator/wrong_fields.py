"""Words for what is wrong with a body or a query, which its sender can act on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Told = Mapping[str, Any]
WORDS: Mapping[str, Callable[[Told], str]] = {
    "missing": lambda _: "missing, and needed",
    "extra_forbidden": lambda _: "no such field",
    "string_type": lambda _: "must be a text, in quotes",
    "int_type": lambda _: "must be a whole number, without quotes",
    "int_parsing": lambda _: "must be a whole number",
    "int_from_float": lambda _: "must be a whole number",
    "bool_type": lambda _: "must be true or false, without quotes",
    "list_type": lambda _: 'must be a list, such as ["a", "b"]',
    "model_type": lambda _: 'must be an object, such as {"name": "value"}',
    "model_attributes_type": lambda _: 'must be an object, such as {"name": "value"}',
    "dict_type": lambda _: 'must be an object, such as {"name": "value"}',
    "string_too_short": lambda _: "must not be empty",
    "string_too_long": lambda told: f"must have at most {told['max_length']} characters",
    "string_pattern_mismatch": lambda _: "has a character that cannot be shown",
    "too_short": lambda _: "must not be empty",
    "too_long": lambda told: f"must have at most {told['max_length']} entries",
    "greater_than_equal": lambda told: f"must be {told['ge']} or more",
    "less_than_equal": lambda told: f"must be {told['le']} or less",
    "literal_error": lambda told: f"must be one of {told['expected']}",
    "string_unicode": lambda _: "has characters that are not Unicode",
}
"""By the kind of pydantic's error; what is not here is said as pydantic says it."""
AMOUNT = 'must be an amount in quotes, such as "12.50"'
BODY = "the body"
NO_BODY = "the body: missing, and needed: send JSON, with the header content-type: application/json"
NO_JSON = "the body: no JSON"
ROOTS = ("body", "query", "path", "header")


def first_wrong(errors: Any) -> tuple[str, str]:
    """(the field, a line that begins with it) of the first of pydantic's errors; "" for the body as a whole."""
    first = errors[0]
    kind, told = str(first["type"]), first.get("ctx") or {}
    if kind == "json_invalid":
        return "", f"{NO_JSON}: {told.get('error', 'it cannot be read')}, at character {_place(first['loc'])}"
    field = ".".join(str(part) for part in first["loc"] if part not in ROOTS)
    if not field and (kind == "missing" or isinstance(first.get("input"), bytes)):
        return "", NO_BODY
    return field, f"{field or BODY}: {_words(field, kind, told, first)}"


def _words(field: str, kind: str, told: Told, first: Told) -> str:
    if kind == "string_type" and field.endswith("usd"):
        return AMOUNT
    words = WORDS.get(kind)
    return words(told) if words else str(first["msg"]).removeprefix("Value error, ")


def _place(where: Any) -> int:
    return next((part + 1 for part in where if isinstance(part, int)), 1)
