"""JSON Schema brought into a vendor's subset: by allow-list, recursively, deterministically, and never silently.

What has an equal in the subset is rewritten (`const` to a one-value `enum`, `oneOf` to `anyOf`, a null type to
`nullable`, an exclusive integer bound to the next integer, a `$ref` to what it points at). The rest is reported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any, NamedTuple, TypeAlias

from interchange.dataclass import dataclass

from . import codec
from .schema_rewrites import add_null, infer_type, merge_all, rewrite, split_types
from .subsets import GEMINI_JSON, MESSAGES_OUTPUT, OPENAI_STRICT, OPENAPI, Subset

Schema: TypeAlias = dict[str, Any]

MAX_NODES = 20_000
"""Sub-schemas visited before references are cut: nested references can multiply without end."""
MAX_DEPTH = 100
"""Levels of nesting: no vendor takes nearly as many."""

_ABSENT: Any = object()
_SHAPES: dict[str, type] = {
    "properties": Mapping,
    "anyOf": list,
    "allOf": list,
    "prefixItems": list,
    "enum": list,
    "format": str,
    "minItems": int,
}
"""What a keyword's value must be."""
_SILENT = frozenset({"$schema", "$id", "$comment", "$anchor", "$vocabulary", "$defs", "definitions", "nullable"})
"""Words about the schema, not about the data; leaving them out loses nothing."""


class Dropped(NamedTuple):
    """`path` is the JSON path inside the schema ("properties.a.not")."""

    path: str
    reason: str


def sanitize(schema: Mapping[str, Any], subset: Subset) -> tuple[Schema, tuple[Dropped, ...]]:
    """The schema in the words of the subset, and what could not be said. Equal schemas give equal bytes."""
    walk = _Walk(subset, schema)
    result = walk.node(schema, "", ())
    if subset.refs:
        definitions = walk.definitions()
        if definitions:
            result["$defs"] = definitions
    return result, tuple(walk.dropped)


