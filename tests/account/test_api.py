"""The account's API: who sees what, on both of the table's engines."""

from __future__ import annotations

import csv
import io
import itertools
import re
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest

from interchange.account.sums import BY_WRITTEN
from interchange.hub.usage import Usage
from interchange.identity.keys import digest, read_limits
from interchange.identity.store import KeyStore
from interchange.metering.ledger import AccountRef
from interchange.metering.reports import Reports
from interchange.metering.rows import Try
from interchange.metering.running import Running
from interchange.operator import account_actions
from interchange.operator.dates import DATE, MONTH_WRITTEN, YEARS
from tests.account.desk import DAY_MS, NOW_MS, Desk, codes

TODAY = "2026-11-28"


def test_the_account_shows_its_money(desk: Desk) -> None:
    desk.used(1, NOW_MS - 2 * DAY_MS)
    found = desk("GET", "/account")
    assert (found["id"], found["name"], found["active"]) == (desk.account, "Ada", True)
    assert (found["available_usd"], found["low_balance_usd"]) == ("100", "5")
    assert [(one["usd"], one["left_usd"], one["source"]) for one in found["credits"]] == [("100", "100", "operator")]
    assert Decimal(found["burn_per_day_usd"]) == Decimal("0.003") / 7 // Decimal("1e-9") * Decimal("1e-9")
    assert found["days_left"] > 0


def test_an_account_that_spends_nothing_has_no_last_day(desk: Desk) -> None:
    found = desk("GET", "/account")
    assert (found["burn_per_day_usd"], found["days_left"]) == ("0", None)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/account", None),
        ("GET", "/keys", None),
        ("GET", "/keys/x", None),
        ("POST", "/keys", {"name": "n"}),
        ("PATCH", "/keys/x", {"name": "n"}),
        ("DELETE", "/keys/x", None),
        ("POST", "/keys/x/rotate", None),
        ("POST", "/codes/redeem", {"code": "c"}),
        ("POST", "/checkout", {"usd": "5"}),
    ],
)
def test_an_ordinary_key_does_not_see_the_account(desk: Desk, method: str, path: str, body: Any) -> None:
    refused = desk(method, path, body, 403, key=desk.app)["error"]
    assert refused["code"] == "management_key_required"
    assert len(desk("GET", "/keys")["data"]) == 3


def test_an_ordinary_key_sees_its_own_requests_and_sums_only(desk: Desk) -> None:
    mine, others = desk.used(1), desk.used(2, key_id=desk.other_id)
    assert [one["id"] for one in desk("GET", "/requests", key=desk.app)["data"]] == [mine]
    assert {one["id"] for one in desk("GET", "/requests")["data"]} == {mine, others}
    assert desk("GET", f"/requests/{mine}", key=desk.app)["key"] == desk.app_id
    assert desk("GET", f"/requests/{others}", status=404, key=desk.app)["error"]["code"] == "request_not_found"
    assert desk("GET", f"/requests?key={desk.other_id}", status=403, key=desk.app)["error"]["param"] == "key"
    assert desk("GET", "/usage", key=desk.app)["requests"] == 1
    assert desk("GET", "/usage?by=key")["requests"] == 2


def test_another_account_is_not_there(desk: Desk) -> None:
    stranger = account_actions.create_account(desk.books, "Eve", "1")
    manager = account_actions.create_key(desk.books, stranger["account"], "boss", {}, manages=True)["key"]
    mine = desk.used(1)
    assert desk("GET", f"/requests/{mine}", status=404, key=manager)["error"]["code"] == "request_not_found"
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/rotate")):
        assert desk(method, f"/keys/{desk.app_id}{path}", status=404, key=manager)["error"]["code"] == "key_not_found"
    assert desk("PATCH", f"/keys/{desk.app_id}", {"name": "x"}, 404, key=manager)
    assert desk("GET", "/requests", key=manager)["data"] == []
    assert desk("GET", "/key", key=desk.app)["status"] == "active"


