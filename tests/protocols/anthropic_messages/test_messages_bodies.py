"""Bodies that callers send: what is understood, what is kept, what is refused and how that is said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from interchange.continuity.seal import Seal
from interchange.hub import blocks as b
from interchange.hub.failure import RequestError
from interchange.hub.request import (
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
from interchange.protocols.anthropic_messages.server import Server

SEAL = Seal(b"sixteen bytes key")
SERVER = Server(SEAL)
USER = {"role": "user", "content": "hi"}


def body(*messages: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"model": "m", "max_tokens": 10, "messages": list(messages) or [USER], **fields}


def read(*messages: dict[str, Any], **fields: Any) -> Request:
    return SERVER.read_request(body(*messages, **fields))


def content(*blocks: dict[str, Any], role: str = "user") -> tuple[b.Block, ...]:
    return read({"role": role, "content": list(blocks)}).messages[0].content


def without(name: str, raw: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in raw.items() if key != name}


@pytest.mark.parametrize(("wrong", "message", "param"), [
    (without("messages", body()), "messages: Field required", "messages"),
    (without("max_tokens", body()), "max_tokens: Field required", "max_tokens"),
    (without("model", body()), "model: Field required", "model"),
    ({**body(), "messages": []}, "messages: at least one message is required", "messages"),
    ({**body(), "messages": "hi"}, "messages: Input should be a valid list", "messages"),
    ({**body(), "max_tokens": "10"}, "max_tokens: Input should be a valid integer", "max_tokens"),
    ({**body(), "max_tokens": -1}, "max_tokens: Input should be greater than or equal to 0", "max_tokens"),
    ({**body(), "stream": "yes"}, "stream: Input should be a valid boolean", "stream"),
    ({**body(), "temperature": 1.5}, "temperature: range: 0..1", "temperature"),
    ({**body(), "temperature": "hot"}, "temperature: Input should be a valid number", "temperature"),
    ({**body(), "stop_sequences": ["a", 1]}, "stop_sequences.1: Input should be a valid string", "stop_sequences[1]"),
    ({**body(), "stop_sequences": "a"}, "stop_sequences: Input should be a valid list", "stop_sequences"),
    (body({"role": "tool", "content": "x"}), "messages.0.role: Input should be 'user', 'assistant' or 'system'",
     "messages[0].role"),
    (body({"role": "user"}), "messages.0.content: Field required", "messages[0].content"),
    (body({"role": "user", "content": 1}), "messages.0.content: Input should be a valid string or list",
     "messages[0].content"),
    (body({"role": "user", "content": ["x"]}), "messages.0.content.0: Input should be an object",
     "messages[0].content[0]"),
    (body(USER, {"role": "user", "content": [{"type": "text"}]}), "messages.1.content.0.text.text: Field required",
     "messages[1].content[0].text"),
    (body({"role": "user", "content": [{"text": "x"}]}), "messages.0.content.0.type: Field required",
     "messages[0].content[0].type"),
    (body({"role": "user", "content": [{"type": "tool_result"}]}),
     "messages.0.content.0.tool_result.tool_use_id: Field required", "messages[0].content[0].tool_use_id"),
    (body({"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "f", "input": "{}"}]}),
     "messages.0.content.0.tool_use.input: Input should be an object", "messages[0].content[0].input"),
    (body({"role": "user", "content": [{"type": "image", "source": {"type": "base64", "data": "x"}}]}),
     "messages.0.content.0.image.source.base64.media_type: Field required",
     "messages[0].content[0].source.media_type"),
    (body(tools=[{"name": "f"}]), "tools.0.custom.input_schema: Field required", "tools[0].input_schema"),
    (body(tools=[{"input_schema": {}}]), "tools.0.custom.name: Field required", "tools[0].name"),
    (body(tool_choice={"type": "tool"}), "tool_choice.tool.name: Field required", "tool_choice.name"),
    (body(thinking={"type": "enabled"}), "thinking.enabled.budget_tokens: Field required", "thinking.budget_tokens"),
    (body(thinking={"type": "enabled", "budget_tokens": 10}),
     "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024", "thinking.budget_tokens"),
    (body(system=[{"type": "text"}]), "system.0.text.text: Field required", "system[0].text"),
    (body(cache_control={"type": "forever"}), "cache_control.type: Input should be 'ephemeral'", "cache_control.type"),
])  # fmt: skip
def test_what_is_wrong_is_said_in_the_apis_words(wrong: dict[str, Any], message: str, param: str) -> None:
    with pytest.raises(RequestError) as error:
        SERVER.read_request(wrong)
    assert (error.value.failure.message, error.value.failure.param) == (message, param)
    status, written = SERVER.write_failure(error.value.failure)
    assert (status, written["error"]) == (400, {"type": "invalid_request_error", "message": message})


def test_E10_an_unknown_tool_choice_is_a_400() -> None:
    with pytest.raises(RequestError):
        read(tool_choice={"type": "sometimes"})


def test_E1_a_system_message_keeps_its_place() -> None:
    request = read(USER, {"role": "system", "content": "be brief"}, {"role": "assistant", "content": "ok"})
    assert [message.role for message in request.messages] == [b.Role.USER, b.Role.SYSTEM, b.Role.ASSISTANT]
    assert request.messages[1].content == (b.Text("be brief"),)


def test_settings() -> None:
    request = read(
        system=[{"type": "text", "text": "s", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        temperature=1, top_p=0.5, top_k=3, stop_sequences=["E"], service_tier="auto", metadata={"user_id": "u"},
        cache_control={"type": "ephemeral"}, stream=True, mcp_servers=[{"name": "x"}],
    )  # fmt: skip
    assert request.system == (b.Text("s", cache=b.CacheControl("1h")),)
    assert (request.temperature, request.top_p, request.top_k, request.stop) == (1, 0.5, 3, ("E",))
    assert (request.service_tier, request.user, request.cache) == ("auto", "u", b.CacheControl())
    assert request.stream and request.mcp_servers == ({"name": "x"},) and request.extra == {}
    assert (request.protocol, request.max_tokens) == ("anthropic_messages", 10)


def test_null_is_absence() -> None:
    request = read(system=None, thinking=None, tools=None, stop_sequences=None, container=None, cache_control=None)
    assert request == read()


def test_thinking_and_effort() -> None:
    assert read(thinking={"type": "enabled", "budget_tokens": 2048}).reasoning == Reasoning(
        ThinkingMode.ENABLED, budget=2048
    )
    asked = read(thinking={"type": "adaptive", "display": "omitted"}, output_config={"effort": "max"}).reasoning
    assert asked == Reasoning(ThinkingMode.ADAPTIVE, "max", display="omitted")
    assert read(thinking={"type": "disabled"}).reasoning == Reasoning(ThinkingMode.DISABLED)
    assert read().reasoning is None


def test_output_format_in_both_places() -> None:
    form = {"type": "json_schema", "schema": {"type": "object"}}
    expected = OutputFormat(OutputKind.SCHEMA, {"type": "object"})
    assert read(output_config={"format": form}).output_format == expected
    assert read(output_format=form).output_format == expected


def test_what_is_unknown_is_kept() -> None:
    request = read(
        {"role": "user", "content": [{"type": "text", "text": "x", "future": 1}, {"type": "hologram", "data": 2}]},
        container="c", context_management={"edits": []}, betas=["x"], future_field=3, metadata={"user_id": "u", "k": 1},
        output_config={"task_budget": {"total": 5}}, thinking={"type": "between_tools"},
        tools=[{"name": "f", "input_schema": {}, "defer_loading": True}, {"type": "quantum_20300101", "name": "q"}],
    )  # fmt: skip
    assert request.extra == {
        "container": "c", "context_management": {"edits": []}, "betas": ["x"], "future_field": 3, "metadata.k": 1,
        "output_config.task_budget": {"total": 5}, "thinking": {"type": "between_tools"},
    }  # fmt: skip
    assert request.messages[0].extra == {"content[0].future": 1}
    assert request.messages[0].content[1] == b.Opaque("anthropic_messages", {"type": "hologram", "data": 2})
    function, hosted = request.tools
    assert isinstance(function, FunctionTool) and function.extra == {"defer_loading": True}
    assert isinstance(hosted, HostedTool) and hosted.kind == "other"


@pytest.mark.parametrize(("choice", "mode", "names", "parallel"), [
    ({"type": "auto"}, ToolMode.AUTO, (), None),
    ({"type": "any", "disable_parallel_tool_use": True}, ToolMode.REQUIRED, (), False),
    ({"type": "tool", "name": "f", "disable_parallel_tool_use": False}, ToolMode.NAMED, ("f",), True),
    ({"type": "none"}, ToolMode.NONE, (), None),
])  # fmt: skip
def test_E10_E11_E12_tool_choice(choice: Any, mode: ToolMode, names: tuple[str, ...], parallel: bool | None) -> None:
    request = read(tool_choice=choice)
    assert (request.tool_choice, request.parallel_tool_calls) == (ToolChoice(mode, names), parallel)


@pytest.mark.parametrize(("kind", "expected"), [
    ("web_search_20250305", "web_search"), ("web_search_20991231", "web_search"), ("web_fetch_20250910", "web_fetch"),
    ("code_execution_20250825", "code_execution"), ("computer_20251124", "computer"), ("bash_20250124", "bash"),
    ("text_editor_20250728", "text_editor"), ("memory_20250818", "memory"), ("mcp_toolset", "mcp"),
    ("tool_search_tool_bm25_20251119", "tool_search"), ("advisor_20260301", "other"),
])  # fmt: skip
def test_tools_that_the_vendor_runs(kind: str, expected: str) -> None:
    raw = {"type": kind, "name": "n", "max_uses": 2, "allowed_domains": ["a.example"]}
    tool = read(tools=[raw]).tools[0]
    assert isinstance(tool, HostedTool)
    run_by_the_caller = expected in ("computer", "bash", "text_editor", "memory")
    assert (tool.function is not None) is run_by_the_caller
    assert replace(tool, function=None) == HostedTool(expected, "anthropic_messages", raw, "n", 2, ("a.example",))


def test_E14_a_callers_function_is_told_by_its_type_not_its_name() -> None:
    tool = read(tools=[{"name": "web_search", "input_schema": {"type": "object"}}]).tools[0]
    assert tool == FunctionTool("web_search", schema={"type": "object"})


def test_media() -> None:
    assert content({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iV"}}) == (
        b.Image(b.Base64Source("image/png", "iV")),
    )
    assert content({"type": "image", "source": {"type": "url", "url": "https://a.example"}}) == (
        b.Image(b.UrlSource("https://a.example")),
    )
    document = {
        "type": "document", "title": "t", "context": "c", "citations": {"enabled": True},
        "source": {"type": "text", "media_type": "text/plain", "data": "d"}, "cache_control": {"type": "ephemeral"},
    }  # fmt: skip
    assert content(document) == (b.Document(b.TextSource("d"), "t", "c", True, b.CacheControl()),)
    nested = {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "x"}]}}
    assert content(nested) == (b.Document(b.BlocksSource((b.Text("x"),))),)
    stored = {"type": "document", "source": {"type": "file", "file_id": "f"}}
    assert content(stored) == (b.Document(b.FileSource("f", "anthropic_messages")),)


def test_a_search_result_is_a_document_for_every_model() -> None:
    raw = {"type": "search_result", "source": "https://a.example", "title": "t",
           "content": [{"type": "text", "text": "x"}]}  # fmt: skip
    message = read({"role": "user", "content": [raw]}).messages[0]
    assert message.content == (b.Document(b.BlocksSource((b.Text("x"),)), "t", "https://a.example"),)
    assert message.extra == {"content[0].type": "search_result"}


def test_E17_results_hold_pictures_and_errors() -> None:
    picture = {"type": "image", "source": {"type": "url", "url": "https://a.example"}}
    found = content({"type": "tool_result", "tool_use_id": "a", "is_error": True, "content": [picture]})
    assert found == (b.ToolResult("a", (b.Image(b.UrlSource("https://a.example")),), True),)
    assert content({"type": "tool_result", "tool_use_id": "a", "content": "x"}) == (b.ToolResult("a", (b.Text("x"),)),)
    assert content({"type": "tool_result", "tool_use_id": "a"}) == (b.ToolResult("a", ()),)


def test_calls_keep_their_arguments() -> None:
    call = {"type": "tool_use", "id": "a", "name": "f", "input": {"b": [1, 2]}, "caller": {"type": "direct"}}
    message = read({"role": "assistant", "content": [call]}).messages[0]
    assert message.content == (b.ToolUse("a", "f", '{"b":[1,2]}'),) and message.extra is None
    broken = {"type": "tool_use", "id": "a", "name": "f", "input": {"_malformed_arguments": "{bad"}}
    assert content(broken, role="assistant") == (b.ToolUse("a", "f", "{bad"),)


def test_vendor_run_calls_and_results() -> None:
    call = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "q"}}
    result = {"type": "web_search_tool_result", "tool_use_id": "s", "content": []}
    mcp = {"type": "mcp_tool_use", "id": "m", "name": "ask", "input": {}, "server_name": "wiki"}
    found = content(call, result, mcp, role="assistant")
    assert found == (
        b.ServerToolUse("s", "web_search", '{"query":"q"}', "web_search", "anthropic_messages",
                        {"type": "server_tool_use", "id": "s", "name": "web_search"}),
        b.ServerToolResult("s", "web_search", "anthropic_messages", result),
        b.ServerToolUse("m", "ask", "{}", "mcp", "anthropic_messages",
                        {"type": "mcp_tool_use", "id": "m", "name": "ask", "server_name": "wiki"}, "wiki"),
    )  # fmt: skip


def test_D15_signatures_own_sealed_and_broken() -> None:
    state = b.Continuation("openai_responses", "gAAA", "rs_1")
    sealed = SEAL.seal(state)
    forged = sealed[:-2] + ("aa" if sealed[-2:] != "aa" else "bb")
    found = content(
        {"type": "thinking", "thinking": "own", "signature": "EqQB"},
        {"type": "thinking", "thinking": "sealed", "signature": sealed},
        {"type": "thinking", "thinking": "forged", "signature": forged},
        {"type": "thinking", "thinking": "unsigned", "signature": ""},
        {"type": "redacted_thinking", "data": sealed},
        {"type": "redacted_thinking", "data": "EqQB"},
        role="assistant",
    )
    own = b.Continuation("anthropic_messages", "EqQB")
    assert found[:4] == (
        b.Thinking("own", own),
        b.Thinking("sealed", state),
        b.Thinking("forged"),
        b.Thinking("unsigned"),
    )
    assert found[4:] == (b.RedactedThinking(state), b.RedactedThinking(own))


def test_counting_asks_for_no_limit() -> None:
    request = SERVER.read_count_tokens({"model": "m", "messages": [USER]})
    assert request.max_tokens is None and request.messages[0].content == (b.Text("hi"),)
    with pytest.raises(RequestError):
        SERVER.read_count_tokens({"model": "m"})
    assert SERVER.write_count(12) == {"input_tokens": 12}
