"""The API has every action of the command line, and answers what it prints."""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import HTTPException, Request
from starlette.testclient import TestClient

from interchange.dataclass import replace
from interchange.metering.rows import UsageRow, write_row
from interchange.operator.api import admin
from interchange.operator.api_models import WrittenRow
from tests.metering.usage_rows import usage_row
from tests.operator.office import Office


def admit(_request: Request) -> None:
    pass


class Api:
    def __init__(self, office: Office) -> None:
        self.office = office
        self.client = TestClient(admin(office.books, admit), raise_server_exceptions=False)

    def __call__(self, method: str, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        answer = self.client.request(
            method,
            f"/admin{path}",
            json=body,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture
def api(office: Office) -> Api:
    return Api(office)


@pytest.fixture
def account(api: Api) -> str:
    return str(api("POST", "/accounts", {"name": "Ada", "credit_usd": "10"}, 201)["account"])


def test_accounts(api: Api, account: str) -> None:
    shown = api("GET", f"/accounts/{account}")
    assert shown == api.office("account", "show", account)
    assert api("GET", "/accounts") == api.office("account", "list")
    changed = api("PATCH", f"/accounts/{account}", {"active": False, "low_balance_usd": "3", "markup": "1.1"})
    assert (changed["active"], changed["low_balance_usd"], changed["markup"]) == (False, "3", "1.1")
    assert api("PATCH", f"/accounts/{account}", {"active": True})["active"] is True


@pytest.mark.parametrize(
    "limits",
    [
        {"allowed_networks": ["nope"]},
        {"allowed_networks": ["10.0.0.0/99"]},
        {"allowed_networks": [""]},
        {"requests_per_minute": 10**40},
        {"requests_per_minute": "9" * 5000},
        {"expires": "9999-12-31T23:59:59-23:59"},
        {"expires": "0001-01-01T00:00:00+23:59"},
    ],
)
def test_a_limit_that_could_not_be_kept_is_refused_by_name(api: Api, account: str, limits: dict[str, Any]) -> None:
    refused = api("POST", f"/accounts/{account}/keys", {"limits": limits}, 400)["error"]
    assert str(next(iter(limits))) in refused or "years" in refused
    assert len(api("GET", f"/accounts/{account}")["keys"]) == 1


def test_what_no_item_of_the_table_can_hold_is_refused(api: Api, account: str) -> None:
    long = "x" * 500_000
    api("POST", "/accounts", {"name": long}, 400)
    api("PATCH", f"/accounts/{account}", {"name": long}, 400)
    api("POST", f"/accounts/{account}/keys", {"name": long}, 400)
    api("POST", f"/accounts/{account}/credits", {"usd": "1", "reason": long}, 400)
    api("POST", f"/accounts/{account}/credits", {"usd": "1", "reason": "r"}, 400, idempotency_key=long[:300])
    api("POST", f"/accounts/{account}/credits", {"usd": "1", "reason": "r"}, 400, idempotency_key="")
    api("POST", "/codes", {"credit_usd": "1", "batch": long}, 400)


def test_moments_that_are_none(api: Api, account: str) -> None:
    for until, status in (("", 400), ("2020-01-01", 409), ("0001-01-01", 400), ("9999-12-31T23:59:59-23:59", 400)):
        api("POST", "/codes", {"credit_usd": "1", "batch": "b", "until": until}, status)
        api("POST", f"/accounts/{account}/credits", {"usd": "1", "reason": "r", "expires": until}, status)
    api("POST", "/codes", {"credit_usd": "1", "batch": "b", "credit_days": 10**29}, 400)
    api("GET", "/codes/b", status=404)


def test_usage_is_asked_for_days_that_there_are(api: Api) -> None:
    api("GET", "/usage?since=0001-01-01&until=9999-12-31", status=400)
    api("GET", "/usage?since=2026-11-02&until=2026-11-01", status=409)
    assert api("GET", "/usage?since=1971-01-01&until=9998-12-31")["usage"] == []  # there was no account before
    api("GET", "/usage?since=9999-12-31&until=9999-12-31")
    api("GET", "/usage?format=xml", status=400)


def test_keys(api: Api, account: str) -> None:
    limits = {"spend_usd": "5", "requests_per_minute": 10, "allowed_models": ["gpt-*"], "expires": "2030-01-01"}
    made = api("POST", f"/accounts/{account}/keys", {"name": "app", "limits": limits}, 201)
    assert api.office.identity().authenticate(made["key"]).limits.spend_nano == 5 * 10**9
    changed = api("PATCH", f"/keys/{made['key_id']}", {"limits": {"requests_per_minute": None}})
    assert changed["limits"] == {"spend_usd": "5", "allowed_models": ["gpt-*"], "expires": "2030-01-01T00:00:00Z"}
    assert api("DELETE", f"/keys/{made['key_id']}")["status"] == "revoked"
    listed = api("GET", f"/accounts/{account}/keys")["keys"]
    assert {key["name"]: key["status"] for key in listed} == {"first": "active", "app": "revoked"}


def test_credit_and_codes(api: Api, account: str) -> None:
    path, body = f"/accounts/{account}/credits", {"usd": "2", "reason": "goodwill", "expires": "30d"}
    assert api("POST", path, body, idempotency_key="one")["credited_now"] is True
    assert api("POST", path, body, idempotency_key="one")["credited_now"] is False
    assert api("POST", path, body | {"usd": "3"}, 409, idempotency_key="one")
    assert len(api("GET", path)["credits"]) == 2
    codes = api("POST", "/codes", {"count": 2, "credit_usd": "1", "batch": "b", "credit_days": 7}, 201)["codes"]
    assert api("POST", "/codes/redeem", {"code": codes[0], "account": account})["available_usd"] == "13"
    assert len(api("GET", "/codes/b")["codes"]) == 2


def test_books(api: Api, account: str) -> None:
    books = api.office.books
    books.ledger.record(usage_row("r", books.now_ms, account_id=account))
    api.office.hold(account, "r", 10**9, 1)
    assert api("POST", "/sweep")["settled"] == 1
    assert api("GET", "/usage?by=model") == api.office("usage", "--by", "model")
    text = api.client.get("/admin/usage?by=model&format=csv")
    assert text.headers["content-type"].startswith("text/csv")
    assert text.text.splitlines()[1].startswith("m,1,0,1000")
    assert api("GET", f"/audit?rows=true&account={account}")["balanced"] is True
    assert api("GET", "/requests/r/reprice", status=409) == {"error": "the catalog has no model m"}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/accounts/nobody", None, 404),
        ("POST", "/accounts/nobody/keys", {}, 404),
        ("POST", "/accounts/nobody/credits", {"usd": "1", "reason": "x"}, 404),
        ("PATCH", "/accounts/nobody", {"name": "x"}, 404),
        ("POST", "/accounts", {"name": ""}, 400),
        ("POST", "/accounts", {"name": "x", "colour": "red"}, 400),
        ("POST", "/accounts", {"name": "x", "credit_usd": 5}, 400),
        ("POST", "/accounts", {"name": "x", "credit_usd": "five"}, 400),
        ("POST", "/codes/redeem", {"code": "x", "account": "nobody"}, 404),
        ("DELETE", "/keys/nothing", None, 404),
        ("PATCH", "/keys/nothing", {"limits": {}}, 404),
        ("GET", "/keys/nothing", None, 404),
        ("POST", "/keys/nothing/reset", None, 404),
        ("POST", "/keys/nothing/rotate", None, 404),
        ("GET", "/requests/nothing", None, 404),
        ("POST", "/requests/nothing/reprice", {"reason": "r"}, 404),
        ("GET", "/codes/nothing", None, 404),
        ("POST", "/codes/revoke", {"code": "nothing"}, 404),
        ("POST", "/codes/revoke", {"batch": "nothing"}, 404),
        ("POST", "/payments/nothing/assign", {"account": "nobody"}, 404),
        ("POST", "/payments/nothing/dismiss", None, 404),
        ("POST", "/prices/restore", {"version": 99}, 404),
        ("GET", "/accounts/nobody/statement", None, 404),
        ("PUT", "/accounts/nobody/limits", {"limits": {}}, 404),
        ("POST", "/accounts/nobody/close", {"rest": "refund", "reason": "r"}, 404),
        ("GET", "/usage?account=nobody", None, 404),
        ("GET", "/holds?account=nobody", None, 404),
        ("GET", "/payments?account=nobody", None, 404),
        ("GET", "/audit?account=nobody", None, 404),
        ("GET", "/usage?by=colour", None, 400),
        ("GET", "/usage?since=someday", None, 400),
        ("GET", "/requests/nothing/reprice", None, 404),
        ("GET", "/nothing", None, 404),
        ("PUT", "/accounts", {}, 405),
    ],
)
def test_an_error_is_one_line(api: Api, method: str, path: str, body: Any, status: int) -> None:
    answer = api(method, path, body, status)
    assert list(answer) == ["error"]
    assert len(answer["error"].splitlines()) == 1


