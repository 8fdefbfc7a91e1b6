"""Schemas that a strict decoder would turn into others: values whose keys or type are not known beforehand.

Strict decoders close every object, and closed, a map can only ever be `{}`. So such a schema is not closed: the model
is given it as it is and not held to it, or, where it can only be held (`rules.open_answers`), it is told in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from interchange.dataclass import replace
from interchange.hub.losses import Losses
from interchange.hub.request import FunctionTool, Request
from interchange.hub.rules import OpenAnswers, Rules
from interchange.wire.schema import follow

from .each import changed

KEYWORDS = ("patternProperties", "propertyNames", "prefixItems", "unevaluatedProperties", "dependentSchemas")
"""Strict decoders leave these out, and some value needs them."""
TYPING = ("type", "enum", "const", "$ref", "anyOf", "oneOf", "allOf", "properties", "items")
SHAPES = ("$ref", "anyOf", "oneOf", "allOf", "properties")
LISTED = {"properties": Mapping, "enum": list, "anyOf": list, "oneOf": list, "allOf": list}
"""What those hold that say something."""
KINDS = ["string", "number", "integer", "boolean", "object", "array", "null"]
NAMED = ("properties", "$defs", "definitions")
BELOW = ("items", "additionalProperties", "not", "if", "then", "else", "contains")
LISTS = ("anyOf", "oneOf", "allOf")
WHOLE = ("#", "#/")
WHY = "not held to the schema: an object with keys of its own could only be {}"


def loose(request: Request, rules: Rules, losses: Losses) -> Request:
    """The request with `strict` taken off open schemas; each is a loss. What its own protocol says is left alone."""
    if request.protocol == rules.speaks:
        return request
    tools = request.tools
    if not rules.open_tools:
        numbers = {id(tool): number for number, tool in enumerate(tools)}
        tools = changed(tools, lambda tool: _tool(tool, f"tools[{numbers[id(tool)]}]", rules, losses))
    asked = request.output_format
    if (
        asked is not None
        and asked.schema is not None
        and rules.open_answers is OpenAnswers.LOOSE
        and (asked.strict or (asked.strict is None and request.protocol not in rules.lax))
        and open_object(asked.schema)
    ):
        losses.drop("response_format", WHY)
        asked = replace(asked, strict=False)
    if tools is request.tools and asked is request.output_format:
        return request
    return replace(request, tools=tools, output_format=asked)


def _tool(tool: Any, path: str, rules: Rules, losses: Losses) -> Any:
    if not isinstance(tool, FunctionTool) or not tool.strict or tool.schema is None:
        return tool
    schema = tool.schema
    # a root that names nothing takes no arguments
    if any(open_object(one, schema) for one in below(schema)) or _open(schema, schema, top=True):
        losses.drop(f"{path}.strict", WHY)
        return replace(tool, strict=False)
    if not rules.recursion and recursive(schema):
        losses.drop(f"{path}.strict", "not held to the schema: it holds itself")
        return replace(tool, strict=False)
    return tool


def open_object(schema: Any, root: Any = None) -> bool:
    """True where some value may have keys, places or a type that the schema does not name. `root` is what it is a part
    of, where it is a part."""
    waiting = [schema]
    while waiting:
        found = waiting.pop()
        if not isinstance(found, Mapping):
            return True  # true is any value; what is no schema says nothing of it
        if _open(found, schema if root is None else root):
            return True
        waiting += below(found)
    return False


def recursive(schema: Mapping[str, Any]) -> bool:
    """True where a reference leads to what it stands in."""
    return _returns(schema, schema, ())


def _returns(schema: Any, root: Mapping[str, Any], trail: tuple[str, ...]) -> bool:
    if not isinstance(schema, Mapping):
        return False
    pointer = schema.get("$ref")
    if isinstance(pointer, str):
        if pointer in trail or pointer in WHOLE:
            return True
        target = follow(root, pointer)
        if target is not None and _returns(target, root, (*trail, pointer)):
            return True
    inner = (one for one in below(schema, definitions=False))
    return any(_returns(one, root, trail) for one in inner)


def _open(schema: Mapping[str, Any], whole: Any, top: bool = False) -> bool:
    if "$ref" in schema and follow(whole, schema["$ref"]) is None:
        return True  # it points at nothing here, so nothing is known of the value
    if any(schema.get(name) for name in KEYWORDS) or not isinstance(schema.get("items", {}), Mapping):
        return True
    if any(isinstance(value, Mapping | list) for value in _named(schema)):
        return True  # "Enum values must be primitive"
    more = schema.get("additionalProperties")
    if more is True or isinstance(more, Mapping):
        return True
    named, required = schema.get("properties"), schema.get("required")
    known = named if isinstance(named, Mapping) else {}
    if isinstance(required, list) and any(isinstance(name, str) and name not in known for name in required):
        return True
    if top:
        return False
    kind = schema.get("type")
    if "type" in schema and any(one not in KINDS for one in (kind if isinstance(kind, list) else [kind])):
        return True  # no type that a decoder knows
    if kind == "array" and "items" not in schema:
        return True
    if not any(name in schema and isinstance(schema[name], LISTED.get(name, object)) for name in TYPING):
        return True
    return kind == "object" and more is not False and not any(name in schema for name in SHAPES)


def _named(schema: Mapping[str, Any]) -> tuple[Any, ...]:
    """The values that the schema lists."""
    listed = schema.get("enum")
    return (*(listed if isinstance(listed, list) else ()), schema.get("const"))


def below(schema: Mapping[str, Any], definitions: bool = True) -> Iterator[Any]:
    """The schemas that it holds."""
    for name in NAMED if definitions else NAMED[:1]:
        named = schema.get(name)
        yield from named.values() if isinstance(named, Mapping) else ()
    for name in LISTS:
        listed = schema.get(name)
        yield from listed if isinstance(listed, list) else ()
    for name in BELOW:
        if isinstance(schema.get(name), Mapping):
            yield schema[name]
