"""MCP tools that the gateway calls: rounds of one request, on every vendor, in every protocol, whole and streamed."""

from __future__ import annotations

from typing import Any

import pytest

from interchange.exchange.mcp import McpLimits
from interchange.metering.prices import PriceList, charge_all
from tests.exchange import world as w
from tests.exchange.conversation import mcp_world as m
from tests.exchange.conversation.mcp_world import ADD, BODIES, GATEWAY, chat, messages, responses, told, vendor
from tests.rounds.servers import HOSTILE, TOKEN, Seen, server


@pytest.mark.parametrize("model", m.MODELS)
@pytest.mark.parametrize("family", list(BODIES))
def test_a_tool_is_called_between_two_rounds(here: w.World, tools: tuple[str, Seen], family: str, model: str) -> None:
    words = vendor(here, model, family)
    here.script.answers = [m.answer(words, "let me see", [ADD]), m.answer(words, "it is 5")]
    status, found = m.asked(here, family, BODIES[family](model, tools[0]), **GATEWAY)
    assert status == 200, found
    assert told(family, found) == "let me seeit is 5"
    assert tools[1].calls[-1] == ("add", {"a": 2, "b": 3})
    assert b'"5"' in (here.script.sent[1].body or b"")
    (row,) = here.rows()
    assert [one.usage.output for one in row.rounds] == [5, 5]
    assert row.rounds[0].calls == ("tests.add",)
    assert (row.usage.input, row.usage.output) == (20, 10)
    assert row.charge_nano == charge_all(row.usages, PriceList.read(row.prices), row.markup).nano > 0
    assert here.balance().held_nano == 0
    assert here.balance().charged_nano == row.charge_nano


@pytest.mark.parametrize("model", m.MODELS)
@pytest.mark.parametrize("family", list(BODIES))
def test_the_rounds_stream_as_one_answer(here: w.World, tools: tuple[str, Seen], family: str, model: str) -> None:
    words = vendor(here, model, family)
    here.script.answers = [m.answer(words, "let me see", [ADD], stream=True), m.answer(words, "it is 5", stream=True)]
    events = m.streamed(here, family, BODIES[family](model, tools[0]), **GATEWAY)
    kinds = [event.get("type", "chunk") for event in events]
    assert "error" not in kinds, events
    match family:
        case "messages":
            assert kinds.count("message_start") == kinds.count("message_stop") == 1
            starts = [event for event in events if event["type"] == "content_block_start"]
            assert [event["index"] for event in starts] == list(range(len(starts)))
            shown = [event["content_block"]["type"] for event in starts]
            assert shown == ["text", "mcp_tool_use", "mcp_tool_result", "text"]
            assert events[-2]["delta"]["stop_reason"] == "end_turn"
            assert events[-2]["usage"]["output_tokens"] == 10
        case "responses":
            done = [event["item"]["type"] for event in events if event["type"] == "response.output_item.done"]
            assert done == ["mcp_list_tools", "message", "mcp_call", "message"]
            assert events[-1]["type"] == "response.completed"
            assert events[-1]["response"]["usage"]["output_tokens"] == 10
            assert [event["sequence_number"] for event in events] == list(range(len(events)))
        case _:
            text = "".join(c["delta"].get("content") or "" for event in events for c in event["choices"])
            assert text == "let me seeit is 5"
            ends = [c["finish_reason"] for event in events for c in event["choices"] if c["finish_reason"]]
            assert ends == ["stop"]
    (row,) = here.rows()
    assert len(row.rounds) == 2
    assert here.balance().charged_nano == row.charge_nano