@dataclass(slots=True)
class _Walk:
    subset: Subset
    root: Mapping[str, Any]
    dropped: dict[Dropped, None] = field(default_factory=dict)
    """In the order in which they were found."""
    visited: int = 0
    moved: dict[str, str] = field(default_factory=dict)
    """Pointers to what stands elsewhere and holds itself -> the definition that it becomes."""

    def drop(self, path: str, reason: str | None = None) -> None:
        self.dropped.setdefault(Dropped(path, reason or f"{self.subset.name} has no word for it"))

    def definitions(self) -> Schema:
        found: Schema = {}
        for place in ("$defs", "definitions"):
            named = self.root.get(place)
            for name, schema in named.items() if isinstance(named, Mapping) else ():
                pointer = f"#/{place}/{name}"
                found.setdefault(name, self.node(schema, f"{place}.{name}", (pointer,)))
        waiting = [pointer for pointer in self.moved if self.moved[pointer] not in found]
        while waiting:
            for pointer in waiting:
                target = follow(self.root, pointer) or {}
                bare = {name: value for name, value in target.items() if name not in ("$defs", "definitions")}
                found[self.moved[pointer]] = self.node(bare, ".".join(pointer[1:].split("/")[1:]), (pointer,))
            waiting = [pointer for pointer in self.moved if self.moved[pointer] not in found]
        return found

    def _moved(self, pointer: str) -> str:
        if pointer not in self.moved:
            taken = {*(self.root.get("$defs") or ()), *(self.root.get("definitions") or ()), *self.moved.values()}
            name = re.sub(r"[^a-zA-Z0-9_]+", "_", pointer).strip("_") or "root"
            while name in taken:
                name += "_"
            self.moved[pointer] = name
        return self.moved[pointer]

    def node(self, schema: Any, path: str, trail: tuple[str, ...]) -> Schema:
        """One schema and all below it. `trail` holds the references that led here."""
        self.visited += 1
        if path.count(".") > MAX_DEPTH:
            self.drop(path, f"more than {MAX_DEPTH} levels deep")
            return {}
        if not isinstance(schema, Mapping):
            if schema is not True:
                self.drop(path, "not a schema object")
            return {}
        if "$ref" in schema:
            return self._reference(schema, path, trail)
        source = dict(schema)
        if not _typed(source.get("type", "")):
            self.drop(_join(path, "type"), "not a type, nor a list of types")
            del source["type"]
        if "allOf" in source and "allOf" not in self.subset.keywords:
            source, trail = self._merged(source, path, trail)
        rewritten, inexact = rewrite(source, self.subset)
        for name, reason in inexact:
            self.drop(_join(path, name), reason)
        variants = split_types(rewritten, self.subset)
        return self._written(variants, path, trail)

    def _written(self, source: Schema, path: str, trail: tuple[str, ...]) -> Schema:
        result: Schema = {}
        untold: Schema = {}
        for name, value in source.items():
            written = self._keyword(name, value, _join(path, name), trail)
            if written is not _ABSENT:
                result[name] = written
            elif name not in _SILENT and not _says_nothing(name, value, self.subset):
                untold[name] = value
                self.drop(_join(path, name))
        if untold and self.subset.describe:
            told = codec.dumps_text(untold)
            result["description"] = f"{result['description']}\n\n{told}" if result.get("description") else told
        infer_type(result)
        self._require_known(result, path)
        if result.get("type") == "object" or (self.subset.closed and "properties" in result):
            self._close(result, path)
        return add_null(result, self.subset) if source.get("nullable") is True else result

    def _keyword(self, name: str, value: Any, path: str, trail: tuple[str, ...]) -> Any:
        """The keyword's value in the subset, or _ABSENT where it has none."""
        if name not in self.subset.keywords or name in ("$defs", "nullable"):
            return _ABSENT
        if not _well_formed(name, value):
            return _ABSENT  # not JSON Schema: a vendor would refuse the whole request for it
        match name:
            case "properties" if isinstance(value, Mapping):
                return {key: self.node(item, _join(path, key), trail) for key, item in value.items()}
            case "anyOf" | "allOf" | "prefixItems" if isinstance(value, list):
                return [self.node(item, f"{path}[{at}]", trail) for at, item in enumerate(value)]
            case "items" if isinstance(value, list):
                return _ABSENT
            case "items":
                return self.node(value, path, trail)
            case "additionalProperties" if isinstance(value, Mapping) and not self.subset.closed:
                return self.node(value, path, trail)
            case "additionalProperties":
                return value if value is False or not self.subset.closed else _ABSENT
            case "required":
                return list(dict.fromkeys(value))
            case "enum":
                return list(value) if self._may_enumerate(value) else _ABSENT
            case "format":
                return value if self.subset.formats is None or value in self.subset.formats else _ABSENT
            case "minItems":
                return value if self.subset.min_items is None or value in self.subset.min_items else _ABSENT
            case _:
                return value

    def _may_enumerate(self, values: Any) -> bool:
        allowed = self.subset.enum_types
        return isinstance(values, list) and (
            allowed is None or all(isinstance(v, allowed) and not isinstance(v, bool) for v in values)
        )

    def _require_known(self, result: Schema, path: str) -> None:
        """Declares each required property ("required[1]: property is not defined"): of any kind, where nothing is said
        of it."""
        if self.subset.closed or not isinstance(result.get("properties"), dict):
            return
        required = result.get("required")
        if not isinstance(required, list):
            return
        unknown = [name for name in required if isinstance(name, str) and name not in result["properties"]]
        if self.subset.refs:
            result["properties"] |= {name: {} for name in unknown}
        elif unknown:
            result["required"] = [
                name for name in required if not isinstance(name, str) or name in result["properties"]
            ]
            for name in unknown:
                self.drop(_join(path, "required"), f"no property {name!r} is declared")

    def _close(self, result: Schema, path: str) -> None:
        if self.subset.closed:
            result.setdefault("properties", {})
            result["additionalProperties"] = False
        if self.subset.all_required and result.get("properties"):
            required = frozenset(result.get("required", ()))
            for name, schema in result["properties"].items():
                if name not in required:
                    result["properties"][name] = add_null(schema, self.subset)
                    self.drop(_join(path, f"properties.{name}"), "an optional property is answered as null instead")
            result["required"] = list(result["properties"])

    def _merged(self, source: Schema, path: str, trail: tuple[str, ...]) -> tuple[Schema, tuple[str, ...]]:
        """`allOf` folded into its parent, and the references that were followed for it."""
        parts = source.pop("allOf")
        known: list[Mapping[str, Any]] = []
        for part in parts if isinstance(parts, list) else []:
            pointer = part.get("$ref") if isinstance(part, Mapping) else None
            target = part if pointer is None else follow(self.root, pointer)
            if not isinstance(target, Mapping) or pointer in trail or self.visited > MAX_NODES:
                self.drop(_join(path, "allOf"), "a part that cannot be put in place")
                continue
            known.append({**target, **{name: value for name, value in part.items() if name != "$ref"}})
            trail = trail if pointer is None else (*trail, pointer)
        merged, conflicts = merge_all(source, known)
        for name in conflicts:
            self.drop(_join(path, f"allOf.{name}"), "the parts disagree")
        if "allOf" in merged or "$ref" in merged:  # the parts' own: one more round
            return self._merged(merged, path, trail) if "allOf" in merged else (merged, trail)
        return merged, trail

    def _reference(self, schema: Mapping[str, Any], path: str, trail: tuple[str, ...]) -> Schema:
        pointer = schema["$ref"]
        beside = {name: value for name, value in schema.items() if name != "$ref" and name not in _SILENT}
        target = follow(self.root, pointer)
        name = _definition(pointer)
        cyclic = pointer in trail or self.visited > MAX_NODES
        if self.subset.refs and name is not None and target is not None and (cyclic or not beside):
            for keyword in beside:
                self.drop(_join(path, keyword), "beside a recursive $ref")
            return {"$ref": f"#/$defs/{name}"}
        if target is None:
            self.drop(_join(path, "$ref"), "points at nothing in this schema")
            return self.node(beside, path, trail)
        if self.subset.refs and self.visited <= MAX_NODES and cyclic:
            for keyword in beside:
                self.drop(_join(path, keyword), "beside a recursive $ref")
            return {"$ref": f"#/$defs/{self._moved(pointer)}"}
        if cyclic:
            self.drop(_join(path, "$ref"), "a recursive reference is cut here")
            kept = {key: target[key] for key in ("type", "title", "description") if key in target}
            return self.node({**kept, **beside}, path, trail)
        return self.node({**target, **beside}, path, (*trail, pointer))