@pytest.mark.parametrize(
    "limits",
    [
        {"colour": 1},
        {"spend_usd": 5},
        {"spend_usd": "-1"},
        {"concurrent": -1},
        {"requests_per_minute": True},
        {"allowed_models": "gpt-*"},
        {"expires": "soon"},
    ],
)
def test_senseless_limits_are_refused(api: Api, account: str, limits: dict[str, Any]) -> None:
    error = api("POST", f"/accounts/{account}/keys", {"limits": limits}, 400)["error"]
    assert next(iter(limits)) in error or "'soon'" in error


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "/accounts", {"name": "x", "credit_usd": "five"}, "credit_usd"),
        ("POST", "/accounts", {"name": "x", "credit_usd": "-5"}, "credit_usd"),
        ("POST", "/accounts", {"name": "x", "credit_usd": "99999999999"}, "credit_usd"),
        ("POST", "/accounts", {"name": "x", "low_balance_usd": "x"}, "low_balance_usd"),
        ("POST", "/accounts", {"name": "x", "markup": "much"}, "markup"),
        ("POST", "/accounts", {"name": "   "}, "name"),
        ("POST", "/accounts", {"name": "a\u0000b"}, "name"),
        ("POST", "/accounts/A/keys", {"name": " "}, "name"),
        ("POST", "/accounts/A/credits", {"usd": "0", "reason": "r"}, "usd"),
        ("POST", "/accounts/A/credits", {"usd": "1e9", "reason": "r"}, "usd"),
        ("POST", "/accounts/A/credits", {"usd": "1", "reason": " "}, "reason"),
        ("POST", "/accounts/A/credits", {"usd": "1", "reason": "r", "expires": "soon"}, "expires"),
        ("POST", "/codes", {"credit_usd": "0", "batch": "b"}, "credit_usd"),
        ("POST", "/codes", {"credit_usd": "1", "batch": "b", "count": 0}, "count"),
        ("POST", "/codes", {"credit_usd": "1", "batch": " "}, "batch"),
        ("POST", "/codes", {"credit_usd": "1", "batch": "b", "credit_days": 0}, "credit_days"),
        ("POST", "/codes", {"credit_usd": "1", "batch": "b", "until": "never"}, "until"),
        ("GET", "/find", None, "text"),
        ("GET", "/audit?rows=maybe", None, "rows"),
        ("GET", "/usage?by=user,tag", None, "by"),
        ("PUT", "/accounts/A/limits", {"model_limits": {" ": {"concurrent": 1}}}, "models"),
        ("PUT", "/accounts/A/limits", {}, "limits"),
        ("PUT", "/accounts/A/limits", {"limits": {}}, "limits"),
        ("GET", "/usage?acount=A", None, "acount"),
        ("GET", "/holds?stuk=true", None, "stuk"),
        ("POST", "/reconcile", "no table\n", "the file has the columns of none of these"),
        ("POST", "/reconcile?vendor=openai", "date,model,cost\n2026-11-01,m,much\n", "line 1"),
        ("POST", "/accounts", [], "the body"),
        ("POST", "/reconcile?vendor=x&tolerance=much", "date,model,cost\n2026-11-01,m,1\n", "tolerance"),
    ],
)
def test_what_is_wrong_is_named_as_it_was_sent(
    api: Api, account: str, method: str, path: str, body: Any, field: str
) -> None:
    said = {"content": body} if isinstance(body, str) else {"json": body}
    answer = api.client.request(method, f"/admin{path.replace('/A/', f'/{account}/')}", **said)
    assert (answer.status_code, answer.json()["error"].partition(":")[0]) == (400, field), answer.text
    assert len(api("GET", "/accounts")["accounts"]) == 1
    assert api("GET", f"/accounts/{account}")["available_usd"] == "10"


