"""The readers of rewritten text, cut everywhere."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from interchange.rewrites import alternatives
from interchange.rewrites.free_form import FreeForm
from interchange.rewrites.keys import Renaming
from interchange.rewrites.nulls import WithoutNulls
from interchange.wire.schema import follow

TEXTS = ["", "plain", 'a "quote" \\ back\n\t', "é 😀 \ud83d\ude00", "</s> \u2028", "{}", "\\u0041", "x" * 1000]


def read(reader: Any, text: str, sizes: random.Random) -> str:
    out, at = "", 0
    while at < len(text):
        size = sizes.randint(1, 7)
        out += reader.feed(text[at : at + size])
        at += size
    return out + str(reader.finish())


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("ascii_only", [False, True])
def test_free_form_text_comes_out_as_it_went_in(text: str, ascii_only: bool) -> None:
    text = text.encode("utf-16", "surrogatepass").decode("utf-16")
    for spaces in (None, 2):
        raw = json.dumps({"input": text}, ensure_ascii=ascii_only, indent=spaces)
        for seed in range(20):
            assert read(FreeForm(), raw, random.Random(seed)) == text


@pytest.mark.parametrize("raw, right", [
    ('{"note":1,"input":"x"}', "x"), ("not json", "not json"), ('"text"', '"text"'), ('{"input":5}', '{"input":5}'),
    ('{"input":"cut sho', "cut sho"), ("", ""), ('{"input":"\\', "\\"),
])  # fmt: skip
def test_arguments_in_another_form_are_not_lost(raw: str, right: str) -> None:
    assert read(FreeForm(), raw, random.Random(1)) == right


SCHEMA = {
    "type": "object",
    "$defs": {"N": {"type": "object", "properties": {"x": {"type": "integer"}, "next": {"$ref": "#/$defs/N"}}}},
    "properties": {
        "must": {"type": ["string", "null"]},
        "may": {"type": "string"},
        "free": {},
        "nullable": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "node": {"$ref": "#/$defs/N"},
        "list": {"type": "array", "items": {"$ref": "#/$defs/N"}},
    },
    "required": ["must", "list"],
}
CASES: list[tuple[Any, Any]] = [
    ({"must": None, "may": None, "list": []}, {"must": None, "list": []}),
    ({"may": None, "must": "a"}, {"must": "a"}),
    ({"may": None}, {}),
    ({"free": None, "nullable": None, "node": None}, {"free": None, "nullable": None}),
    ({"node": {"x": None, "next": {"x": 1, "next": None}}}, {"node": {"next": {"x": 1}}}),
    ({"list": [{"x": None}, {"x": 2, "next": None}, None]}, {"list": [{}, {"x": 2}, None]}),
    ({"unknown": None, "may": "null"}, {"unknown": None, "may": "null"}),
    ([1, {"may": None}], [1, {"may": None}]),
]


@pytest.mark.parametrize("value, right", CASES)
def test_only_nulls_that_the_schema_forbids_are_left_out(value: Any, right: Any) -> None:
    for spaces in (None, 1):
        raw = json.dumps(value, indent=spaces)
        for seed in range(20):
            assert json.loads(read(WithoutNulls(SCHEMA), raw, random.Random(seed))) == right


def an_object(**named: Any) -> dict[str, Any]:
    """All properties are required but those whose schema has `may`."""
    required = [name for name, one in named.items() if not one.get("may")]
    return {"type": "object", "properties": named, "required": required}


def kind(word: str) -> dict[str, Any]:
    return {"type": "string", "const": word}


MAY = {"type": "string", "may": True}
NULLABLE = {"type": ["string", "null"]}
FIRST = an_object(kind=kind("a"), note=MAY)
SECOND = an_object(kind=kind("b"), note=NULLABLE)
UNION: dict[str, Any] = {"anyOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}]}
DEFS = {"A": FIRST, "B": SECOND}


def of_root(**named: Any) -> dict[str, Any]:
    return {"$defs": DEFS, **an_object(**named)}


ALTERNATIVES: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "the listed value stands first": (
        of_root(one=UNION, two=UNION),
        {"one": {"kind": "a", "note": None}, "two": {"kind": "b", "note": None}},
        {"one": {"kind": "a"}, "two": {"kind": "b", "note": None}},
    ),
    "it stands behind the null": (
        of_root(one=UNION, two=UNION),
        {"one": {"note": None, "kind": "a"}, "two": {"note": None, "kind": "b"}},
        {"one": {"kind": "a"}, "two": {"kind": "b", "note": None}},
    ),
    "a list of alternatives": (
        of_root(list={"type": "array", "items": {"oneOf": UNION["anyOf"]}}),
        {"list": [{"kind": "a", "note": None}, {"note": None, "kind": "b"}, {"note": None, "kind": "a"}]},
        {"list": [{"kind": "a"}, {"kind": "b", "note": None}, {"kind": "a"}]},
    ),
    "alternatives that are lists": (
        of_root(one={"anyOf": [{"type": "array", "items": FIRST}, {"type": "array", "items": SECOND}]}),
        {"one": [{"kind": "a", "note": None}, {"note": None, "kind": "a"}]},
        {"one": [{"kind": "a"}, {"kind": "a"}]},
    ),
    "items by their places": (
        of_root(one={"type": "array", "prefixItems": [FIRST, SECOND], "items": FIRST}),
        {"one": [{"kind": "a", "note": None}, {"kind": "b", "note": None}, {"kind": "a", "note": None}]},
        {"one": [{"kind": "a"}, {"kind": "b", "note": None}, {"kind": "a"}]},
    ),
    "the names tell": (
        of_root(one={"anyOf": [an_object(note=MAY, x={"type": "number"}), an_object(note=NULLABLE, y=MAY)]}),
        {"one": {"note": None, "x": 1.5}},
        {"one": {"x": 1.5}},
    ),
    "a name that is not there tells": (
        of_root(one={"anyOf": [an_object(note=MAY), an_object(note=NULLABLE, y={"type": "string"})]}),
        {"one": {"note": None}},
        {"one": {}},
    ),
    "the type tells": (
        of_root(one={"anyOf": [an_object(note=MAY, x={"type": "boolean"}), an_object(note=NULLABLE, x=NULLABLE)]}),
        {"one": {"note": None, "x": True}},
        {"one": {"x": True}},
    ),
    "a part tells what the whole is": (
        of_root(one={"anyOf": [an_object(note=MAY, of=an_object(kind=kind("a"))),
                               an_object(note=NULLABLE, of=an_object(kind=kind("b")))]}),
        {"one": {"note": None, "of": {"kind": "a"}}},
        {"one": {"of": {"kind": "a"}}},
    ),
    "the whole tells what a part is": (
        of_root(one={"anyOf": [an_object(kind=kind("a"), of=an_object(note=MAY)),
                               an_object(kind=kind("b"), of=an_object(note=NULLABLE))]}),
        {"one": {"kind": "a", "of": {"note": None}}},
        {"one": {"kind": "a", "of": {}}},
    ),
    "one alternative requires what the other may leave out": (
        of_root(one={"anyOf": [an_object(note={"type": "string"}, x=MAY), an_object(note=MAY, x=NULLABLE)]}),
        {"one": {"x": None, "note": None}},
        {"one": {"x": None}},
    ),
    "words that all hold": (
        of_root(one={"allOf": [{"$ref": "#/$defs/A"}, {"anyOf": [{"required": ["note"]}, {"required": ["kind"]}]}]}),
        {"one": {"kind": "a", "note": None}},
        {"one": {"kind": "a"}},
    ),
    "nothing tells": (
        of_root(one={"anyOf": [an_object(note=MAY), an_object(note=NULLABLE)]}),
        {"one": {"note": None}},
        {"one": {"note": None}},
    ),
    "a null that no rewrite made": (
        of_root(one={"anyOf": [an_object(note={"type": "string"}), {"type": "null"}]}),
        {"one": {"note": None}},
        {"one": {"note": None}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("title", ALTERNATIVES)
def test_a_null_goes_by_the_alternative_that_the_object_is(title: str) -> None:
    schema, value, right = ALTERNATIVES[title]
    for spaces in (None, 1):
        raw = json.dumps(value, indent=spaces)
        for seed in range(20):
            assert json.loads(read(WithoutNulls(schema), raw, random.Random(seed))) == right


def test_alternatives_without_end_come_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """By how often a reference is followed: for each of the schemas at most as often as one may take."""
    followed: list[str] = []

    def following(root: Any, pointer: str) -> Any:
        followed.append(pointer)
        return follow(root, pointer)

    monkeypatch.setattr(alternatives, "follow", following)
    every: dict[str, Any] = {"anyOf": [{"$ref": f"#/$defs/D{n}"} for n in range(30)]}
    schema = {"$defs": {f"D{n}": every for n in range(30)}, **an_object(one=every, note=MAY)}
    raw = json.dumps({"one": {"one": [{"one": None}] * 50}, "note": None})
    assert json.loads(read(WithoutNulls(schema), raw, random.Random(1))) == {"one": json.loads(raw)["one"]}
    assert 0 < len(followed) <= 3 * alternatives.STEPS


NO_JSON = ["plain text", '{"may":nul', '{"may":', '{"a" b}', '"null"', "null", "{}} null", "```json\n{}"]


@pytest.mark.parametrize("raw", NO_JSON)
def test_text_that_is_no_json_goes_through(raw: str) -> None:
    for seed in range(10):
        assert read(WithoutNulls(SCHEMA), raw, random.Random(seed)) == raw


@pytest.mark.parametrize("seed", range(20))
def test_names_of_members_come_out_renamed_and_nothing_else(seed: int) -> None:
    names = {"_f": "$f", "a_b": 'a"b', "é": "ö"}
    value: dict[str, Any] = {"_f": {"_f": ["_f", {"a_b": 1}]}, "a_b": '_f, "a_b": {', "x": [], "é": None, "_f2": -1.5e3}
    right = {"$f": value["_f"], 'a"b': value["a_b"], "x": [], "ö": None, "_f2": -1.5e3}
    for spaces in (None, 2):
        for ascii_only in (True, False):
            raw = json.dumps(value, ensure_ascii=ascii_only, indent=spaces)
            assert json.loads(read(Renaming(names), raw, random.Random(seed))) == right


@pytest.mark.parametrize("raw", ["", "null", '["_f"]', '[{"_f":1}]', '"_f"', "no JSON", '{"_f', '{"x":"_f'])
def test_what_is_no_whole_object_stays(raw: str) -> None:
    assert read(Renaming({"_f": "$f"}), raw, random.Random(1)) == raw
