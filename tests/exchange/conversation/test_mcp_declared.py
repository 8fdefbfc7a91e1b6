"""How servers and their tools are declared, and how what the caller knows already is taken."""

from __future__ import annotations

from typing import Any

import pytest

from tests.exchange import world as w
from tests.exchange.conversation import mcp_world as m
from tests.exchange.conversation.mcp_world import ADD, BODIES, GATEWAY, chat, messages, responses, told
from tests.rounds.servers import ODD_SCHEMA, Seen

LISTING_BETA = {"anthropic_beta": "mcp-client-2026-09-15"}


def sent_tools(here: w.World) -> dict[str, Any]:
    return {tool["function"]["name"]: tool["function"] for tool in here.script.bodies[-1].get("tools") or ()}


def test_the_callers_words_on_a_server_stand_before_each_tools(here: w.World, tools: tuple[str, Seen]) -> None:
    here.script.answers = [m.answer("gemini", "ok")]
    body = responses("gemini", tools[0])
    body["tools"][0]["server_description"] = "Sums of the ledger."
    m.asked(here, "responses", body)
    declared = here.script.bodies[0]["tools"][0]["functionDeclarations"]
    assert next(one for one in declared if one["name"] == "add")["description"] == (
        "Sums of the ledger.\n\nAdds two numbers."
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"connector_id": "connector_gmail", "server_url": None}, "tools[0].connector_id"),
        ({"tunnel_id": "t", "server_url": None}, "tools[0].tunnel_id"),
        ({"server_url": None}, "tools[0].server_url"),
        ({"server_url": 7}, "tools[0].server_url"),
        ({"server_label": ""}, "tools[0].server_label"),
        ({"server_label": "x" * 65}, "tools[0].server_label"),
        ({"allowed_callers": ["programmatic"]}, "tools[0].allowed_callers"),
        ({"allowed_tools": 3}, "tools[0].allowed_tools"),
        ({"require_approval": "sometimes"}, "tools[0].require_approval"),
        ({"headers": "x"}, "tools[0].headers"),
        ({"headers": {"x": 5}}, "tools[0].headers.x"),
        ({"headers": {"x": "a\nb"}}, "tools[0].headers.x"),
        ({"authorization": "a\r\nx: y"}, "tools[0].authorization"),
    ],
)
def test_what_is_wrong_with_a_server_of_responses_is_named(
    here: w.World, tools: tuple[str, Seen], change: dict[str, Any], field: str
) -> None:
    body = responses("gemini", tools[0])
    body["tools"][0] |= change
    status, found = m.asked(here, "responses", body, **GATEWAY)
    assert status == 400
    assert field in f"{found['error']['param']} {found['error']['message']}"
    assert here.script.sent == []
    assert here.balance().held_nano == 0


@pytest.mark.parametrize(
    ("servers", "field"),
    [
        ([{"name": "s"}], "mcp_servers[0].url"),
        ([{"name": 3, "url": "https://x.example"}], "mcp_servers[0].name"),
        ([{"url": "https://x.example"}], "mcp_servers[0].name"),
        ([7], "mcp_servers[0]"),
        ([{"name": "s", "url": "https://x.example", "tool_configuration": {"allowed_tools": 1}}],
         "mcp_servers[0].tool_configuration.allowed_tools"),
        ([{"name": "s", "url": "https://x.example", "authorization_token": 5}], "mcp_servers[0].authorization_token"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_server_of_chat_is_named(here: w.World, servers: list[Any], field: str) -> None:
    body = {"model": "gpt", "messages": w.user(), "mcp_servers": servers}
    status, found = m.asked(here, "chat", body)
    assert status == 400
    assert field in f"{found['error']['param']} {found['error']['message']}"
    assert here.balance().held_nano == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"default_config": {"enabled": "no"}}, "tools[0].default_config.enabled"),
        ({"configs": {"add": {"defer_loading": 1}}}, "tools[0].configs.add.defer_loading"),
    ],
)
def test_what_is_wrong_with_a_toolset_is_named(
    here: w.World, tools: tuple[str, Seen], change: dict[str, Any], field: str
) -> None:
    toolset = {"type": "mcp_toolset", "mcp_server_name": "tests", **change}
    status, found = m.asked(here, "messages", messages("gemini", tools[0], tools=[toolset]))
    assert status == 400
    assert field in found["error"]["message"]
    assert here.balance().held_nano == 0


