"""What goes up to a Messages model, from any caller's request."""

from __future__ import annotations

from typing import Any

import pytest

from interchange.hub import blocks as b
from interchange.hub.failure import RequestError
from interchange.hub.losses import Losses
from interchange.hub.request import (
    CustomTool,
    FunctionTool,
    HostedTool,
    OutputFormat,
    OutputKind,
    Reasoning,
    Request,
    ThinkingMode,
    ToolChoice,
    ToolMode,
)
from interchange.protocols.anthropic_messages.client import Client
from interchange.protocols.anthropic_messages.client.face import betas
from interchange.protocols.faces import Profile
from interchange.rewrites import rewrite

ABLE = frozenset({"text", "image", "document"})
BUDGET = Profile("claude", ABLE, 64_000, {"thinking": "budget", "structured_output": True})
ADAPTIVE = Profile(
    "claude", ABLE, 64_000,
    {"thinking": "adaptive", "effort": True, "efforts": ["low", "medium", "high", "max"], "sampling": False,
     "structured_output": True, "system_messages": True},
)  # fmt: skip
PLAIN = Profile("claude", frozenset({"text"}), 8192)
SIGNED = b.Continuation("anthropic_messages", "EqQB")
WEATHER = FunctionTool("weather", "tells it", {"type": "object", "properties": {"city": {"type": "string"}}})
TIME = FunctionTool("time", None, {"type": "object", "properties": {}})


def user(*blocks: b.Block | str) -> b.Message:
    return b.Message(b.Role.USER, tuple(b.Text(x) if isinstance(x, str) else x for x in blocks))


def assistant(*blocks: b.Block | str) -> b.Message:
    return b.Message(b.Role.ASSISTANT, tuple(b.Text(x) if isinstance(x, str) else x for x in blocks))


def system(text: str) -> b.Message:
    return b.Message(b.Role.SYSTEM, (b.Text(text),))


def call(identity: str = "call_1", name: str = "weather", arguments: str = '{"city":"Oslo"}') -> b.ToolUse:
    return b.ToolUse(identity, name, arguments)


def result(identity: str = "call_1", text: str = "rain", **fields: Any) -> b.ToolResult:
    return b.ToolResult(identity, (b.Text(text),) if text else (), **fields)


def ask(*messages: b.Message, **fields: Any) -> Request:
    fields.setdefault("max_tokens", 4096)
    return Request("claude", messages or (user("hi"),), protocol="openai_chat", **fields)


def write(request: Request, profile: Profile = BUDGET) -> tuple[dict[str, Any], list[str]]:
    losses = Losses()
    body = Client().write_request(request, profile, losses)
    return body, [loss.path for loss in losses.items]


def lossless(request: Request, profile: Profile = BUDGET) -> dict[str, Any]:
    body, losses = write(request, profile)
    assert losses == []
    return body


def refused(request: Request, profile: Profile = BUDGET) -> tuple[str, str | None]:
    with pytest.raises(RequestError) as error:
        write(request, profile)
    return error.value.failure.message, error.value.failure.param


def shape(body: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(m["role"], [block["type"] for block in m["content"]]) for m in body["messages"]]


TURN = (user("?"), assistant(call()))

# --- turns


def test_roles_take_turns() -> None:
    body = lossless(ask(user("a"), user("b"), assistant("c"), assistant("d"), user("e")))
    assert shape(body) == [("user", ["text"] * 2), ("assistant", ["text"] * 2), ("user", ["text"])]


def test_the_body_begins_with_what_a_cache_can_keep() -> None:
    body = lossless(ask(system=(b.Text("be brief"),), temperature=0.5, stream=True))
    assert list(body) == ["model", "max_tokens", "system", "messages", "temperature", "stream"]
    assert body["system"] == [{"type": "text", "text": "be brief"}]


def test_F4_equal_requests_are_equal_bytes() -> None:
    request = ask(*TURN, user(result()), tools=(WEATHER,))
    assert str(write(request)) == str(write(request))


def test_E1_a_system_message_keeps_its_place_where_the_model_takes_it() -> None:
    body = lossless(ask(user("a"), system("x"), system("y"), assistant("b"), user("c"), system("z")), ADAPTIVE)
    assert shape(body) == [
        ("user", ["text"]), ("system", ["text", "text"]), ("assistant", ["text"]), ("user", ["text"]),
        ("system", ["text"]),
    ]  # fmt: skip


