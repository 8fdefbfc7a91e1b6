from __future__ import annotations

import pytest

from interchange.identity.keys import Unauthenticated
from tests.operator.office import Office


def test_an_account_comes_with_credit_and_a_key_that_works(office: Office) -> None:
    made = office("account", "create", "--name", "Ada", "--credit", "12.5")
    assert {**made, "account": "", "key": "", "key_id": "", "created": "", "keys": []} == {
        "account": "", "name": "Ada", "key": "", "key_id": "", "available_usd": "12.5", "held_usd": "0",
        "charged_usd": "0", "credited_usd": "12.5", "active": True, "markup": "1", "created": "", "keys": [],
    }  # fmt: skip
    principal = office.identity().authenticate(made["key"])
    assert (principal.account_id, principal.key_id) == (made["account"], made["key_id"])
    shown = office("account", "show", made["account"])
    assert shown["available_usd"] == "12.5"
    assert "key" not in shown
    assert [key["key_id"] for key in shown["keys"]] == [made["key_id"]]


def test_the_contract_of_every_command(office: Office) -> None:
    made = office("account", "create", "--name", "Ada", "--credit", "1")
    account = made["account"]
    key = office("key", "create", "--account", account)
    assert {"account", "key", "key_id", "available_usd", "held_usd", "charged_usd"} <= set(key)
    assert office("credit", account, "2", "--reason", "top-up")["available_usd"] == "3"
    assert office("usage")["charged_usd"] == "0"
    assert office("audit")["balanced"] is True
    assert office("sweep")["settled"] == 0
    assert office("catalog", "check")["models"] > 0
    assert office("key", "revoke", key["key_id"])["key_id"] == key["key_id"]


def test_a_keys_limits_are_set_shown_and_changed(office: Office) -> None:
    account = office("account", "create", "--name", "Ada", "--credit", "1")["account"]
    made = office(
        "key", "create", "--account", account, "--limit-usd", "0.5", "--concurrent", "3", "--requests-per-minute", "60",
        "--allow-model", "claude-*", "--allow-model", "gpt-*", "--allowed-networks", "10.0.0.0/8",
        "--expires", "2030-01-01",
    )  # fmt: skip
    listed = office("key", "list", "--account", account)["keys"]
    expected = {"spend_usd": "0.5", "concurrent": 3, "requests_per_minute": 60, "allowed_models": ["claude-*", "gpt-*"],
                "allowed_networks": ["10.0.0.0/8"], "expires": "2030-01-01T00:00:00Z"}  # fmt: skip
    assert [key["limits"] for key in listed if key["key_id"] == made["key_id"]] == [expected]
    changed = office("key", "limit", made["key_id"], "--concurrent", "none", "--tokens-per-minute", "1000",
                     "--allow-model", "none")  # fmt: skip
    assert "concurrent" not in changed["limits"]
    assert "allowed_models" not in changed["limits"]
    assert changed["limits"]["tokens_per_minute"] == 1000
    assert changed["limits"]["spend_usd"] == "0.5"
    assert office.identity().authenticate(made["key"]).limits.tokens_per_minute == 1000


def test_a_revoked_key_is_refused(office: Office) -> None:
    made = office("account", "create", "--name", "Ada")
    assert office("key", "revoke", made["key_id"], "--yes")["status"] == "revoked"
    with pytest.raises(Unauthenticated):
        office.identity().authenticate(made["key"])


@pytest.mark.parametrize(("typed", "revoked"), [("y\n", True), ("yes\n", True), ("n\n", False), ("\n", False)])
def test_a_person_is_asked_before_a_key_is_revoked(office: Office, typed: str, revoked: bool) -> None:
    made = office("account", "create", "--name", "Ada")
    office.answer(typed)
    code, _, err = office.run("key", "revoke", made["key_id"])
    assert "[y/N]" in err
    assert (code == 0) is revoked
    status = office("account", "show", made["account"])["keys"][0]["status"]
    assert status == ("revoked" if revoked else "active")


def test_a_key_whose_prompts_are_cached(office: Office) -> None:
    account = office("account", "create", "--name", "cached")["account"]
    made = office("key", "create", "--account", account, "--auto-cache")
    assert made["key"].startswith("sk-")


def test_a_hot_account_is_split_and_its_keys_are_told(office: Office) -> None:
    made = office("account", "create", "--name", "hot", "--credit", "8")
    assert office("account", "split", made["account"], "--shards", "4", "--yes")["shards"] == 4
    again = office("account", "split", made["account"], "--shards", "4", "--yes")
    assert (again["shards"], again["available_usd"]) == (4, "8")
    assert office("audit")["balanced"] is True


