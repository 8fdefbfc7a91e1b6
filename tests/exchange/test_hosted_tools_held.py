"""Tools that the vendor runs: held for lightly, left out where the balance could not carry them, charged in full."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from interchange.catalog.load import read
from interchange.metering.money import nano
from interchange.wire import codec
from tests.exchange import world as w

PRICE = {"input": "2", "output": "10", "per_call": {"web_search": "0.01"}}
RICHER = {"richer": {"protocol": "openai_responses", "for": ["hosted_tools"], "instead_for": ["hosted_tools"]}}
TRAITS: dict[str, dict[str, Any]] = {"gpt": RICHER, "claude": {}, "gemini": {"server_tool_invocations": True}}
ENTRIES: list[dict[str, Any]] = [
    {"id": name, "routes": [{"provider": provider, "model": f"{name}-up"}], "context": 100_000, "max_output": 1000,
     "price": PRICE, "traits": TRAITS[name]}
    for name, provider in (("gpt", "openai"), ("claude", "anthropic"), ("gemini", "gemini"))
]  # fmt: skip
SEARCH: dict[str, list[dict[str, Any]]] = {
    "messages": [{"type": "web_search_20250305", "name": "web_search", "max_uses": 5}],
    "responses": [{"type": "web_search"}],
}
FUNCTION: dict[str, dict[str, Any]] = {
    "messages": {"name": "f", "input_schema": {"type": "object"}},
    "responses": {"type": "function", "name": "f", "parameters": {"type": "object"}},
}


def searching(here: w.World) -> w.World:
    here.services = replace(here.services, catalog=read(ENTRIES))
    return here


def body(family: str, model: str, **fields: Any) -> dict[str, Any]:
    said = (
        {"input": "hi", "max_output_tokens": 100}
        if family == "responses"
        else {"messages": w.user(), "max_tokens": 100}
    )
    return {"model": model, **said, "tools": [*SEARCH[family], FUNCTION[family]], **fields}


def answer(model: str, searches: int = 0, tokens: int = 10) -> bytes:
    if model == "gpt":
        content = [{"type": "output_text", "text": "hello", "annotations": []}]
        message = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": content}
        calls = [{"type": "web_search_call", "id": f"ws_{number}", "status": "completed",
                  "action": {"type": "search", "query": "x"}} for number in range(searches)]  # fmt: skip
        usage = {"input_tokens": tokens, "output_tokens": 5, "total_tokens": tokens + 5}
        return codec.dumps({"id": "resp_1", "object": "response", "created_at": 1, "status": "completed",
                            "model": "gpt-up", "output": [*calls, message], "usage": usage})  # fmt: skip
    if model == "gemini":
        candidate = {"content": {"parts": [{"text": "hello"}], "role": "model"}, "finishReason": "STOP", "index": 0}
        return codec.dumps({"candidates": [candidate], "modelVersion": "g", "usageMetadata": {
            "promptTokenCount": tokens, "candidatesTokenCount": 5, "totalTokenCount": tokens + 5}})  # fmt: skip
    counted = {"input_tokens": tokens, "output_tokens": 5, "server_tool_use": {"web_search_requests": searches}}
    return codec.dumps({"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-up", "usage": counted,
                        "stop_reason": "end_turn", "stop_sequence": None,
                        "content": [{"type": "text", "text": "hello"}]})  # fmt: skip


@pytest.mark.parametrize("family", SEARCH)
@pytest.mark.parametrize("model", ["gpt", "claude", "gemini"])
def test_a_tool_that_the_balance_cannot_carry_is_left_out_and_named(family: str, model: str) -> None:
    with w.world(credit="0.1") as here:
        searching(here).script.default = lambda sent: w.Says(
            chunks=[w.chat_answer() if sent.url.endswith("/chat/completions") else answer(model)]
        )
        status, _, headers = asyncio.run(here.whole(family, body(family, model)))
        assert status == 200
        assert headers["x-interchange-dropped"].startswith("tools[0]")
        assert b"search" not in (here.script.sent[0].body or b"").lower()
        assert b'"f"' in (here.script.sent[0].body or b"")
        (row,) = here.rows()
        assert row.dropped == ("tools[0]",)
        assert here.balance().held_nano == 0


@pytest.mark.parametrize("model", ["gpt", "claude"])
def test_the_only_tool_leaves_no_empty_list(model: str) -> None:
    family = {"gpt": "responses", "claude": "messages"}[model]
    with w.world(credit="0.1") as here:
        searching(here).script.answers = [w.Says(chunks=[answer(model)])]
        status, _, _ = asyncio.run(here.whole(family, body(family, model, tools=SEARCH[family])))
        assert status == 200
        assert "tools" not in here.script.bodies[0]


FORCED = {"messages": {"type": "tool", "name": "web_search"}, "responses": {"type": "web_search"}}


@pytest.mark.parametrize("family", SEARCH)
def test_a_tool_that_must_be_called_is_not_left_out(family: str) -> None:
    model = {"responses": "gpt", "messages": "claude"}[family]
    with w.world(credit="0.1") as here:
        status, error, _ = asyncio.run(searching(here).whole(family, body(family, model, tool_choice=FORCED[family])))
        assert status == 402
        assert "$0.1 available" in error["error"]["message"]
        assert not here.script.sent
        assert (here.balance().held_nano, here.balance().available_nano) == (0, nano("0.1"))


def test_a_strict_caller_is_refused_instead() -> None:
    with w.world(credit="0.1") as here:
        asked = body("messages", "claude")
        status, error, _ = asyncio.run(searching(here).whole("messages", asked, x_interchange_strict="true"))
        assert status == 400
        assert "tools[0]" in error["error"]["message"]
        assert here.balance().held_nano == 0


@pytest.mark.parametrize(("model", "family"), [("gpt", "responses"), ("claude", "messages")])
def test_a_tool_that_the_balance_carries_is_sent_lightly_held_for_and_charged_in_full(model: str, family: str) -> None:
    """Several rounds of a search read the context several times."""
    gate = asyncio.Event()

    async def run(here: w.World) -> int:
        asking = asyncio.ensure_future(here.whole(family, body(family, model)))
        await here.script.asked.wait()
        held = here.balance().held_nano
        gate.set()
        status, _, headers = await asking
        assert status == 200
        assert "x-interchange-dropped" not in headers
        return held

    with w.world(credit="2") as here:
        searching(here).script.answers = [w.Says(chunks=[gate, answer(model, searches=5, tokens=494_549)])]
        held = asyncio.run(run(here))
        assert held < nano("0.05")
        (row,) = here.rows()
        assert row.charge_nano == 494_549 * 2000 + 5 * 10_000 + 5 * nano("0.01")
        assert row.absorbed_nano == 0


def test_a_search_that_costs_more_than_the_balance_takes_it_to_nothing_and_no_further() -> None:
    with w.world(credit="0.3") as here:
        searching(here).script.answers = [w.Says(chunks=[answer("claude", searches=5, tokens=494_549)])]
        asyncio.run(here.whole("messages", body("messages", "claude")))
        (row,) = here.rows()
        balance = here.balance()
        assert (balance.available_nano, balance.held_nano, balance.charged_nano) == (0, 0, nano("0.3"))
        assert row.absorbed_nano > 0
        assert "charge_absorbed" in [event for event, _ in here.reports]


@pytest.mark.parametrize("limit", [10, 100])
def test_reasoning_that_no_limit_bounds_is_charged_in_full(limit: int) -> None:
    """Grok's reasoning stands beside the output limit."""
    entry = {"id": "grok", "routes": [{"provider": "xai", "model": "grok-up"}], "context": 200_000,
             "max_output": 64_000, "price": PRICE, "traits": {"reasoning_beyond_limit": True}}  # fmt: skip
    usage = {"prompt_tokens": 687, "completion_tokens": limit, "total_tokens": 687 + limit + 9000,
             "completion_tokens_details": {"reasoning_tokens": 9000}}  # fmt: skip
    with w.world() as here:
        here.services = replace(here.services, catalog=read([entry]))
        whole = {**codec.loads(w.chat_answer("hi")), "usage": usage}
        here.script.answers = [w.Says(chunks=[codec.dumps(whole)])]
        asked = {"model": "grok", "max_tokens": limit, "messages": w.user()}
        status, _, headers = asyncio.run(here.whole("chat", asked))
        assert status == 200
        assert "x-interchange-max-tokens" not in headers
        sent = here.script.bodies[0]
        assert limit in (sent.get("max_tokens"), sent.get("max_completion_tokens"))
        (row,) = here.rows()
        assert (row.charge_nano, row.absorbed_nano) == (687 * 2000 + (limit + 9000) * 10_000, 0)