def test_a_key_knows_what_is_left_of_it(desk: Desk) -> None:
    found = desk("GET", "/key", key=desk.other)
    assert (found["id"], found["kind"], found["limits"]) == (
        desk.other_id, "ordinary", {"spend_usd": "5", "requests_per_minute": 10},
    )  # fmt: skip
    assert (found["left"]["spend_usd"], found["left"]["requests_per_minute"]) == ("5", 10)
    assert found["left"]["spend_per_day_usd"] is None
    principal = desk.books.keys.by_id(desk.other_id)
    assert principal is not None
    account = AccountRef(desk.account, desk.other_id, read_limits(principal["limits"]))
    hold = desk.books.ledger.hold(account, "h1", 2 * 10**9, NOW_MS, NOW_MS + 1000, 10)
    assert (
        desk("GET", "/key", key=desk.other)["left"] | {"spend_usd": "3", "requests_per_minute": 9}
        == (desk("GET", "/key", key=desk.other)["left"])
    )
    desk.books.ledger.settle(hold, 10**9, NOW_MS)
    assert desk("GET", "/key", key=desk.other)["left"]["spend_usd"] == "4"


def test_a_key_is_made_changed_and_revoked(desk: Desk) -> None:
    made = desk("POST", "/keys", {"name": "page", "limits": {"spend_usd": "1", "allowed_models": ["m*"]}}, 201)
    assert made["key"].startswith("sk-") and made["limits"] == {"spend_usd": "1", "allowed_models": ["m*"]}
    assert desk("GET", "/key", key=made["key"])["id"] == made["id"]
    changed = desk("PATCH", f"/keys/{made['id']}", {"name": "site", "limits": {"allowed_models": None}})
    assert (changed["name"], changed["limits"]) == ("site", {"spend_usd": "1"})
    assert "key" not in desk("GET", f"/keys/{made['id']}")
    assert desk("DELETE", f"/keys/{made['id']}")["status"] == "revoked"
    assert desk("DELETE", f"/keys/{made['id']}")["status"] == "revoked"
    assert desk("GET", "/key", status=401, key=made["key"])
    assert desk("PATCH", f"/keys/{made['id']}", {"name": "x"}, 409)["error"]["code"] == "key_revoked"
    assert desk("POST", f"/keys/{made['id']}/rotate", {}, 409)


def test_a_key_that_is_no_longer_good_says_since_when(desk: Desk) -> None:
    assert desk("GET", "/keys")["data"][0]["revoked"] is None
    assert desk("DELETE", f"/keys/{desk.other_id}")["revoked"] == "2026-11-28T12:00:00Z"
    said = desk("GET", "/key", status=401, key=desk.other)["error"]["message"]
    assert said == "this API key has been revoked, on 2026-11-28 at 12:00 UTC"
    made = desk("POST", "/keys", {"name": "soon"}, 201)
    desk.books.keys.change(made["id"], limits={"expires_ms": NOW_MS - 60_000})
    said = desk("GET", "/key", status=401, key=made["key"])["error"]["message"]
    assert said == "this API key has expired, on 2026-11-28 at 11:59 UTC"


def test_a_rotated_key_keeps_its_id_caps_and_counters(desk: Desk) -> None:
    turned = desk("POST", f"/keys/{desk.other_id}/rotate", {"old_until": "2h"})
    assert (turned["id"], turned["left"]["spend_usd"]) == (desk.other_id, "5")
    assert turned["old_until"] == "2026-11-28T14:00:00Z"
    for secret in (desk.other, turned["key"]):
        assert desk("GET", "/key", key=secret)["id"] == desk.other_id
    assert len(desk("GET", "/keys")["data"]) == 3
    desk("PATCH", f"/keys/{desk.other_id}", {"limits": {"spend_usd": "2"}})
    assert desk("GET", "/key", key=desk.other)["limits"]["spend_usd"] == "2"
    again = desk("POST", f"/keys/{desk.other_id}/rotate", {"old_until": "0m"})
    for gone in (turned["key"], desk.other):  # one that was to be good for two hours too: it may be the one that leaked
        assert "another secret" in desk("GET", "/key", status=401, key=gone)["error"]["message"]
    assert desk("GET", "/key", key=again["key"])["id"] == desk.other_id
    desk("DELETE", f"/keys/{desk.other_id}")
    assert desk("GET", f"/keys/{desk.other_id}", status=404)["error"]["code"] == "key_revoked"
    assert {one["id"]: one["status"] for one in desk("GET", "/keys")["data"]}[desk.other_id] == "revoked"
    for secret in (desk.other, again["key"]):
        assert desk("GET", "/key", status=401, key=secret)


