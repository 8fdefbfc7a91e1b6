"""The alternative of a schema that a value is, as far as what is read of the value shows.

A way is one choice of alternatives: the schemas that then hold of the value together. A decoder that is held to a
schema writes every property of one alternative and no other, so a name, a type or a listed value leaves fewer ways, and
what is found of a part leaves fewer of what holds it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from itertools import islice, product
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.blocks import Raw
from interchange.wire.schema import follow

MOST = 500
"""Ways of one value; what is beyond them is not looked at."""
STEPS = 5_000
"""Schemas that are looked at for one value: references may lead to each other without end."""
_TYPES: Mapping[type, tuple[str, ...]] = {
    bool: ("boolean",), str: ("string",), int: ("integer", "number"), float: ("number",), dict: ("object",),
    list: ("array",), type(None): ("null",),
}  # fmt: skip
Together = tuple[Raw, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """`schemas` hold together. `above`: the places, among the ways of what holds the value, that lead here."""

    schemas: Together
    above: frozenset[int] = frozenset()

    def knows(self, key: str) -> bool:
        return any(True for _ in self.properties(key))

    def requires(self, key: str) -> bool:
        return any(key in _list(schema, "required") for schema in self.schemas)

    def names(self) -> set[str]:
        named = (schema.get("properties") for schema in self.schemas)
        return {name for one in named if isinstance(one, Mapping) for name in one}

    def properties(self, key: str) -> Iterator[Raw]:
        for schema in self.schemas:
            named = schema.get("properties")
            if isinstance(named, Mapping) and isinstance(named.get(key), Mapping):
                yield named[key]

    def items(self, at: int) -> Iterator[Raw]:
        """The schemas of the item at that place of a list."""
        for schema in self.schemas:
            first = _list(schema, "prefixItems")
            found = first[at] if at < len(first) else schema.get("items")
            if isinstance(found, Mapping):
                yield found

    def allows(self, value: Any) -> bool:
        """True for a value of the way's types and listed values; what lies within it is not looked at."""
        if value is None and any(schema.get("nullable") is True for schema in self.schemas):
            return True
        return all(_allows(schema, value) for schema in self.schemas)


Ways = Sequence[Way]


def left(ways: Ways, test: Callable[[Way], bool]) -> Ways:
    """The ways that pass; all of them where none does, since then the value is by no schema of these."""
    return [way for way in ways if test(way)] or ways


@dataclass(slots=True)
class Alternatives:
    """Finds the ways of the values of one schema."""

    root: Raw
    _known: dict[int, list[Together]] = field(default_factory=dict)
    """By the identity of a schema within the root."""
    _steps: int = 0

    def whole(self) -> Ways:
        return [Way(schemas) for schemas in self._of(self.root)]

    def member(self, ways: Ways, key: str) -> Ways:
        return self._below(ways, lambda way: way.properties(key))

    def item(self, ways: Ways, at: int) -> Ways:
        return self._below(ways, lambda way: way.items(at))

    def nullable(self, way: Way, key: str) -> bool:
        """True where the caller's own schema lets the property be null."""
        return any(one.allows(None) for one in self.member([way], key))

    def _below(self, ways: Ways, parts: Callable[[Way], Iterator[Raw]]) -> Ways:
        """The ways of a part, each once, with all ways of the whole that lead to it."""
        found: dict[tuple[int, ...], tuple[Together, set[int]]] = {}
        for number, way in enumerate(ways):
            schemas = list(parts(way))
            for one in _joined([self._of(schema) for schema in schemas]) if schemas else ():
                found.setdefault(tuple(map(id, one)), (one, set()))[1].add(number)
        return [Way(schemas, frozenset(above)) for schemas, above in islice(found.values(), MOST)]

    def _of(self, schema: Raw) -> list[Together]:
        if id(schema) not in self._known:
            self._steps = STEPS
            self._known[id(schema)] = self._expanded(schema, ())
        return self._known[id(schema)]

    def _expanded(self, schema: Raw, trail: tuple[str, ...]) -> list[Together]:
        self._steps -= 1
        parts: list[list[Together]] = [[(schema,)]]
        if self._steps < 0:
            return parts[0]
        pointer = schema.get("$ref")
        if isinstance(pointer, str) and pointer not in trail:
            target = follow(self.root, pointer)
            parts += [self._expanded(target, (*trail, pointer))] if target is not None else []
        parts += [self._expanded(part, trail) for part in _schemas(schema, "allOf")]
        for name in ("anyOf", "oneOf"):
            options = [way for option in _schemas(schema, name) for way in self._expanded(option, trail)]
            parts += [options[:MOST]] if options else []
        return _joined(parts)


def _joined(parts: Sequence[Sequence[Together]]) -> list[Together]:
    """Every choice of one way of each part."""
    return [tuple(schema for one in chosen for schema in one) for chosen in islice(product(*parts), MOST)]


def _list(schema: Raw, name: str) -> list[Any]:
    found = schema.get(name)
    return found if isinstance(found, list) else []


def _schemas(schema: Raw, name: str) -> list[Raw]:
    return [one for one in _list(schema, name) if isinstance(one, Mapping)]


def _allows(schema: Raw, value: Any) -> bool:
    if "const" in schema:
        return _same(schema["const"], value)
    if isinstance(schema.get("enum"), list):
        return any(_same(one, value) for one in schema["enum"])
    kind = schema.get("type")
    if isinstance(kind, str | list):
        kinds = [kind] if isinstance(kind, str) else kind
        whole = isinstance(value, float) and value.is_integer() and "integer" in kinds
        return whole or any(name in kinds for name in _TYPES.get(type(value), ()))
    if "properties" in schema:  # the type that writers give a schema without one
        return isinstance(value, dict)
    return isinstance(value, list) if "items" in schema or "prefixItems" in schema else True


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)
