"""Section H: tools that a vendor runs, and MCP servers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from interchange.catalog.models import Price
from tests.conformance import vendors as v
from tests.exchange import world as w

SEARCH = {"type": "web_search_20250305", "name": "web_search", "max_uses": 3}
SERVERS = [{"type": "url", "url": "https://mcp.example/sse", "name": "files"}]
TOOLSET = {"type": "mcp_toolset", "mcp_server_name": "files"}


@pytest.fixture
def here() -> Iterator[w.World]:
    with w.world() as made:
        for model in made.services.catalog.models:
            priced = Price(input="2", output="10", per_call={"web_search": "0.01", "grounded_prompt": "0.01"})
            object.__setattr__(model, "price", priced)
        yield made


def ask(here: w.World, family: str, model: str, raw: bytes | None = None, **extra: Any) -> tuple[int, Any]:
    here.script.answers = [w.Says(chunks=[raw])] if raw is not None else []
    status, answer, _ = asyncio.run(here.whole(family, v.asked(family, model, **extra)))
    return status, answer


@pytest.mark.parametrize("model", ["gpt", "grok", "gemini"])
def test_H3_mcp_servers_are_used_or_refused_never_passed_over(here: w.World, model: str) -> None:
    status, answer = ask(here, "messages", model, mcp_servers=SERVERS, tools=[TOOLSET])
    assert (status, answer["error"]["type"]) == (400, "invalid_request_error")
    assert "mcp" in answer["error"]["message"].lower()
    assert not here.script.sent and here.balance().held_nano == 0


def test_H3_claude_gets_them_as_they_are(here: w.World) -> None:
    status, _ = ask(here, "messages", "claude", v.claude_whole({"type": "text", "text": "ok"}),
                    mcp_servers=SERVERS, tools=[TOOLSET])  # fmt: skip
    assert status == 200
    assert here.script.bodies[0]["mcp_servers"] == SERVERS
    assert here.script.bodies[0]["tools"] == [TOOLSET]


@pytest.mark.parametrize("model", ["gpt", "grok"])
def test_H4_a_vendors_tool_is_refused_by_name_with_a_400(here: w.World, model: str) -> None:
    status, answer = ask(here, "messages", model, tools=[SEARCH])
    assert (status, answer["error"]["type"]) == (400, "invalid_request_error")
    assert "web_search" in answer["error"]["message"]


def test_H4_or_mapped_where_both_have_it(here: w.World) -> None:
    status, _ = ask(here, "messages", "gemini", v.gemini_whole({"text": "ok"}), tools=[SEARCH])
    assert status == 200
    assert any("googleSearch" in tool for tool in here.script.bodies[0]["tools"])


def test_H5_a_search_that_was_offered_and_not_run_is_not_charged(here: w.World) -> None:
    status, _ = ask(here, "messages", "claude", v.claude_whole({"type": "text", "text": "ok"}), tools=[SEARCH])
    assert status == 200
    (row,) = here.rows()
    assert row.charge_nano == 10 * 2000 + 5 * 10_000
    assert row.usage.tool_calls.get("web_search", 0) == 0


def test_H5_and_one_that_ran_is(here: w.World) -> None:
    raw = v.claude_whole({"type": "text", "text": "ok"}, server_tool_use={"web_search_requests": 2})
    status, answer = ask(here, "messages", "claude", raw, tools=[SEARCH])
    assert status == 200
    assert answer["usage"]["server_tool_use"]["web_search_requests"] == 2
    (row,) = here.rows()
    assert row.charge_nano == 10 * 2000 + 5 * 10_000 + 2 * 10_000_000