def follow(root: Any, pointer: Any) -> Mapping[str, Any] | None:
    """Finds the schema that a `#/...` JSON pointer names in `root`; None where there is none."""
    if not isinstance(pointer, str) or not pointer.startswith("#"):
        return None
    found: Any = root
    for step in pointer[1:].split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, Mapping) and step in found:
            found = found[step]
        elif isinstance(found, list) and step in map(str, range(len(found))):
            found = found[int(step)]
        else:
            return None
    return found if isinstance(found, Mapping) else None


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _typed(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))


def _well_formed(name: str, value: Any) -> bool:
    if name == "required":
        return isinstance(value, list) and _typed(value)
    return isinstance(value, _SHAPES.get(name, object))


def _definition(pointer: Any) -> str | None:
    """The name, for a pointer into the root's definitions."""
    for place in ("#/$defs/", "#/definitions/"):
        if isinstance(pointer, str) and pointer.startswith(place) and "/" not in pointer[len(place) :]:
            return pointer[len(place) :]
    return None


def _says_nothing(name: str, value: Any, subset: Subset) -> bool:
    """Keywords whose value is what their absence means, or what the subset's decoder does anyway."""
    if name == "additionalProperties":
        return not subset.closed and (isinstance(value, bool) or value == {})
    return name == "default" and value is None


__all__ = ["GEMINI_JSON", "MESSAGES_OUTPUT", "OPENAI_STRICT", "OPENAPI", "Dropped", "Schema", "Subset", "sanitize"]
