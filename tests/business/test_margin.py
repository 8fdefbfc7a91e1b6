"""What vendors charge the operator, in rows and reports, and a vendor's bill beside it."""

from __future__ import annotations

import asyncio
import csv
import gzip
import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from interchange.catalog.load import read
from interchange.metering.costs import Costs
from interchange.metering.money import NANO
from interchange.operator.books import Books, CommandError, Unmet, make_books
from interchange.operator.reconciling import reconcile
from interchange.operator.report_actions import usage
from interchange.tables.sqlite import MEMORY, SqliteTable
from interchange.wiring import SettingError
from interchange.wiring.setting import read_factors
from tests.exchange import world as w
from tests.metering.usage_rows import usage_row
from tests.operator.office import Office

DAY = "2026-11-22"
NOON = 1_795_348_800_000
COSTS = Costs({"openai": "0.9", "xai": "0.5"})


def asked(here: w.World, model: str, **values: Any) -> Any:
    return asyncio.run(here.whole("chat", {"model": model, "messages": w.user(), **values}))


def test_a_row_keeps_what_the_vendor_charges_beside_the_charge() -> None:
    with w.world() as here:
        here.services = replace(here.services, costs=COSTS)
        here.keys.change("key_1", markup="2")
        here.script.answers = [w.Says(chunks=[w.chat_answer(prompt=10, completion=5)])]
        asked(here, "gpt")
        (row,) = here.rows()
        assert row.charge_nano == 140_000
        assert row.cost_nano == 63_000


def test_a_route_or_model_may_have_a_cost_of_its_own() -> None:
    dear, cheap = {"input": "4", "output": "20"}, {"input": "1", "output": "5"}
    entry = {"id": "both", "price": w.PRICE, "max_output": 100, "cost": dear,
             "routes": [{"provider": "openai", "model": "a", "cost": cheap},
                        {"provider": "xai", "model": "b"}]}  # fmt: skip
    with w.world() as here:
        here.services = replace(here.services, catalog=read([entry]), costs=COSTS)
        answer = w.Says(chunks=[w.chat_answer(prompt=10, completion=5)])
        here.script.answers = [answer, w.Says(503, chunks=[b"{}"]), w.Says(503, chunks=[b"{}"]), answer]
        for _ in range(2):
            assert asked(here, "both")[0] == 200
        assert [(row.provider, row.charge_nano, row.cost_nano) for row in here.rows()] == [
            ("openai", 70_000, 31_500), ("xai", 70_000, 70_000),
        ]  # fmt: skip


def test_a_try_that_failed_after_the_vendor_had_counted_is_the_operators() -> None:
    """A stream that says what it read, and then fails before its first word."""
    broken = [w.messages_stream()[0], w.messages_frame("error", error={"type": "api_error", "message": "no"})]
    with w.world() as here:
        here.script.answers = [w.Says(chunks=broken), w.Says(chunks=w.messages_stream("hi"))]
        asyncio.run(
            here.streamed("messages", {"model": "claude", "messages": w.user(), "max_tokens": 10, "stream": True})
        )
        (row,) = here.rows()
        assert row.outcome == "ok" and row.charge_nano == row.cost_nano == 70_000
        assert [leg.cost_nano for leg in row.legs] == [30_000]  # 10 tokens in, 1 out


def test_a_try_without_a_count_costs_nothing() -> None:
    with w.world() as here:
        here.script.answers = [w.Says(503, chunks=[b"{}"]), w.Says(chunks=[w.chat_answer()])]
        asked(here, "gpt")
        assert [leg.cost_nano for leg in here.rows()[0].legs] == [0]


@pytest.mark.parametrize("text", ["openai", "openai=", "openai=x", "openai=-1", "=1", "openai=11", "openai=1e9"])
def test_a_factor_that_cannot_be_used_is_named(text: str) -> None:
    assert read_factors({"F": " openai=0.9, bedrock=0.85 "}, "F") == {"openai": "0.9", "bedrock": "0.85"}
    with pytest.raises(SettingError, match="F: "):
        read_factors({"F": text}, "F")


