"""What a caller may send: every wrong field is a 400 that names it, every right one reaches the hub."""

from __future__ import annotations

from typing import Any

import pytest

from interchange.continuity.seal import Seal
from interchange.hub import blocks as b
from interchange.hub import request as r
from interchange.hub.failure import ErrorKind, Failure, RequestError
from interchange.hub.usage import Usage
from interchange.protocols.openai_chat.server import Server

SERVER = Server(Seal(b"sixteen bytes key"))
HI = {"role": "user", "content": "hi"}


def read(*messages: Any, **fields: Any) -> r.Request:
    return SERVER.read_request({"model": "m", "messages": list(messages) or [HI], **fields})


def part(**fields: Any) -> dict[str, Any]:
    return {"role": "user", "content": [fields]}


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"messages": [HI]}, "model"),
        ({"model": 1, "messages": [HI]}, "model"),
        ({"model": "m"}, "messages"),
        ({"model": "m", "messages": None}, "messages"),
        ({"model": "m", "messages": []}, "messages"),
        ({"model": "m", "messages": "hi"}, "messages"),
        ({"model": "m", "messages": ["hi"]}, "messages[0]"),
    ],
)
def test_a_body_without_its_necessities_is_refused(body: dict[str, Any], param: str) -> None:
    with pytest.raises(RequestError) as refused:
        SERVER.read_request(body)
    assert refused.value.failure.kind is ErrorKind.INVALID_REQUEST
    assert refused.value.failure.param == param
    assert param in refused.value.failure.message