@pytest.mark.parametrize("body", [{}, {"name": None}])
def test_a_change_says_what_changes(api: Api, account: str, body: dict[str, Any]) -> None:
    assert api("PATCH", f"/accounts/{account}", body, 400)["error"].startswith("nothing to change: ")


def test_a_change_of_a_key_names_what_changes(api: Api, account: str) -> None:
    key = api("GET", f"/accounts/{account}")["keys"][0]["key_id"]
    said = api("PATCH", f"/keys/{key}", {"limits": {}}, 400)["error"]
    assert said.startswith("limits: name at least one of spend_usd, ")


def test_a_list_is_named_by_its_place(api: Api) -> None:
    body = {"rules": [{"markup": "1"}, {"markup": 1.2}, {"mdels": "x", "markup": "1"}]}
    assert api("PUT", "/prices", body, 400)["error"] == "rules[1].markup: put the amount in quotes"
    assert api("PUT", "/prices", {"rules": [body["rules"][2]]}, 400)["error"] == "rules[0].mdels: no such field"


def test_a_body_that_is_no_json_is_named(api: Api) -> None:
    answer = api.client.post("/admin/accounts", content=b"{bad", headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["error"].startswith("the body: ")) == (400, True)


def test_what_things_as_they_stand_refuse_is_a_conflict(api: Api, account: str) -> None:
    """Written rightly: another day, catalog or account would take it."""
    before = api("GET", f"/accounts/{account}")
    told = api("PATCH", f"/accounts/{account}", {"name": "Eve", "auto_topup": {"below_usd": "5", "usd": "20"}}, 409)
    assert told == {"error": "auto_topup: no payment provider is set up"}
    told = api("POST", f"/accounts/{account}/keys", {"limits": {"expires": "2020-01-01"}}, 409)
    assert told["error"].startswith("expires: '2020-01-01' is past")
    assert api("GET", f"/accounts/{account}") == before
    key = api("POST", f"/accounts/{account}/keys", {"name": "k"}, 201)["key_id"]
    api("DELETE", f"/keys/{key}")
    api("GET", f"/keys/{key}", status=404)
    assert api("GET", f"/find?text={key}")["found"][0]["status"] == "revoked"