def test_a_suspended_account_is_resumed(office: Office) -> None:
    account = office("account", "create", "--name", "Ada")["account"]
    assert office("account", "suspend", account, "--yes")["active"] is False
    assert office("account", "resume", account)["active"] is True


def test_a_markup_reaches_every_key(office: Office) -> None:
    made = office("account", "create", "--name", "Ada", "--markup", "1.2")
    assert office.identity().authenticate(made["key"]).markup == "1.2"
    changed = office("account", "change", made["account"], "--markup", "1.5", "--name", "Countess")
    assert (changed["markup"], changed["name"]) == ("1.5", "Countess")
    assert office.identity().authenticate(made["key"]).markup == "1.5"
    key = office("key", "create", "--account", made["account"])["key"]
    assert office.identity().authenticate(key).markup == "1.5"


def test_accounts_are_listed(office: Office) -> None:
    for name in ("Ada", "Grace"):
        office("account", "create", "--name", name, "--low-balance", "5")
    assert sorted((one["name"], one["low_balance_usd"]) for one in office("account", "list")["accounts"]) == [
        ("Ada", "5"), ("Grace", "5"),
    ]  # fmt: skip
    _, out, _ = office.run("account", "list")
    assert "Grace" in out


@pytest.mark.parametrize(
    "arguments",
    [
        ["account", "create", "--name", "x", "--credit", "-1"],
        ["account", "create", "--name", "x", "--credit", "lots"],
        ["account", "create", "--name", "x", "--markup", "-1"],
        ["account", "create", "--name", "x", "--markup", "NaN"],
        ["account", "create"],
        ["account", "show", "nobody"],
        ["account", "change", "nobody", "--name", "x"],
        ["account", "suspend", "nobody"],
        ["key", "create", "--account", "nobody"],
        ["key", "list", "--account", "nobody"],
        ["key", "revoke", "nothing"],
        ["key", "limit", "nothing", "--concurrent", "1"],
        ["credit", "nobody", "1", "--reason", "x"],
        ["credits", "nobody"],
        ["code", "redeem", "nothing", "--account", "nobody"],
        ["code", "create", "--count", "0", "--credit", "1", "--batch", "b"],
        ["code", "create", "--credit", "0", "--batch", "b"],
        ["usage", "--account", "nobody"],
        ["usage", "--since", "some day"],
        ["usage", "--since", "2026-01-02", "--until", "2026-01-01"],
        ["usage", "--by", "colour"],
        ["reprice", "nothing"],
        ["catalog", "check", "/nowhere.yaml"],
        ["fly"],
        [],
    ],
    ids=" ".join,
)
def test_an_error_is_one_line(office: Office, arguments: list[str]) -> None:
    assert office.refused(*arguments)


def test_an_error_is_an_object_where_json_was_asked_for(office: Office) -> None:
    code, out, err = office.run("account", "show", "nobody", "--json")
    assert (code, out, err) == (1, '{"error": "no account nobody"}\n', "error: no account nobody\n")


def test_a_missing_table_is_one_line(office: Office) -> None:
    office.monkeypatch.setenv("INTERCHANGE_TABLE", "elsewhere")
    assert "elsewhere" in office.refused("audit")
    office.monkeypatch.delenv("INTERCHANGE_TABLE")
    assert office.refused("audit").startswith("INTERCHANGE_TABLE: not set")


def test_an_account_its_users_and_models_are_limited(office: Office) -> None:
    account = office("account", "create", "--name", "Ada")["account"]
    office("account", "limit", account, "--spend-per-day-usd", "5", "--requests-per-minute", "60")
    office("account", "limit", account, "--each-user", "--tokens-per-minute", "1000")
    shown = office("account", "limit", account, "--models", "claude-*", "--concurrent", "2")
    assert shown["limits"] == {"spend_per_day_usd": "5", "requests_per_minute": 60, "day_left_usd": "5"}
    assert shown["user_limits"] == {"tokens_per_minute": 1000}
    assert shown["model_limits"] == {"claude-*": {"concurrent": 2}}
    again = office("account", "limit", account, "--requests-per-minute", "none")
    assert again["limits"] == {"spend_per_day_usd": "5", "day_left_usd": "5"}
    assert office.refused("account", "limit", account, "--concurrent", "many").startswith("concurrent: ")