def test_E1_a_system_message_after_an_answer_waits_for_the_user() -> None:
    """The API: it must follow a user turn, and precede an assistant turn or end the conversation."""
    body = lossless(ask(user("a"), assistant("b"), system("x"), user("c")), ADAPTIVE)
    assert [m["role"] for m in body["messages"]] == ["user", "assistant", "user", "system"]
    body, losses = write(ask(user("a"), assistant("b"), system("x")), ADAPTIVE)
    assert [m["role"] for m in body["messages"]] == ["user", "assistant", "user"]
    assert losses == ["messages[2].role"]


def test_E1_elsewhere_it_is_told_in_the_users_turn() -> None:
    body, losses = write(ask(user("a"), assistant("b"), system("x"), user("c")))
    assert shape(body) == [("user", ["text"]), ("assistant", ["text"]), ("user", ["text", "text"])]
    assert body["messages"][2]["content"][0]["text"] == "<system>\nx\n</system>"
    assert losses == ["messages[2].role"]


def test_instructions_alone_are_said_in_a_turn() -> None:
    body, losses = write(Request("m", (), system=(b.Text("be"),), max_tokens=5))
    assert "system" not in body and body["messages"][0]["role"] == "user"
    assert losses == ["system"]


def test_E3_empty_text_is_left_out() -> None:
    body = lossless(ask(user("a"), assistant("", call()), user(result(), " \n")))
    assert shape(body) == [("user", ["text"]), ("assistant", ["tool_use"]), ("user", ["tool_result"])]
    assert shape(lossless(ask(user("a"), assistant(""), user("b")))) == [("user", ["text", "text"])]


def test_E5_ids_conform_on_both_sides_of_a_call() -> None:
    bad = "functions.Bash:0"
    body = lossless(ask(user("?"), assistant(call(bad), call("ok_1-A")), user(result(bad), result("ok_1-A"))))
    used = [block["id"] for block in body["messages"][1]["content"]]
    assert used == [block["tool_use_id"] for block in body["messages"][2]["content"]]
    assert used[0].replace("_", "").isalnum() and used[1] == "ok_1-A"


def test_E7_results_stand_first_and_together() -> None:
    picture = b.Image(b.UrlSource("https://a.example/a.png"))
    body = lossless(
        ask(user("?"), assistant(call("a"), call("b")), user("look", result("a"), picture), user("and", result("b")))
    )
    assert shape(body)[2] == ("user", ["tool_result", "tool_result", "text", "image", "text"])


def test_E8_a_call_without_a_result_is_named() -> None:
    message, param = refused(ask(user("?"), assistant(call("a"), call("b")), user(result("a"))))
    assert "'b'" in message and param == "messages[1].content[1]"
    message, _ = refused(ask(*TURN))
    assert "'call_1'" in message
    message, param = refused(ask(user("?"), user(result("z"))))
    assert "'z'" in message and param == "messages[1].content[0]"
    message, _ = refused(ask(*TURN, user(result(), result())))
    assert "more than one result" in message


def test_E9_tools_of_the_history_are_declared_and_not_to_be_called() -> None:
    body = lossless(ask(*TURN, user(result())))
    assert body["tools"] == [{"name": "weather", "input_schema": {"type": "object"}}]
    assert body["tool_choice"] == {"type": "none"}


def test_a_begun_answer_ends_without_white_space() -> None:
    body, losses = write(ask(user("a"), assistant("The answer is ")))
    assert body["messages"][1]["content"][0]["text"] == "The answer is"
    assert losses == ["messages[1]"]


# --- content


def test_arguments_become_an_object_and_broken_ones_are_kept() -> None:
    body, losses = write(ask(user("?"), assistant(call("a", arguments=""), call("b", arguments="{bad")),
                             user(result("a"), result("b"))))  # fmt: skip
    assert [block["input"] for block in body["messages"][1]["content"]] == [{}, {"_malformed_arguments": "{bad"}]
    assert losses == ["messages[1].content[1].arguments"]


