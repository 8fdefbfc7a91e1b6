"""From what somebody has in hand to the customer, and what changes of a key keep."""

from __future__ import annotations

from typing import Any

import pytest

from interchange.identity.keys import Limits, Unauthenticated
from interchange.metering.ledger import AccountRef
from interchange.metering.money import nano
from interchange.metering.refusals import AllowanceExceeded
from tests.metering.usage_rows import usage_row
from tests.operator.office import Office


@pytest.fixture
def made(office: Office) -> Any:
    return office("account", "create", "--name", "Ada Lovelace", "--credit", "10")


def spend(office: Office, account: str, key: str, cap: str, usd: str) -> None:
    """A request of the key that costs `usd`."""
    limits = Limits(spend_nano=nano(cap))
    ledger, now = office.books.ledger, office.books.now_ms
    hold = ledger.hold(AccountRef(account, key, limits), f"r-{cap}-{usd}-{now}", nano(usd), now, now + 60_000)
    ledger.settle(hold, nano(usd), now)


def test_a_raised_cap_goes_on_where_it_was(office: Office, made: Any) -> None:
    key = office("key", "create", "--account", made["account"], "--spend-usd", "0.001")["key_id"]
    spend(office, made["account"], key, "0.001", "0.00082")
    office("key", "limit", key, "--spend-usd", "0.002")
    spend(office, made["account"], key, "0.002", "0.00118")
    with pytest.raises(AllowanceExceeded):
        spend(office, made["account"], key, "0.002", "0.000001")
    office("key", "limit", key, "--spend-usd", "0.001")
    with pytest.raises(AllowanceExceeded) as refused:
        spend(office, made["account"], key, "0.001", "0.000001")
    assert "-" not in str(refused.value)
    office("key", "limit", key, "--spend-usd", "none")
    office("key", "limit", key, "--spend-usd", "0.0021")
    spend(office, made["account"], key, "0.0021", "0.0001")
    with pytest.raises(AllowanceExceeded):
        spend(office, made["account"], key, "0.0021", "0.000001")


def test_a_cap_that_an_earlier_release_set_goes_on_too(office: Office, made: Any) -> None:
    books, account = office.books, made["account"]
    key = office("key", "create", "--account", account, "--spend-usd", "1")["key_id"]
    store = books.keys._table
    item = store.get(f"USES#{account}#{key}", "USES")
    assert item is not None
    store.put({name: value for name, value in item.items() if name != "cap"})
    spend(office, account, key, "1", "0.9")
    office("key", "limit", key, "--spend-usd", "2")
    spend(office, account, key, "2", "1.1")
    with pytest.raises(AllowanceExceeded):
        spend(office, account, key, "2", "0.01")


def test_a_cap_is_begun_anew_by_a_command_of_its_own(office: Office, made: Any) -> None:
    key = office("key", "create", "--account", made["account"], "--spend-usd", "1")["key_id"]
    spend(office, made["account"], key, "1", "1")
    office("key", "reset", key)
    spend(office, made["account"], key, "1", "0.99")
    assert "no spending cap" in office.refused("key", "reset", made["key_id"])


def test_a_rotated_key_keeps_its_id_and_cap(office: Office, made: Any) -> None:
    first = office("key", "create", "--account", made["account"], "--spend-usd", "1")
    spend(office, made["account"], first["key_id"], "1", "0.6")
    second = office("key", "rotate", first["key_id"], "--old-until", "1h")
    assert second["key_id"] == first["key_id"]
    for secret in (first["key"], second["key"]):
        assert office.identity().authenticate(secret).key_id == first["key_id"]
    with pytest.raises(AllowanceExceeded):
        spend(office, made["account"], first["key_id"], "1", "0.5")
    assert office("find", second["key"][-4:])["found"][0]["key_id"] == first["key_id"]
    assert "90 days" in office.refused("key", "rotate", first["key_id"], "--old-until", "91d")
    office("key", "revoke", first["key_id"])
    assert "revoked" in office.refused("key", "rotate", first["key_id"])


def test_anything_in_hand_is_traced_to_its_customer(office: Office, made: Any) -> None:
    key = office("key", "create", "--account", made["account"], "--name", "the shop's")
    office.books.ledger.record(
        usage_row("req-1", office.books.now_ms, account_id=made["account"], key_id=key["key_id"])
    )
    for text in (key["key"], key["key"][-4:], key["key_id"], "SHOP", made["account"], "lovelace", "req-1"):
        found = office("find", text)["found"]
        assert {one["account"] for one in found} == {made["account"]}, text
        assert {one["account_name"] for one in found} == {"Ada Lovelace"}
        assert {one["kind"] for one in found} <= {"key", "account", "request"}
    assert office("find", "nobody here") == {"found": []}
    assert "at least 3" in office.refused("find", "ab")
    assert office("key", "show", key["key_id"])["account_name"] == "Ada Lovelace"
    shown = office("request", "show", "req-1")
    assert (shown["account_name"], shown["key_id"]) == ("Ada Lovelace", key["key_id"])
    assert "no finished request" in office.refused("request", "show", "nothing")


def test_keys_without_a_name_are_numbered(office: Office, made: Any) -> None:
    names = [office("key", "create", "--account", made["account"])["name"] for _ in range(2)]
    assert names == ["key 2", "key 3"]


def test_an_end_that_is_past_is_refused(office: Office, made: Any) -> None:
    said = office.refused("key", "create", "--account", made["account"], "--expires", "2020-01-01")
    assert said.startswith("expires: ") and "past" in said
    assert office.refused("key", "limit", made["key_id"], "--expires", "0d").startswith("expires: ")