MODELS = read(
    [
        {"id": "gpt-5", "routes": [{"provider": "openai", "model": "gpt-5-2025"}], "price": {"input": "1"}},
        {"id": "gpt-5-mini", "routes": [{"provider": "openai", "model": "gpt-5-mini-2025-08-07"}],
         "price": {"input": "1"}},
        {"id": "claude-haiku-4-5", "name": "Claude Haiku 4.5", "price": {"input": "1"},
         "routes": [{"provider": "anthropic", "model": "claude-haiku-4-5-20251001"},
                    {"provider": "bedrock", "model": "anthropic.claude-haiku-4-5-20251001-v1:0"}]},
        {"id": "gemini-2.5-flash", "routes": [{"provider": "gemini", "model": "gemini-2.5-flash"}],
         "price": {"input": "1"}},
        {"id": "grok-4", "routes": [{"provider": "xai", "model": "grok-4-0709"}], "price": {"input": "1"}},
    ]
)  # fmt: skip


@pytest.fixture
def books() -> Books:
    made = make_books(SqliteTable(MEMORY), lambda: MODELS, clock=lambda: NOON)
    made.accounts.create("a", "Ada", NOON)
    made.accounts.create("b", "Bob", NOON)
    for number, (account, model, vendor, dollars) in enumerate(
        [("a", "gpt-5", "openai", "1.5"), ("b", "gpt-5", "openai", "0.5"), ("a", "gpt-5-mini", "openai", "0.25"),
         ("a", "claude-haiku-4-5", "anthropic", "3"), ("a", "claude-haiku-4-5", "bedrock", "2"),
         ("b", "gemini-2.5-flash", "gemini", "0.4"), ("b", "grok-4", "xai", "0.7")]
    ):  # fmt: skip
        cost = int(Decimal(dollars) * NANO)
        row = usage_row(f"r{number}", NOON, account_id=account, model=model, provider=vendor, cost_nano=cost,
                        charge_nano=2 * cost, hold_nano=3 * cost)  # fmt: skip
        made.ledger.record(row)
    return made


def test_usage_shows_charge_cost_and_margin_by_what_is_asked(books: Books) -> None:
    whole = usage(books, since=DAY, until=DAY, by="vendor")
    assert (whole["charged_usd"], whole["cost_usd"], whole["margin_usd"]) == ("16.7", "8.35", "8.35")
    assert {line["vendor"]: line["margin_usd"] for line in whole["usage"]} == {
        "openai": "2.25", "anthropic": "3", "bedrock": "2", "gemini": "0.4", "xai": "0.7",
    }  # fmt: skip
    by = usage(books, since=DAY, until=DAY, by="day,account,model,vendor")["usage"]
    assert len(by) == 7 and by[0]["cost_usd"] == "3"


