"""Schemas like those of public reports: what generators and servers of tools write, well-formed or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def obj(required: tuple[str, ...] | None = None, /, **properties: Any) -> Json:
    return {"type": "object", "properties": properties, "required": list(properties if required is None else required)}


SCHEMAS: Mapping[str, Json] = {
    "no properties": {"type": "object"},
    "no type": {"properties": {"a": {"type": "string"}}},
    "nothing": {},
    "a map": obj(labels={"type": "object", "additionalProperties": {"type": "string"}}),
    "anything": obj(value={}),
    "anything goes": obj(value=True),
    "const": obj(kind={"const": "a"}, other={"type": "integer", "const": 3}),
    "enum of integers": obj(level={"type": "integer", "enum": [1, 2, 3]}),
    "enum of kinds": obj(level={"enum": ["a", 1, None, True]}),
    "enum with an empty word": obj(level={"type": "string", "enum": ["", "a"]}),
    "enum of nothing": obj(level={"type": "string", "enum": []}),
    "enum of booleans": obj(level={"type": "boolean", "enum": [True]}),
    "list of types": obj(a={"type": ["string", "integer", "null"]}),
    "nullable": obj(a={"type": "string", "nullable": True}),
    "anyOf with null": obj(a={"anyOf": [{"type": "string"}, {"type": "null"}]}),
    "default": obj((), a={"type": "string", "default": "x"}, b={"type": "integer", "default": 3}),
    "default beside anyOf": obj((), a={"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}),
    "format": obj(a={"type": "string", "format": "uri"}, b={"type": "string", "format": "uuid"},
                  c={"type": "integer", "format": "int64"}, d={"type": "string", "format": "binary"}),
    "bounds": obj(a={"type": "integer", "minimum": 1, "exclusiveMaximum": 9}, b={"type": "string", "minLength": 2},
                  c={"type": "array", "items": {"type": "string"}, "minItems": 3, "maxItems": 9}),
    "draft 4 bounds": obj(a={"type": "integer", "minimum": 1, "exclusiveMinimum": True}),
    "unique items": obj(a={"type": "array", "items": {"type": "string"}, "uniqueItems": True}),
    "pattern": obj(a={"type": "string", "pattern": "^(?!x)[a-z]+$"}),
    "array without items": obj(a={"type": "array"}),
    "array of nothing known": obj(a={"type": "array", "items": {}}),
    "tuple": obj(a={"type": "array", "items": [{"type": "string"}, {"type": "number"}]}),
    "prefix items": obj(a={"type": "array", "prefixItems": [{"type": "string"}], "items": False}),
    "reference": {**obj(a={"$ref": "#/$defs/A"}), "$defs": {"A": obj(b={"type": "string"})}},
    "reference with siblings": {
        **obj(a={"$ref": "#/$defs/A", "description": "an a", "default": None}),
        "$defs": {"A": obj(b={"type": "string"})},
    },
    "definitions": {**obj(a={"$ref": "#/definitions/A"}), "definitions": {"A": obj(b={"type": "string"})}},
    "recursion": {**obj(root={"$ref": "#/$defs/N"}),
                  "$defs": {"N": obj(v={"type": "string"}, next={"type": "array", "items": {"$ref": "#/$defs/N"}})}},
    "recursion from the root": {**obj(v={"type": "string"}, next={"anyOf": [{"$ref": "#"}, {"type": "null"}]})},
    "reference at the root": {"$ref": "#/$defs/A", "$defs": {"A": obj(b={"type": "string"})}},
    "missing reference": obj(a={"$ref": "#/$defs/Nowhere"}),
    "outside reference": obj(a={"$ref": "https://a.example/schema.json"}),
    "reference to a property": {**obj(a=obj(b={"type": "string"}), c={"$ref": "#/properties/a"})},
    "anyOf at the root": {"type": "object", "anyOf": [obj(a={"type": "string"}), obj(b={"type": "string"})]},
    "oneOf at the root": {"oneOf": [obj(a={"type": "string"}), obj(b={"type": "string"})]},
    "allOf at the root": {"type": "object", "allOf": [obj(a={"type": "string"}), obj(b={"type": "string"})]},
    "if then": {**obj((), a={"type": "string"}), "if": {"required": ["a"]}, "then": obj(b={"type": "string"})},
    "array at the root": {"type": "array", "items": {"type": "string"}},
    "text at the root": {"type": "string"},
    "oneOf with a discriminator": obj(a={
        "oneOf": [obj(kind={"const": "x"}, x={"type": "string"}), obj(kind={"const": "y"}, y={"type": "integer"})],
        "discriminator": {"propertyName": "kind"},
    }),
    "allOf of a reference": {**obj(a={"allOf": [{"$ref": "#/$defs/A"}], "default": {}}),
                             "$defs": {"A": obj(b={"type": "string"})}},
    "not": obj(a={"not": {"type": "null"}}),
    "closed": {**obj((), a={"type": "string"}), "additionalProperties": False},
    "open": {**obj((), a={"type": "string"}), "additionalProperties": True},
    "pattern properties": {"type": "object", "patternProperties": {"^x": {"type": "string"}}},
    "property names": obj(a={"type": "object", "propertyNames": {"pattern": "^x"},
                             "additionalProperties": {"type": "string"}}),
    "title and schema": {"$schema": "http://json-schema.org/draft-07/schema#", "$id": "x", "title": "T", **CITY},
    "vendor's words": {**obj(a={"type": "string", "x-order": 1, "deprecated": True}), "x-mcp": True},
    "odd keys": obj(**{"$filter": {"type": "string"}, "filter[name]": {"type": "string"}, "a b": {"type": "string"},
                       "größe": {"type": "number"}, "@type": {"type": "string"}}),
    "long key": obj(**{"k" * 70: {"type": "string"}}),
    "odd keys below": obj(a=obj(**{"$in": {"type": "string"}})),
    "names like keywords": obj(type={"type": "string"}, properties=obj(required={"type": "string"}), items={
        "type": "array", "items": {"type": "string"}}),
    "required unknown": {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a", "b"]},
    "required of draft 3": {"type": "object", "properties": {"a": {"type": "string", "required": True}}},
    "required null": {"type": "object", "properties": {"a": {"type": "string"}}, "required": None},
    "properties null": {"type": "object", "properties": None},
    "description no text": obj(a={"type": "string", "description": None}),
    "type in capitals": {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}},
    "deep": {"type": "object", "properties": {"a": obj(b=obj(c=obj(d=obj(e=obj(f=obj(g={"type": "string"}))))))}},
    "many optional": obj((), **{f"p{n}": {"type": "string"} for n in range(30)}),
    "many unions": obj(**{f"p{n}": {"anyOf": [{"type": "string"}, {"type": "integer"}]} for n in range(20)}),
}  # fmt: skip