def test_without_a_body_a_rotation_leaves_the_secret_before_a_day(desk: Desk) -> None:
    assert desk("POST", f"/keys/{desk.app_id}/rotate")["old_until"] == "2026-11-29T12:00:00Z"
    for wrong, status in (("yesterday", 409), ("2020-01-01", 409), ("9999d", 409), ("soon", 400)):
        refused = desk("POST", f"/keys/{desk.app_id}/rotate", {"old_until": wrong}, status)["error"]
        assert refused["param"] == "old_until"


def test_every_change_leaves_an_entry_that_names_its_key(desk: Desk) -> None:
    made = desk("POST", "/keys", {"name": "page"}, 201)
    desk("PATCH", f"/keys/{made['id']}", {"name": "site"})
    desk("POST", f"/keys/{made['id']}/rotate")
    desk("DELETE", f"/keys/{made['id']}")
    desk("POST", "/codes/redeem", {"code": codes(desk, 1, "2")[0]})
    desk("POST", "/keys", {"name": ""}, 400)
    found = list(desk.table.query(f"ACCOUNT#{desk.account}", "CHANGE#"))
    assert sorted(one["action"] for one in found) == [
        "code.redeem", "key.change", "key.create", "key.revoke", "key.rotate",
    ]  # fmt: skip
    assert {one["by"] for one in found} == {desk.manager_id}
    assert made["key"] not in str(found)


def test_a_later_rotation_lengthens_no_secret_and_shortens_those_before_it(desk: Desk) -> None:
    desk("POST", f"/keys/{desk.other_id}/rotate", {"old_until": "2h"})
    second = desk("POST", f"/keys/{desk.other_id}/rotate", {"old_until": "30d"})
    store = KeyStore(desk.table)
    assert (store.find(digest(desk.other)) or {})["until_ms"] == NOW_MS + 2 * 3_600_000
    desk("POST", f"/keys/{desk.other_id}/rotate", {"old_until": "1h"})
    assert (store.find(digest(desk.other)) or {})["until_ms"] == NOW_MS + 3_600_000
    assert (store.find(digest(second["key"])) or {})["until_ms"] == NOW_MS + 3_600_000


def test_a_change_of_nothing_or_to_nothing_names_what_can_be_changed(desk: Desk) -> None:
    for body, param in (
        ({}, "name"), ({"limits": {}}, "name"), ({"name": None}, "name"), ({"limits": None}, "limits"),
        ({"limits": {"allowed_models": []}}, "limits.allowed_models"), ({"limits": {"zone": ""}}, "limits.zone"),
        ({"limits": {"allowed_networks": []}}, "limits.allowed_networks"),
    ):  # fmt: skip
        refused = desk("PATCH", f"/keys/{desk.app_id}", body, 400)["error"]
        assert (refused["param"], refused["code"]) == (param, "invalid_value"), body
    assert desk("GET", "/key", key=desk.app)["limits"] == {}
    assert list(desk.table.query(f"ACCOUNT#{desk.account}", "CHANGE#")) == []


def test_a_code_is_redeemed_once(desk: Desk) -> None:
    first, second = codes(desk, 2, "2.5")
    assert desk("POST", "/codes/redeem", {"code": first}) == {
        "credit_usd": "2.5", "credited_now": True, "available_usd": "102.5",
    }  # fmt: skip
    assert desk("POST", "/codes/redeem", {"code": first.lower()})["credited_now"] is False
    stranger = account_actions.create_account(desk.books, "Eve", "1")["account"]
    desk.books.codes.redeem(second, stranger, NOW_MS)
    assert desk("POST", "/codes/redeem", {"code": second}, 409)["error"]["message"] == "this code is used up"
    assert desk("POST", "/codes/redeem", {"code": "none"}, 409)["error"]["code"] == "code_refused"


def test_a_checkout_says_that_no_payment_provider_is_set_up(desk: Desk) -> None:
    refused = desk("POST", "/checkout", {"usd": "5"}, 409)["error"]
    assert (refused["code"], "no payment provider is set up" in refused["message"]) == ("not_set_up", True)