NOV_22 = "1795305600,1795392000,2026-11-22T00:00:00+00:00,2026-11-23T00:00:00+00:00"
NOV_23 = "1795392000,1795478400,2026-11-23T00:00:00+00:00,2026-11-24T00:00:00+00:00"
OPENAI = (
    "start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item,project_id\n"
    f'{NOV_22},1.9,usd,"gpt-5-2025-08-07, input",\n'
    f'{NOV_22},0.1,usd,"gpt-5-2025-08-07, output",\n'
    f'{NOV_22},0.25000000000000000,usd,"gpt-5-mini-2025-08-07, input",\n'
    f"{NOV_23},,,,\n"
)
ANTHROPIC = (
    "\ufeffusage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,"
    "list_price_usd,cost_type\n"
    "2026-11-22,Claude Haiku 4.5,Default,k,message,≤ 200k,input_no_cache,1,1,token\n"
    "2026-11-22,Claude Haiku 4.5,Default,k,message,≤ 200k,output,2,2,token\n"
)
GOOGLE = (
    "Invoice number,123\nInvoice date,2026-11-30\n\n"
    "Billing account name,Billing account ID,Project name,Service description,Service ID,SKU description,SKU ID,"
    "Credit type,Cost type,Usage start date,Usage end date,Usage amount,Usage unit,Unrounded Cost ($),Cost ($)\n"
    "A,1,p,Gemini API,S1,Gemini 2.5 Flash input text token count,K,,Usage,2026-11-01,2026-11-30,9,count,0.4,0.40\n"
    "A,1,p,Compute Engine,S2,E2 instance core,K,,Usage,2026-11-01,2026-11-30,9,hour,12.5,12.50\n"
    "A,1,p,Gemini API,S1,Tax,K,,Tax,2026-11-01,2026-11-30,,,0.08,0.08\n"
)
AWS = (
    "lineItem/UsageStartDate,lineItem/ProductCode,lineItem/UsageType,lineItem/LineItemDescription,lineItem/LineItemType,"
    "lineItem/UnblendedCost,lineItem/CurrencyCode,product/ProductName\n"
    "2026-11-22T10:00:00Z,abc,USE1-MP:USE1_InputTokenCount-Units,"
    "AWS Marketplace software usage|us-east-1|Million Input Tokens,Usage,1.5,USD,"
    "Claude Haiku 4.5 (Amazon Bedrock Edition)\n"
    "2026-11-22T11:00:00Z,AmazonBedrock,USE1-Claude4.5Haiku-output-tokens,$5 per 1M Claude 4.5 Haiku,Usage,0.5,USD,"
    "Amazon Bedrock\n"
    "2026-11-22T11:00:00Z,AmazonS3,Requests,$0.005,Usage,7,USD,Amazon Simple Storage Service\n"
    "2026-11-22T11:00:00Z,AmazonBedrock,x,Tax for product code AmazonBedrock,Tax,0.38,USD,Amazon Bedrock\n"
)
XAI = "Date,Model,Cost (USD)\n2026-11-22,grok-4-0709,0.70\n"
FOCUS = (
    "BilledCost,BillingCurrency,ChargeCategory,ChargeDescription,ChargePeriodStart,ChargePeriodEnd,ServiceName\n"
    "0.7,USD,Usage,grok-4 prompt tokens,2026-11-22T00:00:00Z,2026-11-23T00:00:00Z,xAI API\n"
)


@pytest.mark.parametrize(
    ("text", "vendor", "usd"),
    [(OPENAI, None, "2.25"), (ANTHROPIC, None, "3"), (GOOGLE, None, "0.4"), (AWS, None, "2"), (XAI, "xai", "0.7"),
     (FOCUS, "xai", "0.7")],
    ids=["openai", "anthropic", "google", "aws", "xai", "focus"],
)  # fmt: skip
def test_a_bill_that_agrees_has_no_parts(books: Books, text: str, vendor: str | None, usd: str) -> None:
    found = reconcile(books, text, vendor)
    assert (found["parts"], found["unknown"], found["agrees"]) == ([], [], True), found
    assert (found["vendor_usd"], found["ours_usd"], found["difference_usd"]) == (usd, usd, "0")


def _resaved(text: str, separator: str, *, mark: str = ".") -> str:
    """The same bill as a spreadsheet of another country saves it."""
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    number = re.compile(r"\d+\.\d+")
    told = [[cell.replace(".", mark) if number.fullmatch(cell) else cell for cell in row] for row in rows]
    made = io.StringIO()
    csv.writer(made, delimiter=separator, lineterminator="\r\n").writerows(told)
    return made.getvalue()


def _with_total(text: str) -> str:
    columns = text.removeprefix("\ufeff").splitlines()[0 if "Invoice" not in text else 3].split(",")
    costs = ("amount_value", "cost_usd", "cost ($)", "lineitem/unblendedcost", "cost (usd)", "billedcost")
    line = ["1,234.5" if one.lower() in costs else "" for one in columns]
    line[0 if line[0] == "" else 1] = "Grand total"
    made = io.StringIO()
    csv.writer(made).writerow(line)
    return f"{text}\n,,,\n{made.getvalue()}"


