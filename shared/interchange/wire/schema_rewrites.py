"""The rewrites of JSON Schema that keep its meaning: each is a small function from schema to schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .subsets import Subset

_JSON_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (str, "string"),
    (int, "integer"),
    (float, "number"),
    (dict, "object"),
    (list, "array"),
)
_BELONGS = {
    "object": frozenset(
        {"properties", "required", "additionalProperties", "propertyOrdering", "minProperties", "maxProperties"}
    ),
    "array": frozenset({"items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"}),
    "string": frozenset({"minLength", "maxLength", "pattern", "format"}),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}),
}
_BOUNDS = (("exclusiveMinimum", "minimum", 1), ("exclusiveMaximum", "maximum", -1))
Inexact = list[tuple[str, str]]


def rewrite(source: Mapping[str, Any], subset: Subset) -> tuple[dict[str, Any], Inexact]:
    """The schema with words of the subset where it has equal ones; and the keywords that came out weaker."""
    schema = dict(source)
    inexact: Inexact = []
    if "oneOf" in schema and "oneOf" not in subset.keywords and "anyOf" not in schema:
        schema = {("anyOf" if name == "oneOf" else name): value for name, value in schema.items()}
    if "const" in schema and "const" not in subset.keywords and "enum" not in schema:
        schema = {("enum" if k == "const" else k): ([v] if k == "const" else v) for k, v in schema.items()}
    if isinstance(schema.get("items"), list) and "prefixItems" in subset.keywords:  # how drafts before 2020-12 said it
        schema = {("prefixItems" if name == "items" else name): value for name, value in schema.items()}
    _name_pattern(schema, subset, inexact)
    _take_null_out(schema, subset)
    for exclusive, inclusive, step in _BOUNDS:
        if exclusive in schema and exclusive not in subset.keywords and inclusive in subset.keywords:
            _soften(schema, exclusive, inclusive, step, inexact)
    return schema, inexact


def _name_pattern(schema: dict[str, Any], subset: Subset, inexact: Inexact) -> None:
    """Properties by a pattern of their names may have any name, where the subset knows no patterns: a map stays one."""
    by_pattern = schema.get("patternProperties")
    if subset.closed or "patternProperties" in subset.keywords or not isinstance(by_pattern, Mapping) or not by_pattern:
        return
    if "additionalProperties" not in subset.keywords or schema.get("additionalProperties", False) is not False:
        return
    values: list[Any] = []
    for value in by_pattern.values():
        if value not in values:
            values.append(value)
    schema["additionalProperties"] = values[0] if len(values) == 1 else {"anyOf": values}
    inexact.append(("patternProperties", "sent as additionalProperties: the names are not held to the pattern"))


def _take_null_out(schema: dict[str, Any], subset: Subset) -> None:
    """Null among types, enum values or variants becomes `nullable: true`, where the subset cannot list it."""
    types = schema.get("type")
    if isinstance(types, list) and "null" in types and not subset.type_lists:
        schema["type"] = [item for item in types if item != "null"]
        schema["nullable"] = True
    values = schema.get("enum")
    if isinstance(values, list) and None in values and len(values) > 1 and subset.enum_types is not None:
        schema["enum"] = [value for value in values if value is not None]
        schema["nullable"] = True
        if isinstance(schema.get("type"), list):
            schema["type"] = [item for item in schema["type"] if item != "null"]
    variants = schema.get("anyOf")
    if "nullable" in subset.keywords and isinstance(variants, list) and {"type": "null"} in variants:
        rest = [item for item in variants if item != {"type": "null"}]
        del schema["anyOf"]
        schema["nullable"] = True
        if len(rest) == 1 and isinstance(rest[0], Mapping) and "$ref" not in rest[0]:
            for name, value in rest[0].items():
                schema.setdefault(name, value)
        elif rest:
            schema["anyOf"] = rest
    types = schema.get("type")
    if isinstance(types, list) and len(types) == 1:
        schema["type"] = types[0]


def _soften(schema: dict[str, Any], exclusive: str, inclusive: str, step: int, inexact: Inexact) -> None:
    """An exclusive bound as an inclusive one; where both stand, the narrower stays."""
    bound = schema.pop(exclusive)
    if bound is False:
        return
    other = schema.get(inclusive)
    value = other if bound is True else bound  # draft 4 wrote a flag beside `minimum`
    if not isinstance(value, int | float):
        return
    exact = schema.get("type") == "integer" and float(value).is_integer()
    value = int(value) + step if exact else value
    if bound is not True and isinstance(other, int | float) and (other - value) * step > 0:
        return
    if not exact:
        inexact.append((exclusive, f"sent as {inclusive}: the bound itself is allowed"))
    schema[inclusive] = value


def split_types(schema: dict[str, Any], subset: Subset) -> dict[str, Any]:
    """A list of types as `anyOf`, each variant with the keywords of its own type, where lists cannot stay."""
    types = schema.get("type")
    if not isinstance(types, list) or subset.type_lists:
        return schema
    if "anyOf" in schema:
        return {name: value for name, value in schema.items() if name != "type"}
    variants: list[dict[str, Any]] = []
    taken: set[str] = set()
    for name in types:
        own = _BELONGS.get("number" if name == "integer" else name, frozenset())
        variants.append({"type": name, **{key: value for key, value in schema.items() if key in own}})
        taken |= own
    rest = {name: value for name, value in schema.items() if name not in taken}
    return {("anyOf" if name == "type" else name): (variants if name == "type" else rest[name]) for name in rest}


def add_null(schema: dict[str, Any], subset: Subset) -> dict[str, Any]:
    """The schema that also allows null, in the subset's way of saying so."""
    types = schema.get("type")
    if "nullable" in subset.keywords:
        return {**schema, "nullable": True}
    if types == "null" or (isinstance(types, list) and "null" in types) or schema.get("nullable"):
        return schema
    if any(isinstance(item, Mapping) and item.get("type") == "null" for item in schema.get("anyOf", ())):
        return schema
    if subset.type_lists and types is not None and "enum" not in schema and "const" not in schema:
        return {**schema, "type": [*(types if isinstance(types, list) else [types]), "null"]}
    outer = {name: value for name, value in schema.items() if name in ("title", "description")}
    inner = {name: value for name, value in schema.items() if name not in outer}
    return {"anyOf": [*(inner["anyOf"] if set(inner) == {"anyOf"} else [inner]), {"type": "null"}], **outer}