def test_results_keep_their_error_and_their_pictures() -> None:
    picture = b.Image(b.Base64Source("image/png", "iVBO"))
    failed = b.ToolResult("call_1", (b.Text("no"), picture), is_error=True)
    written = lossless(ask(*TURN, user(failed)))["messages"][2]["content"][0]
    assert written["is_error"] is True
    assert [block["type"] for block in written["content"]] == ["text", "image"]
    assert "content" not in lossless(ask(*TURN, user(result(text=""))))["messages"][2]["content"][0]


def test_images_come_as_data_or_by_url() -> None:
    sources = (
        b.Base64Source("image/png", "iVBO"),
        b.UrlSource("https://a.example/a.png"),
        b.UrlSource("data:image/gif;base64,R0lG"),
    )
    body = lossless(ask(user(*(b.Image(source, detail="auto") for source in sources))))
    assert [block["source"] for block in body["messages"][0]["content"]] == [
        {"type": "base64", "media_type": "image/png", "data": "iVBO"},
        {"type": "url", "url": "https://a.example/a.png"},
        {"type": "base64", "media_type": "image/gif", "data": "R0lG"},
    ]
    assert write(ask(user(b.Image(sources[0], detail="high"))))[1] == ["messages[0].content[0].detail"]


def test_media_that_the_model_cannot_take_are_refused() -> None:
    place = "messages[0].content[0]"
    assert refused(ask(user(b.Image(b.UrlSource("https://a.example")))), PLAIN)[1] == place
    assert refused(ask(user(b.Image(b.Base64Source("image/bmp", "Qk0=")))))[1] == place
    assert refused(ask(user(b.Audio(b.Base64Source("audio/wav", "UklG"), "wav"))))[1] == place
    assert refused(ask(user(b.Document(b.Base64Source("application/pdf", "JVBE")))), PLAIN)[1] == place
    assert refused(ask(user(b.Document(b.Base64Source("application/zip", "UEsD")))))[1] == place
    assert refused(ask(user(b.Document(b.FileSource("file-1", "openai_chat")))))[1] == place


def test_E19_documents() -> None:
    documents = (
        b.Document(b.Base64Source("application/pdf", "JVBE"), title="a.pdf", context="c", citations=True),
        b.Document(b.UrlSource("https://a.example/a.pdf")),
        b.Document(b.TextSource("plain")),
        b.Document(b.BlocksSource((b.Text("in blocks"),))),
        b.Document(b.FileSource("file_1", "anthropic_messages")),
    )
    content = lossless(ask(user(*documents)))["messages"][0]["content"]
    assert [block["source"]["type"] for block in content] == ["base64", "url", "text", "content", "file"]
    assert (content[0]["title"], content[0]["context"], content[0]["citations"]) == ("a.pdf", "c", {"enabled": True})


@pytest.mark.parametrize("media_type", ["text/plain", "text/csv", "application/json"])
def test_E20_text_files_are_plain_text(media_type: str) -> None:
    document = b.Document(b.Base64Source(media_type, "aGVsbG8="))
    source = lossless(ask(user(document)), PLAIN)["messages"][0]["content"][0]["source"]
    assert source == {"type": "text", "media_type": "text/plain", "data": "hello"}


def test_media_of_a_past_answer_are_a_loss() -> None:
    body, losses = write(ask(user("draw"), assistant("so:", b.Image(b.Base64Source("image/png", "iVBO"))), user("ok")))
    assert shape(body)[1] == ("assistant", ["text"]) and losses == ["messages[1].content[1]"]


def test_what_only_another_provider_understands_is_a_loss() -> None:
    search = b.ServerToolUse("ws", "web_search", "{}", "web_search", "openai_responses", {})
    assert write(ask(user("a"), assistant("b", search), user("c")))[1] == ["messages[1].content[1]"]


def test_at_most_four_cache_breakpoints() -> None:
    cached = [b.Text(str(number), cache=b.CacheControl("1h")) for number in range(5)]
    body, losses = write(ask(user(*cached), system=(b.Text("s", cache=b.CacheControl("1h")),)))
    assert body["system"][0]["cache_control"] == {"type": "ephemeral", "ttl": "1h"}
    marks = ["cache_control" in block for block in body["messages"][0]["content"]]
    assert marks == [True, False, False, True, True] and len(losses) == 2
    assert losses[0] == "messages[0].content[1].cache_control"


