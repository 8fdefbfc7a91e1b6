"""Samples of what a caller can say, by protocol: a name for people, and the change of a plain body that says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
PDF = "JVBERi0xLjQK"
SCHEMA: Json = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"],
                "additionalProperties": False}  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """`change` replaces members of the plain body; `beside` are members that it needs, and that stand in the body it is
    compared with too. `quiet` says why nothing may be said of it and no loss reported, by design."""

    group: str
    name: str
    change: Json
    beside: Json | None = None
    quiet: str = ""


CHAT: Json = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "max_completion_tokens": 4096}
FUNCTION: Json = {"type": "function", "function": {"name": "look", "description": "d", "parameters": SCHEMA}}
CALL: Json = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"city":"Oslo"}'}}
CHAT_TOOLS: Json = {"tools": [FUNCTION]}


def _turn(*content: Any, role: str = "user") -> Json:
    return {"messages": [{"role": role, "content": list(content)}]}


def _history(*messages: Json) -> Json:
    return {"messages": [{"role": "user", "content": "hi"}, *messages]}


def _called(**extra: Any) -> Json:
    turn = {"role": "assistant", "content": None, "tool_calls": [CALL], **extra}
    return _history(turn, {"role": "tool", "tool_call_id": "call_1", "content": "rain"})


CHAT_SAMPLES: tuple[Sample, ...] = (
    Sample("Parameters", "max_completion_tokens", {"max_completion_tokens": 2000}),
    Sample("Parameters", "max_tokens", {"max_tokens": 2000, "max_completion_tokens": None}),
    Sample("Parameters", "temperature", {"temperature": 0.3}),
    Sample("Parameters", "top_p", {"top_p": 0.3}),
    Sample("Parameters", "frequency_penalty", {"frequency_penalty": 0.5}),
    Sample("Parameters", "presence_penalty", {"presence_penalty": 0.5}),
    Sample("Parameters", "seed", {"seed": 7}),
    Sample("Parameters", "stop", {"stop": ["END"]}),
    Sample("Parameters", "n: 2", {"n": 2}),
    Sample("Parameters", "logprobs", {"logprobs": True}),
    Sample("Parameters", "top_logprobs", {"logprobs": True, "top_logprobs": 3}),
    Sample("Parameters", "logit_bias", {"logit_bias": {"50256": -100}}),
    Sample("Parameters", "stream", {"stream": True}),
    Sample("Parameters", "stream_options", {"stream_options": {"include_usage": True}}, {"stream": True}),
    Sample("Parameters", "user", {"user": "u-1"}),
    Sample("Parameters", "safety_identifier", {"safety_identifier": "s-1"}),
    Sample("Parameters", "metadata", {"metadata": {"a": "b"}}),
    Sample("Parameters", "store", {"store": True}),
    Sample("Parameters", "service_tier: flex", {"service_tier": "flex"}),
    Sample("Parameters", "service_tier: priority", {"service_tier": "priority"}),
    Sample("Parameters", "prediction", {"prediction": {"type": "content", "content": "x"}}),
    Sample("Parameters", "verbosity", {"verbosity": "low"}),
    Sample("Parameters", "moderation", {"moderation": {"model": "omni-moderation-latest"}}),
    Sample("Parameters", "modalities: audio", {"modalities": ["text", "audio"],
                                               "audio": {"voice": "alloy", "format": "wav"}}),
    Sample("Parameters", "a field that is not known", {"some_new_field": 1}),
    Sample("Reasoning", "reasoning_effort: none", {"reasoning_effort": "none"}),
    Sample("Reasoning", "reasoning_effort: low", {"reasoning_effort": "low"}),
    Sample("Reasoning", "reasoning_effort: high", {"reasoning_effort": "high"}),
    Sample("Reasoning", "reasoning_effort: xhigh", {"reasoning_effort": "xhigh"}),
    Sample("Structured output", "response_format: json_object", {"response_format": {"type": "json_object"}}),
    Sample("Structured output", "response_format: json_schema", {"response_format": {
        "type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA, "strict": True}}}),
    Sample("Caching", "prompt_cache_key", {"prompt_cache_key": "k"}),
    Sample("Caching", "prompt_cache_retention", {"prompt_cache_retention": "24h"}),
    Sample("Caching", "prompt_cache_options", {"prompt_cache_options": {"mode": "explicit"}}),
    Sample("Caching", "cache_control on a part",
           _turn({"type": "text", "text": "hi", "cache_control": {"type": "ephemeral", "ttl": "1h"}})),
    Sample("Caching", "cache_control of an hour behind one of five minutes",
           _turn({"type": "text", "text": "hi", "cache_control": {"type": "ephemeral"}},
                 {"type": "text", "text": "q", "cache_control": {"type": "ephemeral", "ttl": "1h"}})),
    Sample("Content", "system message", {"messages": [{"role": "system", "content": "s"},
                                                      {"role": "user", "content": "hi"}]}),
    Sample("Content", "developer message", {"messages": [{"role": "developer", "content": "s"},
                                                         {"role": "user", "content": "hi"}]}),
    Sample("Content", "system message inside the conversation",
           _history({"role": "assistant", "content": "a"}, {"role": "system", "content": "s"},
                    {"role": "user", "content": "go"})),
    Sample("Content", "name of a participant", {"messages": [{"role": "user", "name": "ann", "content": "hi"}]}),
    Sample("Content", "image, inline", _turn({"type": "image_url",
                                              "image_url": {"url": f"data:image/png;base64,{PIXEL}"}})),
    Sample("Content", "image by URL", _turn({"type": "image_url", "image_url": {"url": "https://a.example/x.png"}})),
    Sample("Content", "image detail", _turn({"type": "image_url", "image_url": {
        "url": f"data:image/png;base64,{PIXEL}", "detail": "low"}})),
    Sample("Content", "file, inline PDF", _turn({"type": "file", "file": {
        "filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PDF}"}})),
    Sample("Content", "file by id", _turn({"type": "file", "file": {"file_id": "file-1"}})),
    Sample("Content", "input_audio", _turn({"type": "input_audio", "input_audio": {"data": "UklGRg==",
                                                                                   "format": "wav"}})),
    Sample("Content", "refusal in the history", _history({"role": "assistant", "content": None, "refusal": "no"},
                                                         {"role": "user", "content": "why"})),
    Sample("Tools", "tools: function", CHAT_TOOLS),
    Sample("Tools", "functions (older form)", {"functions": [FUNCTION["function"]], "function_call": "auto"}),
    Sample("Tools", "strict", {"tools": [{"type": "function", "function": {**FUNCTION["function"], "strict": True}}]}),
    Sample("Tools", "tools: custom, with a grammar", {"tools": [{"type": "custom", "custom": {"name": "sql", "format": {
        "type": "grammar", "grammar": {"syntax": "lark", "definition": "start: WORD"}}}}]}),
    Sample("Tools", "tools: custom", {"tools": [{"type": "custom", "custom": {"name": "sql", "description": "d"}}]}),
    Sample("Tools", "tool_choice: none", {**CHAT_TOOLS, "tool_choice": "none"}, CHAT_TOOLS),
    Sample("Tools", "tool_choice: auto", {**CHAT_TOOLS, "tool_choice": "auto"}, CHAT_TOOLS),
    Sample("Tools", "tool_choice: required", {**CHAT_TOOLS, "tool_choice": "required"}, CHAT_TOOLS),
    Sample("Tools", "tool_choice: one function",
           {**CHAT_TOOLS, "tool_choice": {"type": "function", "function": {"name": "look"}}}, CHAT_TOOLS),
    Sample("Tools", "tool_choice: allowed_tools", {**CHAT_TOOLS, "tool_choice": {
        "type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [
            {"type": "function", "function": {"name": "look"}}]}}}, CHAT_TOOLS),
    Sample("Tools", "parallel_tool_calls: false", {**CHAT_TOOLS, "parallel_tool_calls": False}, CHAT_TOOLS),
    Sample("Tools", "calls and results in the history", {**CHAT_TOOLS, **_called()}, CHAT_TOOLS),
    Sample("Tools", "calls in the history, no tools declared", _called()),
    Sample("Tools", "web_search_options", {"web_search_options": {}}),
)  # fmt: skip


MESSAGES: Json = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 4096}
TOOL: Json = {"name": "look", "description": "d", "input_schema": SCHEMA}
TOOLS: Json = {"tools": [TOOL]}
IMAGE: Json = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}
USE: Json = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"city": "Oslo"}}
EPHEMERAL: Json = {"type": "ephemeral", "ttl": "1h"}


def _document(**source: Any) -> Json:
    return {"type": "document", "source": source}


def _used(*content: Any, **extra: Any) -> Json:
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": list(content), **extra}
    return {**TOOLS, **_history({"role": "assistant", "content": [USE]}, {"role": "user", "content": [result]})}


def _answered(*blocks: Json) -> Json:
    return _history({"role": "assistant", "content": [*blocks, {"type": "text", "text": "a"}]},
                    {"role": "user", "content": "go"})  # fmt: skip


def _hosted(kind: str, name: str, **extra: Any) -> Json:
    return {"tools": [{"type": kind, "name": name, **extra}]}


FOREIGN = "another vendor's reasoning means nothing to this model, and is left out"
MCP: Json = {"mcp_servers": [{"type": "url", "url": "https://mcp.example/sse", "name": "files"}],
             "tools": [{"type": "mcp_toolset", "mcp_server_name": "files"}]}  # fmt: skip

MESSAGES_SAMPLES: tuple[Sample, ...] = (
    Sample("Parameters", "max_tokens", {"max_tokens": 2000}),
    Sample("Parameters", "temperature", {"temperature": 0.3}),
    Sample("Parameters", "top_p", {"top_p": 0.3}),
    Sample("Parameters", "top_k", {"top_k": 40}),
    Sample("Parameters", "stop_sequences", {"stop_sequences": ["END"]}),
    Sample("Parameters", "stream", {"stream": True}),
    Sample("Parameters", "metadata.user_id", {"metadata": {"user_id": "u-1"}}),
    Sample("Parameters", "service_tier: standard_only", {"service_tier": "standard_only"}),
    Sample("Parameters", "container", {"container": "container_1"}),
    Sample("Parameters", "context_management", {"context_management": {"edits": [
        {"type": "clear_tool_uses_20250919"}]}}),
    Sample("Parameters", "inference_geo", {"inference_geo": "us"}),
    Sample("Parameters", "speed", {"speed": "fast"}),
    Sample("Parameters", "a field that is not known", {"some_new_field": 1}),
    Sample("Reasoning", "thinking: enabled", {"thinking": {"type": "enabled", "budget_tokens": 2000}}),
    Sample("Reasoning", "thinking: adaptive", {"thinking": {"type": "adaptive"}}),
    Sample("Reasoning", "thinking: disabled", {"thinking": {"type": "disabled"}}),
    Sample("Reasoning", "thinking.display: omitted",
           {"thinking": {"type": "enabled", "budget_tokens": 2000, "display": "omitted"}},
           {"thinking": {"type": "enabled", "budget_tokens": 2000}}),
    Sample("Reasoning", "output_config.effort", {"output_config": {"effort": "low"}}),
    Sample("Reasoning", "thinking in the history, its own vendor's",
           _answered({"type": "thinking", "thinking": "hm", "signature": "c2ln"}), _answered(), FOREIGN),
    Sample("Reasoning", "redacted_thinking in the history",
           _answered({"type": "redacted_thinking", "data": "ZGF0YQ"}), _answered(), FOREIGN),
    Sample("Structured output", "output_config.format", {"output_config": {"format": {"type": "json_schema",
                                                                                      "schema": SCHEMA}}}),
    Sample("Caching", "cache_control, top level", {"cache_control": {"type": "ephemeral"}}),
    Sample("Caching", "cache_control on a block", _turn({"type": "text", "text": "hi", "cache_control": EPHEMERAL})),
    Sample("Caching", "cache_control on a tool", {"tools": [{**TOOL, "cache_control": EPHEMERAL}]}, TOOLS),
    Sample("Content", "system", {"system": "s"}),
    Sample("Content", "system as blocks", {"system": [{"type": "text", "text": "s"}]}),
    Sample("Content", "role: system inside the conversation",
           _history({"role": "assistant", "content": "a"}, {"role": "system", "content": "s"},
                    {"role": "user", "content": "go"})),
    Sample("Content", "image, base64", _turn(IMAGE)),
    Sample("Content", "image by URL", _turn({"type": "image",
                                             "source": {"type": "url", "url": "https://a.example/x.png"}})),
    Sample("Content", "image by file id", _turn({"type": "image", "source": {"type": "file", "file_id": "file_1"}})),
    Sample("Content", "document, PDF", _turn(_document(type="base64", media_type="application/pdf", data=PDF))),
    Sample("Content", "document, text", _turn(_document(type="text", media_type="text/plain", data="t"))),
    Sample("Content", "document by URL", _turn(_document(type="url", url="https://a.example/x.pdf"))),
    Sample("Content", "document by file id", _turn(_document(type="file", file_id="file_1"))),
    Sample("Content", "document with citations", _turn({
        **_document(type="text", media_type="text/plain", data="t"), "title": "T", "citations": {"enabled": True}})),
    Sample("Content", "search_result", _turn({"type": "search_result", "source": "https://a.example", "title": "T",
                                              "content": [{"type": "text", "text": "t"}]})),
    Sample("Tools", "tools", TOOLS),
    Sample("Tools", "strict", {"tools": [{**TOOL, "strict": True}]}, TOOLS),
    Sample("Tools", "eager_input_streaming", {"tools": [{**TOOL, "eager_input_streaming": True}]}, TOOLS),
    Sample("Tools", "tool_choice: auto", {**TOOLS, "tool_choice": {"type": "auto"}}, TOOLS),
    Sample("Tools", "tool_choice: any", {**TOOLS, "tool_choice": {"type": "any"}}, TOOLS),
    Sample("Tools", "tool_choice: tool", {**TOOLS, "tool_choice": {"type": "tool", "name": "look"}}, TOOLS),
    Sample("Tools", "tool_choice: none", {**TOOLS, "tool_choice": {"type": "none"}}, TOOLS),
    Sample("Tools", "disable_parallel_tool_use",
           {**TOOLS, "tool_choice": {"type": "auto", "disable_parallel_tool_use": True}}, TOOLS),
    Sample("Tools", "tool_use and tool_result", _used({"type": "text", "text": "rain"}), TOOLS),
    Sample("Tools", "tool_result with is_error", _used({"type": "text", "text": "no"}, is_error=True), TOOLS),
    Sample("Tools", "tool_result with an image", _used(IMAGE), TOOLS),
    Sample("Tools", "tool_result with a document",
           _used(_document(type="base64", media_type="application/pdf", data=PDF)), TOOLS),
    Sample("Vendor-run tools", "web_search", _hosted("web_search_20250305", "web_search")),
    Sample("Vendor-run tools", "web_search: allowed_domains",
           _hosted("web_search_20250305", "web_search", allowed_domains=["a.example"])),
    Sample("Vendor-run tools", "web_fetch", _hosted("web_fetch_20250910", "web_fetch")),
    Sample("Vendor-run tools", "code_execution", _hosted("code_execution_20250825", "code_execution")),
    Sample("Vendor-run tools", "bash", _hosted("bash_20250124", "bash")),
    Sample("Vendor-run tools", "text_editor", _hosted("text_editor_20250728", "str_replace_based_edit_tool")),
    Sample("Vendor-run tools", "memory", _hosted("memory_20250818", "memory")),
    Sample("Vendor-run tools", "tool_search", {"tools": [
        {"type": "tool_search_tool_regex_20251119", "name": "tool_search_tool_regex"}, TOOL]}, TOOLS),
    Sample("Vendor-run tools", "mcp_servers", MCP),
)  # fmt: skip