def test_usage_is_summed_by_what_is_asked(desk: Desk) -> None:
    desk.used(1)
    desk.used(2, NOW_MS - DAY_MS, model="n", key_id=desk.other_id)
    whole = desk("GET", "/usage?by=day,model,key")
    assert (whole["requests"], whole["charged_usd"]) == (2, "0.006")
    assert [(one["day"], one["model"], one["key"]) for one in whole["data"]] == [
        ("2026-11-27", "n", desk.other_id), (TODAY, "m", desk.app_id),
    ]  # fmt: skip
    only = desk("GET", f"/usage?since={TODAY}&until={TODAY}&by=model")["data"]
    assert [(one["model"], one["requests"], one["input_tokens"], one["day"]) for one in only] == [("m", 1, 1000, None)]
    assert desk("GET", "/usage?by=")["data"][0]["requests"] == 2


def test_usage_is_of_one_model_or_key_where_it_is_asked_for(desk: Desk) -> None:
    desk.used(1)
    desk.used(2, model="n")
    desk.used(3, model="n", key_id=desk.other_id)
    for query, requests in (("model=n", 2), (f"key={desk.other_id}", 1), (f"model=n&key={desk.app_id}", 1)):
        found = desk("GET", f"/usage?by=user&{query}")
        assert (found["requests"], [one["requests"] for one in found["data"]]) == (requests, [requests]), query
    assert desk("GET", "/usage?model=nobody")["data"] == []
    refused = desk("GET", f"/usage?key={desk.other_id}", status=403, key=desk.app)["error"]
    assert (refused["param"], refused["code"]) == ("key", "management_key_required")
    assert desk("GET", f"/usage?key={desk.app_id}", key=desk.app)["requests"] == 2


@pytest.mark.parametrize("accept", ["application/json", "text/csv"])
def test_lines_of_usage_are_paged_to_the_last(desk: Desk, accept: str) -> None:
    users = ["", "ada", "a,b", "ä%2C", "=1", "zoë"]
    for number, user in enumerate(users):
        desk.used(number, user=user)
        desk.used(number + 10, user=user, model="n")
    found, cursor = [], ""
    for _ in range(20):
        answer = desk.raw("GET", f"/usage?by=user,model&limit=5{cursor}", accept=accept)
        if accept == "text/csv":
            page, told = list(csv.DictReader(io.StringIO(answer.text))), answer.headers.get("x-next-cursor")
        else:
            page, told = answer.json()["data"], answer.json()["next_cursor"]
            assert answer.json()["requests"] == 12  # of all lines
        found += [(one["user"] or "", one["model"]) for one in page]
        if told is None:
            break
        cursor = f"&cursor={quote(told)}"
    assert found == sorted((user if accept == "application/json" else user.replace("=", "'="), model)
                           for user in users for model in "mn")  # fmt: skip


def test_tokens_by_kind_and_what_caching_saved_are_summed(desk: Desk) -> None:
    prices = {"input": "2", "cache_read": "0.2", "cache_write_5m": "2.5", "cache_write_1h": "4", "output": "10",
              "tiers": [{"above": 200_000, "rates": {"input": "4", "cache_read": "0.4"}}]}  # fmt: skip
    desk.used(1, prices=prices, markup="1.5", usage=Usage(input=10, cache_read=100_000, output=9, reasoning=7))
    desk.used(2, prices=prices, usage=Usage(input=10, cache_write_5m=1_000, cache_write_1h=1_000))
    desk.used(3, prices=prices, usage=Usage(input=150_000, cache_read=100_000))  # beyond the mark
    desk.used(4, prices=prices, usage=Usage(cache_read=1_000), charge_nano=0, outcome="upstream_error")
    desk.used(5, NOW_MS - DAY_MS, prices=prices, usage=Usage(input=10, cache_read=1_000))
    saved = Decimal("0.27") - Decimal("0.0025") + Decimal("0.36") + Decimal("0.0018")
    for _ in range(2):
        found = desk("GET", "/usage")
        kinds = ("input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")
        assert [found[kind] for kind in kinds] == [354_030, 202_000, 2_000, 9, 7]
        assert Decimal(found["saved_by_caching_usd"]) == saved
        assert sum(Decimal(one["saved_by_caching_usd"]) for one in found["data"]) == saved
        Reports(desk.table).close(desk.account, "2026-11-27", NOW_MS + DAY_MS)