def test_messages_show_the_call_and_its_result(here: w.World, tools: tuple[str, Seen]) -> None:
    here.script.answers = [m.answer("gemini", "", [ADD]), m.answer("gemini", "5")]
    _, found = m.asked(here, "messages", messages("gemini", tools[0]))
    use, result, text = found["content"]
    assert use == {"type": "mcp_tool_use", "id": "mcptoolu_call_1", "name": "add", "server_name": "tests",
                   "input": {"a": 2, "b": 3}}  # fmt: skip
    assert result == {"type": "mcp_tool_result", "tool_use_id": "mcptoolu_call_1", "is_error": False,
                      "content": [{"type": "text", "text": "5"}]}  # fmt: skip
    assert text["text"] == "5"
    assert found["usage"]["output_tokens"] == 10
    assert found["stop_reason"] == "end_turn"


def test_state_stays_with_its_call_over_the_rounds(here: w.World, tools: tuple[str, Seen]) -> None:
    here.script.answers = [m.answer("gemini", "", [ADD]), m.answer("gemini", "5")]
    m.asked(here, "messages", messages("gemini", tools[0]))
    call = here.script.bodies[1]["contents"][1]["parts"][0]
    assert call["thoughtSignature"] == m.signature("call_1")


def test_a_history_with_calls_goes_back_as_the_model_made_it(here: w.World, tools: tuple[str, Seen]) -> None:
    """With the state that the caller could not carry."""
    here.script.answers = [m.answer("gemini", "so", [ADD]), m.answer("gemini", "5"), m.answer("gemini", "6")]
    _, found = m.asked(here, "messages", messages("gemini", tools[0]))
    history = [*w.user("2 and 3?"), {"role": "assistant", "content": found["content"]}, *w.user("and one more?")]
    m.asked(here, "messages", messages("gemini", tools[0], messages=history))
    contents = here.script.bodies[2]["contents"]
    assert [one["role"] for one in contents] == ["user", "model", "user", "model", "user"]
    assert contents[1]["parts"][1]["functionCall"]["name"] == "add"
    assert contents[1]["parts"][1]["thoughtSignature"] == m.signature("call_1")
    assert contents[2]["parts"][0]["functionResponse"]["name"] == "add"


def test_a_tool_of_the_callers_ends_the_turn_and_the_results_are_kept(here: w.World, tools: tuple[str, Seen]) -> None:
    own: m.Call = ("call_2", "mine", {"x": 1})
    body = messages("gpt", tools[0])
    body["tools"].append({"name": "mine", "input_schema": {"type": "object"}})
    here.script.answers = [m.answer("gpt", "", [ADD, own]), m.answer("gpt", "done")]
    _, found = m.asked(here, "messages", body)
    assert found["stop_reason"] == "tool_use"
    assert [block["type"] for block in found["content"]] == ["mcp_tool_use", "tool_use", "mcp_tool_result"]
    result = {"type": "tool_result", "tool_use_id": "call_2", "content": "ok"}
    turns = [{"role": "assistant", "content": found["content"]}, {"role": "user", "content": [result]}]
    _, found = m.asked(here, "messages", {**body, "messages": [*body["messages"], *turns]})
    assert told("messages", found) == "done"
    sent = here.script.bodies[1]["messages"]
    assert [call["function"]["name"] for call in sent[1]["tool_calls"]] == ["add", "mine"]
    assert [(one["role"], one["content"]) for one in sent[2:]] == [("tool", "5"), ("tool", "ok")]


def test_many_calls_of_a_round_are_all_made(here: w.World, tools: tuple[str, Seen]) -> None:
    calls: list[m.Call] = [(f"call_{n}", "add", {"a": n, "b": n}) for n in range(12)]
    here.script.answers = [m.answer("gpt", "", calls), m.answer("gpt", "ok")]
    _, found = m.asked(here, "messages", messages("gpt", tools[0]))
    results = [block["content"][0]["text"] for block in found["content"] if block["type"] == "mcp_tool_result"]
    assert results == [str(2 * n) for n in range(12)]


