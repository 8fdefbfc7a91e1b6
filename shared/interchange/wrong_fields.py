"""Words for what pydantic finds wrong with a body, a query or an event, which its sender can act on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    "bool_parsing": lambda _: "must be true or false",
    "float_type": lambda _: "must be a number, without quotes",
    "finite_number": lambda _: "must be a number",
    "list_type": lambda _: 'must be a list, such as ["a", "b"]',
    "model_type": lambda _: 'must be an object, such as {"name": "value"}',
    "model_attributes_type": lambda _: 'must be an object, such as {"name": "value"}',
    "dict_type": lambda _: 'must be an object, such as {"name": "value"}',
    "string_too_short": lambda _: "must not be empty",
    "string_too_long": lambda told: f"must have at most {told['max_length']} characters",
    "string_pattern_mismatch": lambda told: FORMS.get(told["pattern"], UNSEEN),
    "too_short": lambda _: "must not be empty",
    "too_long": lambda told: f"must have at most {told['max_length']} entries",
    "greater_than_equal": lambda told: f"must be {told['ge']} or more",
    "less_than_equal": lambda told: f"must be {told['le']} or less",
    "literal_error": lambda told: f"must be one of {told['expected']}",
    "string_unicode": lambda _: "has characters that are not Unicode",
    "union_tag_invalid": lambda told: f"must be one of {told['expected_tags']}",
    "union_tag_not_found": lambda _: "missing, and needed",
}
"""By the kind of pydantic's error; what is not here is said as pydantic says it."""
FORMS: dict[str, str] = {}
"""A pattern of a model -> what must be written there; of others it is said that they keep characters out."""
UNSEEN = "has a character that cannot be shown"
AMOUNT = 'must be an amount in quotes, such as "12.50"'
BODY = "the body"
NO_BODY = "the body: missing, and needed: send JSON, with the header content-type: application/json"
NO_JSON = "the body: no JSON"
ROOTS = ("body", "query", "path", "header")
ASIDE = (*ROOTS, "str")
"""Words in a finding's place that name no field."""


def form(pattern: str, words: str) -> str:
    """Returns the pattern, and remembers what must be written there: it ends a line that begins with the field."""
    FORMS[pattern] = words
    return pattern


def deepest(errors: Sequence[Told]) -> Told:
    """Returns of a field's alternatives the finding about the one that was meant."""
    return max(errors, key=lambda one: (len(one["loc"]), one["type"].startswith("union_tag")))


def first_wrong(errors: Sequence[Told]) -> tuple[str, str]:
    """(the field, a line that begins with it) of the deepest of pydantic's findings; "" for the body as a whole."""
    first = deepest(errors)
    kind, told = str(first["type"]), first.get("ctx") or {}
    if kind == "json_invalid":
        return "", f"{NO_JSON}: {told.get('error', 'it cannot be read')}, at character {_place(first['loc'])}"
    field = ".".join(str(part) for part in first["loc"] if part not in ROOTS)
    field = field or str(told.get("discriminator", "")).strip("'")
    if not field and (kind == "missing" or isinstance(first.get("input"), bytes)):
        return "", NO_BODY
    return field, f"{field or BODY}: {said(field, first)}"


def said(field: str, found: Told) -> str:
    """Says in words what one of pydantic's findings tells of the field."""
    kind, told = str(found["type"]), found.get("ctx") or {}
    if kind == "string_type" and field.endswith("usd"):
        return AMOUNT
    words = WORDS.get(kind)
    return words(told) if words else str(found["msg"]).removeprefix("Value error, ")


def path(places: Sequence[int | str]) -> str:
    """A field's path, without pydantic's words for the alternatives that it tried and the one that `type` chose."""
    words: list[str] = []
    chosen = False
    for place in places:
        if isinstance(place, int):
            words.append(f"[{place}]")
        elif any(mark in place for mark in "[("):
            chosen = place.startswith("list[tagged-union")
        elif chosen:
            chosen = False
        elif place not in ASIDE:
            words.append(f".{place}")
    return "".join(words).lstrip(".")


def _place(where: Any) -> int:
    return next((part + 1 for part in where if isinstance(part, int)), 1)