PICTURE: dict[str, Any] = {"type": "image_generation", "quality": "high"}


@pytest.mark.parametrize("tool", [PICTURE, {**PICTURE, "model": "gpt-image-2.6-sunburst"}])
@pytest.mark.parametrize("stream", [False, True])
def test_a_picture_without_a_price_is_not_made_inside_a_conversation(tool: dict[str, Any], stream: bool) -> None:
    with w.world(credit="10") as here:
        asked = {"model": "gpt", "input": "draw", "tools": [tool], "stream": stream}
        status, error, _ = asyncio.run(searching(here).whole("responses", asked))
        assert (status, error["error"]["param"]) == (400, "tools[0]")
        assert "no price" in error["error"]["message"]
        assert not here.script.sent
        assert here.balance().held_nano == 0


@pytest.mark.parametrize("field", [{"model": "gpt-image-2"}, {"svg": {"model": "gpt-5"}}])
def test_no_other_model_makes_a_picture_at_the_price_of_one(field: dict[str, Any]) -> None:
    entry = {**ENTRIES[0], "price": {**PRICE, "per_call": {"image_generation": "0.2"}}}
    with w.world(credit="10") as here:
        here.services = replace(here.services, catalog=read([entry]))
        asked = {"model": "gpt", "input": "draw", "tools": [{**PICTURE, **field}]}
        status, error, _ = asyncio.run(here.whole("responses", asked))
        assert (status, error["error"]["param"].split(".")[-1]) == (400, "model")


