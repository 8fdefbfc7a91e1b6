"""What strict decoders take of a schema. A property may have any name: only schemas are looked at, not their names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
NAMED = ("properties", "patternProperties", "$defs", "definitions")
LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
BELOW = ("items", "additionalProperties", "not", "if", "then", "else", "contains")
OPENAI_NOT = frozenset({
    "allOf", "oneOf", "not", "if", "then", "else", "default", "dependentRequired", "dependentSchemas", "nullable",
    "patternProperties", "propertyNames", "prefixItems", "unevaluatedProperties", "uniqueItems", "contains",
    "minProperties", "maxProperties", "minLength", "maxLength", "definitions",
})  # fmt: skip
"""platform.openai.com/docs/guides/structured-outputs#supported-schemas; openai-python#2024: "'oneOf' is not permitted",
"'default' is not permitted"."""
CLAUDE_NOT = frozenset({
    "allOf", "not", "if", "then", "else", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "minLength", "maxLength", "maxItems", "uniqueItems", "minProperties", "maxProperties", "patternProperties",
    "propertyNames", "prefixItems", "contains", "nullable", "dependentRequired", "dependentSchemas",
})  # fmt: skip
"""platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations; laravel/ai#715."""
OPTIONAL, UNIONS, TOOLS = 24, 16, 20
"""camel-ai/camel#4171, elizaOS/eliza#16499: what Claude takes of one request's strict schemas."""
DEEPEST, MOST_PROPERTIES, MOST_VALUES = 10, 5000, 1000
"""OpenAI's limits (structured outputs, "Limitations")."""


def schemas(schema: Any, depth: int = 0) -> Iterator[tuple[Json, int]]:
    """(a schema, levels of objects above it)"""
    if not isinstance(schema, dict):
        return
    yield schema, depth
    for word in NAMED:
        named = schema.get(word)
        for inner in named.values() if isinstance(named, dict) else ():
            yield from schemas(inner, depth + (word == "properties"))
    for word in LISTS:
        for inner in schema.get(word) or ():
            yield from schemas(inner, depth)
    for word in BELOW:
        yield from schemas(schema.get(word), depth)


def closed(schema: Any, required: bool) -> Iterator[str]:
    """platform.openai.com/docs/guides/structured-outputs#supported-schemas, and Anthropic's structured outputs."""
    for part, _ in schemas(schema):
        if "properties" in part and part.get("type", "object") == "object":
            if part.get("additionalProperties") is not False:
                yield "'additionalProperties' is required to be supplied and to be false"
            if required and set(part.get("required", ())) != set(part["properties"]):
                yield "'required' is required to include every key in properties"
            if set(part.get("required", ())) - set(part["properties"]):
                yield "'required' names what is no property"
        elif part.get("type") == "object" and part.get("additionalProperties") is not False:
            yield "an object is closed under strict"


def openai(schema: Any) -> Iterator[str]:
    yield from closed(schema, required=True)
    properties = 0
    for part, depth in schemas(schema):
        properties += len(part.get("properties") or ())
        yield from (f"'{word}' is not permitted" for word in part if word in OPENAI_NOT)
        if "$ref" in part and set(part) - {"$ref", "$defs"}:
            yield f"$ref cannot have keywords {set(part) - {'$ref'}}"
        if not {"type", "anyOf", "$ref", "enum", "const"} & part.keys():
            yield "schema must have a 'type' key"
        if len(part.get("enum") or ()) > MOST_VALUES:
            yield f"enum: at most {MOST_VALUES} values"
        if depth > DEEPEST:
            yield f"{depth} levels of nesting exceeds limit of {DEEPEST}"
    yield from _pointers(schema)
    if properties > MOST_PROPERTIES:
        yield f"at most {MOST_PROPERTIES} object properties"


def claude(schema: Any) -> Iterator[str]:
    yield from closed(schema, required=False)
    for part, _ in schemas(schema):
        yield from (f"output schema: property '{word}' is not supported" for word in part if word in CLAUDE_NOT)
        if part.get("minItems", 0) not in (0, 1):
            yield "For 'array' type, 'minItems' values other than 0 or 1 are not supported"
        if not {"type", "anyOf", "$ref", "enum", "const"} & part.keys():
            yield "Schema type '' is not supported"
        if any(isinstance(value, dict | list) for value in part.get("enum") or ()):
            yield "Enum values must be primitive"
        pattern = part.get("pattern")
        if isinstance(pattern, str) and re.search(r"\\(?:[1-9bB])|\(\?[=!<]", pattern):
            yield "Invalid regex pattern: backreferences, lookarounds and word boundaries are not supported"
    yield from _pointers(schema)
    if _circular(schema, schema, ()):
        yield "Circular reference detected in schema definitions"


def within_claude(strict: list[Json], answer: Any) -> Iterator[str]:
    """The schemas of a request's strict tools, and of its answer."""
    both = [part for schema in (*strict, answer) for part, _ in schemas(schema)]
    optional = sum(len(set(part.get("properties") or ()) - set(part.get("required") or ())) for part in both)
    unions = sum("anyOf" in part or isinstance(part.get("type"), list) for part in both)
    for count, most, what in ((len(strict), TOOLS, "strict tools"), (optional, OPTIONAL, "optional parameters"),
                              (unions, UNIONS, "parameters with union types")):  # fmt: skip
        if count > most:
            yield f"Schemas contains too many {what} ({count}) ... (limit: {most})"


def _pointers(schema: Any) -> Iterator[str]:
    for part, _ in schemas(schema):
        pointer = part.get("$ref")
        if isinstance(pointer, str) and pointer != "#" and _target(schema, pointer) is None:
            yield f"Invalid reference {pointer!r}"


def _target(root: Any, pointer: str) -> Any:
    found = root
    for step in pointer.removeprefix("#").split("/")[1:]:
        found = found.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
    return found if pointer.startswith("#") else None


def _circular(part: Any, root: Any, trail: tuple[str, ...]) -> bool:
    for one, _ in schemas({name: value for name, value in part.items() if name not in ("$defs", "definitions")}):
        pointer = one.get("$ref")
        if not isinstance(pointer, str):
            continue
        if pointer == "#" or pointer in trail:
            return True
        target = _target(root, pointer)
        if isinstance(target, dict) and _circular(target, root, (*trail, pointer)):
            return True
    return False
