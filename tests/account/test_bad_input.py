"""What a careless or a hostile caller sends to the account's API, and the words that they get."""

from __future__ import annotations

from typing import Any

import pytest

from interchange.operator.rendering import comma_separated, lines
from tests.account.desk import Desk, codes

FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1", " =1", "＝1", "\n=1")


@pytest.mark.parametrize(
    ("body", "param", "words"),
    [
        ({}, "name", "name: missing, and needed"),
        ([], None, 'the body: must be an object, such as {"name": "value"}'),
        ({"name": 5}, "name", "name: must be a text, in quotes"),
        ({"name": "  "}, "name", "name: must not be empty"),
        ({"name": "a\x1b[2Jb"}, "name", "name: has a character that cannot be shown"),
        ({"name": "gpj.\u202etxt"}, "name", "name: has a character that cannot be shown"),
        ({"name": "n" * 201}, "name", "name: must have at most 200 characters"),
        ({"name": "n", "nmae": "n"}, "nmae", "nmae: no such field"),
        ({"name": "n", "kind": "root"}, "kind", "kind: must be one of 'ordinary' or 'management'"),
        ({"name": "n", "limits": []}, "limits", 'limits: must be an object, such as {"name": "value"}'),
        ({"name": "n", "limits": {"spend_usd": 5}}, "limits.spend_usd",
         'limits.spend_usd: must be an amount in quotes, such as "12.50"'),
        ({"name": "n", "limits": {"concurrent": "5"}}, "limits.concurrent",
         "limits.concurrent: must be a whole number, without quotes"),
        ({"name": "n", "limits": {"concurrent": -1}}, "limits.concurrent", "limits.concurrent: must be 0 or more"),
        ({"name": "n", "limits": {"allowed_models": "gpt-*"}}, "limits.allowed_models",
         'limits.allowed_models: must be a list, such as ["a", "b"]'),
        ({"name": "n", "limits": {"allowed_models": [5]}}, "limits.allowed_models.0",
         "limits.allowed_models.0: must be a text, in quotes"),
    ],
)  # fmt: skip
def test_a_wrong_body_is_told_in_words_that_help(desk: Desk, body: Any, param: str | None, words: str) -> None:
    refused = desk("POST", "/keys", body, 400)["error"]
    assert (refused["param"], refused["message"]) == (param, words)
    assert len(desk("GET", "/keys")["data"]) == 3


def test_a_body_that_is_absent_or_no_json_says_so(desk: Desk) -> None:
    headers = {"authorization": f"Bearer {desk.manager}"}
    for content, media, words in (
        (b"", "application/json", "the body: missing, and needed: send JSON"),
        (b'{"name": "n"}', "text/plain", "the body: missing, and needed: send JSON"),
        (b'{"name": "n",}', "application/json", "the body: no JSON"),
    ):
        sent = {**headers, "content-type": media}
        answer = desk.client.post("/v1/keys", content=content, headers=sent)
        assert answer.status_code == 400 and answer.json()["error"]["message"].startswith(words)
    assert "at character 14" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("path", "param"),
    [
        ("/usage?since=2026-11-01&groupby=model", "groupby"),
        ("/usage?by=day&by=model", "by"),
        ("/requests?before=2026-11-01", "before"),
        ("/account?x=1", "x"),
        ("/keys?limit=5", "limit"),
    ],
)
def test_a_parameter_that_is_not_read_is_refused(desk: Desk, path: str, param: str) -> None:
    refused = desk("GET", path, status=400)["error"]
    assert refused["param"] == param and param in refused["message"]
    assert desk("GET", path, status=401, key="sk-wrong")["error"]["code"] == "invalid_api_key"


def test_a_name_is_kept_without_the_blanks_around_it(desk: Desk) -> None:
    assert desk("POST", "/keys", {"name": "  web shop "}, 201)["name"] == "web shop"


def test_a_repeat_of_a_creation_makes_no_second_key(desk: Desk) -> None:
    body = {"name": "shop", "limits": {"spend_usd": "3"}}
    once = {"idempotency-key": "order-7"}
    first = desk.raw("POST", "/keys", body, **once)
    again = desk.raw("POST", "/keys", body, **once)
    assert (first.status_code, again.json()) == (201, first.json())
    assert desk("GET", "/key", key=first.json()["key"])["id"] == first.json()["id"]
    assert len(desk("GET", "/keys")["data"]) == 4
    entries = [one for one in desk.table.query(f"ACCOUNT#{desk.account}", "CHANGE#") if one["action"] == "key.create"]
    assert [one["target"] for one in entries] == [first.json()["id"]]
    other = desk.raw("POST", "/keys", {"name": "other"}, **once)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "conflict")


def test_a_wrong_key_is_not_echoed(desk: Desk) -> None:
    for key in ("sk-wrong", "sk-proj-" + "a1b2" * 12):
        message = desk("GET", "/key", status=401, key=key)["error"]["message"]
        assert key not in message and "come from its operator or its console" in message


def test_a_code_that_is_refused_names_its_field(desk: Desk) -> None:
    assert desk("POST", "/codes/redeem", {"code": "none"}, 409)["error"]["param"] == "code"
    code = codes(desk, 1, "2")[0]
    assert desk("POST", "/codes/redeem", {"code": f" {code} "})["credited_now"] is True


def test_what_is_not_served_says_what_is(desk: Desk) -> None:
    method = desk("PUT", "/keys", {}, 405)["error"]["message"]
    assert method == "PUT is not taken by /v1/keys: use GET or POST"
    path = desk("GET", "/balance", status=404)["error"]["message"]
    assert path.startswith("GET /v1/balance: no such endpoint") and "/v1/account" in path


@pytest.mark.parametrize("said", FORMULAS)
def test_no_cell_of_a_csv_is_run_by_a_spreadsheet(desk: Desk, said: str) -> None:
    desk.used(1, user=said, metadata={said: "v"})
    for query in ("/requests", "/usage?by=user", "/usage?by=metadata"):
        text = desk.raw("GET", query, accept="text/csv").text
        assert f",{said}" not in text and f',"{said}' not in text and "'" in text


def test_amounts_in_a_csv_stay_numbers() -> None:
    assert comma_separated([{"usd": "-85.0000111"}], ["usd"]) == "usd\n-85.0000111"


def test_a_name_commands_no_terminal() -> None:
    assert "\x1b" not in lines({"name": "a\x1b[2J", "keys": [{"name": "\u202eb"}]})
