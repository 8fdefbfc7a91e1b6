"""A month of an account, in every form; its sums are the ledger's to the nano-dollar."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest

from interchange.identity.keys import Limits
from interchange.metering.credit_shares import Credit
from interchange.metering.ledger import AccountRef
from interchange.metering.money import usd
from interchange.operator import account_actions
from interchange.operator.books import CommandError, make_books
from interchange.operator.statements import as_csv, as_page, statement
from interchange.tables.sqlite import MEMORY, SqliteTable
from tests.account.desk import DAY_MS, NOW_MS, Desk, opened
from tests.metering.usage_rows import usage_row

MONTH = "2026-11"


@pytest.fixture
def desk() -> Desk:
    """Made on 8 November with 100 USD; it is the 28th."""
    return opened(SqliteTable(MEMORY))


def spend(desk: Desk, number: int, nano: int, at_ms: int, model: str = "m") -> None:
    """A request, held and settled as the exchange does it."""
    ledger = desk.books.ledger
    hold = ledger.hold(AccountRef(desk.account, desk.app_id, Limits()), f"s{number}", nano, at_ms, at_ms + 1000)
    row = usage_row(f"s{number}", at_ms, account_id=desk.account, charge_nano=nano, hold_nano=nano, model=model)
    ledger.record(row)
    ledger.settle(hold, nano, at_ms)


def entry(desk: Desk, name: str, nano: int, source: str, at_ms: int) -> None:
    desk.books.accounts.credits.add(desk.account, Credit(name, nano, f"<{name}>", at_ms, source=source))


def filled(desk: Desk) -> None:
    spend(desk, 1, 1_000_000_001, NOW_MS - 3 * DAY_MS)
    spend(desk, 2, 7, NOW_MS - DAY_MS, "n")
    spend(desk, 3, 2_000_000_000, NOW_MS, "n")
    entry(desk, "pi_1", 20 * 10**9, "payment", NOW_MS - 2 * DAY_MS)
    entry(desk, "re_1", -5 * 10**9, "refund", NOW_MS - DAY_MS)
    entry(desk, "fix", -1, "reprice", NOW_MS - DAY_MS)


def test_a_statement_adds_up_to_the_ledger_to_the_nano_dollar(desk: Desk) -> None:
    filled(desk)
    found = statement(desk.books, desk.account, MONTH)
    assert (found["opening_usd"], found["credited_usd"], found["refunded_usd"], found["adjusted_usd"]) == (
        "0", "120", "-5", "-0.000000001",
    )  # fmt: skip
    assert [(one["model"], one["requests"], one["usd"]) for one in found["charges"]] == [
        ("m", 1, "1.000000001"), ("n", 2, "2.000000007"),
    ]  # fmt: skip
    assert found["closing_usd"] == "111.999999991"
    assert found["closing_usd"] == desk("GET", "/account")["available_usd"]
    assert found["difference_usd"] == "0"


def test_a_month_opens_with_what_the_one_before_closed_with(desk: Desk) -> None:
    filled(desk)
    later = make_books(desk.table, desk.books.catalog, clock=lambda: NOW_MS + 10 * DAY_MS)
    for day in range(10):  # closed days count as those that are not
        if day % 2:
            later.reports.close(desk.account, f"2026-11-2{day}", later.now_ms)
    november, december = (statement(later, desk.account, month) for month in (MONTH, "2026-12"))
    assert november["closing_usd"] == december["opening_usd"] == "111.999999991"
    assert "difference_usd" not in november and november["until"] == "2026-11-30"
    assert statement(later, desk.account, "2026-10")["closing_usd"] == "0"


def test_the_lines_of_the_csv_add_up(desk: Desk) -> None:
    filled(desk)
    lines = list(csv.DictReader(io.StringIO(as_csv(statement(desk.books, desk.account, MONTH)))))
    assert (lines[0]["kind"], lines[-1]["kind"]) == ("opening balance", "closing balance")
    assert sum(Decimal(line["usd"]) for line in lines[:-1]) == Decimal(lines[-1]["usd"])


def test_the_page_is_whole_and_escapes_what_others_wrote(desk: Desk) -> None:
    filled(desk)
    page = as_page(statement(desk.books, desk.account, MONTH))
    assert "&lt;pi_1&gt;" in page and "<pi_1>" not in page and "http" not in page and "<script" not in page
    assert "111.999999991" in page and "@page" in page


def test_customers_read_their_own_statement_in_each_form(desk: Desk) -> None:
    filled(desk)
    assert desk("GET", f"/statement?month={MONTH}")["closing_usd"] == "111.999999991"
    assert desk("GET", "/statement")["month"] == "2026-10"
    told = desk.raw("GET", f"/statement?month={MONTH}", accept="text/csv")
    assert told.headers["content-type"].startswith("text/csv") and "closing balance" in told.text
    page = desk.raw("GET", f"/statement?month={MONTH}", accept="text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert desk("GET", "/statement", status=403, key=desk.app)["error"]["code"] == "management_key_required"
    for month in ("november", "2026-13"):
        assert desk("GET", f"/statement?month={month}", status=400)["error"]["param"] == "month"
    not_begun = desk("GET", "/statement?month=2027-01", status=404)["error"]
    assert (not_begun["code"], not_begun["param"]) == ("no_such_month", "month")


def test_a_month_that_is_none_is_refused(desk: Desk) -> None:
    for month in ("2026-00", "26-11", "2026-11-01"):
        with pytest.raises(CommandError, match="month"):
            statement(desk.books, desk.account, month)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati", "Asia/Kathmandu"])
@pytest.mark.parametrize("closed", [False, True])
def test_months_of_any_zone_join_and_their_sums_are_the_ledgers(desk: Desk, zone: str, closed: bool) -> None:
    """A request and a credit in each quarter of an hour of the nights in which months change there or in UTC."""
    moments = [at("2026-11-29T12:00Z") + 900_000 * quarter for quarter in range(4 * 48)]
    for number, moment in enumerate(moments):
        spend(desk, number, 1_000_001, moment, "mn"[number % 2])
        entry(desk, f"c{number}", 7, "payment", moment)
    later = make_books(desk.table, desk.books.catalog, clock=lambda: at("2027-01-05T00:00Z"))
    for day in ("2026-11-28", "2026-11-29", "2026-11-30", "2026-12-01") if closed else ():
        later.reports.close(desk.account, day, later.now_ms)
    months = [statement(later, desk.account, month, zone) for month in ("2026-10", MONTH, "2026-12", "2027-01")]
    assert [one["zone"] for one in months] == [zone] * 4
    for before, after in pairwise(months):
        assert before["closing_usd"] == after["opening_usd"]
    assert months[-1]["closing_usd"] == usd(later.ledger.balance(desk.account).available_nano)
    assert months[-1]["difference_usd"] == "0"
    begins = datetime(2026, 12, 1, tzinfo=ZoneInfo(zone)).timestamp() * 1000
    earlier = sum(moment < begins for moment in moments)
    assert 0 < earlier < len(moments)
    assert sum(one["requests"] for one in months[1]["charges"]) == earlier
    assert len(months[2]["credits"]) == len(moments) - earlier


def test_a_statement_is_of_the_accounts_own_zone_unless_another_is_asked_for(desk: Desk) -> None:
    account_actions.change_account(desk.books, desk.account, zone="Europe/Berlin")
    entry(desk, "late", 5 * 10**9, "payment", at("2026-11-30T23:30Z"))
    later = make_books(desk.table, desk.books.catalog, clock=lambda: at("2026-12-31T23:30Z"))
    assert statement(later, desk.account, MONTH)["credited_usd"] == "100"
    assert statement(later, desk.account, MONTH, "UTC")["credited_usd"] == "105"
    december = statement(later, desk.account)  # it is January in Berlin
    assert (december["month"], december["until"], december["zone"]) == ("2026-12", "2026-12-31", "Europe/Berlin")
    assert "difference_usd" not in december
    (late,) = december["credits"]
    assert (late["day"], late["date"]) == ("2026-12-01", "2026-11-30T23:30:00Z")
    assert "2026-12-01,credit" in as_csv(december)
    assert "2026-12-01 to 2026-12-31, time of Europe/Berlin" in as_page(december)
    assert statement(later, desk.account, zone="UTC")["month"] == "2026-11"
    assert statement(later, desk.account, "this month")["month"] == "2027-01"


def test_customers_ask_for_a_months_zone_by_name(desk: Desk) -> None:
    assert desk("GET", "/account")["zone"] == "UTC"
    assert desk("GET", f"/statement?month={MONTH}&zone=Asia/Tokyo")["zone"] == "Asia/Tokyo"
    for zone in ("Nowhere", "", "../../etc/passwd", "Europe/Köln"):
        assert desk("GET", f"/statement?zone={quote(zone)}", status=400)["error"]["param"] == "zone"
    with pytest.raises(CommandError, match=r"^zone: 'Nowhere' is no time zone"):
        statement(desk.books, desk.account, MONTH, "Nowhere")


def test_a_statement_says_nothing_of_costs(desk: Desk) -> None:
    filled(desk)
    found: Any = statement(desk.books, desk.account, MONTH)
    assert not any("cost" in str(name) or "margin" in str(name) for name in found)