RESAVED: Mapping[str, Callable[[str], str]] = {
    "bom": lambda text: "\ufeff" + text.removeprefix("\ufeff"),
    "crlf": lambda text: text.replace("\n", "\r\n"),
    "cr": lambda text: text.replace("\n", "\r"),
    "empty lines": lambda text: text.replace("\n", "\n\n"),
    "semicolons": lambda text: "sep=;\n" + _resaved(text, ";"),
    "tabs": lambda text: _resaved(text, "\t"),
    "decimal commas": lambda text: _resaved(text, ";", mark=","),
    "quoted decimal commas": lambda text: _resaved(text, ",", mark=","),
    "total": _with_total,
    "slashes": lambda text: re.sub(r"2026-11-(\d\d)(T[0-9:]+(Z|\+00:00))?", r"2026/11/\1", text),
    "points": lambda text: re.sub(r"2026-11-(\d\d)(?!T)", r"\1.11.2026", text),
    "another zone": lambda text: re.sub(r"11-22T1(\d):00:00Z", r"11-22T0\1:00:00-10:00", text),
}


@pytest.mark.parametrize("how", RESAVED)
@pytest.mark.parametrize(
    ("text", "vendor"),
    [(OPENAI, None), (ANTHROPIC, None), (GOOGLE, None), (AWS, None), (XAI, "xai"), (FOCUS, "xai")],
    ids=["openai", "anthropic", "google", "aws", "xai", "focus"],
)
def test_a_bill_agrees_however_it_was_saved(books: Books, text: str, vendor: str | None, how: str) -> None:
    found = reconcile(books, RESAVED[how](text), vendor)
    assert (found["parts"], found["unknown"], found["agrees"]) == ([], [], True), found


@pytest.mark.parametrize(
    ("told", "usd"),
    [('"$1,234.50"', "1234.5"), ("1 234.50 USD", "1234.5"), ("(0.38)", "-0.38"), ("1.2e-05", "0.000012"),
     ("-$3", "-3"), ('"1.234,50"', "1234.5"), ('"0,7"', "0.7"), ('"1,234"', "1234"), ("1'234.50", "1234.5"),
     ("1\u202f234.5", "1234.5")],
)  # fmt: skip
def test_an_amount_is_read_as_it_is_meant(books: Books, told: str, usd: str) -> None:
    assert reconcile(books, f"date,model,cost\n2026-11-22,grok-4-0709,{told}\n", "xai")["vendor_usd"] == usd


@pytest.mark.parametrize(
    ("told", "day"),
    [("2026-11-22T23:30:00-08:00", "2026-11-23"), ("2026-11-22 01:00:00+09:00", "2026-11-21"),
     ("2026-11-22 23:30:00 UTC", "2026-11-22"), ("11/2/2026 0:00", "2026-11-02"), ("Nov 22, 2026", "2026-11-22"),
     ("2026/11/22 10:00:00", "2026-11-22"), ("1795305600", "2026-11-22"), ("22.11.2026", "2026-11-22")],
)  # fmt: skip
def test_a_day_of_a_bill_is_that_of_the_books(books: Books, told: str, day: str) -> None:
    assert reconcile(books, f'date,model,cost\n"{told}",grok-4-0709,9\n', "xai")["since"] == day


def _zipped(**files: Any) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return made.getvalue()


HEADER, FIRST, *REST = ANTHROPIC.removeprefix("\ufeff").splitlines(keepends=True)
PACKED: Mapping[str, bytes] = {
    "utf-8": ANTHROPIC.encode(),
    "utf-16": ANTHROPIC.encode("utf-16"),
    "utf-16-be": ANTHROPIC.encode("utf-16-be"),
    "utf-16 without a mark": ANTHROPIC.removeprefix("\ufeff").encode("utf-16-le"),
    "gzip": gzip.compress(ANTHROPIC.encode()),
    "gzip in parts": gzip.compress(HEADER.encode()) + gzip.compress("".join([FIRST, *REST]).encode()),
    "zip": _zipped(**{"bill.csv": ANTHROPIC, "readme.md": "# none", "__MACOSX/._bill.csv": b"\0\5"}),
    "zip of several": _zipped(**{"1.CSV": HEADER + FIRST, "2.csv": "".join([HEADER, *REST]).encode("utf-16")}),
    "zip of gzip": _zipped(**{"bill.csv.gz": gzip.compress(ANTHROPIC.encode())}),
}