def test_a_pattern_that_matches_no_model_is_warned_of(office: Office, made: Any) -> None:
    told = office(
        "key", "create", "--account", made["account"], "--allow-model", "claude-*", "--allow-model", "cluade*"
    )
    assert told["warnings"] == ["allowed_models: 'cluade*' matches no model of the catalog"]
    alias = next(one for model in office.books.catalog().models for one in model.aliases)
    assert "warnings" not in office("key", "limit", told["key_id"], "--allow-model", alias)


def test_a_revoked_code_gives_nothing(office: Office, made: Any) -> None:
    codes = office("code", "create", "--credit", "5", "--batch", "spring", "--count", "3")["codes"]
    office("code", "redeem", codes[0], "--account", made["account"])
    assert office("code", "revoke", codes[1])["revoked_now"] == 1
    assert "revoked" in office.refused("code", "redeem", codes[1], "--account", made["account"])
    assert office("code", "revoke", "--batch", "spring") == {"batch": "spring", "revoked_now": 1, "redeemed": 1}
    assert "revoked" in office.refused("code", "redeem", codes[2], "--account", made["account"])
    (batch,) = office("code", "batches")["batches"]
    assert (batch["batch"], batch["codes"], batch["redeemed"], batch["revoked"]) == ("spring", 3, 1, 2)
    for wrong in ([], ["--batch", "summer"], ["ABCD-ABCD"], [codes[0], "--batch", "spring"]):
        assert office.refused("code", "revoke", *wrong)


@pytest.mark.parametrize(
    "command",
    [("account", "create", "--name", "Grace", "--credit", "5"), ("code", "create", "--credit", "1", "--batch", "b")],
    ids=lambda one: one[0],
)
def test_a_command_that_is_repeated_makes_nothing_new(office: Office, command: tuple[str, ...]) -> None:
    first, again = office(*command, "--id", "op-1"), office(*command, "--id", "op-1")
    assert again == first
    assert "used before" in office.refused(*command[:-1], "7", "--id", "op-1")
    assert office(*command, "--id", "op-2") != first
    assert len(office("account", "list")["accounts"]) in (0, 2)
    assert office("audit")["balanced"]


def test_a_closed_account_keeps_its_books_and_nothing_else(office: Office, made: Any) -> None:
    account = made["account"]
    hold = office.hold(account, "r-1", nano("1"), office.books.now_ms + 60_000)
    close = ("account", "close", account, "--rest", "refund", "--reason", "asked", "--yes")
    assert "still run" in office.refused(*close)
    office.books.ledger.settle(hold, nano("0.25"), office.books.now_ms)
    closed = office(*close)
    assert (closed["rest_usd"], closed["available_usd"], closed["charged_usd"]) == ("9.75", "0", "0.25")
    assert (closed["name"], closed["active"]) == ("(closed)", False)
    assert office(*close)["rest_usd"] == "0"
    with pytest.raises(Unauthenticated):
        office.identity().authenticate(made["key"])
    for refused in (("account", "resume", account), ("key", "create", "--account", account)):
        assert "closed" in office.refused(*refused)
    assert office("find", "lovelace") == {"found": []}
    entries = office("credits", account)["credits"]
    assert [(one["usd"], one["source"]) for one in entries] == [("10", "operator"), ("-9.75", "closing")]
    assert office("audit")["balanced"]


def test_a_debt_is_written_off_at_closing(office: Office, made: Any) -> None:
    office("credit", made["account"], "-12", "--reason", "a refund of spent credit")
    closed = office("account", "close", made["account"], "--rest", "write-off", "--reason", "gone", "--yes")
    assert (closed["rest_usd"], closed["available_usd"]) == ("-2", "0")
    assert office("audit")["balanced"]


def test_all_that_is_kept_of_an_account_is_exported(office: Office, made: Any, tmp_path: Any) -> None:
    office.books.ledger.record(usage_row("req-1", office.books.now_ms, account_id=made["account"]))
    file = tmp_path / "ada.jsonl"
    assert office("account", "export", made["account"], str(file))["lines"] == 4
    kinds = [line.split('"')[3] if line.startswith('{"kind"') else "key" for line in file.read_text().splitlines()]
    assert kinds == ["account", "key", "credit", "request"]
    assert made["key"] not in file.read_text()
    assert office.refused("account", "export", made["account"], str(file))
    other = tmp_path / "nobody.jsonl"
    assert office.refused("account", "export", "acct_nobody", str(other)) == "no account acct_nobody"
    assert not other.exists()


def test_a_difference_in_price_is_booked_once_with_its_reason(office: Office, made: Any, tmp_path: Any) -> None:
    model = office.books.catalog().models[0].id
    office.books.ledger.record(usage_row("req-1", office.books.now_ms, account_id=made["account"], model=model))
    assert office.refused("reprice", "req-1", "--book").startswith("reason: ")
    shown = office("reprice", "req-1")
    booked = office("reprice", "req-1", "--book", "--reason", "the list was wrong")
    assert booked["booked_usd"] == str(shown["difference_usd"]).removeprefix("-") or booked["booked_usd"] == (
        f"-{shown['difference_usd']}"
    )
    assert booked["booked_now"] and not office("reprice", "req-1", "--book", "--reason", "again")["booked_now"]
    entry = office("credits", made["account"])["credits"][-1]
    assert (entry["source"], entry["reason"]) == ("reprice", "repriced req-1: the list was wrong")
    assert office("audit")["balanced"]
