"""Schemas of tools in older drafts of JSON Schema, said in the newest: what is equal there is written, and what was
never JSON Schema is a loss.

Claude refuses the whole request otherwise ("JSON schema is invalid. It must match JSON Schema draft 2020-12"), OpenAI
likewise (a list of `items` "is not of type 'object', 'boolean'"; "array schema missing items"). Generators still write
draft 4 and 7, MCP servers among them (anthropics/claude-code#10606, microsoft/vscode#248118).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.dataclass import replace
from interchange.hub.losses import Losses
from interchange.hub.request import FunctionTool, Request
from interchange.hub.rules import Rules

from .each import changed

TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")
NAMED = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
BELOW = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames", "unevaluatedItems",
         "unevaluatedProperties")  # fmt: skip
VALUES = ("enum", "const", "default", "example", "examples", "required")
"""What holds no schemas."""
BOUNDS = (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum"))
DEEPEST = 100
WHY = "no JSON Schema: left out"


def newest(request: Request, rules: Rules, losses: Losses) -> Request:
    """The request with its tools' schemas as draft 2020-12 has them. What its own protocol says is left alone."""
    if request.protocol == rules.speaks:
        return request
    if not rules.plain_root:
        return _in_json_schema(request)
    numbers = {id(tool): number for number, tool in enumerate(request.tools)}
    tools = changed(request.tools, lambda tool: _tool(tool, f"tools[{numbers[id(tool)]}].parameters", losses))
    return request if tools is request.tools else replace(request, tools=tools)


def _tool(tool: Any, path: str, losses: Losses) -> Any:
    if not isinstance(tool, FunctionTool) or tool.schema is None:
        return tool
    schema = _said(tool.schema, path, losses, 0)
    return tool if schema == tool.schema else replace(tool, schema=schema)


def _in_json_schema(request: Request) -> Request:
    """Spells the types as JSON Schema does: "OBJECT" is how Google's own clients say it."""

    def spelled(tool: Any) -> Any:
        if not isinstance(tool, FunctionTool) or tool.schema is None:
            return tool
        schema = _spelled(tool.schema, 0)
        return tool if schema == tool.schema else replace(tool, schema=schema)

    tools = changed(request.tools, spelled)
    return request if tools is request.tools else replace(request, tools=tools)


def _spelled(schema: Any, depth: int) -> Any:
    if isinstance(schema, list):
        return [_spelled(one, depth + 1) for one in schema]
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        return schema
    return {
        name: _kind(value) if name == "type" else value if name in VALUES else _spelled(value, depth + 1)
        for name, value in schema.items()
    }


def _kind(kind: Any) -> Any:
    """A property may be named "type": its schema is no word. A list has each type once ("has non-unique elements")."""
    if isinstance(kind, list) and all(isinstance(one, str) for one in kind):
        return list(dict.fromkeys(_kind(one) for one in kind))
    return kind.lower() if isinstance(kind, str) and kind.lower() in TYPES else _spelled(kind, 0)


def _said(schema: Any, path: str, losses: Losses, depth: int) -> Any:
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        return schema
    out = dict(schema)
    if "type" in out:
        out["type"] = _kind(out["type"])
    for name in NAMED:
        if isinstance(out.get(name), Mapping):
            out[name] = {key: _below(one, f"{path}.{name}.{key}", losses, depth) for key, one in out[name].items()}
    _places(out)
    for name in LISTS:
        if isinstance(out.get(name), list):
            listed = enumerate(out[name])
            out[name] = [_below(one, f"{path}.{name}[{at}]", losses, depth) for at, one in listed]
    for name in BELOW:
        if name in out:
            out[name] = _said(out[name], f"{path}.{name}", losses, depth + 1)
    _bounds(out)
    for name in [name for name, value in out.items() if not _sound(name, value)]:
        losses.drop(f"{path}.{name}", WHY)
        del out[name]
    _places(out)
    if "required" in out:
        out["required"] = list(dict.fromkeys(out["required"]))  # "has non-unique elements"
    return out


def _below(schema: Any, path: str, losses: Losses, depth: int) -> Any:
    """Any value where it is no schema: its name stays."""
    if isinstance(schema, Mapping | bool):
        return _said(schema, path, losses, depth + 1)
    losses.drop(path, WHY)
    return {}


def _places(out: dict[str, Any]) -> None:
    """A list of `items` is `prefixItems`, and an array says what it holds."""
    if isinstance(out.get("items"), list):
        out["prefixItems"] = out.pop("items")
        if "additionalItems" in out:
            out["items"] = out.pop("additionalItems")
    kind = out.get("type")
    if (kind == "array" or (isinstance(kind, list) and "array" in kind)) and not {"items", "prefixItems"} & set(out):
        out["items"] = {}


def _bounds(out: dict[str, Any]) -> None:
    """Draft 4's flags beside a bound."""
    for flag, bound in BOUNDS:
        if isinstance(out.get(flag), bool) and out.pop(flag) and bound in out:
            out[flag] = out.pop(bound)


SHAPES: Mapping[str, Any] = {
    "properties": Mapping, "patternProperties": Mapping, "$defs": Mapping, "required": list, "anyOf": list,
    "oneOf": list, "allOf": list, "prefixItems": list, "enum": list, "description": str, "title": str, "format": str,
    "pattern": str, "minimum": (int, float), "maximum": (int, float), "exclusiveMinimum": (int, float),
    "exclusiveMaximum": (int, float), "multipleOf": (int, float), "minLength": int, "maxLength": int, "minItems": int,
    "maxItems": int, "items": (Mapping, bool), "additionalProperties": (Mapping, bool), "uniqueItems": bool,
    "$ref": str, "default": object, **dict.fromkeys(BELOW, (Mapping, bool)),
}  # fmt: skip
"""What a keyword's value is: draft 3's `required: true`, say, is refused."""
FULL = ("anyOf", "oneOf", "allOf", "prefixItems")
"""Lists that hold something."""


def _sound(name: str, value: Any) -> bool:
    if name == "type":
        kinds = value if isinstance(value, list) else [value]
        return bool(kinds) and all(isinstance(kind, str) and kind in TYPES for kind in kinds)
    shape = SHAPES.get(name, object)
    shapes = shape if isinstance(shape, tuple) else (shape,)
    if not isinstance(value, shapes) or (isinstance(value, bool) and not {bool, object} & set(shapes)):
        return False
    if name == "required":
        return all(isinstance(one, str) for one in value)
    return not (name in FULL and not value)