def test_usage_shows_how_long_the_first_byte_took_over_all_its_days(desk: Desk) -> None:
    for number in range(20):
        desk.used(number, NOW_MS - (1 + 86_400_000 * (number % 3)), model="m", first_byte_ms=100)
    desk.used(98, model="m", first_byte_ms=8_000, outcome="upstream_error")
    desk.used(99, model="n", first_byte_ms=None)
    shown = desk("GET", "/usage?by=model")
    assert (shown["failed"], shown["first_byte_p50_ms"]) == (1, pytest.approx(100, rel=0.05))
    assert shown["first_byte_p95_ms"] == pytest.approx(100, rel=0.05)
    assert [one["first_byte_p95_ms"] is None for one in shown["data"]] == [False, True]
    desk.used(97, model="m", first_byte_ms=8_000)
    assert desk("GET", "/usage?by=model")["first_byte_p95_ms"] == pytest.approx(8_000, rel=0.05)


def test_usage_is_summed_by_what_callers_said(desk: Desk) -> None:
    yesterday = NOW_MS - DAY_MS
    desk.used(1, yesterday, user="ada", tags=("team=search", "batch"), metadata={"step": "plan"})
    desk.used(2, yesterday, user="bob", tags=("batch",))
    desk.used(3, yesterday)
    desk.used(4, NOW_MS - 2 * DAY_MS)
    desk.used(5, user="ada")
    for closed in (False, True):
        if closed:
            for day in ("2026-11-26", "2026-11-27"):
                Reports(desk.table).close(desk.account, day, NOW_MS + DAY_MS)
        users = desk("GET", "/usage?by=user")
        assert {one["user"]: one["requests"] for one in users["data"]} == {None: 2, "ada": 2, "bob": 1}
        tags = desk("GET", "/usage?by=tag,day")
        assert {(one["tag"], one["day"]): one["requests"] for one in tags["data"]} == {
            ("team=search", "2026-11-27"): 1, ("batch", "2026-11-27"): 2, (None, "2026-11-27"): 1,
            (None, "2026-11-26"): 1, (None, TODAY): 1,
        }  # fmt: skip
        assert tags["requests"] == 5  # not six: a request of two tags is one
        pairs = desk("GET", "/usage?by=metadata")["data"]
        assert {one["metadata"]: one["requests"] for one in pairs} == {None: 4, "step=plan": 1}


def test_more_users_a_day_than_are_kept_are_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interchange.metering.reports.MOST_GROUPS", 3)
    for number in range(6):
        desk.used(number, NOW_MS - 7_200_000 + number, user=f"u{number}")
    found = desk("GET", "/usage?by=user")["data"]
    assert {one["user"]: one["requests"] for one in found} == {"u0": 1, "u1": 1, "u2": 1, "(other)": 3}


def test_requests_are_found_by_user_and_tag(desk: Desk) -> None:
    desk.used(1, user="ada", tags=("a", "b"), metadata={"k": "v"})
    desk.used(2, user="bob")
    (one,) = desk("GET", "/requests?user=ada")["data"]
    assert (one["user"], one["tags"], one["metadata"]) == ("ada", ["a", "b"], {"k": "v"})
    assert [found["id"] for found in desk("GET", "/requests?tag=b")["data"]] == [one["id"]]
    assert desk("GET", "/requests?tag=c")["data"] == []


def test_closed_days_are_read_as_they_were_kept(desk: Desk) -> None:
    for back in (1, 2, 40):
        desk.used(back, NOW_MS - back * DAY_MS if back < 20 else NOW_MS)
    closed = Reports(desk.table)
    for day in ("2026-11-26", "2026-11-27"):
        assert closed.close(desk.account, day, NOW_MS + DAY_MS) is not None
    assert [one["day"] for one in desk("GET", "/usage")["data"]] == ["2026-11-26", "2026-11-27", TODAY]


def test_an_open_days_sums_are_kept_and_stay_exact(desk: Desk) -> None:
    for number in range(230):
        desk.used(number, NOW_MS - 7_200_000 + number, model=f"m{number % 3}")
    running = Running(desk.table)
    first = running.day(desk.account, TODAY, NOW_MS)
    assert sum(line.sums.requests for line in first) == 230
    kept = desk.table.get(f"ACCOUNT#{desk.account}", f"RUNNING#{TODAY}")
    assert kept is not None
    desk.used(900, NOW_MS - 1_000)  # one that ended just now
    desk.used(901, NOW_MS - 1_190_000)  # one that began just inside what is not kept
    second = running.day(desk.account, TODAY, NOW_MS)
    assert sum(line.sums.requests for line in second) == 232
    assert second == Reports(desk.table).live(desk.account, TODAY)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("since=some%20day", "since"),
        ("until=2026-13-01", "until"),
        ("since=1000-01-01&until=2026-11-01", "since"),
        ("until=0001-01-01", "until"),
        ("since=9999-12-31&until=9999-12-31", "until"),
        ("until=7d", "until"),
        ("by=user,tag", "by"),
        ("by=day,price", "by"),
    ],
)
def test_wrong_sums_name_their_field(desk: Desk, query: str, field: str) -> None:
    refused = desk("GET", f"/usage?{query}", status=400)["error"]
    assert (refused["param"], refused["code"]) == (field, "invalid_value")