@pytest.mark.parametrize(
    ("name", "arguments", "text"),
    [("failing", {}, "the disk is full"), ("add", {"a": "x"}, "a"), ("hostile", {}, HOSTILE)],
)
def test_whatever_a_tool_gives_is_a_result(
    here: w.World, tools: tuple[str, Seen], name: str, arguments: dict[str, Any], text: str
) -> None:
    here.script.answers = [m.answer("claude", "", [("toolu_1", name, arguments)]), m.answer("claude", "ok")]
    _, found = m.asked(here, "messages", messages("claude", tools[0]), **GATEWAY)
    shown = found["content"][1]
    assert shown["is_error"] is (name != "hostile")
    assert text in shown["content"][0]["text"]
    sent = here.script.bodies[1]["messages"][2]["content"][0]
    assert (sent["type"], sent["tool_use_id"]) == ("tool_result", "toolu_1")


def test_a_huge_result_is_cut_and_its_cost_bounded(tools: tuple[str, Seen]) -> None:
    with m.world(limits=McpLimits(call_bytes=1000, result_bytes=1500)) as here:
        calls: list[m.Call] = [(f"call_{n}", "huge", {"size": 100_000}) for n in range(3)]
        here.script.answers = [m.answer("gpt", "", calls), m.answer("gpt", "ok")]
        status, _ = m.asked(here, "messages", messages("gpt", tools[0]))
        assert status == 200
        size = len(here.script.sent[1].body or b"") - len(here.script.sent[0].body or b"")
        assert size < 3000


def test_a_picture_is_shown_to_a_model_that_sees(here: w.World, tools: tuple[str, Seen]) -> None:
    here.script.answers = [m.answer("gpt", "", [("call_1", "picture", {})]), m.answer("gpt", "ok")]
    _, found = m.asked(here, "messages", messages("gpt", tools[0]))
    assert "picture" in found["content"][1]["content"][0]["text"]
    assert b"data:image/png;base64," in (here.script.sent[1].body or b"")
    here.script.answers = [m.answer("gemini", "", [("call_1", "picture", {})]), m.answer("gemini", "ok")]
    m.asked(here, "messages", messages("gemini", tools[0]))
    assert b"left out: a picture" in (here.script.sent[3].body or b"")


def test_names_that_no_vendor_takes_are_mapped_and_brought_back(here: w.World, tools: tuple[str, Seen]) -> None:
    here.script.answers = [m.answer("gpt", "ok")]
    m.asked(here, "messages", messages("gpt", tools[0]))
    sent = [tool["function"]["name"] for tool in here.script.bodies[0]["tools"]]
    assert all(len(name) <= 64 for name in sent)
    dotted = next(name for name in sent if name.startswith("read_file"))
    here.script.answers = [m.answer("gpt", "", [("call_1", dotted, {"path": "x"})]), m.answer("gpt", "ok")]
    _, found = m.asked(here, "messages", messages("gpt", tools[0]))
    assert found["content"][0]["name"] == "read.file/by-path"
    assert found["content"][1]["content"][0]["text"] == "read x"


def test_tools_of_one_name_are_told_apart_by_their_servers(here: w.World, tools: tuple[str, Seen]) -> None:
    with server() as (other, seen):
        body = messages("gpt", tools[0])
        body["mcp_servers"].append({"type": "url", "name": "other", "url": other})
        body["tools"] = [{"type": "mcp_toolset", "mcp_server_name": name} for name in ("tests", "other")]
        here.script.answers = [m.answer("gpt", "", [("call_1", "other__add", {"a": 1, "b": 1})]), m.answer("gpt", "ok")]
        status, found = m.asked(here, "messages", body)
        assert status == 200, found
        assert (found["content"][0]["name"], found["content"][0]["server_name"]) == ("add", "other")
        assert seen.calls == [("add", {"a": 1, "b": 1})]


def offered(here: w.World) -> set[str]:
    return {tool["function"]["name"] for tool in here.script.bodies[-1].get("tools") or ()}


