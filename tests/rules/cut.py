"""Cuts the vendors' API descriptions to what a request may be: `python -m tests.rules.cut openai_chat FILE ROOT`.

The result is a JSON schema of its own: no words, only what can be wrong. A union is what fits one of its members; an
object that says nothing of other members takes none, as the vendors' servers do it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

Json = dict[str, Any]
HERE = Path(__file__).resolve().parent / "specs"
KEPT = frozenset({
    "type", "enum", "const", "pattern", "minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum",
    "exclusiveMinimum", "exclusiveMaximum", "required", "uniqueItems", "maxProperties",
})  # fmt: skip
UNIONS = ("anyOf", "oneOf")


class Cut:
    def __init__(self, schemas: Json) -> None:
        self.schemas = schemas
        self.found: Json = {}

    def named(self, reference: str) -> Json:
        name = reference.rpartition("/")[2]
        if name not in self.found:
            self.found[name] = {}  # it may hold itself
            self.found[name] = self.of(self.schemas[name])
        return {"$ref": f"#/$defs/{name}"}

    def of(self, schema: Any) -> Any:
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            return self.named(schema["$ref"])
        if "allOf" in schema:
            return self.of(self.merged(schema))
        out = {name: schema[name] for name in KEPT if name in schema}
        if "properties" in schema:
            out["properties"] = {name: self.of(inner) for name, inner in schema["properties"].items()}
            out["additionalProperties"] = self.of(schema.get("additionalProperties", False))
        elif "additionalProperties" in schema:
            out["additionalProperties"] = self.of(schema["additionalProperties"])
        if "items" in schema:
            out["items"] = self.of(schema["items"])
        for union in UNIONS:
            if union in schema:
                out["anyOf"] = [self.of(one) for one in schema[union]]
        if schema.get("nullable"):
            return {"anyOf": [out, {"type": "null"}]}
        return out

    def merged(self, schema: Json) -> Json:
        """One object of all that is demanded at once."""
        parts = [self.resolved(one) for one in schema["allOf"]]
        beside = {name: value for name, value in schema.items() if name != "allOf"}
        out: Json = {}
        for part in [*parts, beside]:
            for name, value in part.items():
                if name == "properties":
                    out["properties"] = {**out.get("properties", {}), **value}
                elif name == "required":
                    out["required"] = [*out.get("required", []), *value]
                else:
                    out[name] = value
        return out

    def resolved(self, schema: Json) -> Json:
        if "$ref" in schema:
            schema = self.schemas[schema["$ref"].rpartition("/")[2]]
        return self.merged(schema) if "allOf" in schema else schema


def cut(path: Path, root: str) -> Json:
    text = path.read_text(encoding="utf-8")
    spec = json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=yaml.CSafeLoader)
    cutting = Cut(spec["components"]["schemas"])
    return {**cutting.named(root), "$defs": cutting.found}


def main() -> None:
    name, file, root = sys.argv[1:]
    data = json.dumps(cut(Path(file), root), sort_keys=True, separators=(",", ":")).encode()
    (HERE / f"{name}.json").write_bytes(data + b"\n")
    print(f"{name}: {len(data)} bytes")


if __name__ == "__main__":
    main()