def test_days_the_other_way_round_are_none(desk: Desk) -> None:
    """Both are dates: no schema says more, and the answer names what it is of."""
    desk.used(1)
    found = desk("GET", "/usage?since=2026-11-28&until=2026-11-01")
    assert (found["since"], found["until"], found["requests"], found["data"]) == ("2026-11-28", "2026-11-01", 0, [])


def test_days_before_the_account_are_free(desk: Desk) -> None:
    desk.used(1)
    assert desk("GET", "/usage?since=1971-01-01&until=9998-12-31")["requests"] == 1


@pytest.mark.parametrize(
    ("month", "status"),
    [("0001-01", 400), ("1970-12", 400), ("9999-12", 400), ("2026-13", 400), ("now", 400), ("", 400), ("2027-01", 404)],
)
def test_a_month_that_there_is_not_names_its_field(desk: Desk, month: str, status: int) -> None:
    assert desk("GET", f"/statement?month={month}", status=status)["error"]["param"] == "month"


def test_the_form_of_a_date_is_that_of_every_date_there_is() -> None:
    """The documents' patterns, which no calendar has made."""
    for year in (1970, 1971, 1972, 1999, 2000, 2026, 2028, 2100, 2400, 9996, 9998, 9999):
        for month, day in itertools.product(range(14), range(34)):
            text = f"{year}-{month:02}-{day:02}"
            assert bool(re.fullmatch(DATE, text)) == (year in YEARS and is_date(text)), text
        assert bool(re.fullmatch(MONTH_WRITTEN, f"{year}-12")) == (year in YEARS)


def is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


@pytest.mark.parametrize("by", ["", "day", "day,model", "user", "key , tag,day", "day,user,model,key", "metadata"])
def test_the_form_of_groups_is_what_is_summed(desk: Desk, by: str) -> None:
    desk("GET", f"/usage?by={by}")
    assert re.fullmatch(BY_WRITTEN, by) and not re.fullmatch(BY_WRITTEN, f"{by},user,tag")


def test_a_span_of_days_ends_today(desk: Desk) -> None:
    for back in range(9):
        desk.used(back, NOW_MS - back * DAY_MS - 1)
    week = desk("GET", "/usage?since=7d")
    assert (week["since"], week["until"], week["requests"]) == ("2026-11-22", TODAY, 7)
    assert desk("GET", "/usage?until=2030-01-01")["since"] == "2026-10-30"
    found = desk("GET", "/requests?since=3d")["data"]
    assert [one["id"] for one in found] == ["r000000", "r000001", "r000002"]


def test_days_have_names(desk: Desk) -> None:
    week = desk("GET", "/usage?since=last%20week&until=last%20week")
    assert (week["since"], week["until"]) == ("2026-11-16", "2026-11-22")
    day = desk("GET", "/usage?since=yesterday&until=yesterday")
    assert (day["since"], day["until"]) == ("2026-11-27", "2026-11-27")
    for back in range(20):
        desk.used(back, NOW_MS - back * DAY_MS - 1)
    found = desk("GET", "/requests?since=last%20week&until=last%20week")["data"]
    assert len(found) == 7
    assert desk("GET", "/statement?month=last%20month")["month"] == "2026-10"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/json"), ("text/html,application/xml;q=0.9,*/*;q=0.8", "application/json"),
        ("text/csv", "text/csv"), ("TEXT/CSV; charset=utf-8", "text/csv"), ("text/csv, */*;q=0.1", "text/csv"),
        ("application/json;q=0.1, text/csv", "text/csv"), ("text/csv;q=0", "application/json"),
        ("text/csv, application/json", "application/json"), ("text/csv;q=0.5, */*", "application/json"),
        ("text/csv;q=much", "text/csv"), (", ;;q=", "application/json"),
    ],
)  # fmt: skip
def test_lines_come_as_their_reader_would_rather_have_them(desk: Desk, accept: str, kind: str) -> None:
    desk.used(1)
    for path in ("/usage", "/requests", "/statement?month=2026-11"):
        if path.startswith("/statement") and "html" in accept:
            continue  # which it has, too
        assert desk.raw("GET", path, accept=accept).headers["content-type"].startswith(kind), path


