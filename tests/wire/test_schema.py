"""JSON Schema into vendors' subsets: what is rewritten, what is told, what is reported."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.genai import types
from hypothesis import given
from hypothesis import strategies as st

from interchange.wire.schema import (
    GEMINI_JSON,
    MESSAGES_OUTPUT,
    OPENAI_STRICT,
    OPENAPI,
    Schema,
    Subset,
    sanitize,
)

A = {"enum": ["a"], "type": "string"}
SUBSETS = [OPENAPI, GEMINI_JSON, MESSAGES_OUTPUT, OPENAI_STRICT]


def paths(schema: Schema, subset: Subset) -> list[str]:
    return [item.path for item in sanitize(schema, subset)[1]]


def prop(schema: Schema, subset: Subset) -> Any:
    return sanitize({"type": "object", "properties": {"a": schema}}, subset)[0]["properties"]["a"]


def test_C6_exclusive_integer_bounds_become_inclusive_ones() -> None:
    schema = {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 10}
    assert sanitize(schema, OPENAPI) == ({"type": "integer", "minimum": 1, "maximum": 9}, ())


def test_C6_an_exclusive_bound_of_a_number_is_weakened_and_reported() -> None:
    result, dropped = sanitize({"type": "number", "exclusiveMinimum": 0.5}, GEMINI_JSON)
    assert result == {"type": "number", "minimum": 0.5}
    assert [item.path for item in dropped] == ["exclusiveMinimum"]


def test_C6_of_two_bounds_the_narrower_stays() -> None:
    assert sanitize({"type": "integer", "minimum": 5, "exclusiveMinimum": 0}, OPENAPI)[0]["minimum"] == 5
    assert sanitize({"type": "integer", "minimum": 0, "exclusiveMinimum": 5}, OPENAPI)[0]["minimum"] == 6
    assert sanitize({"type": "integer", "maximum": 5, "exclusiveMaximum": 9}, OPENAPI)[0]["maximum"] == 5


def test_C6_the_flag_of_draft_4() -> None:
    assert sanitize({"type": "integer", "minimum": 3, "exclusiveMinimum": True}, OPENAPI)[0]["minimum"] == 4


@pytest.mark.parametrize(
    ("schema", "subset", "expected"),
    [
        ({"type": ["string", "null"]}, OPENAPI, {"type": "string", "nullable": True}),
        ({"type": ["string", "null"]}, GEMINI_JSON, {"type": ["string", "null"]}),
        ({"type": ["string", "null"]}, MESSAGES_OUTPUT, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ({"const": "x"}, OPENAPI, {"enum": ["x"], "type": "string"}),
        ({"const": "x"}, GEMINI_JSON, {"enum": ["x"], "type": "string"}),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, OPENAPI, {"type": "integer", "nullable": True}),
        ({"oneOf": [{"type": "integer"}, {"enum": ["a"]}]}, GEMINI_JSON, {"anyOf": [{"type": "integer"}, A]}),
        ({"enum": ["a", None]}, OPENAPI, {"enum": ["a"], "type": "string", "nullable": True}),
        (
            {"type": ["string", "integer"], "minLength": 2, "description": "d"},
            OPENAPI,
            {"anyOf": [{"type": "string", "minLength": 2}, {"type": "integer"}], "description": "d"},
        ),
        ({"type": "array", "items": [A]}, GEMINI_JSON, {"type": "array", "prefixItems": [A]}),
    ],
)
def test_C7_rewrites_keep_the_meaning_and_report_nothing(schema: Schema, subset: Subset, expected: Schema) -> None:
    assert sanitize(schema, subset) == (expected, ())


def test_C7_unique_items_is_told_to_the_model_and_reported() -> None:
    result, dropped = sanitize({"type": "array", "items": {"type": "string"}, "uniqueItems": True}, OPENAPI)
    assert result == {"type": "array", "items": {"type": "string"}, "description": '{"uniqueItems":true}'}
    assert [item.path for item in dropped] == ["uniqueItems"]


FOREIGN = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "tuple": {"type": "array", "prefixItems": [{"type": "string"}]},
        "contains": {"type": "array", "contains": {"type": "string"}},
        "even": {"type": "number", "multipleOf": 2},
        "deep": {"type": "object", "properties": {"x": {"type": "string", "contentEncoding": "base64"}}},
    },
    "propertyNames": {"pattern": "^a"},
    "patternProperties": {"^x": {"type": "string"}},
    "unevaluatedProperties": False,
    "additionalProperties": False,
    "if": {"required": ["even"]},
}


@pytest.mark.parametrize("subset", SUBSETS, ids=lambda item: item.name)
def test_C8_an_allow_list_applied_at_every_depth(subset: Subset) -> None:
    result, dropped = sanitize(FOREIGN, subset)
    assert foreign_words(result, subset) == set()
    assert "properties.deep.properties.x.contentEncoding" in [item.path for item in dropped]
    assert "$schema" not in [item.path for item in dropped], "a word about the schema, not about the data"


def foreign_words(schema: Any, subset: Subset) -> set[str]:
    found: set[str] = set()
    for name, value in schema.items():
        if name not in subset.keywords:
            found.add(name)
        if name in ("properties", "$defs"):
            for item in value.values():
                found |= foreign_words(item, subset)
        elif name in ("anyOf", "allOf", "prefixItems"):
            for item in value:
                found |= foreign_words(item, subset)
        elif name in ("items", "additionalProperties") and isinstance(value, dict):
            found |= foreign_words(value, subset)
    return found


TREE = {
    "$defs": {
        "Node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}, "leaf": {"$ref": "#/$defs/Leaf"}}},
        "Leaf": {"type": "string", "description": "a leaf"},
    },
    "type": "object",
    "properties": {"root": {"$ref": "#/$defs/Node"}, "leaf": {"$ref": "#/$defs/Leaf", "description": "mine"}},
}


@pytest.mark.parametrize("step", ["\u00b2", "9" * 5000, "-1", "2", "01"])
def test_a_reference_into_a_list_that_leads_nowhere_is_told(step: str) -> None:
    schema = {"type": "object", "properties": {"a": {"anyOf": [A, A]}, "b": {"$ref": f"#/properties/a/anyOf/{step}"}}}
    assert "properties.b.$ref" in paths(schema, OPENAPI)


def test_C8_references_are_put_in_place_and_recursion_is_cut() -> None:
    result, dropped = sanitize(TREE, OPENAPI)
    node = result["properties"]["root"]
    assert node["properties"]["leaf"] == {"type": "string", "description": "a leaf"}
    assert node["properties"]["next"] == {"type": "object"}
    assert result["properties"]["leaf"]["description"] == "mine"
    assert [item.path for item in dropped] == ["properties.root.properties.next.$ref"]
    assert "$ref" not in json.dumps(result)


def test_C8_references_stay_where_the_subset_has_them_without_words_beside() -> None:
    result, dropped = sanitize(TREE, GEMINI_JSON)
    assert result["properties"]["root"] == {"$ref": "#/$defs/Node"}
    assert result["$defs"]["Node"]["properties"]["next"] == {"$ref": "#/$defs/Node"}
    assert result["properties"]["leaf"] == {"type": "string", "description": "mine"}
    assert dropped == ()


def test_references_into_definitions_and_to_nowhere() -> None:
    schema = {
        "definitions": {"A": {"type": "string"}},
        "type": "object",
        "properties": {"a": {"$ref": "#/definitions/A"}},
    }
    assert sanitize(schema, OPENAPI)[0]["properties"]["a"] == {"type": "string"}
    assert sanitize(schema, GEMINI_JSON)[0]["properties"]["a"] == {"$ref": "#/$defs/A"}
    assert paths({"$ref": "https://example.com/schema"}, OPENAPI) == ["$ref"]


def test_references_that_multiply_are_cut() -> None:
    names = [f"D{i}" for i in range(40)]
    levels = {
        name: {"type": "object", "properties": {"l": {"$ref": f"#/$defs/D{i + 1}"}, "r": {"$ref": f"#/$defs/D{i + 1}"}}}
        for i, name in enumerate(names[:-1])
    }
    schema = {"$defs": {**levels, names[-1]: {"type": "string"}}, "$ref": "#/$defs/D0"}
    _, dropped = sanitize(schema, OPENAPI)
    assert any("cut" in item.reason for item in dropped)


def test_all_of_is_folded_into_one_schema() -> None:
    schema = {
        "allOf": [
            {"$ref": "#/$defs/A"},
            {"type": "object", "properties": {"y": {"type": "string"}}, "required": ["y"]},
        ],
        "$defs": {"A": {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}},
    }
    assert sanitize(schema, OPENAPI) == (
        {
            "type": "object",
            "properties": {"x": {"type": "integer"}, "y": {"type": "string"}},
            "required": ["x", "y"],
        },
        (),
    )
    assert paths({"allOf": [{"type": "string"}, {"type": "integer"}]}, OPENAPI) == ["allOf.type"]


def test_closed_subsets_close_every_object() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "object", "additionalProperties": {"type": "string"}}}}
    result, dropped = sanitize(schema, MESSAGES_OUTPUT)
    assert result["additionalProperties"] is False
    assert result["properties"]["a"]["additionalProperties"] is False
    assert [item.path for item in dropped] == ["properties.a.additionalProperties"]


def test_strict_mode_requires_everything_and_says_so() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["a"]}
    result, dropped = sanitize(schema, OPENAI_STRICT)
    assert result["required"] == ["a", "b"]
    assert result["properties"]["b"] == {"type": ["string", "null"]}
    assert [item.path for item in dropped] == ["properties.b"]


def test_formats_and_counts_that_the_subset_has() -> None:
    assert prop({"type": "string", "format": "date"}, MESSAGES_OUTPUT) == {"type": "string", "format": "date"}
    assert prop({"type": "string", "format": "color"}, MESSAGES_OUTPUT)["description"] == '{"format":"color"}'
    assert prop({"type": "array", "items": {}, "minItems": 1}, MESSAGES_OUTPUT)["minItems"] == 1
    assert "minItems" not in prop({"type": "array", "items": {}, "minItems": 2}, MESSAGES_OUTPUT)


SCHEMAS = st.recursive(
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(
                ["string", "integer", "number", "boolean", ["string", "null"], ["integer", "string"]]
            ),
            "description": st.text(max_size=5),
            "enum": st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=2, unique=True),
            "minimum": st.integers(0, 9),
            "exclusiveMaximum": st.integers(0, 9),
            "format": st.sampled_from(["date", "color"]),
            "nullable": st.booleans(),
            "const": st.sampled_from(["a", 1, None]),
            "not": st.just({"type": "null"}),
            "$ref": st.sampled_from(["#/$defs/A", "#", "#/nowhere"]),
        },
    ),
    lambda inner: st.one_of(
        st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.dictionaries(st.sampled_from("xyz"), inner)}
        ),
        st.fixed_dictionaries({"type": st.just("array"), "items": inner}),
        st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"allOf": st.lists(inner, min_size=1, max_size=2)}),
    ),
    max_leaves=6,
)


@given(SCHEMAS, SCHEMAS, st.sampled_from(SUBSETS))
def test_any_schema_ends_inside_the_subset_and_twice_is_once(body: Schema, defined: Schema, subset: Subset) -> None:
    schema = {**body, "$defs": {"A": defined}}
    result, _ = sanitize(schema, subset)
    assert foreign_words(result, subset) == set()
    assert json.dumps(sanitize(schema, subset)[0]) == json.dumps(result), "not deterministic"


@given(SCHEMAS)
def test_the_openapi_subset_is_what_the_sdk_type_accepts(body: Schema) -> None:
    types.Schema.model_validate(sanitize(body, OPENAPI)[0])


@pytest.mark.parametrize("subset", SUBSETS, ids=lambda item: item.name)
def test_required_that_names_no_property_is_left_out_by_name(subset: Subset) -> None:
    """No vendor takes it, and a list in it has no hash."""
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "required": [["a"], {"b": 1}]}
    written, dropped = sanitize(schema, subset)
    assert written.get("required", ["a"]) == ["a"]
    assert "required" in [item.path for item in dropped]