@pytest.mark.parametrize(
    ("toolset", "names"),
    [
        ({"default_config": {"enabled": False}, "configs": {"add": {"enabled": True}}}, {"add"}),
        ({"default_config": {"enabled": False}, "configs": {"add": {"enabled": True}, "slow": {"enabled": True}}},
         {"add", "slow"}),
        ({"default_config": {"defer_loading": True}, "configs": {"add": {"defer_loading": False}}},
         {"add", "mcp_tool_search"}),
    ],
)  # fmt: skip
def test_each_tool_has_its_rule(
    here: w.World, tools: tuple[str, Seen], toolset: dict[str, Any], names: set[str]
) -> None:
    here.script.answers = [m.answer("gpt", "ok")]
    m.asked(
        here,
        "messages",
        messages("gpt", tools[0], tools=[{"type": "mcp_toolset", "mcp_server_name": "tests", **toolset}]),
    )
    assert offered(here) == names


def test_the_earlier_beta_allows_tools_at_the_server(here: w.World, tools: tuple[str, Seen]) -> None:
    servers = [{"type": "url", "name": "tests", "url": tools[0], "tool_configuration": {"allowed_tools": ["add"]}}]
    here.script.answers = [m.answer("gpt", "ok")]
    m.asked(here, "messages", messages("gpt", tools[0], mcp_servers=servers, tools=[]))
    assert offered(here) == {"add"}


def test_a_deferred_tool_is_found_by_a_search_that_the_caller_does_not_see(
    here: w.World, tools: tuple[str, Seen]
) -> None:
    toolset = {"type": "mcp_toolset", "mcp_server_name": "tests", "default_config": {"defer_loading": True}}
    here.script.answers = [
        m.answer("gpt", "", [("call_0", "mcp_tool_search", {"query": "add numbers"})]),
        m.answer("gpt", "", [ADD]),
        m.answer("gpt", "5"),
    ]
    _, found = m.asked(here, "messages", messages("gpt", tools[0], tools=[toolset]))
    assert [block["type"] for block in found["content"]] == ["mcp_tool_use", "mcp_tool_result", "text"]
    assert "add" in {tool["function"]["name"] for tool in here.script.bodies[1]["tools"]}
    assert found["usage"]["output_tokens"] == 15


def test_responses_ask_before_a_call_and_go_on_when_told(here: w.World, tools: tuple[str, Seen]) -> None:
    here.script.answers = [m.answer("gemini", "", [ADD]), m.answer("gemini", "it is 5")]
    before = len(tools[1].calls)
    _, found = m.asked(here, "responses", responses("gemini", tools[0], "always"))
    listed, request = found["output"]
    assert listed["type"] == "mcp_list_tools"
    assert {"name", "description", "input_schema"} <= listed["tools"][0].keys()
    assert (request["type"], request["name"], request["server_label"]) == ("mcp_approval_request", "add", "tests")
    assert request["arguments"] == '{"a":2,"b":3}'
    assert len(tools[1].calls) == before
    reply = {"type": "mcp_approval_response", "approval_request_id": request["id"], "approve": True}
    turns = [{"role": "user", "content": "2 and 3?"}, *found["output"], reply]
    _, found = m.asked(here, "responses", responses("gemini", tools[0], "always", input=turns))
    call, message = found["output"]
    assert (call["type"], call["output"], call["approval_request_id"]) == ("mcp_call", "5", request["id"])
    assert message["content"][0]["text"] == "it is 5"
    assert len(tools[1].calls) == before + 1


@pytest.mark.parametrize("model", m.MODELS)
@pytest.mark.parametrize("stream", [False, True])
def test_an_approval_may_come_over_previous_response_id(
    here: w.World, tools: tuple[str, Seen], model: str, stream: bool
) -> None:
    words = vendor(here, model, "responses")
    here.script.answers = [m.answer(words, "", [ADD], stream=stream), m.answer(words, "it is 5", stream=stream)]
    found = m.answered(here, responses(model, tools[0], "always"), stream=stream, **GATEWAY)
    request = found["output"][-1]
    assert request["type"] == "mcp_approval_request"
    reply = {"type": "mcp_approval_response", "approval_request_id": request["id"], "approve": True}
    body = responses(model, tools[0], "always", input=[reply], previous_response_id=found["id"])
    found = m.answered(here, body, stream=stream, **GATEWAY)
    assert [item["type"] for item in found["output"]] == ["mcp_call", "message"]
    assert (found["output"][0]["output"], found["output"][0]["approval_request_id"]) == ("5", request["id"])
    assert found["previous_response_id"]


