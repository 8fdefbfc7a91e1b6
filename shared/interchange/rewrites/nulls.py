"""Nulls that a strict schema made, left out again.

Strict schemas have no optional properties: one becomes nullable, and the model answers null for it. The caller's own
schema may forbid that null, and a typed client then fails on an answer that is right. So a null is taken out of the
text, while it streams, wherever the caller's schema has the property optional and does not let it be null.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.blocks import Raw
from interchange.hub.request import FunctionTool, Request
from interchange.wire import codec
from interchange.wire.schema import follow

_SPACE = " \t\r\n"
_ALTERNATIVES = ("anyOf", "oneOf", "allOf")
_TYPING = ("type", "enum", "const", "$ref", *_ALTERNATIVES)
DEEPEST = 40
"""References followed one into the other."""


def watched(request: Request) -> tuple[dict[str, Raw], Raw | None]:
    """The schemas of strict tools, by name, and of the answer, where they have optional properties."""
    tools = {
        tool.name: tool.schema
        for tool in request.tools
        if isinstance(tool, FunctionTool) and tool.strict and tool.schema is not None and _optional(tool.schema)
    }
    asked = request.output_format
    schema = asked.schema if asked is not None and asked.strict is not False else None
    return tools, schema if schema is not None and _optional(schema) else None


def _optional(schema: Raw) -> bool:
    """True where some object below has a property that it does not require."""
    waiting: list[Any] = [schema]
    while waiting:
        found = waiting.pop()
        if isinstance(found, Mapping):
            named, required = found.get("properties"), found.get("required")
            needed = {one for one in required if isinstance(one, str)} if isinstance(required, list) else set()
            if isinstance(named, Mapping) and set(named) - needed:
                return True
            waiting += found.values()
        elif isinstance(found, list):
            waiting += found
    return False


@dataclass(slots=True)
class _Open:
    """An object or array that is being read. `nodes` are the schemas that it is read by."""

    nodes: Sequence[Raw]
    array: bool
    emitted: bool = False
    key: str = ""


@dataclass(slots=True)
class WithoutNulls:
    """JSON text in, the same text out, without those members. Text that is no object or array goes through."""

    schema: Raw
    _stack: list[_Open] = field(default_factory=list)
    _state: str = "value"
    _held: str = ""
    """A member that it is not known of yet whether it stays: from the comma before it on."""
    _key: str = ""
    _escaped: bool = False

    def feed(self, text: str) -> str:
        return "".join([self._sign(sign) for sign in text]) if self._state != "through" else text

    def finish(self) -> str:
        held, self._held = self._held, ""
        return held

    def _sign(self, sign: str) -> str:
        match self._state:
            case "through":
                return sign
            case "text":
                return self._in_text(sign)
            case "key":
                return self._in_key(sign)
            case "colon":
                return self._hold(sign, "member" if sign == ":" else None)
            case "member":
                return self._member(sign)
            case "null":
                return self._null(sign)
            case "value":
                return sign if sign in _SPACE else self._begin(sign, self._nodes())
            case "scalar" if sign not in _SPACE and sign not in ",]}":
                return sign
            case _:
                return self._between(sign)

    def _in_text(self, sign: str) -> str:
        if self._escaped:
            self._escaped = False
        elif sign == "\\":
            self._escaped = True
        elif sign == '"':
            self._state = "after"
        return sign

    def _in_key(self, sign: str) -> str:
        self._held += sign
        self._key += sign
        if self._escaped:
            self._escaped = False
        elif sign == "\\":
            self._escaped = True
        elif sign == '"':
            try:
                self._stack[-1].key = str(codec.loads(self._key))
            except ValueError:
                return self._through()
            self._state = "colon"
        return ""

    def _hold(self, sign: str, after: str | None) -> str:
        self._held += sign
        if after is not None:
            self._state = after
        elif sign not in _SPACE:
            return self._through()
        return ""

    def _member(self, sign: str) -> str:
        """The first sign of a member's value decides whether it stays."""
        if sign in _SPACE:
            self._held += sign
            return ""
        holder = self._stack[-1]
        found = list(_members(self.schema, holder.nodes, holder.key))
        if sign == "n" and _unwanted(self.schema, found):
            self._held += sign
            self._key = sign
            self._state = "null"
            return ""
        return self._released() + self._begin(sign, [schema for schema, _ in found])

    def _null(self, sign: str) -> str:
        self._held += sign
        self._key += sign
        if not "null".startswith(self._key):
            return self._through()
        if self._key == "null":
            self._held = ""
            self._state = "after"
        return ""

    def _released(self) -> str:
        """The held member's beginning; its comma only where another stands before it."""
        held, self._held = self._held, ""
        holder = self._stack[-1]
        if not holder.emitted:
            held = held.lstrip(_SPACE).removeprefix(",") if held.lstrip(_SPACE).startswith(",") else held
        holder.emitted = True
        return held

    def _nodes(self) -> Sequence[Raw]:
        if not self._stack:
            return (self.schema,)
        return list(_items(self.schema, self._stack[-1].nodes))

    def _begin(self, sign: str, nodes: Sequence[Raw]) -> str:
        match sign:
            case "{" | "[":
                self._stack.append(_Open(nodes, sign == "["))
                self._state = "value" if sign == "[" else "first"
            case "]" if self._stack and self._stack[-1].array:
                return self._end(sign)
            case _ if not self._stack:
                return self._through() + sign
            case '"':
                self._state = "text"
            case _:
                self._state = "scalar"
        return sign

    def _between(self, sign: str) -> str:
        """After a value, or where a member may begin."""
        holder = self._stack[-1]
        if sign in _SPACE:
            if holder.array or self._state != "first":
                return sign if holder.array or not self._held else self._kept(sign)
            return self._kept(sign)
        match sign:
            case "}" | "]":
                self._held = ""
                return self._end(sign)
            case "," if holder.array:
                self._state = "value"
                return sign
            case ",":
                self._held, self._state = sign, "first"
                return ""
            case '"' if self._state == "first":
                self._held += sign
                self._key, self._state = sign, "key"
                return ""
            case _:
                return self._through() + sign

    def _kept(self, sign: str) -> str:
        self._held += sign
        return ""

    def _end(self, sign: str) -> str:
        self._stack.pop()
        self._state = "after" if self._stack else "through"
        return sign

    def _through(self) -> str:
        """No JSON: nothing more is looked at."""
        self._state = "through"
        return self.finish()