def test_requests_are_paged_to_the_last(desk: Desk) -> None:
    ids = [desk.used(number, NOW_MS - number * 7_000_000) for number in range(30)]
    found: list[str] = []
    query = "/requests?limit=7"
    for _ in range(20):
        page = desk("GET", query)
        found += [one["id"] for one in page["data"]]
        if page["next_cursor"] is None:
            break
        query = f"/requests?limit=7&cursor={page['next_cursor']}"
    assert found == ids


def test_a_request_that_comes_meanwhile_moves_no_page(desk: Desk) -> None:
    for number in range(4):
        desk.used(number, NOW_MS - 1000 * (number + 1))
    first = desk("GET", "/requests?limit=2")
    desk.used(9, NOW_MS)
    second = desk("GET", f"/requests?limit=2&cursor={first['next_cursor']}")
    assert [one["id"] for one in first["data"] + second["data"]] == ["r000000", "r000001", "r000002", "r000003"]


def test_requests_are_filtered(desk: Desk) -> None:
    desk.used(1, model="x")
    desk.used(2, outcome="upstream_error", charge_nano=0)
    desk.used(3, NOW_MS - 5 * DAY_MS)
    desk.used(4, key_id=desk.other_id)
    for query, wanted in (
        ("model=x", ["r000001"]),
        ("outcome=upstream_error", ["r000002"]),
        (f"key={desk.other_id}", ["r000004"]),
        ("since=2d", None),
        ("until=2026-11-23", ["r000003"]),
        (f"until={TODAY}&model=x", ["r000001"]),
        ("until=4d", ["r000003"]),
        ("until=2026-11-22", []),
        ("until=2026-11-28T10:59:59Z", ["r000003"]),
        ("until=2026-11-01&since=2026-11-20", []),
    ):
        page = desk("GET", f"/requests?{query}", status=200)
        if wanted is not None:
            assert [one["id"] for one in page["data"]] == wanted
    since = desk("GET", f"/requests?since={TODAY}")
    assert {one["id"] for one in since["data"]} == {"r000001", "r000002", "r000004"}
    assert since["next_cursor"] is None


@pytest.mark.parametrize(
    "query",
    [
        "cursor=x",
        "cursor=%21%21",
        "cursor=",
        "cursor=201795878000000.a",
        "cursor=MDAwMDAxNzk1ODc4MDAw",
        "limit=0",
        "limit=many",
        "outcome=bad",
        "since=soon",
        "until=soon",
    ],
)
def test_wrong_pages_name_their_field(desk: Desk, query: str) -> None:
    refused = desk("GET", f"/requests?{query}", status=400)["error"]
    assert refused["param"] == query.partition("=")[0]


def test_a_request_shows_its_whole_account(desk: Desk) -> None:
    made = desk.used(
        1,
        usage=Usage(input=10, cache_read=90, output=20, reasoning=5),
        legs=(Try("first", "u0", 529, "overloaded", 12),),
        dropped=("logit_bias", "tools[0].strict"),
    )
    found = desk("GET", f"/requests/{made}")
    assert found["usage"] == {"input": 10, "cache_read": 90, "output": 20, "reasoning": 5}
    assert found["tries"] == [{"provider": "first", "status": 529, "reason": "overloaded", "milliseconds": 12}]
    assert (found["prices"]["input"], found["hold_usd"], found["lane"]) == ("2", "1", "pass-through")
    assert [loss["path"] for loss in found["losses"]] == ["logit_bias", "tools[0].strict"]
    assert "`logit_bias` did not reach m" in found["losses"][0]["words"]