def infer_type(schema: dict[str, Any]) -> None:
    """States the type that an enum's values or the keywords have in common: decoders want one."""
    if any(name in schema for name in ("type", "anyOf", "allOf", "$ref")):
        return
    values = schema.get("enum") or ([schema["const"]] if "const" in schema else None)
    if values is not None:
        found = {name for value in values for name in [_type_of(value)] if name}
        if len(found) == 1 and not any(value is None for value in values):
            schema["type"] = found.pop()
    elif "properties" in schema:
        schema["type"] = "object"
    elif "items" in schema or "prefixItems" in schema:
        schema["type"] = "array"


def _type_of(value: Any) -> str | None:
    return next((name for kind, name in _JSON_TYPES if isinstance(value, kind)), None)


def merge_all(parent: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], list[str]]:
    """`allOf` folded into one schema: properties and required are united, other words must agree (the first stays)."""
    merged = dict(parent)
    conflicts: list[str] = []
    for part in parts:
        for name, value in part.items():
            before = merged.get(name)
            if name not in merged:
                merged[name] = value
            elif name == "properties" and isinstance(before, Mapping) and isinstance(value, Mapping):
                merged[name] = {**before, **{key: item for key, item in value.items() if key not in before}}
            elif name == "required" and isinstance(before, list) and isinstance(value, list):
                merged[name] = [*before, *(item for item in value if item not in before)]
            elif name == "allOf" and isinstance(before, list) and isinstance(value, list):
                merged[name] = [*before, *value]
            elif before != value and name not in ("title", "description", "$defs", "definitions"):
                conflicts.append(name)
    return merged, conflicts
