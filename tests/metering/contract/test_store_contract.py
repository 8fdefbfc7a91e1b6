"""What the books ask of a table, held by moto (fast, in this process) and by DynamoDB Local (real, over HTTP) alike."""

from __future__ import annotations

import pytest

from interchange.metering.store import Change, ConditionFailed, Insert, Store, Update

ADD = Change("SET n = n + :by", "attribute_exists(pk) AND n >= :least", {}, {":by": 1, ":least": 0})


def test_an_item_is_inserted_once(store: Store) -> None:
    store.insert({"pk": "a", "sk": "1", "n": 7})
    with pytest.raises(ConditionFailed) as failed:
        store.insert({"pk": "a", "sk": "1", "n": 8})
    assert failed.value.item == {"pk": "a", "sk": "1", "n": 7}
    assert store.get("a", "1") == {"pk": "a", "sk": "1", "n": 7}


def test_an_absent_item_is_none(store: Store) -> None:
    assert store.get("a", "1") is None


def test_values_come_back_as_they_went_in(store: Store) -> None:
    item = {"pk": "a", "sk": "1", "n": -(10**15), "big": 10**37, "text": "ä\n", "flag": True, "none": None,
            "map": {"x.y": {"n": 1}}, "list": [1, "2"], "set": {"k1", "k2"}}  # fmt: skip
    store.insert(item)
    assert store.get("a", "1") == item


def test_a_change_returns_the_new_item(store: Store) -> None:
    store.insert({"pk": "a", "sk": "1", "n": 1})
    assert store.change("a", "1", ADD)["n"] == 2


def test_a_failed_change_changes_nothing_and_shows_the_item(store: Store) -> None:
    store.insert({"pk": "a", "sk": "1", "n": -1})
    with pytest.raises(ConditionFailed) as failed:
        store.change("a", "1", ADD)
    assert failed.value.item["n"] == -1
    assert (store.get("a", "1") or {})["n"] == -1


def test_a_change_of_nothing_fails_without_an_item(store: Store) -> None:
    with pytest.raises(ConditionFailed) as failed:
        store.change("a", "1", ADD)
    assert failed.value.item == {}
    assert store.get("a", "1") is None


def test_maps_are_changed_by_key_whatever_the_key_holds(store: Store) -> None:
    store.insert({"pk": "a", "sk": "1", "holds": {}})
    key = "req.1 #x-é"
    change = Change("SET holds.#id = :v", "attribute_not_exists(holds.#id)", {"#id": key}, {":v": {"nano": 5}})
    assert store.change("a", "1", change)["holds"] == {key: {"nano": 5}}
    with pytest.raises(ConditionFailed):
        store.change("a", "1", change)
    gone = Change("REMOVE holds.#id", "attribute_exists(holds.#id)", {"#id": key}, {})
    assert store.change("a", "1", gone)["holds"] == {}


def test_a_maps_size_can_be_a_condition(store: Store) -> None:
    store.insert({"pk": "a", "sk": "1", "holds": {"x": 1, "y": 2}})
    change = Change("SET n = :one", "size(holds) < :most", {}, {":one": 1, ":most": 2})
    with pytest.raises(ConditionFailed):
        store.change("a", "1", change)


def test_a_set_grows_and_is_looked_into(store: Store) -> None:
    store.insert({"pk": "a", "sk": "1"})
    store.change("a", "1", Change("ADD revoked :k", "attribute_exists(pk)", {}, {":k": {"k1"}}))
    found = store.change("a", "1", Change("ADD revoked :k", "attribute_exists(pk)", {}, {":k": {"k2"}}))
    assert found["revoked"] == {"k1", "k2"}
    with pytest.raises(ConditionFailed):
        store.change("a", "1", Change("SET n = :n", "NOT contains(revoked, :k)", {}, {":n": 1, ":k": "k2"}))


def test_a_partition_is_read_in_order_by_prefix(store: Store) -> None:
    for name in ("B#1", "A#2", "A#1"):
        store.insert({"pk": "a", "sk": name})
    store.insert({"pk": "b", "sk": "A#1"})
    assert [item["sk"] for item in store.query("a", "A#")] == ["A#1", "A#2"]
    assert [item["sk"] for item in store.query("a")] == ["A#1", "A#2", "B#1"]


def test_pages_are_read_to_the_end(store: Store) -> None:
    for number in range(8):
        store.insert({"pk": "a", "sk": f"X#{number}", "blob": "x" * 300_000})
    assert [item["sk"] for item in store.query("a", "X#")] == [f"X#{number}" for number in range(8)]


def test_the_index_is_read_by_time_both_ways(store: Store) -> None:
    for number in (2, 1, 3):
        store.insert({"pk": f"r{number}", "sk": "USAGE", "gsi1pk": "d", "gsi1sk": f"{number:015d}"})
    assert [item["pk"] for item in store.query_index("d")] == ["r1", "r2", "r3"]
    assert [item["pk"] for item in store.query_index("d", newest_first=True, limit=2)] == ["r3", "r2"]


def test_a_transaction_is_done_whole(store: Store) -> None:
    store.insert({"pk": "a", "sk": "1", "n": 1})
    store.transact([Insert({"pk": "a", "sk": "CREDIT#1", "n": 5}), Update("a", "1", ADD)])
    assert (store.get("a", "1") or {})["n"] == 2
    assert store.get("a", "CREDIT#1") is not None


@pytest.mark.parametrize("order", [1, -1])
def test_a_transaction_is_not_done_in_part(store: Store, order: int) -> None:
    store.insert({"pk": "a", "sk": "1", "n": -1})
    both: list[Insert | Update] = [Insert({"pk": "a", "sk": "CREDIT#1", "n": 5}), Update("a", "1", ADD)]
    steps = both[::order]
    with pytest.raises(ConditionFailed) as failed:
        store.transact(steps)
    assert failed.value.item["n"] == -1
    assert isinstance(steps[failed.value.step], Update)
    assert store.get("a", "CREDIT#1") is None
    assert (store.get("a", "1") or {})["n"] == -1


def test_a_transaction_names_the_insert_that_was_there(store: Store) -> None:
    store.insert({"pk": "a", "sk": "1", "n": 1})
    store.insert({"pk": "a", "sk": "CREDIT#1", "n": 9})
    with pytest.raises(ConditionFailed) as failed:
        store.transact([Insert({"pk": "a", "sk": "CREDIT#1", "n": 5}), Update("a", "1", ADD)])
    assert (failed.value.step, failed.value.item["n"]) == (0, 9)
    assert (store.get("a", "1") or {})["n"] == 1


def test_the_index_is_read_between_two_places_without_them(store: Store) -> None:
    for number in range(1, 7):
        store.insert({"pk": f"r{number}", "sk": "USAGE", "gsi1pk": "d", "gsi1sk": f"{number:03d}"})
    assert [item["pk"] for item in store.query_index("d", after="002", before="005")] == ["r3", "r4"]
    assert [item["pk"] for item in store.query_index("d", newest_first=True, before="005", limit=2)] == ["r4", "r3"]
    assert [item["pk"] for item in store.query_index("d", newest_first=True, after="004")] == ["r6", "r5"]
    assert [item["pk"] for item in store.query_index("d", after="004", limit=1)] == ["r5"]
    assert list(store.query_index("d", after="005", before="006")) == []
    assert list(store.query_index("d", after="006", before="002")) == []
