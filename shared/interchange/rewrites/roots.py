"""The root of a schema as a plain object: `type: object` and `properties`, without alternatives beside them.

OpenAI ("schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level") and Claude
("input_schema does not support oneOf, allOf, or anyOf at the top level") refuse the whole request otherwise, with every
tool in it; MCP servers declare such roots (makenotion/notion-mcp-server#340).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from interchange.dataclass import replace
from interchange.hub.blocks import Raw
from interchange.hub.failure import invalid
from interchange.hub.losses import Losses
from interchange.hub.request import FunctionTool, Request
from interchange.hub.rules import Rules
from interchange.wire import codec
from interchange.wire.schema import follow

Schema: TypeAlias = dict[str, Any]
CHOICES = ("anyOf", "oneOf")
TOLD = (*CHOICES, "allOf", "not", "enum", "const", "if", "then", "else", "dependentSchemas")
"""Keywords that a root cannot have: their properties are taken in, what they say is told in words."""
DEEPEST = 20
WHY = "sent as one plain object: the alternatives stand in the description"


def plain(request: Request, rules: Rules, losses: Losses) -> Request:
    """The request with plain roots, where the rules ask for them; each keyword that went is a loss. Raises
    RequestError naming the schema of a function whose arguments are no object."""
    tools = tuple(
        _tool(tool, f"tools[{number}]", rules, losses) if isinstance(tool, FunctionTool) else tool
        for number, tool in enumerate(request.tools)
    )
    asked = request.output_format
    if rules.plain_answer and asked is not None and asked.schema is not None and _uneven(asked.schema):
        _report(asked.schema, "response_format.json_schema.schema", losses)
        about = "\n\n".join(filter(None, (asked.schema.get("description"), _told(asked.schema))))
        asked = replace(asked, schema={**flat(asked.schema), **({"description": about} if about else {})})
    same = asked is request.output_format and all(one is other for one, other in zip(tools, request.tools, strict=True))
    return request if same else replace(request, tools=tools, output_format=asked)


def _tool(tool: FunctionTool, path: str, rules: Rules, losses: Losses) -> FunctionTool:
    if tool.schema is None:
        return tool
    tool = _of_objects(tool, tool.schema, f"{path}.parameters")
    if not rules.plain_root or tool.schema is None or not _uneven(tool.schema):
        return tool
    _report(tool.schema, f"{path}.parameters", losses)
    description = "\n\n".join(filter(None, (tool.description, _told(tool.schema))))
    return replace(tool, schema=flat(tool.schema), description=description or None)


def _of_objects(tool: FunctionTool, schema: Raw, path: str) -> FunctionTool:
    """Arguments are an object, whether the schema says so or not; what says that they are none could not be called."""
    kind = schema.get("type")
    if kind == "object" or (kind is None and _uneven(schema)):
        return tool
    kinds = kind if isinstance(kind, list) else [kind]
    if kind and "object" not in kinds:
        raise invalid(f"{path}: a function's arguments are of type object, not {kinds[0]!r}", path)
    return replace(tool, schema={**schema, "type": "object", "properties": schema.get("properties", {})})


def _uneven(schema: Raw) -> bool:
    return "$ref" in schema or any(name in schema for name in TOLD)


def _report(schema: Raw, path: str, losses: Losses) -> None:
    for name in TOLD:
        if name in schema:
            losses.drop(f"{path}.{name}", WHY)


def _told(schema: Raw) -> str:
    said = {name: schema[name] for name in TOLD if name in schema}
    return f"The arguments must satisfy this JSON Schema as well: {codec.dumps_text(said)}" if said else ""


def flat(schema: Raw) -> Schema:
    """The plain object that allows what the schema allows, and more."""
    found = _flat(schema, schema, 0)
    found.setdefault("type", "object")
    found.setdefault("properties", {})
    return found


def _flat(schema: Raw, root: Raw, depth: int) -> Schema:
    if depth > DEEPEST:
        return {}
    merged: Schema = {name: value for name, value in schema.items() if name not in TOLD and name != "$ref"}
    if isinstance(schema.get("$ref"), str):
        merged = _joined(merged, _flat(follow(root, schema["$ref"]) or {}, root, depth + 1), required=True)
    for part in _schemas(schema.get("allOf")):
        merged = _joined(merged, _flat(part, root, depth + 1), required=True)
    for name in CHOICES:
        branches = [_flat(part, root, depth + 1) for part in _schemas(schema.get(name)) if part.get("type") != "null"]
        merged = _with_choices(merged, branches)
    for name in ("then", "else"):
        for part in _schemas([schema.get(name)]):
            merged = _joined(merged, _flat(part, root, depth + 1), required=False)
    return merged


def _with_choices(merged: Schema, branches: Sequence[Schema]) -> Schema:
    """Required is what every branch requires."""
    if not branches:
        return merged
    for branch in branches:
        merged = _joined(merged, branch, required=False)
    shared = [name for name in _required(branches[0]) if all(name in _required(other) for other in branches)]
    names = [*_required(merged), *(name for name in shared if name not in _required(merged))]
    return {**merged, "required": names} if names else merged


def _joined(first: Schema, second: Schema, *, required: bool) -> Schema:
    """The properties of both; one that both have in different ways may be either. Of the rest the first's stays."""
    found = {**{name: value for name, value in second.items() if name in ("type", "title", "description", "$defs")}}
    found |= first
    properties = dict(_properties(first))
    for name, schema in _properties(second).items():
        known = properties.setdefault(name, schema)
        if known != schema:
            variants = known["anyOf"] if set(known) == {"anyOf"} else [known]
            properties[name] = {"anyOf": [*variants, *([schema] if schema not in variants else [])]}
    if properties:
        found["properties"] = properties
    names = [*_required(first), *(name for name in _required(second) if required and name not in _required(first))]
    return {**found, "required": names} if names else found


def _properties(schema: Raw) -> Mapping[str, Any]:
    found = schema.get("properties")
    return found if isinstance(found, Mapping) else {}


def _required(schema: Raw) -> list[str]:
    found = schema.get("required")
    return list(found) if isinstance(found, list) else []


def _schemas(value: Any) -> list[Raw]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