def test_no_moving_picture_is_made_at_the_price_of_one() -> None:
    entry = {**ENTRIES[0], "price": {**PRICE, "per_call": {"image_generation": "0.2"}}}
    with w.world(credit="10") as here:
        here.services = replace(here.services, catalog=read([entry]))
        asked = {"model": "gpt", "input": "draw", "tools": [{**PICTURE, "output_format": "gif", "frame_count": 16}]}
        status, error, _ = asyncio.run(here.whole("responses", asked))
        assert (status, error["error"]["param"]) == (400, "tools[0].output_format")
        assert not here.script.sent


def test_a_picture_that_is_priced_is_charged_once_each() -> None:
    entry = {**ENTRIES[0], "price": {**PRICE, "per_call": {"image_generation": "0.2"}}}
    made = [{"type": "image_generation_call", "id": f"ig_{n}", "status": "completed", "result": "aGk="} for n in (1, 2)]
    whole = codec.loads(answer("gpt"))
    with w.world(credit="10") as here:
        here.services = replace(here.services, catalog=read([entry]))
        here.script.answers = [w.Says(chunks=[codec.dumps({**whole, "output": [*made, *whole["output"]]})])]
        asyncio.run(here.whole("responses", {"model": "gpt", "input": "draw", "tools": [PICTURE]}))
        (row,) = here.rows()
        assert row.usage.tool_calls == {"image_generation": 2}
        assert row.charge_nano == 10 * 2000 + 5 * 10_000 + 2 * nano("0.2")


HOLLOW = [
    {"type": "reasoning", "id": "rs_foreign", "summary": []},
    {"type": "image_generation_call", "id": "ig_foreign", "status": "completed"},
]


def test_an_items_id_opens_nothing_that_another_account_was_given() -> None:
    """The vendor would complete it: every customer's items lie in one account there."""
    said = [{"role": "user", "content": "go on"}]
    with w.world(credit="10") as here:
        searching(here).script.default = lambda _: w.Says(chunks=[answer("gpt")])
        status, _, _ = asyncio.run(here.whole("responses", {"model": "gpt", "input": [HOLLOW[0], *said]}))
        assert status == 200
        assert b"rs_foreign" not in (here.script.sent[0].body or b"")
        status, error, _ = asyncio.run(here.whole("responses", {"model": "gpt", "input": [HOLLOW[1], *said]}))
        assert (status, error["error"]["param"]) == (400, "input[0].id")


def test_an_accounts_own_items_are_completed() -> None:
    own = [{"type": "reasoning", "id": "rs_own", "summary": []},
           {"type": "image_generation_call", "id": "ig_own", "status": "completed", "result": "aGk="}]  # fmt: skip
    whole = codec.loads(answer("gpt"))
    with w.world(credit="10") as here:
        searching(here).script.answers = [
            w.Says(chunks=[codec.dumps({**whole, "output": [*own, *whole["output"]]})]),
            w.Says(chunks=[answer("gpt")]),
        ]
        asyncio.run(here.whole("responses", {"model": "gpt", "input": "hi"}))
        hollow = [own[0], {"type": "image_generation_call", "id": "ig_own"}]
        asyncio.run(here.whole("responses", {"model": "gpt", "input": [*hollow, {"role": "user", "content": "on"}]}))
        sent = here.script.sent[1].body or b""
        assert b"rs_own" in sent
        assert b"aGk=" in sent


