"""Counting a request that names MCP servers: their tools are input, which the count has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.exchange import world as w
from tests.exchange.conversation import mcp_world as m
from tests.exchange.conversation.test_count_tokens import COUNT, count, untouched
from tests.rounds import raw as r
from tests.rounds.servers import Seen


@pytest.fixture
def here() -> Iterator[w.World]:
    with m.world() as made:
        made.script.default = lambda outgoing: w.Says(
            chunks=[COUNT["gemini" if "gemini" in outgoing.url else "claude"]]
        )
        yield made


def asked(url: str, **more: Any) -> dict[str, Any]:
    body = m.messages("-", url, **more)
    return {name: value for name, value in body.items() if name not in ("model", "max_tokens", "messages")}


@pytest.mark.parametrize("model", ["gpt", "grok"])
def test_a_servers_tools_are_in_the_estimate(here: w.World, tools: tuple[str, Seen], model: str) -> None:
    plain, with_tools = count(here, model), count(here, model, **asked(tools[0]))
    assert with_tools[0] == 200
    assert with_tools[1]["input_tokens"] > plain[1]["input_tokens"] + 200
    assert untouched(here)


@pytest.mark.parametrize("model", ["gemini", "claude"])
def test_a_vendor_that_counts_is_shown_the_tools(here: w.World, tools: tuple[str, Seen], model: str) -> None:
    assert count(here, model, m.GATEWAY, **asked(tools[0])) == (200, {"input_tokens": 42})
    (sent,) = here.script.sent
    assert b"Adds two numbers" in (sent.body or b"")
    assert b"mcp_servers" not in (sent.body or b"")
    assert untouched(here)


def test_a_vendor_that_runs_the_tools_counts_them_itself(here: w.World) -> None:
    with r.running() as (url, raw):
        assert count(here, "claude", **asked(url)) == (200, {"input_tokens": 42})
    assert here.script.bodies[0]["mcp_servers"][0]["url"] == url
    assert raw.methods == []
    assert untouched(here)


def test_a_caller_who_has_the_vendor_run_them_has_no_server_asked(here: w.World) -> None:
    with r.running() as (url, raw):
        status, _ = count(here, "gpt", {"x_interchange_mcp": "vendor"}, **asked(url))
    assert (status, raw.methods) == (200, [])


def test_tools_that_the_caller_knows_already_are_counted_without_asking(here: w.World) -> None:
    known = {"type": "mcp_toolset", "mcp_server_name": "tests", "tools": [
        {"name": f"tool_{number}", "description": "Does it.", "input_schema": {"type": "object", "properties": {}}}
        for number in range(20)]}  # fmt: skip
    with r.running() as (url, raw):
        status, found = count(here, "gpt", **asked(url, tools=[known]))
    assert (status, raw.methods) == (200, [])
    assert found["input_tokens"] > 200


def test_a_server_that_fails_is_told_by_its_field(here: w.World) -> None:
    with r.running(tools_list=lambda _: [r.http(b"no", status="503 Busy", kind="text/plain")]) as (url, _):
        status, found = count(here, "gpt", **asked(url))
    assert status == 400
    assert found["error"]["message"] == "mcp_servers[0]: the MCP server 'tests' could not be used: it answered 503"
    assert untouched(here)


def test_a_word_that_the_header_does_not_have_is_refused(here: w.World) -> None:
    status, found = count(here, "gpt", {"x_interchange_mcp": "both"}, **asked("https://mcp.example.com/"))
    assert status == 400
    assert "x-interchange-mcp" in found["error"]["message"]


def test_an_account_without_money_connects_to_nothing() -> None:
    with m.world(credit="0.000001") as here, r.running() as (url, raw):
        status, found = count(here, "gpt", **asked(url))
        assert status == 402, found
        assert raw.methods == []
        assert untouched(here)
