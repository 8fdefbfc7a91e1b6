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

from .each import changed

KEYWORDS = ("patternProperties", "propertyNames", "prefixItems", "unevaluatedProperties", "dependentSchemas")
"""Strict decoders leave these out, and some value needs them."""
TYPING = ("type", "enum", "const", "$ref", "anyOf", "oneOf", "allOf", "properties", "items")
SHAPES = ("$ref", "anyOf", "oneOf", "allOf", "properties")
NAMED = ("properties", "$defs", "definitions")
BELOW = ("items", "additionalProperties", "not", "if", "then", "else", "contains")
LISTS = ("anyOf", "oneOf", "allOf")
WHY = "not held to the schema: an object with keys of its own could only be {}"


def loose(request: Request, rules: Rules, losses: Losses) -> Request:
    """The request with `strict` taken off open schemas; each is a loss. What its own protocol says is left alone."""
    if request.protocol == rules.speaks:
        return request
    tools = request.tools
    if not rules.open_tools:
        numbers = {id(tool): number for number, tool in enumerate(tools)}
        tools = changed(tools, lambda tool: _tool(tool, f"tools[{numbers[id(tool)]}]", losses))
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


def _tool(tool: Any, path: str, losses: Losses) -> Any:
    if not isinstance(tool, FunctionTool) or not tool.strict or tool.schema is None:
        return tool
    # a root that names nothing takes no arguments
    if not any(open_object(schema) for schema in _below(tool.schema)) and not _open(tool.schema, root=True):
        return tool
    losses.drop(f"{path}.strict", WHY)
    return replace(tool, strict=False)


def open_object(schema: Any) -> bool:
    """True where some value may have keys, places or a type that the schema does not name."""
    waiting = [schema]
    while waiting:
        found = waiting.pop()
        if not isinstance(found, Mapping):
            continue
        if _open(found):
            return True
        waiting += _below(found)
    return False


def _open(schema: Mapping[str, Any], root: bool = False) -> bool:
    if any(schema.get(name) for name in KEYWORDS) or isinstance(schema.get("items"), list):
        return True
    more = schema.get("additionalProperties")
    if more is True or isinstance(more, Mapping):
        return True
    if root:
        return False
    kind = schema.get("type")
    if kind == "array" and "items" not in schema:
        return True
    if not any(name in schema for name in TYPING):
        return True
    return kind == "object" and more is not False and not any(name in schema for name in SHAPES)


def _below(schema: Mapping[str, Any]) -> Iterator[Any]:
    for name in NAMED:
        named = schema.get(name)
        yield from named.values() if isinstance(named, Mapping) else ()
    for name in LISTS:
        listed = schema.get(name)
        yield from listed if isinstance(listed, list) else ()
    for name in BELOW:
        if isinstance(schema.get(name), Mapping):
            yield schema[name]