def test_a_breakpoint_of_an_hour_stands_behind_none_of_five_minutes() -> None:
    """headroomlabs-ai/headroom#2939: the API refuses it."""
    turn = user(b.Text("a", cache=b.CacheControl("1h")))
    body, losses = write(ask(turn, system=(b.Text("s", cache=b.CacheControl()),), cache=b.CacheControl("1h")))
    assert body["messages"][0]["content"][0]["cache_control"]["ttl"] == body["cache_control"]["ttl"] == "5m"
    assert losses == ["messages[0].content[0].cache_control.ttl", "cache_control.ttl"]
    kept = lossless(ask(turn, system=(b.Text("s", cache=b.CacheControl("1h")),), cache=b.CacheControl()))
    assert kept["messages"][0]["content"][0]["cache_control"]["ttl"] == "1h"


def test_F1_F2_automatic_caching() -> None:
    assert lossless(ask(cache=b.CacheControl("1h")))["cache_control"] == {"type": "ephemeral", "ttl": "1h"}
    auto = Profile("m", ABLE, 10, {"auto_cache": True})
    assert lossless(ask(), auto)["cache_control"] == {"type": "ephemeral"}


# --- reasoning state


def test_D1_unsigned_thinking_is_left_out() -> None:
    body = lossless(ask(user("a"), assistant(b.Thinking("hm"), "b"), user("c")))
    assert shape(body)[1] == ("assistant", ["text"])


def test_D2_signed_thinking_without_text_is_replayed() -> None:
    content = lossless(ask(user("a"), assistant(b.Thinking("", SIGNED), "b"), user("c")))["messages"][1]["content"]
    assert content[0] == {"type": "thinking", "thinking": "", "signature": "EqQB"}


def test_D3_a_signed_turn_is_replayed_as_it_was() -> None:
    redacted = b.RedactedThinking(b.Continuation("anthropic_messages", "Erd"))
    turn = assistant(b.Thinking("t", SIGNED), redacted, "x", call())
    body = lossless(ask(user("a"), turn, user(result())))
    assert body["messages"][1]["content"] == [
        {"type": "thinking", "thinking": "t", "signature": "EqQB"},
        {"type": "redacted_thinking", "data": "Erd"},
        {"type": "text", "text": "x"},
        {"type": "tool_use", "id": "call_1", "name": "weather", "input": {"city": "Oslo"}},
    ]


def test_another_vendors_state_is_left_out_quietly() -> None:
    foreign = b.Continuation("gemini", "sig")
    body = lossless(ask(user("a"), assistant(b.Thinking("t", foreign), b.RedactedThinking(foreign), "b"), user("c")))
    assert shape(body)[1] == ("assistant", ["text"])


def test_D8_thinking_does_not_outlive_its_turn() -> None:
    body = lossless(ask(user("a"), assistant(b.Thinking("t", SIGNED)), user("b")))
    assert shape(body) == [("user", ["text", "text"])]
    body, losses = write(ask(user("a"), assistant(b.Thinking("t", SIGNED), "x", b.Opaque("gemini", {})), user("b")))
    assert shape(body)[1] == ("assistant", ["text"]) and losses == ["messages[1].content[2]"]


def test_D9_a_tool_loop_begun_without_thinking_goes_on_without() -> None:
    request = ask(*TURN, user(result()), tools=(WEATHER,), reasoning=Reasoning(effort="high"), max_tokens=32_000)
    body, losses = write(request)
    assert "thinking" not in body and losses == ["reasoning_effort"]
    signed = ask(user("?"), assistant(b.Thinking("t", SIGNED), call()), user(result()), tools=(WEATHER,),
                 reasoning=Reasoning(effort="high"), max_tokens=32_000)  # fmt: skip
    assert lossless(signed)["thinking"]["type"] == "enabled"
    done = ask(*TURN, user(result()), assistant("rain"), user("thanks"), tools=(WEATHER,),
               reasoning=Reasoning(effort="high"), max_tokens=32_000)  # fmt: skip
    assert lossless(done)["thinking"]["type"] == "enabled"
    assert lossless(request, ADAPTIVE)["thinking"] == {"type": "adaptive"}


