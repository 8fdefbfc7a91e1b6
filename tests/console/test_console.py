"""The console in a browser, against a real gateway: every task of a customer, by mouse and by keys alone."""

from __future__ import annotations

import time

import pytest

from interchange.metering.ledger import Ledger
from interchange.tables.sqlite import SqliteTable
from tests.console.conftest import Drive
from tests.metering.usage_rows import usage_row
from tests.sdk.gateway import Gateway

CLIENTS = {
    "curl", "Python · OpenAI", "Python · Anthropic", "Node · OpenAI", "Node · Anthropic", "Claude Code", "Codex",
    "opencode", "Cursor", "Cline", "LangChain", "LlamaIndex", "AI SDK", "OpenAI Agents SDK", "pydantic-ai", "LiteLLM",
    "Open WebUI",
}  # fmt: skip


def test_a_customer_does_every_task(gateway: Gateway, drive: Drive, customer: dict[str, str]) -> None:
    seen = drive("tasks", **customer)
    assert seen["faults"] == []
    assert "Paste the key" in seen["none"] and "curly quote" in seen["quote"]
    assert "not a key of this gateway" in seen["stranger"] and "ThisIsNoKey" not in seen["stranger"]
    assert seen["models_without_a_key"] > 60
    assert seen["kept"] == [["interchange-key"], []]

    search = seen["search"]
    assert len(search["Claude Sonnet"]) >= 5 and all("sonnet" in one for one in search["Claude Sonnet"])
    assert all("haiku-4" in one for one in search["haiku 4"]) and search["haiku 4"]
    assert len(search["vision"]) > 20 and "gpt-4o-mini" in search["0.15"] and len(search["openai"]) > 20
    assert (search["no such model"], seen["none_found"], seen["sorted"]) == ([], True, True)
    assert {"gpt-5", "claude-opus-5", "gemini-2.5-pro", "grok-4"} <= set(seen["thinking"])
    assert not {"gpt-4o", "whisper-1", "claude-3-5-sonnet-20241022"} & set(seen["thinking"])
    assert seen["calculated"] == "$150.00" and seen["not_calculated"] == ["Write a whole number.", "–"]
    assert seen["embeddings"] > 1
    assert set(seen["snippets"]) == CLIENTS
    for name, text in seen["snippets"].items():
        assert (gateway.url in text and "gpt-4o-mini" in text) or name == "Open WebUI", name

    assert "name" in seen["no_name"][0]
    assert ["US dollars" in seen["bad_limits"][0], "whole number" in seen["bad_limits"][1]] == [True, True]
    assert "nobody-*" in seen["bad_model"][0]
    assert seen["secret"].startswith("sk-") and seen["hidden"]
    assert "$12.50 left of $12.50" in seen["card"] and "60 left of 60" in seen["card"] and "gpt-*" in seen["card"]
    assert "Requests a minute" not in seen["limited"] and "$2.00 left of $2.00" in seen["limited"]
    assert seen["bad_rotation"] and seen["rotated"] not in ("", seen["secret"])
    assert "revoked" in seen["revoked"].lower()

    assert "claude-sonnet-4-5" in seen["linked"] and "seed did not reach" in seen["linked"]
    assert seen["csv"][0].startswith("id,created") and customer["request"] in seen["csv"][1]
    assert seen["statement"].startswith("day,model,key")
    assert "Opening balance" in seen["statement_shown"] and "spring" in seen["statement_shown"]
    assert seen["statement_printed"] == "<!doctype html>"
    assert len(seen["no_rule"]) == 2 and len(seen["bad_rule"]) == 1
    assert "10.0.0.1 is not a public address" in seen["bad_webhook"][0] and seen["webhook_secret"].startswith("whsec_")
    assert seen["bad_code"] and "US dollars" in seen["bad_amount"][0]
    assert seen["exact"].startswith("$") and len(seen["exact"].partition(".")[2]) > 4

    assert seen["nothing_asked"] and "JSON" in seen["bad_tools"][0]
    for name, (answer, told) in seen["played"].items():
        assert "simulator" in answer and "Charge" in told and "In all" in told, name
    assert len(seen["played"]) == 6
    assert "get_weather(" in seen["tool"]
    assert "from openai import OpenAI" in seen["as_code"] and "get_weather" in seen["as_code"]

    assert seen["after_failure"] is True
    assert "There is no such page" in seen["nowhere"]
    assert "Sign in" in seen["forgotten"][0] and seen["forgotten"][1] == 0
    assert "This key sees itself" in seen["own_key"] and "management key" in seen["own_credit"]


def test_every_task_goes_by_keys_alone(drive: Drive, customer: dict[str, str]) -> None:
    seen = drive("keyboard", **{**customer, "code": customer["code2"]})
    assert seen["faults"] == [] and seen["focus"] == "content"
    assert (seen["cost"], seen["tab"], seen["inside"]) == ("$300.00", "Python · OpenAI", True)
    assert seen["corrected"] == ["Spending a day", True] and seen["back"] == "Limits of by keyboard"
    assert seen["filtered"] == "#/requests?model=claude-sonnet-4-5"
    assert seen["requests"] == "requests.csv" and seen["statement"].startswith("interchange-20")
    assert (seen["protocol"], seen["code"]) == ("messages", "from anthropic import Anthropic")
    assert "simulator" in seen["answer"] and seen["left"] == 0


@pytest.mark.long
def test_bad_addresses_bad_names_and_a_bad_network_do_no_harm(
    gateway: Gateway, drive: Drive, customer: dict[str, str]
) -> None:
    seen = drive("hostile", **customer, many=crowded(gateway))
    assert seen["faults"] == []
    assert all(seen["addresses"].values()), seen["addresses"]
    assert "outcome" in seen["nonsense"]
    assert seen["kept"] == ["ok", "claude-sonnet-4-5"]
    assert seen["link"][:2] == ["gpt-5", "gpt-5"] and "Output" in seen["link"][2]
    assert seen["names"] == ["Requests · Interchange", 0]
    assert seen["once"] == 1
    for status, (told, kept) in seen["statuses"].items():
        assert kept and (f"told {status}" in told or status == "502"), (status, told)
    assert "status 502" in seen["statuses"]["502"][0]
    assert seen["lines"] == [MANY, MANY, False]
    assert f"{MANY:,}" in seen["many"]


MANY = 10_000


def crowded(gateway: Gateway) -> str:
    """A management key of an account with ten thousand requests today."""
    table = SqliteTable(gateway.table.removeprefix("sqlite:"))
    made = gateway.operator("account", "create", "--name", "crowded", "--credit", "5")
    boss = gateway.operator("key", "create", "--account", made["account"], "--manage", "--name", "boss")
    ledger, now = Ledger(table), int(time.time() * 1000)
    with table.together():
        for number in range(MANY):
            moment = now - 1_000 - number % 30_000
            row = usage_row(f"{number:032x}", moment, account_id=made["account"], key_id=made["key_id"], user="=1+1")
            ledger.record(row)
    return str(boss["key"])