@pytest.mark.parametrize("how", PACKED)
def test_a_bill_agrees_however_it_was_packed(books: Books, how: str) -> None:
    found = reconcile(books, PACKED[how])
    assert (found["parts"], found["unknown"], found["agrees"], found["vendor_usd"]) == ([], [], True, "3"), found


TWICE = gzip.compress(gzip.compress(gzip.compress(ANTHROPIC.encode())))


@pytest.mark.parametrize(
    ("bill", "said"),
    [(gzip.compress(ANTHROPIC.encode())[:-20], "breaks off"), (b"\x1f\x8bzzzzzzzzzzzzz", "damaged"),
     (_zipped(**{"a.csv": ANTHROPIC})[:-30], "damaged"), (_zipped(**{"a.pdf": b"%PDF"}), "no CSV file in it"),
     (TWICE, "packed more than twice"), (gzip.compress(b"\0" * 200_000_001), "more than 200 MB"),
     (_zipped(**{"a.csv": ANTHROPIC, "b.csv": OPENAI}), "of anthropic, openai: say which"),
     (b"\x89PNG\r\n\0\0\0x", "no text")],
    ids=["cut", "no gzip", "cut zip", "no bill", "thrice", "large", "two vendors", "picture"],
)  # fmt: skip
def test_a_packed_bill_that_cannot_be_read_says_why(books: Books, bill: bytes, said: str) -> None:
    with pytest.raises((CommandError, Unmet), match=said):
        reconcile(books, bill)


EXPORTED = (
    "BilledCost,BillingCurrency,ChargeCategory,ChargeDescription,ChargePeriodStart,ChargePeriodEnd,ServiceName,SELLER\n"
    "1.5,USD,Usage,Claude Haiku 4.5 in,2026-11-22T10:00:00Z,2026-11-22T11:00:00Z,Amazon Bedrock,Amazon Web Services\n"
    "0.5,USD,Usage,Claude Haiku 4.5 output,2026-11-22T11:00:00Z,2026-11-22T12:00:00Z,Amazon Bedrock,AWS\n"
    "7,USD,Usage,Requests,2026-11-22T11:00:00Z,2026-11-22T12:00:00Z,Amazon Simple Storage Service,AWS\n"
    "0.38,USD,Tax,Tax,2026-11-22T11:00:00Z,2026-11-22T12:00:00Z,Amazon Bedrock,AWS\n"
)
GEMINI = "0.4,USD,Usage,Gemini 2.5 Flash input,2026-11-22T00:00:00Z,2026-11-23T00:00:00Z,Gemini API,Google Cloud\n"


@pytest.mark.parametrize("column", ["ProviderName", "ServiceProviderName"])
def test_a_focus_export_says_whose_it_is(books: Books, column: str) -> None:
    whole = EXPORTED.replace("SELLER", column)
    found = reconcile(books, whole)
    assert (found["vendor"], found["agrees"], found["vendor_usd"]) == ("bedrock", True, "2"), found
    with pytest.raises(Unmet, match="of bedrock, gemini: say which"):
        reconcile(books, whole + GEMINI)
    assert reconcile(books, whole + GEMINI, "gemini")["vendor_usd"] == "0.4"
    assert reconcile(books, whole + GEMINI, "bedrock")["vendor_usd"] == "2"


def test_a_month_of_a_report_is_compared_as_one(books: Books) -> None:
    """A Cost and Usage Report may be hourly, daily or monthly."""
    monthly = re.sub(r"2026-11-22T1\d:00:00Z", "2026-11-01T00:00:00Z", AWS).replace(
        "UsageStartDate", "UsageStartDate,lineItem/UsageEndDate", 1
    )
    found = reconcile(books, monthly.replace("2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z,2026-12-01T00:00:00Z"))
    assert (found["since"], found["until"], found["agrees"]) == ("2026-11-01", "2026-11-30", True)