@pytest.mark.parametrize(
    ("message", "param"),
    [
        ({"content": "hi"}, "role"),
        ({"role": "narrator", "content": "hi"}, "role"),
        ({"role": 1, "content": "hi"}, "role"),
        ({"role": "user"}, "content"),
        ({"role": "user", "content": None}, "content"),
        ({"role": "user", "content": 1}, "content"),
        ({"role": "user", "content": ["hi"]}, "content[0]"),
        (part(text="hi"), "content[0].type"),
        (part(type="text"), "content[0].text"),
        (part(type="text", text=1), "content[0].text"),
        (part(type="image_url"), "content[0].image_url"),
        (part(type="image_url", image_url={}), "content[0].image_url.url"),
        (part(type="image_url", image_url={"url": "ftp://a.b/c"}), "content[0].image_url.url"),
        (part(type="input_audio", input_audio={"data": "AA"}), "content[0].input_audio.format"),
        (part(type="file", file={"filename": "a.pdf"}), "content[0].file.file_data"),
        (part(type="text", text="hi", cache_control="yes"), "content[0].cache_control"),
        ({"role": "tool", "content": "x"}, "tool_call_id"),
        ({"role": "assistant", "tool_calls": {}}, "tool_calls"),
        ({"role": "assistant", "tool_calls": [{"type": "function", "function": {"name": "a"}}]}, "tool_calls[0].id"),
        ({"role": "assistant", "tool_calls": [{"id": "a", "type": "function"}]}, "tool_calls[0].function"),
        ({"role": "assistant", "tool_calls": [{"id": "a", "type": "magic"}]}, "tool_calls[0].type"),
        (
            {"role": "assistant", "tool_calls": [{"id": "a", "function": {"name": "n", "arguments": 1}}]},
            "tool_calls[0].function.arguments",
        ),
        ({"role": "user", "content": "hi", "name": 1}, "name"),
    ],
)
def test_a_wrong_message_is_named_by_its_path(message: dict[str, Any], param: str) -> None:
    with pytest.raises(RequestError) as refused:
        read(HI, message)
    assert refused.value.failure.param == f"messages[1].{param}"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"stream": "true"}, "stream"),
        ({"stream": 1}, "stream"),
        ({"stream_options": {"include_usage": "yes"}}, "stream_options.include_usage"),
        ({"temperature": "1"}, "temperature"),
        ({"temperature": True}, "temperature"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_completion_tokens": "7"}, "max_completion_tokens"),
        ({"max_tokens": 1.5}, "max_tokens"),
        ({"n": 0}, "n"),
        ({"stop": 1}, "stop"),
        ({"stop": ["a", 1]}, "stop[1]"),
        ({"logit_bias": []}, "logit_bias"),
        ({"user": 1}, "user"),
        ({"metadata": {"a": 1}}, "metadata.a"),
        ({"modalities": "audio"}, "modalities"),
        ({"response_format": "json"}, "response_format"),
        ({"response_format": {"type": "yaml"}}, "response_format.type"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
        ({"response_format": {"type": "json_schema", "json_schema": {}}}, "response_format.json_schema.name"),
        ({"tools": {}}, "tools"),
        ({"tools": [{"type": "function"}]}, "tools[0].function"),
        ({"tools": [{"type": "function", "function": {}}]}, "tools[0].function.name"),
        (
            {"tools": [{"type": "function", "function": {"name": "a", "parameters": "x"}}]},
            "tools[0].function.parameters",
        ),
        ({"tools": [{"type": "custom", "custom": {}}]}, "tools[0].custom.name"),
        ({"tools": [{"name": "a"}]}, "tools[0].type"),
        ({"tool_choice": "maybe"}, "tool_choice"),
        ({"tool_choice": {"type": "function"}}, "tool_choice.function.name"),
        ({"tool_choice": {"type": "some"}}, "tool_choice.type"),
        ({"tool_choice": 1}, "tool_choice"),
        ({"tool_choice": {"type": "allowed_tools"}}, "tool_choice.allowed_tools"),
        ({"reasoning_effort": 3}, "reasoning_effort"),
        ({"thinking": {"budget_tokens": 3}}, "thinking.type"),
        ({"thinking": {"type": "hard"}}, "thinking.type"),
        ({"parallel_tool_calls": "no"}, "parallel_tool_calls"),
    ],
)
def test_a_wrong_parameter_is_named(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(RequestError) as refused:
        read(**fields)
    assert refused.value.failure.param == param


def test_every_parameter_reaches_the_hub_and_the_rest_is_kept() -> None:
    request = read(
        temperature=0.5, top_p=1, seed=3, n=2, stop="END", frequency_penalty=0.1, presence_penalty=-0.1,
        logprobs=True, top_logprobs=2, logit_bias={"1": 2}, modalities=["text", "audio"],
        audio={"voice": "alloy", "format": "wav"}, verbosity="low", service_tier="flex", user="u", store=True,
        metadata={"a": "b"}, prompt_cache_key="k", prompt_cache_retention="24h", safety_identifier="s",
        reasoning_effort="high", stream=True, stream_options={"include_usage": True, "include_obfuscation": False},
        top_k=5, min_p=0.1, parallel_tool_calls=False, cache_control={"type": "ephemeral"},
        prediction={"type": "content", "content": "x"}, moderation=None,
    )  # fmt: skip
    assert request.stop == ("END",) and request.modalities == ("text", "audio")
    assert request.reasoning == r.Reasoning(effort="high", shown=True)
    assert request.include_usage is True and request.stream is True
    assert request.cache == b.CacheControl()
    assert (request.top_k, request.min_p, request.n, request.verbosity) == (5, 0.1, 2, "low")
    assert request.extra == {
        "prediction": {"type": "content", "content": "x"},
        "stream_options": {"include_obfuscation": False},
    }


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"reasoning_effort": "none"}, r.Reasoning(effort="none")),
        (
            {"thinking": {"type": "enabled", "budget_tokens": 2048}},
            r.Reasoning(mode=r.ThinkingMode.ENABLED, budget=2048, shown=True),
        ),
        ({"thinking": {"type": "disabled"}}, r.Reasoning(mode=r.ThinkingMode.DISABLED)),
        (
            {"thinking": {"type": "enabled"}, "reasoning_effort": "low"},
            r.Reasoning(mode=r.ThinkingMode.ENABLED, effort="low", shown=True),
        ),
        ({"reasoning": {"effort": "high", "exclude": True}}, r.Reasoning(effort="high", display="omitted")),
        ({"reasoning": {"max_tokens": 99}}, r.Reasoning(mode=r.ThinkingMode.ENABLED, budget=99, shown=True)),
        ({"reasoning": {"enabled": False}}, r.Reasoning(mode=r.ThinkingMode.DISABLED)),
        ({}, None),
    ],
)
def test_thinking_is_asked_for_in_three_ways(fields: dict[str, Any], expected: r.Reasoning | None) -> None:
    assert read(**fields).reasoning == expected


def test_parts_become_blocks() -> None:
    content = [
        {"type": "text", "text": "see", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
        {"type": "image_url", "image_url": {"url": "data:image/PNG;base64,AAAA", "detail": "low"}},
        {"type": "image_url", "image_url": {"url": "https://a.b/c.png"}},
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}},
        {"type": "file", "file": {"file_data": "data:application/pdf;base64,AAAA", "filename": "a.pdf"}},
        {"type": "file", "file": {"file_data": "AAAA", "filename": "a.csv"}},
        {"type": "file", "file": {"file_id": "file-1"}},
        {"type": "video_url", "video_url": {"url": "https://a.b/c.mp4"}},
    ]
    (message,) = read({"role": "user", "content": content}).messages
    assert message.content == (
        b.Text("see", cache=b.CacheControl("1h")),
        b.Image(b.Base64Source("image/png", "AAAA"), "low"),
        b.Image(b.UrlSource("https://a.b/c.png")),
        b.Audio(b.Base64Source("audio/mpeg", "AAAA"), "mp3"),
        b.Document(b.Base64Source("application/pdf", "AAAA"), "a.pdf"),
        b.Document(b.Base64Source("text/csv", "AAAA"), "a.csv"),
        b.Document(b.FileSource("file-1", "openai_chat")),
        b.Opaque("openai_chat", content[-1]),
    )


