"""Every engine reads an expression alike: what one says of an item, the others say."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from interchange.metering.store import Change, ConditionFailed, Store

ITEM: dict[str, Any] = {
    "a_n": 5, "a_minus": -1, "a_half": Decimal("0.5"), "a_text": "beta", "a_yes": True, "a_nothing": None,
    "a_raw": b"\x00\xff",
    "a_map": {"a_inner": {"a_deep": 1}, "$b": "no bytes"}, "a_list": [1, "two", {"$s": ["no set"]}],
    "a_words": {"a", "b"},
}  # fmt: skip
TRUE = [
    "a_n = :five", "a_n <> :text", "a_n < :six", "a_n <= :five", "a_n > :four", "a_n >= :five",
    "a_n BETWEEN :four AND :six", "a_n IN (:text, :five)", "a_text = :text", "a_text > :alpha",
    "a_text BETWEEN :alpha AND :gamma", "a_yes = :true", "a_nothing = :null", "a_raw = :raw", "a_half < :five",
    "attribute_exists(a_map.a_inner.a_deep)", "attribute_not_exists(a_map.a_other)",
    "attribute_not_exists(a_n.a_inner)", "attribute_not_exists(a_other) AND a_n = :five", "contains(a_words, :a)",
    "contains(a_text, :et)", "contains(#list, :two)", "begins_with(a_text, :be)", "size(a_text) = :four",
    "size(a_words) < :four", "size(a_map) < size(#list)", "NOT a_n = :four", "NOT (a_n = :four OR a_n = :six)",
    "a_n = :four OR a_n = :five AND a_text = :text", "a_other <> :five", "#odd.a_inner.a_deep < :five",
    "a_nothing <> :five", "#raw BETWEEN :low AND :raw",
]  # fmt: skip
FALSE = [
    "a_n = :text", "a_n = :true", "a_n < :text", "a_yes < :five", "a_other = :five", "a_other < :five",
    "a_text < :alpha", "a_n IN (:four, :six)", "contains(a_n, :five)", "contains(a_words, :zz)",
    "begins_with(a_n, :be)", "begins_with(a_text, :et)", "attribute_exists(a_other)", "size(a_other) < :five",
    "a_nothing = :five", "a_n BETWEEN :six AND :nine", "(a_n = :four OR a_n = :five) AND a_text = :alpha",
    "NOT attribute_exists(a_n)", "contains(a_text, :five)",
]  # fmt: skip
NAMES = {"#list": "a_list", "#odd": "a_map", "#raw": "a_raw"}
VALUES: dict[str, Any] = {
    ":four": 4, ":five": 5, ":six": 6, ":nine": 9, ":text": "beta", ":alpha": "alpha", ":gamma": "gamma", ":true": True,
    ":null": None, ":raw": b"\x00\xff", ":low": b"\x00", ":a": "a", ":et": "et", ":two": "two", ":be": "be",
    ":zz": "zz",
}  # fmt: skip


@pytest.fixture(params=["real_store", "own_client", "sqlite_file"])
def filled(request: pytest.FixtureRequest) -> Store:
    """Without moto, which orders what has no order."""
    store: Store = request.getfixturevalue(request.param)
    store.insert({"pk": "a", "sk": "1", **ITEM})
    return store


def change(update: str, condition: str, **values: Any) -> Change:
    """With the names and values that stand in it."""
    given = {**VALUES, **{f":{name}": value for name, value in values.items()}}
    text = f"{update} {condition} "
    marks = [mark for mark in (*NAMES, *given) if any(f"{mark}{end}" in text for end in " ,).")]
    return Change(
        update, condition, {mark: NAMES[mark] for mark in marks if mark in NAMES},
        {mark: given[mark] for mark in marks if mark in given},
    )  # fmt: skip


def test_conditions_that_hold(filled: Store) -> None:
    for number, condition in enumerate(TRUE):
        made = filled.change("a", "1", change("SET a_seen = :seen", condition, seen=number))
        assert made["a_seen"] == number, condition


def test_conditions_that_do_not(filled: Store) -> None:
    for condition in FALSE:
        with pytest.raises(ConditionFailed) as failed:
            filled.change("a", "1", change("SET a_seen = :seen", condition, seen=1))
        assert failed.value.item == {"pk": "a", "sk": "1", **ITEM}, condition


def test_updates_are_reckoned_from_the_item_as_it_was(filled: Store) -> None:
    made = filled.change(
        "a", "1", change("SET a_n = a_minus + :five, a_minus = a_n - :four REMOVE a_half, a_map.a_inner", "a_n = :five")
    )
    assert (made["a_n"], made["a_minus"], made["a_map"]) == (4, 1, {"$b": "no bytes"})
    assert "a_half" not in made
    assert filled.get("a", "1") == made


def test_values_that_come_from_the_item(filled: Store) -> None:
    made = filled.change(
        "a", "1",
        change("SET a_n = if_not_exists(a_n, :nine), a_other = if_not_exists(a_other, :nine), a_copy = a_map.a_inner,"
               " #list = list_append(#list, :more), a_void = :null", "attribute_exists(pk)", more=[b"x"]),
    )  # fmt: skip
    assert (made["a_n"], made["a_other"], made["a_copy"], made["a_void"]) == (5, 9, {"a_deep": 1}, None)
    assert made["a_list"] == [1, "two", {"$s": ["no set"]}, b"x"]


def test_sets_and_numbers_grow_and_shrink(filled: Store) -> None:
    more = change("ADD a_n :four, a_fresh :four, a_words :new, a_first :new", "a_n = :five", new={"c"})
    made = filled.change("a", "1", more)
    assert (made["a_n"], made["a_fresh"], made["a_words"], made["a_first"]) == (9, 4, {"a", "b", "c"}, {"c"})
    less = change("DELETE a_words :old, a_first :new", "a_n = :nine", old={"a", "x"}, new={"c"})
    made = filled.change("a", "1", less)
    assert made["a_words"] == {"b", "c"}
    assert "a_first" not in made


def test_numbers_are_exact_whatever_their_size(filled: Store) -> None:
    big = 10**30 + 1
    assert filled.change("a", "1", change("SET a_n = a_n + :big", "a_n < :big", big=big))["a_n"] == big + 5
    assert filled.change("a", "1", change("SET a_n = a_n - :big", "a_n > :big", big=big))["a_n"] == 5


@pytest.mark.parametrize(
    "wanted",
    [
        Change("SET a_n = :n", "attribute_exists(pk)", {}, {":n": 1, ":unused": 2}),
        Change("SET a_n = :n", "attribute_exists(pk)", {"#unused": "a_n"}, {":n": 1}),
        Change("SET a_n = :n", "attribute_exists(pk)", {}, {}),
        Change("SET a_n = a_other + :n", "attribute_exists(pk)", {}, {":n": 1}),
        Change("SET a_n = a_text + :n", "attribute_exists(pk)", {}, {":n": 1}),
        Change("SET a_other.a_inner = :n", "attribute_exists(pk)", {}, {":n": 1}),
        Change("SET a_n = a_other", "attribute_exists(pk)", {}, {}),
        Change("SET a_n = ", "attribute_exists(pk)", {}, {}),
        Change("SET a_n = :n", "attribute_exists(pk) AND", {}, {":n": 1}),
        Change("SET a_n = :n", "attribute_exists(pk", {}, {":n": 1}),
        Change("SET a_n = :n", "a_n ! :n", {}, {":n": 1}),
        Change("PUT a_n = :n", "attribute_exists(pk)", {}, {":n": 1}),
    ],
    ids=lambda one: f"{one.update} if {one.condition}",
)
def test_what_cannot_be_applied_changes_nothing(filled: Store, wanted: Change) -> None:
    with pytest.raises(Exception, match=r".") as raised:
        filled.change("a", "1", wanted)
    assert not isinstance(raised.value, ConditionFailed)
    assert filled.get("a", "1") == {"pk": "a", "sk": "1", **ITEM}


@pytest.mark.parametrize("value", [0.5, set(), {1}, object()], ids=["float", "empty set", "set", "object"])
def test_what_no_table_holds_is_refused(store: Store, value: Any) -> None:
    with pytest.raises(TypeError):
        store.insert({"pk": "a", "sk": "1", "value": {"a_inner": [value]}})
    assert store.get("a", "1") is None
