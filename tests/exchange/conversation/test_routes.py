"""Which of a provider's protocols a request goes by: the caller's own, the provider's first, or the richer one."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from interchange.catalog.load import load, read
from interchange.hub.blocks import Continuation
from interchange.wire import codec
from tests.exchange import world as w

CALLED = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
NATIVE = {"name": "f", "input_schema": {"type": "object", "properties": {}}}
SEARCH = {"type": "web_search_20250305", "name": "web_search"}
THINKING = {"thinking": {"type": "enabled", "budget_tokens": 2048}, "max_tokens": 4096}
MCP = {"mcp_servers": [{"type": "url", "name": "docs", "url": "https://mcp.example"}]}
ANSWER = {
    "id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": "up", "error": None,
    "output": [{"id": "msg_1", "type": "message", "role": "assistant", "status": "completed",
                "content": [{"type": "output_text", "text": "hello", "annotations": []}]}],
    "usage": {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15, "input_tokens_details": {"cached_tokens": 0},
              "output_tokens_details": {"reasoning_tokens": 0}},
}  # fmt: skip
CHAT, RESPONSES = "/chat/completions", "/responses"


def sealed() -> list[dict[str, Any]]:
    """A history whose reasoning came from Responses."""
    detail = {"type": "reasoning.text", "text": "why", "format": "interchange-v1",
              "signature": w.SEAL.bound("acc").seal(Continuation("openai_responses", "gAAAA", "rs_1"))}  # fmt: skip
    turn = {"role": "assistant", "content": "because", "reasoning_details": [detail]}
    return [*w.user("why?"), turn, *w.user("and?")]


@pytest.mark.parametrize(("family", "model", "fields", "path"), [
    ("messages", "gpt-5", {"max_tokens": 100}, CHAT),
    ("messages", "gpt-5", {"max_tokens": 100, "tools": [NATIVE]}, CHAT),
    ("messages", "gpt-5", {**THINKING}, RESPONSES),
    ("messages", "gpt-5", {"max_tokens": 100, "thinking": {"type": "adaptive"}}, RESPONSES),
    ("messages", "gpt-5.4", {"max_tokens": 100, "thinking": {"type": "disabled"}}, CHAT),
    ("messages", "gpt-5", {**THINKING, "tools": [NATIVE]}, RESPONSES),
    ("messages", "gpt-5", {"max_tokens": 100, "tools": [SEARCH]}, RESPONSES),
    ("messages", "gpt-5", {"max_tokens": 100, **MCP}, RESPONSES),
    ("messages", "gpt-4.1", {"max_tokens": 100, "tools": [SEARCH]}, RESPONSES),
    ("messages", "gpt-4.1", {"max_tokens": 100, "tools": [NATIVE]}, CHAT),
    ("messages", "gpt-5.5", {"max_tokens": 100, "tools": [NATIVE]}, RESPONSES),
    ("messages", "gpt-5.5", {"max_tokens": 100, "tools": [NATIVE], "thinking": {"type": "disabled"}}, CHAT),
    ("messages", "grok-4.3", {**THINKING, "tools": [NATIVE]}, RESPONSES),
    ("chat", "gpt-5", {"reasoning_effort": "high", "tools": [CALLED]}, RESPONSES),
    ("chat", "gpt-5.4", {"reasoning_effort": "high", "tools": [CALLED]}, RESPONSES),
    ("chat", "gpt-5.4", {"tools": [CALLED]}, CHAT),
    ("chat", "gpt-5.5", {"tools": [CALLED]}, RESPONSES),
    ("chat", "gpt-5.5", {"reasoning_effort": "none", "tools": [CALLED]}, CHAT),
    ("chat", "gpt-5.5", {"reasoning_effort": "high"}, RESPONSES),
    ("chat", "gpt-5.5", {"reasoning_effort": "high", "seed": 7}, CHAT),
    ("chat", "gpt-5.5", {"reasoning_effort": "high", "a_new_field": 1}, CHAT),
    ("chat", "gpt-5.5", {"reasoning_effort": "high", "messages": [{**w.user()[0], "name": "ada"}]}, CHAT),
    ("chat", "gpt-5.5", {"reasoning": {"effort": "high", "exclude": True}}, CHAT),
    ("chat", "gpt-5.4", {"reasoning_effort": "none"}, CHAT),
    ("chat", "gpt-4.1", {}, CHAT),
    ("chat", "grok-4.3", {"reasoning_effort": "high"}, CHAT),
    ("chat", "gpt-5", {"tools": [{"type": "mcp", "server_label": "docs", "server_url": "https://x.example"}]},
     RESPONSES),
    ("chat", "gpt-5", {"messages": sealed()}, RESPONSES),
    ("chat", "gpt-4.1", {"web_search_options": {}}, CHAT),
])  # fmt: skip
def test_a_request_goes_by_the_protocol_that_can_carry_it(family: str, model: str, fields: Any, path: str) -> None:
    with w.world() as here:
        here.services = replace(here.services, catalog=load())
        chunk = w.chat_answer() if path == CHAT else codec.dumps(ANSWER)
        here.script.answers = [w.Says(chunks=[chunk])]
        status, told, headers = asyncio.run(here.whole(family, {"model": model, "messages": w.user(), **fields}))
        assert status == 200, told
        assert here.script.sent[0].url.endswith(path)
        assert "x-interchange-dropped" not in headers or path == CHAT or "thinking" in headers["x-interchange-dropped"]


def test_a_route_that_names_its_protocol_has_the_last_word() -> None:
    catalog = read([
        {"id": "m", "routes": [{"provider": "openai", "model": "up", "protocol": "openai_responses"}],
         "max_output": 1000, "price": w.PRICE},
    ])  # fmt: skip
    with w.world() as here:
        here.services = replace(here.services, catalog=catalog)
        here.script.answers = [w.Says(chunks=[codec.dumps(ANSWER)])]
        status, told, _ = asyncio.run(here.whole("chat", {"model": "m", "messages": w.user()}))
        assert (status, told["choices"][0]["message"]["content"]) == (200, "hello")
        assert here.script.sent[0].url.endswith(RESPONSES)
        assert here.rows()[0].charge_nano == 70_000