def test_D10_a_forced_tool_is_kept_and_thinking_is_not() -> None:
    request = ask(tools=(WEATHER,), tool_choice=ToolChoice(ToolMode.REQUIRED), reasoning=Reasoning(effort="low"))
    body, losses = write(request)
    assert body["tool_choice"] == {"type": "any"} and "thinking" not in body and losses == ["reasoning_effort"]


def test_D10_a_schema_does_not_force_a_tool() -> None:
    request = ask(output_format=OutputFormat(OutputKind.SCHEMA, {"type": "object", "properties": {}}),
                  reasoning=Reasoning(effort="low"))  # fmt: skip
    body = lossless(request)
    assert body["thinking"]["type"] == "enabled" and body["output_config"]["format"]["type"] == "json_schema"
    assert "tool_choice" not in body


@pytest.mark.parametrize("max_tokens", [1025, 2000, 4096, 100_000])
@pytest.mark.parametrize("effort", ["minimal", "low", "medium", "high", "xhigh", "max"])
def test_D11_a_budget_is_between_1024_and_max_tokens(max_tokens: int, effort: str) -> None:
    thinking = lossless(ask(reasoning=Reasoning(effort=effort), max_tokens=max_tokens))["thinking"]
    assert 1024 <= thinking["budget_tokens"] < max_tokens


def test_D11_a_callers_own_budget_is_brought_into_bounds_and_that_is_told() -> None:
    body, losses = write(ask(reasoning=Reasoning(ThinkingMode.ENABLED, budget=500)))
    assert body["thinking"]["budget_tokens"] == 1024 and losses == ["thinking.budget_tokens"]
    body, losses = write(ask(reasoning=Reasoning(ThinkingMode.ENABLED, budget=9000)))
    assert body["thinking"]["budget_tokens"] == 4095 and losses == ["thinking.budget_tokens"]
    body, losses = write(ask(reasoning=Reasoning(effort="high"), max_tokens=1000))
    assert "thinking" not in body and losses == ["reasoning_effort"]


def test_D11_sampling_is_not_taken_together_with_thinking() -> None:
    body, losses = write(ask(reasoning=Reasoning(effort="low"), temperature=0.2, top_p=0.9, top_k=5))
    assert losses == ["temperature", "top_p", "top_k"] and "temperature" not in body
    assert "temperature" not in lossless(ask(reasoning=Reasoning(effort="low"), temperature=1.0))


def test_D12_edits_of_thinking_go_with_it() -> None:
    edits = {"edits": [{"type": "clear_thinking_20251015"}, {"type": "clear_tool_uses_20250919"}]}
    body, losses = write(ask(extra={"context_management": edits}))
    assert body["context_management"] == {"edits": [{"type": "clear_tool_uses_20250919"}]}
    assert losses == ["context_management.edits"]


def test_an_effort_is_said_where_the_model_takes_it() -> None:
    body = lossless(ask(reasoning=Reasoning(effort="medium")), ADAPTIVE)
    assert (body["thinking"], body["output_config"]) == ({"type": "adaptive"}, {"effort": "medium"})
    body, losses = write(ask(reasoning=Reasoning(effort="xhigh")), ADAPTIVE)
    assert body["output_config"] == {"effort": "max"} and losses == ["reasoning_effort"]


def test_no_reasoning_is_said_where_it_is_not_the_default() -> None:
    assert lossless(ask(reasoning=Reasoning(effort="none")), ADAPTIVE)["thinking"] == {"type": "disabled"}
    assert "thinking" not in lossless(ask(reasoning=Reasoning(effort="none")))
    assert write(ask(reasoning=Reasoning(effort="low")), PLAIN)[1] == ["reasoning_effort"]
    assert "thinking" not in lossless(ask(reasoning=Reasoning(effort="none")), PLAIN)


def test_a_summary_is_asked_for() -> None:
    body = lossless(ask(reasoning=Reasoning(effort="low", summary="auto")), ADAPTIVE)
    assert body["thinking"] == {"type": "adaptive", "display": "summarized"}


# --- tools


