"""What a caller of Responses says of calls: how many there may be, and which it approves."""

from __future__ import annotations

from typing import Any

import pytest

from tests.exchange import world as w
from tests.rounds import raw as r
from tests.rounds.servers import Seen

from . import mcp_world as m


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("most", [1, 2, 500])
def test_behind_the_callers_own_limit_of_calls_the_model_answers(
    here: w.World, tools: tuple[str, Seen], most: int, stream: bool
) -> None:
    made = [(f"call_{n}", "add", {"a": n, "b": 1}) for n in range(min(most, 2))]
    calls = [m.answer("claude", "", [call], stream=stream) for call in made]
    here.script.answers = [*calls, m.answer("claude", "done", stream=stream)]
    before = len(tools[1].calls)
    body = m.responses("claude", tools[0], max_tool_calls=most)
    found = m.answered(here, body, stream=stream, **m.GATEWAY)
    assert (found["status"], m.told("responses", found)) == ("completed", "done")
    assert len(tools[1].calls) == before + len(calls)
    last = here.script.bodies[-1]
    assert last.get("tool_choice", {}).get("type") == (None if most == 500 else "none")
    assert last["tools"]


def test_calls_beyond_the_callers_own_limit_are_not_made(here: w.World, tools: tuple[str, Seen]) -> None:
    calls: list[m.Call] = [(f"call_{n}", "add", {"a": n, "b": 1}) for n in range(3)]
    here.script.answers = [m.answer("claude", "", calls), m.answer("claude", "done")]
    before = len(tools[1].calls)
    status, found = m.asked(here, "responses", m.responses("claude", tools[0], max_tool_calls=1), **m.GATEWAY)
    made = [item for item in found["output"] if item["type"] == "mcp_call"]
    assert (status, [item["status"] for item in made]) == (200, ["completed", "failed", "failed"])
    assert len(tools[1].calls) == before + 1


def test_a_limit_of_calls_is_no_loss(here: w.World, tools: tuple[str, Seen]) -> None:
    here.script.answers = [m.answer("claude", "done")]
    body = m.responses("claude", tools[0], max_tool_calls=500)
    status, _, headers = m.headed(here, "responses", body, **m.GATEWAY)
    assert status == 200
    assert "max_tool_calls" not in headers.get("x-interchange-dropped", "")


def asked_first(here: w.World, url: str) -> list[dict[str, Any]]:
    here.script.answers = [m.answer("claude", "", [m.ADD])]
    _, found = m.asked(here, "responses", m.responses("claude", url, "always"), **m.GATEWAY)
    return [{"role": "user", "content": "2 and 3?"}, *found["output"]]


def word(identity: str, approve: bool = True) -> dict[str, Any]:
    return {"type": "mcp_approval_response", "approval_request_id": identity, "approve": approve}


@pytest.mark.parametrize("approve", [True, False])
@pytest.mark.parametrize("servers", [True, False])
@pytest.mark.parametrize("model", m.MODELS)
def test_a_word_on_what_nobody_asked_is_refused(
    here: w.World, tools: tuple[str, Seen], model: str, servers: bool, approve: bool
) -> None:
    body = m.responses(model, tools[0], "always", input=[{"role": "user", "content": "x"}, word("mcpr_no", approve)])
    if not servers:
        del body["tools"]
    status, found = m.asked(here, "responses", body)
    assert (status, found["error"]["param"]) == (400, "input[1].approval_request_id")
    assert here.script.sent == []


@pytest.mark.parametrize("odd", [[], {}, ["mcpr_no"], 5])
def test_a_word_whose_id_is_no_text_is_refused_by_its_field(
    here: w.World, tools: tuple[str, Seen], odd: object
) -> None:
    items = asked_first(here, tools[0])
    here.script.sent.clear()
    answer = {**word("-"), "approval_request_id": odd}
    body = m.responses("claude", tools[0], "always", input=[*items, answer])
    status, found = m.asked(here, "responses", body)
    assert (status, found["error"]["param"]) == (400, "input[3].approval_request_id")
    body = m.responses("claude", tools[0], "always", input=[*items, word(items[-1]["id"])])
    body["tools"][0]["server_label"] = odd
    status, found = m.asked(here, "responses", body)
    assert (status, found["error"]["param"]) == (400, "tools[0].server_label")
    assert here.script.sent == []


@pytest.mark.parametrize("model", m.MODELS)
def test_a_call_that_is_approved_without_its_server_is_refused(
    here: w.World, tools: tuple[str, Seen], model: str
) -> None:
    items = asked_first(here, tools[0])
    here.script.sent.clear()
    body = m.responses(model, tools[0], "always", input=[*items, word(items[-1]["id"])], tools=[])
    status, found = m.asked(here, "responses", body)
    assert (status, found["error"]["param"], "'tests'" in found["error"]["message"]) == (400, "tools", True)
    assert here.script.sent == []


def test_a_word_of_long_ago_needs_no_server(here: w.World, tools: tuple[str, Seen]) -> None:
    items = asked_first(here, tools[0])
    here.script.answers = [m.answer("claude", "5")]
    body = m.responses("claude", tools[0], "always", input=[*items, word(items[-1]["id"])])
    _, found = m.asked(here, "responses", body, **m.GATEWAY)
    here.script.answers = [m.answer("claude", "welcome")]
    history = [*body["input"], *found["output"], {"role": "user", "content": "thanks"}]
    status, found = m.asked(here, "responses", {**body, "input": history, "tools": []})
    assert (status, m.told("responses", found)) == (200, "welcome")


