"""Tools and schemas in the words in which models are shown them: TypeScript-like declarations, not their JSON.

The form is that of OpenAI's published harmony format (https://github.com/openai/harmony, docs/format.md, "Function
calling"); recorded prompt counts agree with it to a few tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from interchange.hub.request import CustomTool, FunctionTool, OutputFormat, Tool
from interchange.wire import codec

WORDS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
TOLD = ("format", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")
NOT_SHOWN = ("additionalProperties", "$schema", "title")
DEEPEST_SHOWN = 60
DEEPEST, MOST_REFERENCES = 12, 200
"""Schemas may refer to themselves, and a chain of references that each branch grows without bound."""


def declare(tools: Iterable[Tool]) -> str:
    lines = ["namespace functions {", ""]
    for tool in tools:
        match tool:
            case FunctionTool(name=name, description=description, schema=schema):
                lines += _function(name, description, schema or {})
            case CustomTool(name=name, description=description, format=form):
                lines += [f"// {description or ''}", f"type {name} = (FREEFORM) => any;", codec.dumps_text(form or {})]
            case _:
                pass  # a vendor's own tool: its declaration is not ours to see
    return "\n".join([*lines, "} // namespace functions"])


def declare_schema(form: OutputFormat) -> str:
    """A schema of the answer is shown as JSON, less what only says how strictly it is meant."""
    return f"{form.name or ''}\n{codec.dumps_text(_meant(form.schema or {}, 0))}"


def _meant(schema: Any, depth: int) -> Any:
    if depth > DEEPEST_SHOWN:
        return None
    match schema:
        case list():
            return [_meant(item, depth + 1) for item in schema]
        case Mapping():
            return {
                name: value if name in ("enum", "const") else _meant(value, depth + 1)
                for name, value in schema.items()
                if name not in NOT_SHOWN or isinstance(value, Mapping)
            }
        case _:
            return schema


def _function(name: str, description: str | None, schema: Mapping[str, Any]) -> Iterator[str]:
    if description and description.strip():
        yield f"// {description.strip()}"
    if schema.get("properties"):
        yield f"type {name} = (_: {{"
        yield from _members(schema, 0, _Definitions(schema))
        yield "}) => any;"
    else:
        yield f"type {name} = () => any;"
    yield ""


class _Definitions:
    """Targets of `$ref`, for the first references of a schema."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._followed = 0

    def find(self, reference: str) -> Any:
        self._followed += 1
        if self._followed > MOST_REFERENCES:
            return None
        found: Any = self._root
        for part in reference.removeprefix("#").strip("/").split("/"):
            found = found.get(part) if part and isinstance(found, Mapping) else found
        return found


def _members(schema: Mapping[str, Any], depth: int, known: _Definitions) -> Iterator[str]:
    margin = "  " * depth
    properties = schema.get("properties")
    required = schema.get("required")
    for name, value in (properties if isinstance(properties, Mapping) else {}).items():
        member = value if isinstance(value, Mapping) else {}
        if member.get("title"):
            yield f"{margin}// {member['title']}"
            yield f"{margin}//"
        if member.get("description"):
            yield f"{margin}// {member['description']}"
        mark = "" if isinstance(required, list) and name in required else "?"
        yield f"{margin}{name}{mark}: {_type(member, depth, known)},{_told(member)}"


def _told(member: Mapping[str, Any]) -> str:
    told = [f"{name}: {member[name]}" for name in TOLD if name in member]
    if "default" in member:
        default = member["default"]
        told.insert(0, f"default: {default if isinstance(default, str) else codec.dumps_text(default)}")
    return f" // {', '.join(told)}" if told else ""


def _type(schema: Any, depth: int, known: _Definitions) -> str:
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        return "any"
    match schema:
        case {"$ref": str(reference)}:
            return _type(known.find(reference), depth + 1, known)
        case {"enum": list(values)}:
            return " | ".join(codec.dumps_text(value) for value in values)
        case {"const": value}:
            return codec.dumps_text(value)
        case {"anyOf": list(kinds)} | {"oneOf": list(kinds)} | {"allOf": list(kinds)}:
            return " | ".join(_type(kind, depth + 1, known) for kind in kinds)
        case {"type": list(kinds)}:
            return " | ".join(_type({**schema, "type": kind}, depth, known) for kind in kinds)
        case {"type": "array"}:
            return f"{_type(schema.get('items'), depth + 1, known)}[]"
        case {"properties": Mapping()}:
            margin = "  " * depth
            return "\n".join(["{", *_members(schema, depth + 1, known), f"{margin}}}"])
        case {"type": "object"}:
            return "object"
        case {"type": str(word)}:
            return WORDS.get(word, "any")
        case _:
            return "any"