@pytest.mark.parametrize(("choice", "parallel", "written"), [
    (None, None, None),
    (None, True, None),
    (None, False, {"type": "auto", "disable_parallel_tool_use": True}),
    (ToolChoice(ToolMode.AUTO), None, {"type": "auto"}),
    (ToolChoice(ToolMode.NONE), None, {"type": "none"}),
    (ToolChoice(ToolMode.NONE), False, {"type": "none"}),
    (ToolChoice(ToolMode.REQUIRED), None, {"type": "any"}),
    (ToolChoice(ToolMode.REQUIRED), False, {"type": "any", "disable_parallel_tool_use": True}),
    (ToolChoice(ToolMode.NAMED, ("time",)), None, {"type": "tool", "name": "time"}),
    (ToolChoice(ToolMode.NAMED, ("time",)), False,
     {"type": "tool", "name": "time", "disable_parallel_tool_use": True}),
])  # fmt: skip
def test_E10_E12_tool_choice(choice: ToolChoice | None, parallel: bool | None, written: Any) -> None:
    body = lossless(ask(tools=(WEATHER, TIME), tool_choice=choice, parallel_tool_calls=parallel))
    assert body.get("tool_choice") == written
    assert len(body["tools"]) == 2


def test_E12_an_allowed_subset_is_what_is_declared() -> None:
    body = lossless(ask(tools=(WEATHER, TIME), tool_choice=ToolChoice(ToolMode.REQUIRED, ("time",))))
    assert [tool["name"] for tool in body["tools"]] == ["time"]
    assert body["tool_choice"] == {"type": "tool", "name": "time"}
    body = lossless(ask(tools=(WEATHER, TIME), tool_choice=ToolChoice(ToolMode.AUTO, ("time",))))
    assert [tool["name"] for tool in body["tools"]] == ["time"] and body["tool_choice"] == {"type": "auto"}


def test_a_tool_that_is_not_there_cannot_be_forced() -> None:
    assert refused(ask(tool_choice=ToolChoice(ToolMode.REQUIRED)))[1] == "tool_choice"
    assert refused(ask(tools=(TIME,), tool_choice=ToolChoice(ToolMode.NAMED, ("x",))))[1] == "tool_choice"
    assert "tool_choice" not in lossless(ask(tool_choice=ToolChoice(ToolMode.NONE)))


def test_functions() -> None:
    tools = lossless(ask(tools=(WEATHER, FunctionTool("bare"), FunctionTool("s", schema={"properties": {}}))))["tools"]
    assert tools[0] == {"name": "weather", "description": "tells it", "input_schema": WEATHER.schema}
    assert tools[1]["input_schema"] == {"type": "object", "properties": {}}
    assert tools[2]["input_schema"] == {"type": "object", "properties": {}}
    assert write(ask(tools=(FunctionTool("x", extra={"output_schema": {}}),)))[1] == ["tools[0].output_schema"]


def test_strict_functions_are_brought_into_the_subset() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}, "required": ["n"]}
    body, losses = write(ask(tools=(FunctionTool("f", schema=schema, strict=True),)))
    assert body["tools"][0]["strict"] is True
    assert body["tools"][0]["input_schema"]["additionalProperties"] is False
    assert losses == ["tools[0].parameters.properties.n.minimum"]
    body, losses = write(ask(tools=(FunctionTool("f", schema=schema, strict=True),)), PLAIN)
    assert "strict" not in body["tools"][0] and losses == ["tools[0].strict"]
    assert "strict" not in lossless(ask(tools=(FunctionTool("f", schema=schema, strict=False),)))["tools"][0]


def test_tools_that_the_vendor_runs() -> None:
    search = HostedTool("web_search", "openai_responses", {"type": "web_search"}, max_uses=3,
                        allowed_domains=("a.example",),
                        user_location={"approximate": {"city": "Oslo", "x": 1}})  # fmt: skip
    run = HostedTool("code_execution", "gemini", {"codeExecution": {}})
    tools = lossless(ask(tools=(search, run)))["tools"]
    assert tools[0] == {
        "type": "web_search_20250305", "name": "web_search", "max_uses": 3, "allowed_domains": ["a.example"],
        "user_location": {"type": "approximate", "city": "Oslo"},
    }  # fmt: skip
    assert tools[1] == {"type": "code_execution_20250825", "name": "code_execution"}
    message, param = refused(ask(tools=(WEATHER, HostedTool("file_search", "openai_chat", {"type": "file_search"}))))
    assert "file_search" in message and "web_search" in message and param == "tools[1]"
    assert refused(ask(tools=(CustomTool("free"),)))[1] == "tools[0]"