def _expanded(root: Raw, nodes: Sequence[Any], depth: int = 0) -> Iterator[Raw]:
    """The schemas themselves, what they refer to, and their alternatives."""
    for node in nodes if depth < DEEPEST else ():
        if not isinstance(node, Mapping):
            continue
        yield node
        if isinstance(node.get("$ref"), str):
            yield from _expanded(root, [follow(root, node["$ref"])], depth + 1)
        for name in _ALTERNATIVES:
            if isinstance(node.get(name), list):
                yield from _expanded(root, node[name], depth + 1)


def _members(root: Raw, nodes: Sequence[Raw], key: str) -> Iterator[tuple[Raw, bool]]:
    """(schema, required) of a property, for each schema that knows it."""
    for node in _expanded(root, nodes):
        named = node.get("properties")
        if isinstance(named, Mapping) and isinstance(named.get(key), Mapping):
            required = node.get("required")
            yield named[key], isinstance(required, list) and key in required


def _items(root: Raw, nodes: Sequence[Raw]) -> Iterator[Raw]:
    for node in _expanded(root, nodes):
        found = node.get("items")
        if isinstance(found, Mapping):
            yield found
        yield from (item for item in node.get("prefixItems") or () if isinstance(item, Mapping))


def _unwanted(root: Raw, found: Sequence[tuple[Raw, bool]]) -> bool:
    """A null that the caller's schema does not allow, of a property that it does not require."""
    optional = any(not required for _, required in found)
    return optional and not any(_nullable(root, schema) for schema, _ in found)


def _nullable(root: Raw, schema: Raw) -> bool:
    for node in _expanded(root, [schema]):
        kind, values = node.get("type"), node.get("enum")
        if kind == "null" or (isinstance(kind, list) and "null" in kind) or node.get("nullable") is True:
            return True
        if (isinstance(values, list) and None in values) or ("const" in node and node["const"] is None):
            return True
        if not any(word in node for word in (*_TYPING, "properties", "items")):
            return True  # says nothing of its type
    return False