def test_a_row_is_described_as_it_is() -> None:
    fields = dataclasses.fields(UsageRow)
    needed = {one.name for one in fields if one.default is MISSING and one.default_factory is MISSING}
    assert set(WrittenRow.model_fields) == needed
    assert set(WrittenRow.model_json_schema()["required"]) == needed


@pytest.mark.parametrize("days", [2, 2_900_000])
def test_a_row_is_of_the_past(api: Api, account: str, days: int) -> None:
    created = api.office.books.now_ms + days * 86_400_000
    row = write_row(replace(usage_row("late", created), account_id=account))
    assert api("POST", "/requests", row, 409)["error"].startswith("row.created_ms: ")


def test_a_zone_is_taken_away(api: Api, account: str) -> None:
    api("PATCH", f"/accounts/{account}", {"zone": "Europe/Berlin"})
    made = api("POST", f"/accounts/{account}/keys", {"name": "k"}, 201)
    assert api("GET", f"/keys/{made['key_id']}")["limits"]["zone"] == "Europe/Berlin"
    assert "zone" not in api("PATCH", f"/accounts/{account}", {"zone": ""})
    assert "zone" not in api("GET", f"/keys/{made['key_id']}")["limits"]


def test_a_number_that_is_whole_is_taken_however_it_is_written(api: Api, account: str) -> None:
    """JSON has one kind of number: 60.0 is 60."""
    made = api("POST", f"/accounts/{account}/keys", {"limits": {"requests_per_minute": 60.0}}, 201)
    assert api("GET", f"/keys/{made['key_id']}")["limits"] == {"requests_per_minute": 60}
    api("POST", f"/accounts/{account}/keys", {"limits": {"requests_per_minute": 60.5}}, 400)


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Eve", "zone": "Mars/Olympus"},
        {"name": "Eve", "auto_topup": {"below_usd": "5", "usd": "nothing"}},
        {"shards": 4, "markup": "much"},
        {"shards": 4, "webhook": "http://example.com"},
        {"group": "gold", "email": "nobody"},
        {"markup": "2", "low_balance_usd": "-1"},
        {"active": False, "group": "\t"},
    ],
)
def test_a_change_of_which_anything_is_wrong_changes_nothing(api: Api, account: str, body: dict[str, Any]) -> None:
    before = api("GET", f"/accounts/{account}")
    api("PATCH", f"/accounts/{account}", body, 400)
    assert api("GET", f"/accounts/{account}") == before
    assert len(list(api.office.books.accounts.shards(account))) == 1