def test_a_call_that_is_not_approved_is_not_made(here: w.World, tools: tuple[str, Seen]) -> None:
    here.script.answers = [m.answer("gemini", "", [ADD]), m.answer("gemini", "as you wish")]
    before = len(tools[1].calls)
    _, found = m.asked(here, "responses", responses("gemini", tools[0], "always"))
    request = found["output"][-1]
    reply = {"type": "mcp_approval_response", "approval_request_id": request["id"], "approve": False, "reason": "no!"}
    turns = [{"role": "user", "content": "2 and 3?"}, *found["output"], reply]
    _, found = m.asked(here, "responses", responses("gemini", tools[0], "always", input=turns))
    assert found["output"][-1]["content"][0]["text"] == "as you wish"
    assert len(tools[1].calls) == before
    sent = here.script.bodies[-1]["contents"][2]["parts"][0]["functionResponse"]
    assert "no!" in str(sent)


def test_approval_may_be_a_matter_of_the_tool(here: w.World, tools: tuple[str, Seen]) -> None:
    here.script.answers = [m.answer("gemini", "", [ADD, ("call_2", "delete", {"path": "x"})])]
    body = responses("gemini", tools[0], {"never": {"tool_names": ["add"]}})
    _, found = m.asked(here, "responses", body)
    assert [item["type"] for item in found["output"]] == ["mcp_list_tools", "mcp_approval_request", "mcp_call"] or [
        item["type"] for item in found["output"]
    ] == ["mcp_list_tools", "mcp_call", "mcp_approval_request"]
    assert not [call for call in tools[1].calls if call[0] == "delete"]


def test_the_caps_pause_the_turn_and_it_goes_on_from_there(tools: tuple[str, Seen]) -> None:
    with m.world(limits=McpLimits(rounds=2)) as here:
        here.script.answers = [m.answer("gpt", "", [(f"call_{n}", "add", {"a": n, "b": 1})]) for n in range(2)]
        body = messages("gpt", tools[0])
        _, found = m.asked(here, "messages", body)
        assert found["stop_reason"] == "pause_turn"
        here.script.answers = [m.answer("gpt", "done")]
        turns = [*body["messages"], {"role": "assistant", "content": found["content"]}]
        _, found = m.asked(here, "messages", {**body, "messages": turns})
        assert told("messages", found) == "done"
        assert [one["role"] for one in here.script.bodies[-1]["messages"]] == ["user", "assistant", "tool"] * 1 + [
            "assistant", "tool"
        ] or here.script.bodies[-1]["messages"][-1]["role"] == "tool"  # fmt: skip


def test_responses_at_a_cap_are_incomplete(tools: tuple[str, Seen]) -> None:
    with m.world(limits=McpLimits(rounds=1)) as here:
        here.script.answers = [m.answer("gemini", "", [ADD])]
        _, found = m.asked(here, "responses", responses("gemini", tools[0]))
        assert found["status"] == "incomplete"


def test_the_callers_output_limit_is_for_all_rounds(here: w.World, tools: tuple[str, Seen]) -> None:
    here.script.answers = [m.answer("gpt", "", [ADD])]
    _, found = m.asked(here, "messages", messages("gpt", tools[0], max_tokens=5))
    assert found["stop_reason"] == "max_tokens"
    here.script.answers = [m.answer("gpt", "", [ADD]), m.answer("gpt", "ok")]
    m.asked(here, "messages", messages("gpt", tools[0], max_tokens=20))
    sent = here.script.bodies[-1]
    assert 15 in (sent.get("max_tokens"), sent.get("max_completion_tokens"))