def test_E14_a_function_named_like_a_vendors_tool_stays_a_function() -> None:
    tools = lossless(ask(tools=(FunctionTool("web_search", schema={"type": "object"}),)))["tools"]
    assert tools == [{"name": "web_search", "input_schema": {"type": "object"}}]


def test_mcp_servers_and_the_beta_they_need() -> None:
    server = {"type": "url", "url": "https://mcp.example/sse", "name": "m"}
    body = lossless(ask(mcp_servers=(server,)))
    assert body["mcp_servers"] == [server] and Client().betas(body) == ("mcp-client-2025-04-04",)
    toolset = {"type": "mcp_toolset", "mcp_server_name": "m"}
    assert betas({**body, "tools": [toolset]}) == ("mcp-client-2025-11-20",)


def test_betas_of_other_fields() -> None:
    body = {
        "messages": [{"role": "user", "content": [{"type": "image", "source": {"type": "file", "file_id": "f"}}]}],
        "context_management": {"edits": [{"type": "compact_20260112"}]},
        "container": {"skills": [{"type": "anthropic", "skill_id": "xlsx"}]},
        "tools": [{"type": "computer_20251124", "name": "computer"}],
    }
    assert set(betas(body)) == {
        "files-api-2025-04-14", "context-management-2025-06-27", "compact-2026-01-12", "skills-2025-10-02",
        "computer-use-2025-11-24",
    }  # fmt: skip
    assert betas(lossless(ask())) == ()


# --- what steers the answer


def test_the_limit_is_the_callers_or_the_models() -> None:
    assert lossless(ask(max_tokens=7))["max_tokens"] == 7
    assert lossless(ask(max_tokens=None))["max_tokens"] == 64_000
    assert refused(ask(max_tokens=None), Profile("m"))[1] == "max_tokens"


def test_sampling() -> None:
    body = lossless(ask(temperature=0.3, top_p=0.9, top_k=40, stop=("END",)))
    assert (body["temperature"], body["top_p"], body["top_k"], body["stop_sequences"]) == (0.3, 0.9, 40, ["END"])
    assert refused(ask(temperature=1.5)) == ("temperature: this model takes 0 to 1, not 1.5", "temperature")
    body, losses = write(ask(temperature=1.5, top_p=1.0), ADAPTIVE)
    assert losses == ["temperature"] and "temperature" not in body and "top_p" not in body
    one = Profile("m", ABLE, 10, {"sampling": "one"})
    body, losses = write(ask(temperature=0.5, top_p=0.5), one)
    assert losses == ["top_p"] and body["temperature"] == 0.5
    assert "top_p" not in lossless(ask(temperature=0.5, top_p=1), one)


def test_stop_sequences_of_white_space_are_refused() -> None:
    assert refused(ask(stop=("ok", "\n\n")))[1] == "stop"


def test_more_answers_than_one_are_refused() -> None:
    assert refused(ask(n=2))[1] == "n"
    assert "n" not in lossless(ask(n=1))
    assert refused(ask(modalities=("text", "audio")))[1] == "modalities"


def test_what_has_no_word_is_a_loss_and_defaults_are_not() -> None:
    _, losses = write(
        ask(
            frequency_penalty=0.5, presence_penalty=0.5, seed=1, min_p=0.1, logprobs=True, top_logprobs=3,
            logit_bias={"1": 2}, verbosity="high", metadata={"a": "b"}, store=True, prompt_cache_key="k",
            prompt_cache_retention="24h", service_tier="flex", extra={"prediction": {}},
        )
    )  # fmt: skip
    assert set(losses) == {
        "frequency_penalty", "presence_penalty", "seed", "min_p", "logprobs", "top_logprobs", "logit_bias",
        "verbosity", "metadata", "store", "prompt_cache_key", "prompt_cache_retention", "service_tier", "prediction",
    }  # fmt: skip
    lossless(ask(frequency_penalty=0, presence_penalty=0, logprobs=False, store=False, verbosity="medium",
                 output_format=OutputFormat(OutputKind.TEXT), include_usage=True))  # fmt: skip