def test_limits_of_which_any_is_wrong_change_nothing(api: Api, account: str) -> None:
    before = api("GET", f"/accounts/{account}")
    for wrong in ({"user_limits": {"colour": 1}}, {"model_limits": {"gpt-*": {"concurrent": -1}}}):
        api("PUT", f"/accounts/{account}/limits", {"limits": {"spend_per_day_usd": "5"}, **wrong}, 400)
        assert api("GET", f"/accounts/{account}") == before
    body = {"limits": {"concurrent": 2}, "user_limits": {"concurrent": 1}, "model_limits": {"zz*": {"concurrent": 1}}}
    done = api("PUT", f"/accounts/{account}/limits", body)
    assert (done["limits"], done["user_limits"]) == ({"concurrent": 2}, {"concurrent": 1})
    assert done["warnings"] == ["models: 'zz*' matches no model of the catalog"]


def test_usage_is_summed_by_what_callers_say_of_their_requests(api: Api, account: str) -> None:
    books = api.office.books
    for number, (user, tags) in enumerate([("u-1", ("a", "b")), ("u-1", ()), ("u-2", ("a",))]):
        row = usage_row(f"r{number}", books.now_ms, account_id=account)
        books.ledger.record(replace(row, user=user, tags=tags))
    found = api("GET", "/usage?by=user")
    assert [(one["user"], one["requests"]) for one in found["usage"]] == [("u-1", 2), ("u-2", 1)]
    assert found == api.office("usage", "--by", "user")
    tagged = api("GET", "/usage?by=tag,account")
    assert [(one["tag"], one["requests"]) for one in tagged["usage"]] == [("", 1), ("a", 2), ("b", 1)]
    assert tagged["requests"] == 3
    assert api.client.get("/admin/usage?by=user&format=csv").text.startswith("user,requests,failed")


def test_nobody_comes_in_without_authorisation(office: Office) -> None:
    def refuse(_request: Request) -> None:
        raise HTTPException(403, "no")

    client = TestClient(admin(office.books, refuse))
    for method, path in [
        ("GET", "/accounts"),
        ("POST", "/accounts"),
        ("GET", "/accounts/a/keys"),
        ("DELETE", "/keys/k"),
        ("POST", "/accounts/a/credits"),
        ("POST", "/codes/redeem"),
        ("GET", "/usage"),
        ("GET", "/audit"),
        ("POST", "/sweep"),
    ]:
        assert client.request(method, f"/admin{path}", json={}).json() == {"error": "no"}, path


def test_creating_with_an_idempotency_key_is_safe_to_repeat(office: Office) -> None:
    client = TestClient(admin(office.books, admit))
    headers = {"idempotency-key": "4f6b1f0e-sign-up"}
    first, again = (
        client.post("/admin/accounts", json={"name": "Ada", "credit_usd": "5"}, headers=headers) for _ in range(2)
    )
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert office("audit")["credited_usd"] == "5"
    other = client.post("/admin/accounts", json={"name": "Ada", "credit_usd": "6"}, headers=headers)
    assert (other.status_code, "used before" in other.json()["error"]) == (409, True)
    path = f"/admin/accounts/{first.json()['account']}/keys"
    keys = [client.post(path, json={"name": "shop"}, headers={"idempotency-key": "k-1"}).json() for _ in range(2)]
    assert keys[0] == keys[1]
    stored = str(list(office.books.keys.of_account(first.json()["account"])))
    assert first.json()["key"] not in stored and len(office("account", "list")["accounts"]) == 1