def test_a_forced_tool_is_forced_once(here: w.World, tools: tuple[str, Seen]) -> None:
    here.script.answers = [m.answer("gpt", "", [ADD]), m.answer("gpt", "ok")]
    m.asked(here, "messages", messages("gpt", tools[0], tool_choice={"type": "tool", "name": "add"}))
    first, second = here.script.bodies
    assert first["tool_choice"]["function"]["name"] == "add"
    assert second.get("tool_choice") in (None, "auto")


def test_a_balance_that_cannot_carry_the_next_round_pauses_the_turn(tools: tuple[str, Seen]) -> None:
    """And never falls below zero."""
    with m.world(credit="0.045") as here:
        calls: list[m.Call] = [("call_1", "huge", {"size": 60_000})]
        here.script.answers = [m.answer("gpt", "", calls)]
        status, found = m.asked(here, "messages", messages("gpt", tools[0]))
        assert status == 200, found
        assert found["stop_reason"] == "pause_turn"
        (row,) = here.rows()
        assert row.charge_nano > 0
        balance = here.balance()
        assert (balance.held_nano, balance.gap_nano) == (0, 0)
        assert balance.available_nano >= 0


def test_an_account_without_money_connects_to_nothing(tools: tuple[str, Seen]) -> None:
    with m.world(credit="0") as here:
        before = len(tools[1].headers)
        status, _ = m.asked(here, "messages", messages("gpt", tools[0]))
        assert status == 402
        assert len(tools[1].headers) == before


def test_a_round_that_needs_more_than_was_held_holds_more(here: w.World, tools: tuple[str, Seen]) -> None:
    here.script.answers = [m.answer("gpt", "", [("call_1", "huge", {"size": 50_000})]), m.answer("gpt", "ok")]
    m.asked(here, "messages", messages("gpt", tools[0]))
    (row,) = here.rows()
    assert len(row.holds) > 1
    assert sum(row.holds) == row.hold_nano >= row.charge_nano
    assert sum(row.share(identity) for identity in (f"{row.request_id}", f"{row.request_id}.1")) <= row.charge_nano
    assert here.balance().held_nano == 0
    assert here.balance().charged_nano == row.charge_nano


def test_a_vendor_that_fails_in_a_later_round_leaves_what_there_is(here: w.World, tools: tuple[str, Seen]) -> None:
    failed = w.Says(400, chunks=[b'{"error": {"message": "no", "type": "invalid_request_error"}}'])
    here.script.answers = [m.answer("gpt", "", [ADD]), failed, failed]
    status, found = m.asked(here, "messages", messages("gpt", tools[0]))
    assert status == 200
    assert found["stop_reason"] == "pause_turn"
    (row,) = here.rows()
    assert len(row.rounds) == 1
    assert row.charge_nano > 0


def test_a_vendor_that_fails_in_the_first_round_costs_nothing(here: w.World, tools: tuple[str, Seen]) -> None:
    failed = w.Says(400, chunks=[b'{"error": {"message": "no", "type": "invalid_request_error"}}'])
    here.script.answers = [failed, failed]
    status, _ = m.asked(here, "messages", messages("gpt", tools[0]))
    assert status >= 400
    assert here.balance().charged_nano == 0
    assert here.balance().held_nano == 0


def test_a_stream_that_breaks_in_a_later_round_is_charged_for_all(here: w.World, tools: tuple[str, Seen]) -> None:
    broken = w.Says(chunks=[*m.answer("claude", "it is", stream=True).chunks][:3])
    here.script.answers = [m.answer("claude", "", [("toolu_1", "add", {"a": 1, "b": 1})], stream=True), broken]
    events = m.streamed(here, "messages", messages("claude", tools[0]), **GATEWAY)
    assert events[-1]["type"] == "error"
    (row,) = here.rows()
    assert row.outcome == "truncated"
    assert len(row.rounds) == 2
    assert here.balance().charged_nano == row.charge_nano > 0