def test_where_a_bill_parts_is_listed_by_day_and_model(books: Books) -> None:
    dearer = OPENAI.replace(",1.9,", ",2.4,") + (
        f'{NOV_23},3,usd,"gpt-5-2025-08-07, input",\n{NOV_23},4,usd,dall-e-3,\n'
    )
    found = reconcile(books, dearer)
    assert found["parts"] == [
        {"day": DAY, "model": "gpt-5", "vendor_usd": "2.5", "ours_usd": "2", "difference_usd": "0.5"},
        {"day": "2026-11-23", "model": "gpt-5", "vendor_usd": "3", "ours_usd": "0", "difference_usd": "3"},
    ]
    assert found["unknown"] == [{"what": "dall-e-3", "vendor_usd": "4"}]
    assert (found["difference_usd"], found["agrees"]) == ("7.5", False)
    assert reconcile(books, OPENAI.replace(",1.9,", ",1.905,"))["parts"] == []
    assert reconcile(books, OPENAI.replace(",1.9,", ",1.905,"), tolerance_usd="0.001")["parts"]


def test_a_bill_without_models_is_compared_by_day(books: Books) -> None:
    plain = "start_time_iso,amount_value,amount_currency,line_item\n2026-11-22T00:00:00+00:00,2.25,usd,\n"
    assert reconcile(books, plain)["agrees"]
    assert reconcile(books, plain.replace("2.25", "9"))["parts"][0]["model"] == "(all models)"


@pytest.mark.parametrize(
    ("text", "said"),
    [("a,b\n1,2\n", "columns of none"), ("", "columns of none"), (XAI, "--vendor"),
     (OPENAI.replace(",1.9,", ",much,"), "no amount"), (OPENAI.replace("usd", "eur"), "eur"),
     (ANTHROPIC.replace("2026-11-22", "yesterday"), "no date"),
     ("usage_date_utc,model,cost_usd\n", "no line with a cost"),
     (ANTHROPIC + "2026-11-22,Claude Haiku 4.5" + ",1e999999" * 8 + "\n", "no amount"),
     (ANTHROPIC + "x" * 200_000, "no CSV"), (XAI.replace("0.70", "1,234.50"), "more fields")],
)  # fmt: skip
def test_a_bill_that_cannot_be_read_says_why(books: Books, text: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        reconcile(books, text)


SINCE_YEAR_ONE = ANTHROPIC.replace("2026-11-22", "0001-01-01") + ANTHROPIC.splitlines()[1] + "\n"


def test_days_before_the_first_account_are_the_vendors_alone(books: Books) -> None:
    found = reconcile(books, SINCE_YEAR_ONE)
    assert found["since"] == "0001-01-01"
    assert {"day": "0001-01-01", "model": "claude-haiku-4-5", "vendor_usd": "3", "ours_usd": "0",
            "difference_usd": "3"} in found["parts"]  # fmt: skip


def test_too_many_days_of_ours_are_not_summed(books: Books) -> None:
    books.accounts.create("old", "Methuselah", 0)
    with pytest.raises(CommandError, match="days; at most"):
        reconcile(books, SINCE_YEAR_ONE)


def test_the_command_line_reconciles_a_file(office: Office, tmp_path: Any) -> None:
    file = tmp_path / "bill.csv"
    file.write_text(ANTHROPIC)
    code, out, _ = office.run("reconcile", str(file))
    assert (code == 1 and "Claude Haiku 4.5" in out) or "claude-haiku-4-5" in out
    assert "columns of none" in office.refused("reconcile", __file__)
    file.write_text(XAI)
    said = office.refused("reconcile", str(file), "--vendor", "grok")
    assert said.startswith("vendor: 'grok' is none of anthropic, bedrock, gemini, openai, xai")