def test_what_is_refused_uses_up_no_idempotency_key(api: Api) -> None:
    account = api("POST", "/accounts", {"name": "Ada"}, 201)["account"]
    for path, wrong, right in [
        ("/accounts", {"name": "X", "credit_usd": "-1"}, {"name": "X", "credit_usd": "1"}),
        ("/accounts", {"name": "X", "markup": "101"}, {"name": "X"}),
        (f"/accounts/{account}/keys", {"limits": {"spend_usd": "x"}}, {"limits": {"spend_usd": "1"}}),
        (f"/accounts/{account}/credits", {"usd": "0", "reason": "r"}, {"usd": "1", "reason": "r"}),
        ("/codes", {"credit_usd": "0", "batch": "b"}, {"credit_usd": "1", "batch": "b"}),
        ("/codes", {"credit_usd": "1", "batch": "b", "count": 0}, {"credit_usd": "1", "batch": "b", "count": 2}),
    ]:
        once = f"once {path} {wrong}"
        assert api.client.post(f"/admin{path}", json=wrong, headers={"idempotency-key": once}).status_code == 400
        assert api.client.post(f"/admin{path}", json=right, headers={"idempotency-key": once}).status_code < 300, path


def test_a_wrong_method_is_told_every_right_one(api: Api) -> None:
    answer = api.client.put("/admin/accounts")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


def test_a_bill_whose_vendor_is_not_known_or_not_named(api: Api) -> None:
    for vendor, status, said in (("nobody", 404, "'nobody' is none of"), ("", 409, "does not say whose it is")):
        answer = api.client.post(f"/admin/reconcile?vendor={vendor}", content="day,model,cost\n2026-11-01,m,1\n")
        assert (answer.status_code, said in answer.json()["error"]) == (status, True), answer.text


def test_limits_of_models_name_a_pattern_that_can_be_seen_and_a_limit(api: Api, account: str) -> None:
    refused: list[dict[str, Any]] = [{"gpt-*": {}}, {"gpt\u0001": {"concurrent": 1}}]
    for limits in [*refused, {str(one): {"concurrent": 1} for one in range(21)}]:
        api("PUT", f"/accounts/{account}/limits", {"model_limits": limits, "limits": {"concurrent": 5}}, 400)
    assert "limits" not in api("GET", f"/accounts/{account}")
    for text in ("\u0093abc", "ab", "abc\u0000"):
        api("GET", f"/find?text={quote(text)}", status=400)
    assert api("GET", "/find?text=%20abc%20")["found"] == []


ROUTE = {"provider": "openai", "model": "u"}
PRICE = {"input": "1", "output": "1"}


@pytest.mark.parametrize(
    ("entries", "status"),
    [
        ([{"id": "new"}], 409),  # no such model, so there is nothing to be changed
        ([{"id": "new", "routes": [{**ROUTE, "provider": "nobody"}], "price": {"input": "1"}}], 409),
        ([{"id": "gpt-5", "name": "a"}, {"id": "gpt-5", "name": "b"}], 409),
        ([{"id": "new", "routes": [ROUTE], "price": {"input": "1"}, "successor": "none"}], 409),
        ([{"id": "new", "routes": [ROUTE], "price": {"input": "100001"}}], 400),
        ([{"id": "new", "routes": [ROUTE], "price": {"output": "1"}}], 400),
        ([{"id": "new", "routes": [ROUTE], "price": {"input": "1", "tiers": [{"above": "5", "rates": {}}]}}], 400),
        ([{"id": "new", "routes": [ROUTE], "price": {"input": "1"}, "traits": {"counting": 5}}], 409),
        ([{"id": "gpt-5", "cost": None, "name": None}], 200),
        (
            [
                {
                    "id": "new",
                    "routes": [{**ROUTE, "cost": None}],
                    "price": {"input": "1", "output": "1"},
                    "context": 5.0,
                }
            ],
            200,
        ),
    ],
)
def test_entries_that_are_wrong_in_themselves_and_as_things_stand(
    api: Api, entries: list[dict[str, Any]], status: int
) -> None:
    api("POST", "/catalog/preview", {"models": entries}, status)