def test_a_request_shows_the_rates_that_it_had(desk: Desk) -> None:
    prices = {"input": "2", "output": "10", "per_call": {"web_search": "0.01"},
              "tiers": [{"above": 100, "rates": {"input": "4.5"}}]}  # fmt: skip
    used = Usage(input=101, output=3, tool_calls={"web_search": 2})
    made = desk.used(1, prices=prices, usage=used, markup="1.2")
    lines = desk("GET", f"/requests/{made}")["lines"]
    assert [(one["kind"], one["quantity"], one["rate_usd"], one["per"], one["usd"]) for one in lines] == [
        ("input", 101, "4.5", 1_000_000, "0.0004545"),
        ("output", 3, "10", 1_000_000, "0.00003"),
        ("calls.web_search", 2, "0.01", 1, "0.02"),
    ]


def test_who_accepts_csv_gets_it(desk: Desk) -> None:
    desk.used(1, dropped=("a", "b"))
    desk.used(2, model="=cmd")
    answer = desk.raw("GET", "/requests?limit=1", accept="text/csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["x-next-cursor"]
    rows = list(csv.DictReader(io.StringIO(desk.raw("GET", "/requests", accept="text/csv").text)))
    assert {(row["id"], row["model"], row["dropped"]) for row in rows} == {
        ("r000001", "m", "a b"), ("r000002", "'=cmd", ""),
    }  # fmt: skip
    sums = list(csv.DictReader(io.StringIO(desk.raw("GET", "/usage?by=model", accept="text/csv").text)))
    assert [row["requests"] for row in sums] == ["1", "1"]
    assert "json" in desk.raw("GET", "/usage", accept="text/csv, application/json").headers["content-type"]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "n", "kind": "root"}, "kind"),
        ({"name": "n", "limit": {}}, "limit"),
        ({"name": "n", "limits": {"spend_usd": 5}}, "limits.spend_usd"),
        ({"name": "n", "limits": {"spend_usd": "five"}}, "limits.spend_usd"),
        ({"name": "n", "limits": {"requests_per_minute": -1}}, "limits.requests_per_minute"),
        ({"name": "n", "limits": {"allowed_networks": ["nope"]}}, "limits.allowed_networks"),
        ({"name": "n", "limits": {"expires": "someday"}}, "limits.expires"),
        ({"name": "n" * 300}, "name"),
    ],
)
def test_a_wrong_key_names_the_field_and_is_not_made(desk: Desk, body: Any, param: str) -> None:
    refused = desk("POST", "/keys", body, 400)["error"]
    assert refused["param"] == param
    assert len(desk("GET", "/keys")["data"]) == 3


def test_what_is_no_json_no_path_and_no_method(desk: Desk) -> None:
    headers = {"authorization": f"Bearer {desk.manager}", "content-type": "application/json"}
    broken = desk.client.post("/v1/keys", content=b'{"name": ', headers=headers)
    assert (broken.status_code, broken.json()["error"]["type"]) == (400, "invalid_request_error")
    assert desk("GET", "/nothing", status=404)["error"]["code"] == "unknown_url"
    wrong = desk.raw("PUT", "/keys")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (405, "method_not_allowed")
    assert "GET" in wrong.headers["allow"]
    assert desk("GET", "/account", status=401, key="sk-wrong")["error"]["code"] == "invalid_api_key"
    assert desk.client.get("/v1/account").status_code == 401
    assert desk.client.get("/v1/key", headers={"x-api-key": desk.app}).json()["id"] == desk.app_id


def test_a_fault_is_reported_and_tells_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr("interchange.account.overview.show_account", broken)
    assert desk("GET", "/account", status=500)["error"]["message"] == "internal error"
    assert "the secret" in str(desk.faults)


def test_a_table_that_cannot_be_reached_is_an_outage(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> Any:
        raise ConnectionError("dynamodb: 10.0.0.7 refused")

    monkeypatch.setattr("interchange.account.overview.show_account", away)
    error = desk("GET", "/account", status=503)["error"]
    assert error["code"] == "gateway_unavailable" and "10.0.0.7" not in error["message"]
    assert desk.faults[-1][0] == "table_failed"


def test_a_wrong_method_is_told_every_right_one(desk: Desk) -> None:
    """One path has several routes; the framework's own answer names the first one's."""
    for method, path, allowed in (
        ("PUT", "/keys", "GET, POST"),
        ("PUT", "/account", "GET, PATCH"),
        ("POST", "/usage", "GET"),
    ):
        answer = desk.raw(method, path, {})
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed), path
