"""Samples of what a caller of Responses can say; see `compatibility_samples`."""

from __future__ import annotations

from typing import Any

from scripts.compatibility_samples import PDF, PIXEL, SCHEMA, Json, Sample

PLAIN: Json = {"model": "m", "input": "hi", "max_output_tokens": 4096}
FUNCTION: Json = {"type": "function", "name": "look", "description": "d", "parameters": SCHEMA, "strict": False}
TOOLS: Json = {"tools": [FUNCTION]}
CALL: Json = {"type": "function_call", "call_id": "call_1", "name": "look", "arguments": '{"city":"Oslo"}'}
RESULT: Json = {"type": "function_call_output", "call_id": "call_1", "output": "rain"}
USER: Json = {"role": "user", "content": "hi"}
ANSWER: Json = {"role": "assistant", "content": "a"}
REASONING: Json = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAAA"}
MCP: Json = {"type": "mcp", "server_label": "files", "server_url": "https://mcp.example/sse",
             "require_approval": "never"}  # fmt: skip
FOREIGN = "another vendor's reasoning means nothing to this model, and is left out"
STATE = "reasoning comes back sealed in every answer, whether it is asked for or not"


def _part(**part: Any) -> Json:
    return {"input": [{"role": "user", "content": [part]}]}


def _history(*items: Json) -> Json:
    return {"input": [USER, *items]}


def _tool(**tool: Any) -> Json:
    return {"tools": [tool]}


def _text(**text: Any) -> Json:
    return {"text": text}


