"""Section H: tools that a vendor runs, and MCP servers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from interchange.catalog.models import Price
from interchange.wire import codec
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


RICHER = {"protocol": "openai_responses", "for": ["hosted_tools", "mcp", "state", "reasoning_with_tools"]}
MCP_CALL = {"type": "mcp_call", "id": "mcp_1", "name": "read", "server_label": "files", "arguments": '{"path":"a"}',
            "output": "42", "error": None, "approval_request_id": None, "status": "completed"}  # fmt: skip
OWN_CALL = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "get_weather", "status": "completed",
            "arguments": '{"city":"Oslo"}'}  # fmt: skip


def said(text: str) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": [], "logprobs": []}]
    return {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": content}


def responses_whole(*items: dict[str, Any], **extra: Any) -> dict[str, Any]:
    usage = {"input_tokens": 300, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 40,
             "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 340}  # fmt: skip
    return {"id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": "gpt-up",
            "output": list(items), "usage": usage, "error": None, "incomplete_details": None, **extra}  # fmt: skip


def responses_stream(*items: dict[str, Any]) -> list[bytes]:
    whole = responses_whole(*items)
    events: list[dict[str, Any]] = [{"type": "response.created", "response": {**whole, "output": [], "usage": None}}]
    for place, item in enumerate(items):
        events.append({"type": "response.output_item.added", "output_index": place, "item": item})
        events.append({"type": "response.output_item.done", "output_index": place, "item": item})
    events.append({"type": "response.completed", "response": whole})
    return [
        b"event: " + event["type"].encode() + b"\ndata: " + codec.dumps({**event, "sequence_number": n}) + b"\n\n"
        for n, event in enumerate(events)
    ]


@pytest.fixture
def rich(here: w.World) -> Iterator[w.World]:
    traits = w.traits(here, 0)
    traits["richer"] = RICHER
    yield here
    traits.pop("richer")


@pytest.mark.parametrize("stream", [False, True])
def test_H2_stock_mcp_servers_reach_a_model_of_another_vendor_and_their_blocks_come_back(
    rich: w.World, stream: bool
) -> None:
    items = (MCP_CALL, said("It says 42."))
    chunks = responses_stream(*items) if stream else [codec.dumps(responses_whole(*items))]
    rich.script.answers = [w.Says(chunks=chunks)]
    asked = v.asked("messages", "gpt", mcp_servers=SERVERS, tools=[TOOLSET], stream=stream)
    answer, seen = asyncio.run(rich.streamed("messages", asked))
    assert answer.status == 200, seen
    (sent,) = rich.script.bodies
    assert rich.script.sent[0].url.endswith("/responses")
    (tool,) = [tool for tool in sent["tools"] if tool["type"] == "mcp"]
    assert (tool["server_label"], tool["server_url"]) == ("files", "https://mcp.example/sse")
    blocks = (
        [event["content_block"] for event in v.frames(seen) if event["type"] == "content_block_start"]
        if stream
        else codec.loads(seen[0])["content"]
    )
    assert [block["type"] for block in blocks] == ["mcp_tool_use", "mcp_tool_result", "text"]
    assert (blocks[0]["name"], blocks[0]["server_name"]) == ("read", "files")
    assert blocks[1]["tool_use_id"] == blocks[0]["id"]


def test_H1_all_rounds_of_an_answer_are_charged_by_the_vendors_sum_and_told_as_such(rich: w.World) -> None:
    """The vendor runs the rounds, and reports their sum; the gateway runs none of its own."""
    rich.script.answers = [
        w.Says(chunks=[codec.dumps(responses_whole(MCP_CALL, MCP_CALL | {"id": "mcp_2"}, said("ok")))])
    ]
    asked = v.asked("messages", "gpt", mcp_servers=SERVERS, tools=[TOOLSET])
    status, answer, _ = asyncio.run(rich.whole("messages", asked))
    assert status == 200
    assert (answer["usage"]["input_tokens"], answer["usage"]["output_tokens"]) == (300, 40)
    assert len(rich.script.sent) == 1
    (row,) = rich.rows()
    assert row.charge_nano == 300 * 2000 + 40 * 10_000


def test_H7_the_callers_tools_and_the_vendors_in_one_turn(rich: w.World) -> None:
    rich.script.answers = [w.Says(chunks=[codec.dumps(responses_whole(MCP_CALL, OWN_CALL))])]
    asked = v.asked("messages", "gpt", mcp_servers=SERVERS, tools=[TOOLSET, *v.weather("messages")])
    status, answer, _ = asyncio.run(rich.whole("messages", asked))
    assert status == 200
    assert [block["type"] for block in answer["content"]] == ["mcp_tool_use", "mcp_tool_result", "tool_use"]
    assert answer["content"][-1]["id"] == "call_1"
    assert answer["stop_reason"] == "tool_use"


def test_D6_responses_are_asked_for_without_storage_and_whole_items_are_replayed(rich: w.World) -> None:
    thought = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}],
               "encrypted_content": "gAAAA==", "status": "completed"}  # fmt: skip
    w.traits(rich, 0)["reasoning"] = {"efforts": ["low", "high"]}
    try:
        thinking = {"type": "enabled", "budget_tokens": 2000}
        asked = v.asked("messages", "gpt", tools=v.weather("messages"), thinking=thinking, max_tokens=4000)
        rich.script.answers = [w.Says(chunks=[codec.dumps(responses_whole(thought, OWN_CALL))])]
        status, answer, _ = asyncio.run(rich.whole("messages", asked))
        assert status == 200
        result = {"type": "tool_result", "tool_use_id": "call_1", "content": "rain"}
        history = [
            *w.user(),
            {"role": "assistant", "content": answer["content"]},
            {"role": "user", "content": [result]},
        ]
        rich.script.answers = [w.Says(chunks=[codec.dumps(responses_whole(said("Rain.")))])]
        assert asyncio.run(rich.whole("messages", {**asked, "messages": history}))[0] == 200
    finally:
        w.traits(rich, 0).pop("reasoning")
    for sent in rich.script.bodies:
        assert sent["store"] is False
        assert "reasoning.encrypted_content" in sent["include"]
        assert "previous_response_id" not in sent
        assert "item_reference" not in codec.dumps_text(sent)
    (replayed,) = [item for item in rich.script.bodies[1]["input"] if item.get("type") == "reasoning"]
    assert (replayed["id"], replayed["encrypted_content"]) == ("rs_1", "gAAAA==")