def test_a_server_that_is_not_there_cannot_be_chosen(here: w.World, tools: tuple[str, Seen]) -> None:
    choice = {"type": "mcp", "server_label": "nowhere"}
    status, found = m.asked(here, "responses", responses("gemini", tools[0], tool_choice=choice))
    assert status == 400
    assert found["error"]["param"] == "tool_choice"


@pytest.mark.parametrize(
    ("allowed", "names"),
    [
        (["add"], {"add"}),
        ({"tool_names": ["add", "delete"]}, {"add", "delete"}),
        ({"read_only": True}, {"add"}),
        ({"read_only": True, "tool_names": ["delete"]}, set()),
        ([], set()),
    ],
)
def test_responses_allow_tools_by_name_and_by_what_they_do(
    here: w.World, tools: tuple[str, Seen], allowed: Any, names: set[str]
) -> None:
    here.script.answers = [m.answer("gemini", "ok")]
    body = responses("gemini", tools[0])
    body["tools"][0]["allowed_tools"] = allowed
    _, found = m.asked(here, "responses", body)
    declared = [one for tool in here.script.bodies[0].get("tools") or () for one in tool["functionDeclarations"]]
    assert {one["name"] for one in declared} == names
    assert {one["name"] for one in found["output"][0]["tools"]} == names


@pytest.mark.parametrize(
    ("approval", "asks"),
    [
        ("always", {"add", "delete"}),
        ("never", set()),
        (None, {"add", "delete"}),
        ({"always": {"tool_names": ["delete"]}}, {"delete"}),
        ({"never": {"tool_names": ["add"]}}, {"delete"}),
        ({"never": {"read_only": True}}, {"delete"}),
        ({"always": {"read_only": False}}, {"delete"}),
    ],
)
def test_approval_is_asked_for_by_name_and_by_what_a_tool_does(
    here: w.World, tools: tuple[str, Seen], approval: Any, asks: set[str]
) -> None:
    calls: list[m.Call] = [ADD, ("call_2", "delete", {"path": "x"})]
    here.script.answers = [m.answer("gemini", "", calls), m.answer("gemini", "ok")]
    body = responses("gemini", tools[0], approval)
    if approval is None:
        del body["tools"][0]["require_approval"]
    _, found = m.asked(here, "responses", body)
    assert {item["name"] for item in found["output"] if item["type"] == "mcp_approval_request"} == asks


def test_tools_that_the_caller_pins_are_not_asked_for_again(here: w.World, tools: tuple[str, Seen]) -> None:
    url, seen = tools
    listed = [{"name": "add", "description": "Adds.", "input_schema": {"type": "object", "properties": {"a": {}}}}]
    toolset = {"type": "mcp_toolset", "mcp_server_name": "tests", "tools": listed}
    here.script.answers = [m.answer("gpt", "ok")]
    before = len(seen.headers)
    status, found = m.asked(here, "messages", messages("gpt", url, tools=[toolset]))
    assert status == 200, found
    assert len(seen.headers) == before
    assert sent_tools(here).keys() == {"add"}
    here.script.answers = [m.answer("gpt", "", [ADD]), m.answer("gpt", "5")]
    _, found = m.asked(here, "messages", messages("gpt", url, tools=[toolset]))
    assert found["content"][1]["content"][0]["text"] == "5"


@pytest.mark.parametrize("stream", [False, True])
def test_messages_show_the_listing_to_who_has_a_word_for_it(
    here: w.World, tools: tuple[str, Seen], stream: bool
) -> None:
    """Sent back, the server is not asked again."""
    url, seen = tools
    here.script.answers = [m.answer("gpt", "ok", stream=stream)]
    body = messages("gpt", url)
    if stream:
        events = m.streamed(here, "messages", body, **LISTING_BETA)
        blocks = [event["content_block"] for event in events if event["type"] == "content_block_start"]
    else:
        blocks = m.asked(here, "messages", body, **LISTING_BETA)[1]["content"]
    assert blocks[0]["type"] == "mcp_tool_listing"
    assert blocks[0]["mcp_server_name"] == "tests"
    assert {"name", "description", "input_schema"} == blocks[0]["tools"][0].keys()
    before = len(seen.headers)
    here.script.answers = [m.answer("gpt", "again")]
    history = [*body["messages"], {"role": "assistant", "content": [blocks[0], {"type": "text", "text": "ok"}]}]
    _, found = m.asked(here, "messages", {**body, "messages": [*history, *w.user("more")]}, **LISTING_BETA)
    assert [block["type"] for block in found["content"]] == ["text"]
    assert len(seen.headers) == before
    assert "add" in sent_tools(here)