@pytest.mark.parametrize("family", list(BODIES))
def test_a_server_that_cannot_be_reached_is_named_by_its_field(here: w.World, family: str) -> None:
    status, found = m.asked(here, family, BODIES[family]("gemini", "http://127.0.0.1:9/mcp"), **GATEWAY)
    assert status == 400
    message = found["error"]["message"]
    assert "tests" in message
    assert ("tools[0]" if family == "responses" else "mcp_servers") in message
    assert here.balance().held_nano == 0
    assert here.script.sent == []


def test_a_token_is_neither_logged_nor_stored_nor_sent_elsewhere(here: w.World) -> None:
    with server(token=TOKEN) as (url, _):
        body = messages("gpt", url)
        body["mcp_servers"][0]["authorization_token"] = TOKEN
        here.script.answers = [m.answer("gpt", "", [ADD]), m.answer("gpt", "5")]
        status, found = m.asked(here, "messages", body)
        assert status == 200
        assert told("messages", found) == "5"
        assert TOKEN not in str(here.reports)
        assert TOKEN not in str(here.rows())
        assert not [outgoing for outgoing in here.script.sent if TOKEN.encode() in (outgoing.body or b"")]
        body["mcp_servers"][0]["authorization_token"] = "wrong-token"
        status, found = m.asked(here, "messages", body)
        assert status == 400
        assert "401" in found["error"]["message"]
        assert "wrong-token" not in str(found)


def test_each_call_is_a_line_in_the_log_by_opentelemetrys_names(here: w.World, tools: tuple[str, Seen]) -> None:
    here.script.answers = [m.answer("gpt", "", [ADD]), m.answer("gpt", "5")]
    m.asked(here, "messages", messages("gpt", tools[0]))
    lines = [fields for event, fields in here.reports if event == "mcp"]
    assert [line["mcp.method.name"] for line in lines] == ["tools/list", "tools/call"]
    assert lines[1]["gen_ai.tool.name"] == "add"
    assert lines[1]["server.address"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"mcp_servers": [{"type": "url", "name": "tests"}]}, "url"),
        ({"mcp_servers": [{"type": "stdio", "name": "tests", "url": "https://x.example"}]}, "type"),
        ({"tools": [{"type": "mcp_toolset", "mcp_server_name": "unknown"}]}, "tests"),
        ({"tools": [{"type": "mcp_toolset", "mcp_server_name": "tests"}] * 2}, "toolset"),
        ({"mcp_servers": [{"type": "url", "name": f"s{n}", "url": "https://x.example"} for n in range(9)], "tools": []},
         "8"),
        ({"mcp_servers": [{"type": "url", "name": "s", "url": "https://x.example"}] * 2, "tools": []}, "twice"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_servers_is_refused_by_name(
    here: w.World, tools: tuple[str, Seen], change: dict[str, Any], param: str
) -> None:
    status, found = m.asked(here, "messages", messages("gemini", tools[0], **change))
    assert status == 400
    assert param in found["error"]["message"]
    assert here.balance().held_nano == 0


def test_a_vendor_that_reaches_servers_itself_does(here: w.World, tools: tuple[str, Seen]) -> None:
    here.script.answers = [m.answer("claude", "ok")]
    m.asked(here, "messages", messages("claude", tools[0]))
    assert here.script.bodies[0]["mcp_servers"][0]["url"] == tools[0]


def test_the_header_has_three_words(here: w.World, tools: tuple[str, Seen]) -> None:
    status, found = m.asked(here, "messages", messages("claude", tools[0]), x_interchange_mcp="perhaps")
    assert status == 400
    assert "x-interchange-mcp" in found["error"]["message"]


def test_more_than_one_answer_is_refused(here: w.World, tools: tuple[str, Seen]) -> None:
    status, found = m.asked(here, "chat", chat("gpt", tools[0], n=2))
    assert status == 400
    assert found["error"]["param"] == "n"