LIMITED: list[tuple[str, str, list[dict[str, Any]], dict[str, Any], str, Any]] = [
    ("responses", "gpt", [{"type": "web_search"}], {}, "max_tool_calls", 20),
    ("responses", "gpt", [{"type": "web_search"}, {"type": "code_interpreter", "container": {"type": "auto"}}], {},
     "max_tool_calls", 40),
    ("responses", "gpt", [{"type": "web_search"}], {"max_tool_calls": 7}, "max_tool_calls", 7),
    ("messages", "gpt", [{"type": "web_search_20250305", "name": "web_search"}], {}, "max_tool_calls", 20),
    ("messages", "gpt", SEARCH["messages"], {}, "max_tool_calls", 5),
    ("messages", "claude", [{"type": "web_search_20250305", "name": "web_search"}], {}, "tools.0.max_uses", 20),
    ("messages", "claude", [{"type": "web_fetch_20250910", "name": "web_fetch"}], {}, "tools.0.max_uses", 20),
    ("messages", "claude", SEARCH["messages"], {}, "tools.0.max_uses", 5),
    ("messages", "claude", [{"type": "code_execution_20250825", "name": "code_execution"}], {}, "tools.0.max_uses",
     None),
    ("responses", "claude", [{"type": "web_search"}], {}, "tools.0.max_uses", 20),
    ("responses", "claude", [{"type": "web_search"}], {"max_tool_calls": 7}, "tools.0.max_uses", 7),
    ("messages", "claude", [FUNCTION["messages"]], {}, "tools.0.max_uses", None),
    ("responses", "gpt", [FUNCTION["responses"]], {}, "max_tool_calls", None),
]  # fmt: skip


@pytest.mark.parametrize(("family", "model", "tools", "stated", "place", "limit"), LIMITED)
@pytest.mark.parametrize("stream", [False, True])
def test_a_vendor_is_told_the_calls_that_are_held_for(
    family: str, model: str, tools: list[Any], stated: dict[str, Any], place: str, limit: Any, stream: bool
) -> None:
    """Else what is held for is no bound. A limit of the caller's own goes as it is, and is no loss."""
    with w.world(credit="10") as here:
        searching(here).script.default = lambda _: w.Says(chunks=[answer(model)])
        asked = body(family, model, tools=tools, stream=stream, **stated)
        told, _ = asyncio.run(here.streamed(family, asked))
        own = bool(stated) or any("max_uses" in tool for tool in tools)
        assert told.headers.get("x-interchange-max-tool-calls") == (None if own or limit is None else str(limit))
        found: Any = here.script.bodies[0]
        for name in place.split("."):
            found = found[int(name)] if name.isdigit() else found.get(name)
        assert found == limit
        assert all("max_" not in path for row in here.rows() for path in row.dropped)


def test_a_vendor_without_a_word_for_a_limit_is_told_none() -> None:
    entry = {"id": "grok", "routes": [{"provider": "xai", "model": "grok-up", "protocol": "openai_responses"}],
             "context": 100_000, "max_output": 1000, "price": PRICE}  # fmt: skip
    with w.world(credit="10") as here:
        here.services = replace(here.services, catalog=read([entry]))
        here.script.default = lambda _: w.Says(chunks=[answer("gpt")])
        asyncio.run(here.whole("responses", body("responses", "grok")))
        asyncio.run(here.whole("messages", body("messages", "grok")))
        assert all("max_tool_calls" not in sent for sent in here.script.bodies)
        assert all("max_uses" not in codec.dumps(sent).decode() for sent in here.script.bodies)


def test_more_searches_than_the_limit_are_the_operators() -> None:
    with w.world(credit="10") as here:
        searching(here).script.answers = [w.Says(chunks=[answer("claude", searches=900, tokens=10)])]
        asyncio.run(here.whole("messages", body("messages", "claude")))
        (row,) = here.rows()
        assert row.charge_nano <= row.hold_nano
        assert row.absorbed_nano > nano("5")
        assert "charge_absorbed" in [event for event, _ in here.reports]