def test_without_that_word_there_is_no_listing(here: w.World, tools: tuple[str, Seen]) -> None:
    here.script.answers = [m.answer("gpt", "ok")]
    _, found = m.asked(here, "messages", messages("gpt", tools[0]))
    assert [block["type"] for block in found["content"]] == ["text"]


def test_responses_items_of_a_listing_stand_for_the_server(here: w.World, tools: tuple[str, Seen]) -> None:
    url, seen = tools
    here.script.answers = [m.answer("gemini", "ok"), m.answer("gemini", "more")]
    _, found = m.asked(here, "responses", responses("gemini", url))
    before = len(seen.headers)
    turns = [{"role": "user", "content": "hi"}, *found["output"], {"role": "user", "content": "more"}]
    _, found = m.asked(here, "responses", responses("gemini", url, input=turns))
    assert [item["type"] for item in found["output"]] == ["message"]
    assert len(seen.headers) == before


def test_a_schema_that_a_vendor_cannot_take_is_adapted_and_named_by_its_server(
    here: w.World, tools: tuple[str, Seen]
) -> None:
    own = {"name": "mine", "input_schema": ODD_SCHEMA}
    here.script.answers = [m.answer("gpt", "ok")]
    body = messages("gpt", tools[0])
    body["tools"].append(own)
    status, found, headers = m.headed(here, "messages", body)
    assert status == 200, found
    assert headers["x-interchange-dropped"].split(", ") == [
        "tools[1].input_schema.anyOf", "mcp_servers[0].odd.input_schema.anyOf"
    ]  # fmt: skip
    assert "anyOf" not in sent_tools(here)["odd"]["parameters"]
    status, found, _ = m.headed(here, "messages", messages("gpt", tools[0]), x_interchange_strict="true")
    assert status == 400
    assert "mcp_servers[0].odd" in found["error"]["message"]


def test_a_tool_whose_schema_is_too_large_is_left_out_and_named(here: w.World, tools: tuple[str, Seen]) -> None:
    large = {"type": "object", "properties": {f"p{n}": {"type": "string", "description": "x" * 90} for n in range(800)}}
    toolset = {"type": "mcp_toolset", "mcp_server_name": "tests",
               "tools": [{"name": "big", "input_schema": large},
                         {"name": "add", "input_schema": {"type": "object"}}]}  # fmt: skip
    here.script.answers = [m.answer("gpt", "ok")]
    _, _, headers = m.headed(here, "messages", messages("gpt", tools[0], tools=[toolset]))
    assert sent_tools(here).keys() == {"add"}
    assert headers["x-interchange-dropped"] == "mcp_servers[0].big"


@pytest.mark.parametrize("ids", [("", ""), ("same", "same")])
@pytest.mark.parametrize("family", list(BODIES))
def test_calls_without_an_id_of_their_own_get_one(
    here: w.World, tools: tuple[str, Seen], family: str, ids: tuple[str, str]
) -> None:
    first, second = ids
    here.script.answers = [
        m.answer("gpt", "", [(first, "add", {"a": 1, "b": 1}), (second, "add", {"a": 2, "b": 2})]),
        m.answer("gpt", "", [(first, "add", {"a": 3, "b": 3})]),
        m.answer("gpt", "ok"),
    ]
    body = {**BODIES[family]("gpt", tools[0])}
    if family == "responses":
        body["model"] = "claude"
        here.script.answers = [
            m.answer("claude", "", [(first or "toolu_", "add", {"a": 1, "b": 1})]),
            m.answer("claude", "", [(first or "toolu_", "add", {"a": 2, "b": 2})]),
            m.answer("claude", "ok"),
        ]
    _, found = m.asked(here, family, body, **GATEWAY)
    match family:
        case "messages":
            made = [block["id"] for block in found["content"] if block["type"] == "mcp_tool_use"]
            results = [block["tool_use_id"] for block in found["content"] if block["type"] == "mcp_tool_result"]
            assert made == results
        case "responses":
            made = [item["id"] for item in found["output"] if item["type"] == "mcp_call"]
        case _:
            made = [call["id"] for call in found["choices"][0]["message"]["mcp_calls"]]
            assert [call["output"] for call in found["choices"][0]["message"]["mcp_calls"]] == ["2", "4", "6"]
    assert len(set(made)) == len(made) > 1
    assert all(made)