SAMPLES: tuple[Sample, ...] = (
    Sample("Parameters", "max_output_tokens", {"max_output_tokens": 2000}),
    Sample("Parameters", "temperature", {"temperature": 0.3}),
    Sample("Parameters", "top_p", {"top_p": 0.3}),
    Sample("Parameters", "top_logprobs", {"top_logprobs": 3}),
    Sample("Parameters", "max_tool_calls", {"max_tool_calls": 3}),
    Sample("Parameters", "stream", {"stream": True}),
    Sample("Parameters", "stream_options", {"stream_options": {"include_obfuscation": False}}, {"stream": True}),
    Sample("Parameters", "user", {"user": "u-1"}),
    Sample("Parameters", "safety_identifier", {"safety_identifier": "s-1"}),
    Sample("Parameters", "metadata", {"metadata": {"a": "b"}}),
    Sample("Parameters", "store: false", {"store": False}),
    Sample("Parameters", "service_tier: flex", {"service_tier": "flex"}),
    Sample("Parameters", "service_tier: priority", {"service_tier": "priority"}),
    Sample("Parameters", "truncation: auto", {"truncation": "auto"}),
    Sample("Parameters", "text.verbosity", _text(verbosity="low")),
    Sample("Parameters", "moderation", {"moderation": {"model": "omni-moderation-latest"}}),
    Sample("Parameters", "include: reasoning.encrypted_content", {"include": ["reasoning.encrypted_content"]},
           quiet=STATE),
    Sample("Parameters", "image", {"image": {"detail": "low"}}),
    Sample("Parameters", "context_management", {"context_management": [{"type": "compaction"}]}),
    Sample("Parameters", "access_programs", {"access_programs": {"cyber": "x"}}),
    Sample("Parameters", "a field that is not known", {"some_new_field": 1}),
    Sample("Stored by the vendor", "conversation", {"conversation": "conv_1"}),
    Sample("Stored by the vendor", "prompt", {"prompt": {"id": "pmpt_1"}}),
    Sample("Stored by the vendor", "background", {"background": True}),
    Sample("Stored by the vendor", "background_options", {"background_options": {"a": 1}}),
    Sample("Reasoning", "reasoning.effort: none", {"reasoning": {"effort": "none"}}),
    Sample("Reasoning", "reasoning.effort: low", {"reasoning": {"effort": "low"}}),
    Sample("Reasoning", "reasoning.effort: high", {"reasoning": {"effort": "high"}}),
    Sample("Reasoning", "reasoning.summary", {"reasoning": {"effort": "low", "summary": "auto"}},
           {"reasoning": {"effort": "low"}}),
    Sample("Reasoning", "reasoning in the history, its own vendor's", _history(REASONING, ANSWER, USER),
           _history(ANSWER, USER), FOREIGN),
    Sample("Structured output", "text.format: json_object", _text(format={"type": "json_object"})),
    Sample("Structured output", "text.format: json_schema",
           _text(format={"type": "json_schema", "name": "a", "schema": SCHEMA, "strict": True})),
    Sample("Caching", "prompt_cache_key", {"prompt_cache_key": "k"}),
    Sample("Caching", "prompt_cache_retention", {"prompt_cache_retention": "24h"}),
    Sample("Caching", "prompt_cache_options", {"prompt_cache_options": {"mode": "explicit"}}),
    Sample("Content", "instructions", {"instructions": "s"}),
    Sample("Content", "developer message", {"input": [{"role": "developer", "content": "s"}, USER]}),
    Sample("Content", "developer message inside the conversation",
           _history(ANSWER, {"role": "developer", "content": "s"}, USER), _history(ANSWER, USER)),
    Sample("Content", "image, inline", _part(type="input_image", image_url=f"data:image/png;base64,{PIXEL}")),
    Sample("Content", "image by URL", _part(type="input_image", image_url="https://a.example/x.png")),
    Sample("Content", "image by file id", _part(type="input_image", file_id="file-1")),
    Sample("Content", "image detail", _part(type="input_image", image_url=f"data:image/png;base64,{PIXEL}",
                                            detail="low")),
    Sample("Content", "file, inline PDF", _part(type="input_file", filename="a.pdf",
                                                file_data=f"data:application/pdf;base64,{PDF}")),
    Sample("Content", "file by URL", _part(type="input_file", file_url="https://a.example/x.pdf")),
    Sample("Content", "file by id", _part(type="input_file", file_id="file-1")),
    Sample("Tools", "tools: function", TOOLS),
    Sample("Tools", "strict", {"tools": [{**FUNCTION, "strict": True}]}, TOOLS),
    Sample("Tools", "tools: custom", _tool(type="custom", name="sql", description="d")),
    Sample("Tools", "tool_choice: none", {**TOOLS, "tool_choice": "none"}, TOOLS),
    Sample("Tools", "tool_choice: auto", {**TOOLS, "tool_choice": "auto"}, TOOLS),
    Sample("Tools", "tool_choice: required", {**TOOLS, "tool_choice": "required"}, TOOLS),
    Sample("Tools", "tool_choice: one function", {**TOOLS, "tool_choice": {"type": "function", "name": "look"}}, TOOLS),
    Sample("Tools", "tool_choice: allowed_tools", {**TOOLS, "tool_choice": {
        "type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "look"}]}}, TOOLS),
    Sample("Tools", "parallel_tool_calls: false", {**TOOLS, "parallel_tool_calls": False}, TOOLS),
    Sample("Tools", "calls and results in the history", {**TOOLS, **_history(CALL, RESULT)}, TOOLS),
    Sample("Vendor-run tools", "web_search", _tool(type="web_search")),
    Sample("Vendor-run tools", "code_interpreter", _tool(type="code_interpreter", container={"type": "auto"})),
    Sample("Vendor-run tools", "file_search", _tool(type="file_search", vector_store_ids=["vs_1"])),
    Sample("Vendor-run tools", "image_generation", _tool(type="image_generation")),
    Sample("Vendor-run tools", "mcp", {"tools": [MCP]}),
    Sample("Vendor-run tools", "shell", _tool(type="shell")),
    Sample("Vendor-run tools", "apply_patch", _tool(type="apply_patch")),
)  # fmt: skip