def test_a_label_that_is_given_twice_is_named_by_its_own_field(here: w.World, tools: tuple[str, Seen]) -> None:
    body = m.responses("claude", tools[0])
    status, found = m.asked(here, "responses", {**body, "tools": [*body["tools"], *body["tools"]]}, **m.GATEWAY)
    assert (status, found["error"]["param"]) == (400, "tools[1].server_label")


SERVER = {"type": "url", "name": "tests", "url": "https://mcp.example.com/"}
TOOLSET = {"type": "mcp_toolset", "mcp_server_name": "tests"}


def declared(family: str, change: dict[str, Any]) -> dict[str, Any]:
    match family:
        case "toolset":
            return m.messages("gpt", SERVER["url"], tools=[{**TOOLSET, **change}])
        case "messages":
            return m.messages("gpt", SERVER["url"], mcp_servers=[{**SERVER, **change}])
        case "chat":
            return m.chat("gpt", SERVER["url"], mcp_servers=[{**SERVER, **change}])
        case _:
            body = m.responses("claude", SERVER["url"])
            return {**body, "tools": [{**body["tools"][0], **change}]}


@pytest.mark.parametrize(
    ("family", "change", "field"),
    [
        ("messages", {"allowed_tools": ["add"]}, "mcp_servers[0].allowed_tools"),
        ("messages", {"tool_configuration": {"allow": ["add"]}}, "mcp_servers[0].tool_configuration.allow"),
        ("toolset", {"allowed_tools": ["add"]}, "tools[0].allowed_tools"),
        ("toolset", {"configs": {"add": {"enable": False}}}, "tools[0].configs.add.enable"),
        ("toolset", {"default_config": {"enable": False}}, "tools[0].default_config.enable"),
        ("chat", {"allowed_tools": ["add"]}, "mcp_servers[0].allowed_tools"),
        ("chat", {"default_config": {"enable": False}}, "mcp_servers[0].default_config.enable"),
        ("chat", {"configs": 5}, "mcp_servers[0].configs"),
        ("responses", {"allowed_tools": {"names": ["add"]}}, "tools[0].allowed_tools.names"),
        ("responses", {"allowed_tools": {"read_only": "yes"}}, "tools[0].allowed_tools.read_only"),
        ("responses", {"require_approval": {"alwayz": {}}}, "tools[0].require_approval.alwayz"),
        ("responses", {"require_approval": {"never": {"tools": []}}}, "tools[0].require_approval.never.tools"),
    ],
)
def test_a_rule_that_nobody_reads_is_refused(here: w.World, family: str, change: dict[str, Any], field: str) -> None:
    face = "messages" if family == "toolset" else family
    status, found = m.asked(here, face, declared(family, change), **m.GATEWAY)
    assert (status, here.script.sent) == (400, [])
    assert field in found["error"]["message"].replace("mcp_servers.0", "mcp_servers[0]").replace("tools.0", "tools[0]")


@pytest.mark.parametrize(
    ("rules", "names"),
    [
        ({"default_config": {"enabled": False}, "configs": {"add": {"enabled": True}}}, {"add"}),
        ({"default_config": {"defer_loading": True}, "configs": {"add": {"defer_loading": False}}},
         {"add", "mcp_tool_search"}),
        ({"configs": {"add": {"enabled": False}}, "tool_configuration": {"allowed_tools": ["add", "huge"]}}, {"huge"}),
    ],
)  # fmt: skip
def test_chat_has_the_rules_of_a_toolset_in_its_servers(
    here: w.World, tools: tuple[str, Seen], rules: dict[str, Any], names: set[str]
) -> None:
    here.script.answers = [m.answer("gpt", "ok")]
    server = {"type": "url", "name": "tests", "url": tools[0], **rules}
    status, found = m.asked(here, "chat", m.chat("gpt", tools[0], mcp_servers=[server]))
    assert status == 200, found
    assert {tool["function"]["name"] for tool in here.script.bodies[0]["tools"]} == names


def test_a_refusal_in_the_first_round_tells_the_whole_balance() -> None:
    """What the request has set aside for itself, before the servers' tools were known, is a part of it."""
    tools = [{**r.LOOK, "name": f"look_{at}", "description": "d" * 4_000} for at in range(100)]
    with m.world(credit="0.01") as here, r.running(tools_list=lambda a: r.answered(a, {"tools": tools})) as (url, _):
        status, found = m.asked(here, "messages", m.messages("gpt", url, max_tokens=16))
        assert (status, here.script.sent) == (402, [])
        assert "$0.01 available" in found["error"]["message"]
        assert (here.balance().available_nano, here.balance().held_nano) == (10_000_000, 0)


def test_a_model_that_cannot_reach_servers_says_so(here: w.World, tools: tuple[str, Seen]) -> None:
    status, found = m.asked(here, "messages", m.messages("gemini", tools[0]), x_interchange_mcp="vendor")
    assert (status, here.script.sent) == (400, [])
    assert "cannot reach MCP servers" in found["error"]["message"]
