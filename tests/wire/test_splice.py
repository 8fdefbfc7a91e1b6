"""Edits that leave every other byte alone."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interchange.wire import splice

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text(max_size=6), VALUES, max_size=6)


@given(OBJECTS, st.sampled_from([None, 0, 2]), st.booleans())
def test_members_are_the_members(value: dict[str, object], indent: int | None, ascii_only: bool) -> None:
    data = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode()
    found = {member.name: json.loads(data[member.value_start : member.end]) for member in splice.members(data)}
    assert found == value


@given(OBJECTS, VALUES)
def test_put_changes_one_member_only(value: dict[str, object], new: object) -> None:
    data = json.dumps(value, indent=1).encode()
    assert json.loads(splice.put(data, new, "model")) == {**value, "model": json.loads(json.dumps(new))}


@given(OBJECTS)
def test_remove_removes_one_member(value: dict[str, object]) -> None:
    data = json.dumps({**value, "usage": None, "z": 1}).encode()
    assert json.loads(splice.remove(data, "usage")) == {**{k: v for k, v in value.items() if k != "usage"}, "z": 1}


def test_replace_keeps_padding_order_and_number_spelling() -> None:
    data = b'{ "a" : 1.00,\n"model"\t: "x" , "b":1e3,"pad":"\\u0041"}'
    assert splice.replace(data, "y", "model") == b'{ "a" : 1.00,\n"model"\t: "y" , "b":1e3,"pad":"\\u0041"}'


def test_a_nested_member_and_not_its_namesake_in_a_string() -> None:
    data = b'{"type":"message_start","note":"\\"model\\":1","message":{"id":"m","model":"old","usage":{"model":1}}}'
    assert b'"model":"new","usage":{"model":1}' in splice.replace(data, "new", "message", "model")


NAMES = st.sampled_from(["model", "message", "a", 'say "model', "\\\\", "mod\u00e9l"])
NESTED = st.recursive(
    NAMES | st.none() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(NAMES, NESTED, max_size=4), st.booleans(), st.sampled_from([None, 1]))
def test_a_name_is_found_where_it_stands_and_nowhere_else(
    value: dict[str, object], ascii_only: bool, indent: int | None
) -> None:
    data = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()
    assert json.loads(splice.replace(data, 1, "model")) == ({**value, "model": 1} if "model" in value else value)
    assert json.loads(splice.put(data, 1, "model")) == {**value, "model": 1}
    inner = value.get("message")
    changed = {**value, "message": {**inner, "model": 1}} if isinstance(inner, dict) and "model" in inner else value
    assert json.loads(splice.replace(data, 1, "message", "model")) == changed
    below = {**inner, "model": 1} if isinstance(inner, dict) else {"model": 1}
    assert json.loads(splice.put_below(data, 1, "message", "model")) == {**value, "message": below}


def test_a_name_that_is_spelled_in_escapes_or_twice() -> None:
    assert splice.replace(b'{"a":{"model":1},"\\u006dodel":2}', 3, "model") == b'{"a":{"model":1},"\\u006dodel":3}'
    assert splice.replace(b'{"model":1,"model":2}', 3, "model") == b'{"model":1,"model":3}'
    assert splice.replace(b'{"a":"model","model" : 2}', 3, "model") == b'{"a":"model","model" : 3}'
    assert splice.put(b'{"a":"model"}', 3, "model") == b'{"a":"model","model":3}'


def test_strings_that_end_in_backslashes() -> None:
    data = json.dumps({"a": "\\", "b": ['\\\\"', "]"], "model": 1}).encode()
    assert json.loads(splice.replace(data, 2, "model"))["model"] == 2


def test_put_below_makes_the_parent() -> None:
    assert splice.put_below(b'{"a":1}', True, "o", "u") == b'{"a":1,"o":{"u":true}}'
    assert splice.put_below(b'{"o":null}', True, "o", "u") == b'{"o":{"u":true}}'
    assert splice.put_below(b'{"o":{"x":1}}', True, "o", "u") == b'{"o":{"x":1,"u":true}}'
    assert splice.put_below(b'{"o":{"u":false}}', True, "o", "u") == b'{"o":{"u":true}}'


def test_no_object_is_an_error() -> None:
    with pytest.raises(ValueError, match="not a JSON object"):
        list(splice.members(b"[1]"))