def test_chat_carries_its_calls_back_in_its_messages(here: w.World, tools: tuple[str, Seen]) -> None:
    here.script.answers = [m.answer("gemini", "", [ADD]), m.answer("gemini", "it is 5"), m.answer("gemini", "6")]
    _, found = m.asked(here, "chat", chat("gemini", tools[0]))
    message = found["choices"][0]["message"]
    turns = [*w.user("2 and 3?"), message, *w.user("and one more?")]
    _, found = m.asked(here, "chat", chat("gemini", tools[0], messages=turns))
    assert told("chat", found) == "6"
    contents = here.script.bodies[2]["contents"]
    assert [one["role"] for one in contents] == ["user", "model", "user", "model", "user"]
    call = contents[1]["parts"][0]
    assert (call["functionCall"]["name"], call["thoughtSignature"]) == ("add", m.signature("call_1"))
    assert "5" in str(contents[2]["parts"][0]["functionResponse"]["response"])
    assert contents[3]["parts"][0]["text"] == "it is 5"


@pytest.mark.parametrize("model", m.MODELS)
def test_a_chat_with_past_calls_goes_on_without_servers(here: w.World, tools: tuple[str, Seen], model: str) -> None:
    spoken = "gpt" if model == "grok" else model
    here.script.answers = [m.answer(spoken, "", [ADD]), m.answer(spoken, "it is 5"), m.answer(spoken, "bye")]
    _, found = m.asked(here, "chat", chat(model, tools[0]))
    turns = [*w.user("2 and 3?"), found["choices"][0]["message"], *w.user("thanks")]
    status, found = m.asked(here, "chat", {"model": model, "messages": turns})
    assert status == 200, found
    assert told("chat", found) == "bye"
    assert b"mcp_calls" not in (here.script.sent[-1].body or b"")


def test_a_chat_with_a_tool_of_the_callers_keeps_the_results(here: w.World, tools: tuple[str, Seen]) -> None:
    own: m.Call = ("call_2", "mine", {"x": 1})
    mine = {"type": "function", "function": {"name": "mine", "parameters": {"type": "object"}}}
    here.script.answers = [m.answer("gpt", "", [ADD, own]), m.answer("gpt", "done")]
    body = chat("gpt", tools[0], tools=[mine])
    _, found = m.asked(here, "chat", body)
    choice = found["choices"][0]
    assert choice["finish_reason"] == "tool_calls"
    assert [call["function"]["name"] for call in choice["message"]["tool_calls"]] == ["mine"]
    assert choice["message"]["mcp_calls"][0]["output"] == "5"
    turns = [choice["message"], {"role": "tool", "tool_call_id": "call_2", "content": "ok"}]
    _, found = m.asked(here, "chat", {**body, "messages": [*body["messages"], *turns]})
    assert told("chat", found) == "done"
    sent = here.script.bodies[1]["messages"]
    assert {call["function"]["name"] for call in sent[1]["tool_calls"]} == {"add", "mine"}
    assert {(one["tool_call_id"], one["content"]) for one in sent[2:]} == {("call_1", "5"), ("call_2", "ok")}


@pytest.mark.parametrize("family", list(BODIES))
def test_a_past_call_whose_result_is_gone_is_answered_for(here: w.World, tools: tuple[str, Seen], family: str) -> None:
    past: dict[str, Any] = {
        "messages": {"messages": [*w.user(), {"role": "assistant", "content": [
            {"type": "mcp_tool_use", "id": "mcptoolu_call_1", "name": "add", "server_name": "tests", "input": {}}]},
            *w.user("go on")]},
        "responses": {"input": [{"role": "user", "content": "hi"},
                                {"type": "mcp_call", "id": "mcp_call_1", "name": "add", "server_label": "tests",
                                 "arguments": "{}", "status": "incomplete"}, {"role": "user", "content": "go on"}]},
        "chat": {"messages": [*w.user(), {"role": "assistant", "content": None, "mcp_calls": [
            {"id": "call_1", "name": "add", "server_name": "tests", "arguments": "{}", "output": None}]},
            *w.user("go on")]},
    }  # fmt: skip
    here.script.answers = [m.answer("claude", "ok")]
    status, found = m.asked(here, family, {**BODIES[family]("claude", tools[0]), **past[family]}, **GATEWAY)
    assert status == 200, found
    sent = here.script.bodies[0]["messages"]
    assert sent[1]["content"][0]["type"] == "tool_use"
    assert sent[2]["content"][0]["is_error"] is True
    assert sent[2]["content"][0]["tool_use_id"] == sent[1]["content"][0]["id"]
