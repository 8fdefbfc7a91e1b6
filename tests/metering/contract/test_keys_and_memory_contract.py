"""What keys, memory and idempotency ask of a table, held by every engine alike."""

from __future__ import annotations

import pytest

from interchange.continuity.store import SECONDS_KEPT, TableMemory
from interchange.identity.store import KeyStore
from interchange.metering.idempotency import Claim, Idempotency, OtherRequest, StillRunning, Stored
from interchange.metering.store import ConditionFailed, Store

KEY = {"key_id": "k1", "account_id": "a", "status": "active", "name": "n", "limits": {"allowed_models": ["x-*"]},
       "markup": "1", "shards": 1, "created_ms": 5}  # fmt: skip


def test_a_key_is_found_by_its_digest_by_its_id_and_by_its_account(store: Store) -> None:
    keys = KeyStore(store)
    keys.add("d1", KEY)
    keys.add("d2", {**KEY, "key_id": "k2"})
    for found in (keys.find("d1"), keys.by_id("k1")):
        assert found is not None
        assert {name: found[name] for name in KEY} == KEY
    assert [key["key_id"] for key in keys.of_account("a")] == ["k1", "k2"]
    assert keys.find("d3") is None
    assert keys.by_id("k3") is None


def test_a_key_is_added_once_and_changed_where_it_is(store: Store) -> None:
    keys = KeyStore(store)
    keys.add("d1", KEY)
    with pytest.raises(ConditionFailed):
        keys.add("d1", {**KEY, "name": "other"})
    assert keys.change("k1", status="revoked", limits={})
    assert not keys.change("k3", status="revoked")
    found = keys.find("d1")
    assert found is not None
    assert (found["status"], found["limits"], found["name"]) == ("revoked", {}, "n")


def test_memory_gives_back_what_is_not_too_old(store: Store) -> None:
    memory = TableMemory(store)
    memory.put("a", {"call_1": b"\x00one", "call_2": b"two", "ü" * 300: b"three"}, 1000)
    memory.put("a", {"call_2": b"again"}, 2000)
    memory.put("b", {"call_3": b"another's"}, 1000)
    assert memory.get("a", ["call_1", "call_2", "call_3", "ü" * 300], 3000) == {
        "call_1": b"\x00one", "call_2": b"again", "ü" * 300: b"three",
    }  # fmt: skip
    assert memory.get("a", ["call_1"], (SECONDS_KEPT + 2) * 1000) == {}
    assert memory.get("a", [], 3000) == {}


def test_an_idempotency_key_has_one_owner_and_one_answer(store: Store) -> None:
    book, first, second = Idempotency(store), Claim("a", "key", "r1"), Claim("a", "key", "r2")
    assert book.begin(first, "digest", 0, 1000) == first
    with pytest.raises(StillRunning):
        book.begin(second, "digest", 1, 1001)
    book.finish(first, {"status": 200}, b"body" * 1000)
    with pytest.raises(OtherRequest):
        book.begin(second, "another", 2, 1002)
    assert book.begin(second, "digest", 2, 1002) == Stored("r1", {"status": 200}, b"body" * 1000)
    book.forget(first)
    assert book.begin(second, "another", 3, 1003) == second


def test_a_rotated_key_is_found_by_both_secrets_and_listed_once(store: Store) -> None:
    keys = KeyStore(store)
    keys.add("d1", KEY)
    assert keys.rotate("k1", "d2", 90)
    assert keys.rotate("k1", "d3", 95)
    for secret, until in (("d1", 90), ("d2", 95), ("d3", None)):
        found = keys.find(secret)
        assert found is not None
        assert (found["key_id"], found.get("until_ms")) == ("k1", until)
    assert keys.rotate("k1", "d5", 92)
    untils = [(keys.find(secret) or {}).get("until_ms") for secret in ("d1", "d2", "d3", "d5")]
    assert untils == [90, 92, 92, None]  # none is good for longer than the one before the newest
    assert keys.change("k1", status="revoked")
    assert [key["status"] for key in keys.of_account("a")] == ["revoked"]
    assert {(keys.find(secret) or {})["status"] for secret in ("d1", "d2", "d3")} == {"revoked"}
    assert not keys.rotate("k1", "d4", 99)
    assert not keys.rotate("none", "d4", 99)


def test_no_key_takes_the_secret_of_another(store: Store) -> None:
    keys = KeyStore(store)
    keys.add("d1", KEY)
    keys.add("d2", {**KEY, "key_id": "k2"})
    assert not keys.rotate("k1", "d2", 90)
    assert (keys.find("d1") or {}).get("until_ms") is None