@pytest.mark.parametrize(
    ("tier", "written"),
    [("auto", "auto"), ("default", "standard_only"), ("priority", "auto"), ("standard_only", "standard_only")],
)
def test_service_tiers(tier: str, written: str) -> None:
    assert lossless(ask(service_tier=tier))["service_tier"] == written


def test_the_end_user() -> None:
    assert lossless(ask(user="u1"))["metadata"] == {"user_id": "u1"}
    assert lossless(ask(safety_identifier="s1"))["metadata"] == {"user_id": "s1"}
    assert write(ask(user="u1", safety_identifier="s1"))[1] == ["safety_identifier"]


def test_a_schema_is_brought_into_the_subset() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}, "required": ["n"]}
    asked = OutputFormat(OutputKind.SCHEMA, schema, name="n", description="a number", strict=True)
    body, losses = write(ask(output_format=asked))
    written = body["output_config"]["format"]["schema"]
    assert written["additionalProperties"] is False and written["description"] == "a number"
    assert losses == ["response_format.json_schema.schema.properties.n.minimum"]
    assert refused(ask(output_format=asked), PLAIN)[1] == "response_format"


def test_json_without_a_schema_is_asked_for() -> None:
    losses = Losses()
    asked = ask(system=(b.Text("s"),), output_format=OutputFormat(OutputKind.JSON))
    asked, _ = rewrite(asked, Client().rules(BUDGET), losses)
    body = Client().write_request(asked, BUDGET, losses)
    assert len(body["system"]) == 2 and "JSON" in body["system"][1]["text"]
    assert [loss.path for loss in losses.items] == ["response_format"]


def test_fields_of_this_api_may_be_added_by_any_caller() -> None:
    body = lossless(ask(extra={"thinking": {"type": "adaptive"}, "container": "c1", "inference_geo": "eu"}))
    assert (body["thinking"], body["container"], body["inference_geo"]) == ({"type": "adaptive"}, "c1", "eu")


def test_a_count_has_no_limit_and_no_sampling() -> None:
    request = ask(system=(b.Text("s"),), tools=(TIME,), temperature=0.1, stream=True, max_tokens=None)
    body = Client().write_count_tokens(request, BUDGET, Losses())
    assert set(body) == {"model", "system", "messages", "tools"}
    assert Client().read_count({"input_tokens": 12}) == 12
    assert Client().count_path("m") == "/v1/messages/count_tokens"
    assert Client().path("m", True) == "/v1/messages"


# --- what newer models no longer take

STRICTER = Profile("claude", ABLE, 64_000, {**ADAPTIVE.traits, "prefill": False, "forced_tools": False})


def test_a_begun_answer_is_refused_where_the_model_does_not_go_on_with_it() -> None:
    message, param = refused(ask(user("a"), assistant("b")), STRICTER)
    assert param == "messages[1]"
    assert "begun answer" in message
    lossless(ask(user("a"), assistant("b"), user("c")), STRICTER)
    assert lossless(ask(user("a"), assistant("b")))["messages"][-1]["role"] == "assistant"


@pytest.mark.parametrize(
    "choice", [ToolChoice(ToolMode.REQUIRED), ToolChoice(ToolMode.NAMED, ("weather",))], ids=["any", "named"]
)
def test_a_forced_tool_is_refused_where_the_model_cannot_be_forced(choice: ToolChoice) -> None:
    asked = ask(tools=(WEATHER,), tool_choice=choice)
    assert refused(asked, STRICTER)[1] == "tool_choice"
    assert lossless(asked)["tool_choice"]["type"] in ("any", "tool")


def test_efforts_that_the_model_takes_are_said() -> None:
    able = Profile("claude", ABLE, 64_000, {**ADAPTIVE.traits, "efforts": ["low", "medium", "high", "xhigh", "max"]})
    body = lossless(ask(reasoning=Reasoning(effort="xhigh")), able)
    assert body["output_config"] == {"effort": "xhigh"}