def test_a_run_of_tool_messages_is_one_turn() -> None:
    calls = [{"id": name, "type": "function", "function": {"name": name, "arguments": "{}"}} for name in "ab"]
    request = read(
        {"role": "developer", "content": "be brief"},
        HI,
        {"role": "assistant", "content": "on it", "tool_calls": calls},
        {"role": "tool", "tool_call_id": "a", "content": "1"},
        {"role": "tool", "tool_call_id": "b", "content": [{"type": "text", "text": "2"}], "name": "b"},
        {"role": "user", "content": "and?"},
        {"role": "developer", "content": "be kind"},
        {"role": "tool", "tool_call_id": "c", "content": ""},
    )
    assert request.system == (b.Text("be brief"),)
    assert [message.role.value for message in request.messages] == [
        "user", "assistant", "user", "user", "developer", "user",
    ]  # fmt: skip
    assert request.messages[2].content == (
        b.ToolResult("a", (b.Text("1"),)),
        b.ToolResult("b", (b.Text("2"),), name="b"),
    )
    assert request.messages[5].content == (b.ToolResult("c", ()),)


def test_functions_of_old_are_tools() -> None:
    request = read(
        HI,
        {"role": "assistant", "content": None, "function_call": {"name": "one", "arguments": "{}"}},
        {"role": "function", "name": "one", "content": "done"},
        functions=[{"name": "one", "parameters": {"type": "object"}}],
        function_call={"name": "one"},
    )
    call, result = request.messages[1].content[0], request.messages[2].content[0]
    assert isinstance(call, b.ToolUse) and isinstance(result, b.ToolResult)
    assert call.id == result.tool_use_id and len(call.id) <= 40
    assert request.tools == (r.FunctionTool("one", schema={"type": "object"}),)
    assert request.tool_choice == r.ToolChoice(r.ToolMode.NAMED, ("one",))


def test_tools_of_every_kind() -> None:
    grammar = {"type": "grammar", "grammar": {"syntax": "regex", "definition": "a+"}}
    function = {"name": "one", "description": "d", "parameters": {}, "strict": True, "odd": 1}
    request = read(
        tools=[
            {"type": "function", "function": function, "cache_control": {"type": "ephemeral"}},
            {"type": "custom", "custom": {"name": "free", "format": grammar}},
            {"type": "openrouter:web_search", "parameters": {}},
        ],
        web_search_options={"user_location": {"type": "approximate", "approximate": {"country": "DE"}}},
    )
    one, free, search, options = request.tools
    assert one == r.FunctionTool("one", "d", {}, True, b.CacheControl(), {"function": {"odd": 1}})
    assert free == r.CustomTool("free", None, grammar)
    assert isinstance(search, r.HostedTool) and search.kind == "web_search"
    assert isinstance(options, r.HostedTool) and options.user_location == {"country": "DE"}


# --- errors


@pytest.mark.parametrize("kind", list(ErrorKind))
def test_every_failure_is_an_openai_error(kind: ErrorKind) -> None:
    status, body = SERVER.write_failure(Failure(kind, "why", param="a.b"))
    assert 400 <= status <= 504
    assert set(body["error"]) == {"message", "type", "param", "code"}
    assert (body["error"]["message"], body["error"]["param"]) == ("why", "a.b")
    assert isinstance(body["error"]["type"], str)


def test_K8_overload_is_503_for_openai_clients() -> None:
    assert SERVER.write_failure(Failure(ErrorKind.OVERLOADED, "busy", status=529, upstream=True))[0] == 503
    assert SERVER.write_failure(Failure(ErrorKind.API, "bad gateway", status=502))[0] == 502
    assert SERVER.write_failure(Failure(ErrorKind.API, "odd", status=520))[0] == 500


def test_a_failures_own_code_stands() -> None:
    _, body = SERVER.write_failure(Failure(ErrorKind.NOT_FOUND, "no such model", "model", "model_not_found"))
    assert body["error"]["code"] == "model_not_found"


def test_K10_a_heartbeat_is_a_comment_of_its_own() -> None:
    assert SERVER.heartbeat() == b": keep-alive\n\n"


def test_usage_has_every_field() -> None:
    assert SERVER.write_usage(Usage(input=3, cache_read=7, output=5, reasoning=2)) == {
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "total_tokens": 15,
        "prompt_tokens_details": {"cached_tokens": 7, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 2,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
