"""Credit, codes, usage, audit, sweep and repricing as an operator does them."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from interchange.hub.usage import Usage
from interchange.metering.rows import write_row
from interchange.metering.store import day_of
from tests.metering.usage_rows import usage_row
from tests.operator.office import Office

DAY_MS = 86_400_000


@pytest.fixture
def account(office: Office) -> str:
    return str(office("account", "create", "--name", "Ada", "--credit", "10")["account"])


def charged(office: Office, account: str, request_id: str, nano: int, days_ago: int = 0, **values: Any) -> None:
    """A request that ran to its end."""
    books = office.books
    hold = office.hold(account, request_id, nano, books.now_ms + 10**6)
    row = usage_row(
        request_id, books.now_ms - days_ago * DAY_MS, account_id=account, charge_nano=nano, hold_nano=nano, **values
    )
    books.ledger.record(row)
    books.ledger.settle(hold, nano, books.now_ms)


def test_a_credit_with_an_id_is_made_once(office: Office, account: str) -> None:
    first = office("credit", account, "5", "--reason", "top-up", "--id", "c1")
    again = office("credit", account, "5", "--reason", "top-up", "--id", "c1")
    assert (first["credited_now"], again["credited_now"]) == (True, False)
    assert again["available_usd"] == "15"
    assert "before, for another amount" in office.refused("credit", account, "6", "--reason", "x", "--id", "c1")


def test_credits_are_listed_with_what_is_left(office: Office, account: str) -> None:
    office("credit", account, "2", "--reason", "welcome", "--id", "gift", "--expires", "30d")
    office("credit", account, "-1", "--reason", "correction", "--id", "fix", "--yes")
    charged(office, account, "r", 3 * 10**9)
    shown = office("credits", account)["credits"]
    assert {one["credit_id"]: (one["usd"], one.get("left_usd")) for one in shown} == {
        "opening": ("10", "8"), "gift": ("2", "0"), "fix": ("-1", None),
    }  # fmt: skip
    assert "past" in office.refused("credit", account, "2", "--reason", "x", "--expires", "2020-01-01")
    assert "expires" in office.refused("credit", account, "-2", "--reason", "x", "--expires", "30d")
    assert office.refused("credit", account, "0", "--reason", "x")


def test_codes_are_made_redeemed_and_listed(office: Office, account: str) -> None:
    made = office("code", "create", "--count", "2", "--credit", "2.5", "--batch", "spring", "--credit-days", "30")
    code = made["codes"][0]
    assert office("code", "redeem", code, "--account", account)["available_usd"] == "12.5"
    assert office("code", "redeem", code, "--account", account)["credited_now"] is False
    listed = office("code", "list", "spring")["codes"]
    assert sorted("redeemed_by" in one for one in listed) == [False, True]
    assert code not in json.dumps(listed)


def test_usage_by_day_key_and_model(office: Office, account: str) -> None:
    charged(office, account, "r1", 10**9, days_ago=1)
    charged(office, account, "r2", 10**9, model="n")
    charged(office, account, "r3", 5 * 10**8)
    today = day_of(office.books.now_ms)
    yesterday = day_of(office.books.now_ms - DAY_MS)
    assert office("usage")["charged_usd"] == "1.5"
    shown = office("usage", "--since", yesterday, "--by", "day,model")
    assert shown["charged_usd"] == "2.5"
    assert [(one["day"], one["model"], one["charged_usd"]) for one in shown["usage"]] == [
        (yesterday, "m", "1"), (today, "m", "0.5"), (today, "n", "1"),
    ]  # fmt: skip
    assert office("usage", "--day", yesterday, "--by", "key")["usage"][0]["key_id"] == "k"
    assert office("usage", "--account", account, "--until", yesterday)["charged_usd"] == "1"


def test_usage_names_accounts_and_keys(office: Office, account: str) -> None:
    key = office("key", "create", "--account", account, "--name", "of the shop")["key_id"]
    office.books.ledger.record(usage_row("r1", office.books.now_ms, account_id=account, key_id=key))
    (line,) = office("usage")["usage"]
    assert (line["account_name"], line["key_name"]) == (office("account", "show", account)["name"], "of the shop")
    (line,) = office("usage", "--by", "key")["usage"]
    assert (line["key_id"], line["key_name"]) == (key, "of the shop")
    _, out, _ = office.run("usage", "--csv", "--by", "account")
    assert out.startswith("account,account_name,requests,")


def test_usage_as_a_table_and_as_csv(office: Office, account: str) -> None:
    charged(office, account, "r1", 10**9, model="=1+1")
    _, out, _ = office.run("usage")
    assert out.splitlines()[-2].split() == [
        "account", "account_name", "key_id", "key_name", "model", "requests", "failed", "input_tokens",
        "cached_tokens", "output_tokens",
        "charged_usd", "cost_usd", "margin_usd", "absorbed_usd", "failed_cost_usd",
        "first_byte_p50_ms", "first_byte_p95_ms", "total_p50_ms", "total_p95_ms",
    ]  # fmt: skip
    _, out, _ = office.run("usage", "--csv", "--by", "model")
    assert list(csv.DictReader(io.StringIO(out))) == [
        {"model": "'=1+1", "requests": "1", "failed": "0", "input_tokens": "1000", "cached_tokens": "0",
         "output_tokens": "100", "charged_usd": "1", "cost_usd": "0.003", "margin_usd": "0.997", "absorbed_usd": "0",
         "failed_cost_usd": "0", "first_byte_p50_ms": "5", "first_byte_p95_ms": "5", "total_p50_ms": "10",
         "total_p95_ms": "10"}
    ]  # fmt: skip
    _, out, _ = office.run("usage", "--csv", "--by", "model", "--day", "2020-01-01")
    assert out == (
        "model,requests,failed,input_tokens,cached_tokens,output_tokens,charged_usd,cost_usd,margin_usd,absorbed_usd,"
        "failed_cost_usd,first_byte_p50_ms,first_byte_p95_ms,total_p50_ms,total_p95_ms\n"
    )


def test_an_audit_finds_what_does_not_add_up(office: Office, account: str) -> None:
    charged(office, account, "r1", 10**9)
    assert office("audit", "--rows") == {
        "balanced": True, "accounts": 1, "available_usd": "9", "held_usd": "0", "charged_usd": "1",
        "credited_usd": "10", "absorbed_usd": "0", "open_holds": 0, "gaps": [],
    }  # fmt: skip
    office.books.ledger.record(usage_row("stray", office.books.now_ms, account_id=account, charge_nano=7))
    code, out, _ = office.run("audit", "--rows", "--account", account, "--json")
    assert (code, json.loads(out)["gaps"]) == (1, [{"account": account, "row_gap_usd": "-0.000000007"}])


def test_an_audit_says_what_requests_cost_above_their_holds(office: Office, account: str) -> None:
    assert office("audit")["absorbed_usd"] == "0"
    row = usage_row("r1", office.books.now_ms, account_id=account, charge_nano=0)
    office.books.ledger.record(replace(row, absorbed_nano=2 * 10**9))
    assert office("audit")["absorbed_usd"] == "2"
    assert office("audit", "--account", account)["absorbed_usd"] == "2"


def test_a_hold_with_a_row_waits_for_its_settlement_in_the_audit(office: Office, account: str) -> None:
    hold = office.hold(account, "r", 10**9, office.books.now_ms + 10**6)
    office.books.ledger.record(usage_row("r", office.books.now_ms, account_id=account))
    shown = office("audit", "--rows")
    assert (shown["balanced"], shown["open_holds"]) == (True, 1)
    office.books.ledger.settle(hold, 3_000_000, office.books.now_ms)
    assert office("audit", "--rows")["balanced"]


def test_a_sweep_settles_rows_and_releases_the_rest(office: Office, account: str) -> None:
    office.hold(account, "with", 10**9, 1)
    office.hold(account, "without", 10**9, 1)
    office.hold(account, "running", 10**9, office.books.now_ms + 10**6)
    office.books.ledger.record(usage_row("with", office.books.now_ms, account_id=account))
    swept = office("sweep")
    assert (swept["settled"], swept["released"], swept["settled_usd"], swept["released_usd"]) == (1, 1, "0.003", "1")
    shown = office("account", "show", account)
    assert (shown["available_usd"], shown["held_usd"], shown["charged_usd"]) == ("8.997", "1", "0.003")
    again = office("sweep")
    assert (again["settled"], again["released"], again["unbalanced"]) == (0, 0, 0)


def test_a_request_is_repriced(office: Office, account: str, tmp_path: Path) -> None:
    office.books.ledger.record(
        usage_row("r", office.books.now_ms, Usage(input=10**6), account_id=account, markup="1.5")
    )
    catalog = tmp_path / "catalog.yaml"
    catalog.write_text("- {id: m, routes: [{provider: openai, model: m}], price: {input: '1', output: '2'}}\n")
    assert office("reprice", "r", "--catalog", str(catalog)) | {"price_version": "", "repriced_version": ""} == {
        "request_id": "r", "account": account, "model": "m", "charged_usd": "2", "recomputed_usd": "3",
        "repriced_usd": "1.5", "difference_usd": "-0.5", "price_version": "", "repriced_version": "",
    }  # fmt: skip
    assert office.refused("reprice", "r") == "the catalog has no model m"


def late_row(office: Office, account: str, request_id: str, created_ms: int | None = None) -> str:
    """As the log has it."""
    row = usage_row(request_id, created_ms or office.books.now_ms, account_id=account, charge_nano=3_000_000)
    return json.dumps({"level": "ERROR", "message": "row_unwritten", "request_id": request_id, "row": write_row(row)})


def test_a_row_that_the_table_did_not_take_is_charged_out_of_the_log(
    office: Office, account: str, tmp_path: Path
) -> None:
    line = tmp_path / "line.json"
    line.write_text(late_row(office, account, "late"))
    assert office("charge", str(line))["charged_usd"] == "0.003"
    shown = office("account", "show", account)
    assert (shown["available_usd"], shown["charged_usd"]) == ("9.997", "0.003")
    assert office.refused("charge", str(line)) == "request late is recorded already"
    assert office("audit", "--rows")["charged_usd"] == "0.003"


def test_a_late_row_is_taken_from_its_hold_while_that_stands(office: Office, account: str, tmp_path: Path) -> None:
    line = tmp_path / "line.json"
    line.write_text(late_row(office, account, "held"))
    office.hold(account, "held", 10**9, 1)
    assert office.refused("charge", str(line)).endswith("its hold has expired: run `sweep` first")
    assert office.books.ledger.row("held") is None
    line.write_text(late_row(office, account, "open"))
    office.hold(account, "open", 10**9, office.books.now_ms + 10**6)
    office("charge", str(line))
    shown = office("account", "show", account)
    assert (shown["available_usd"], shown["held_usd"], shown["charged_usd"]) == ("8.997", "1", "0.003")


def test_a_late_row_of_a_closed_day_counts_today(office: Office, account: str, tmp_path: Path) -> None:
    line = tmp_path / "line.json"
    line.write_text(late_row(office, account, "old", office.books.now_ms - 3 * 86_400_000))
    assert office("charge", str(line))["day"] == day_of(office.books.now_ms)
    assert office("audit", "--rows")["balanced"]


@pytest.mark.parametrize(
    "text", ["no JSON", "[]", "{}", '{"row": 5}', '{"row": {"usage": 1}}', '{"request_id": "r", "usage": {}}']
)
def test_what_is_no_row_is_refused(office: Office, account: str, tmp_path: Path, text: str) -> None:
    line = tmp_path / "line.json"
    line.write_text(text)
    assert office.refused("charge", str(line))
    assert office("account", "show", account)["available_usd"] == "10"
