"""Maps fields of the hub to a body of chat completions."""

from __future__ import annotations

from interchange.continuity.seal import Seal
from interchange.hub.places import Places, tool_fields, trace
from interchange.protocols.faces import JsonObject
from interchange.protocols.openai import fields

from .messages import Conversation

WORDS = {
    "stop_sequences": "stop",
    "output_config.format.schema": "response_format.json_schema.schema",
    "mcp_servers": "tools",
}
INSIDE = {
    "source.data": ("image_url.url", "image_url", "file.file_data", "input_audio.data"),
    "detail": ("image_url.detail",),
    "name": ("function.name", "custom.name"),
    "arguments": ("function.arguments", "custom.input", "arguments"),
    "cache_control": ("cache_control", "prompt_cache_breakpoint", "^cache_control", "^prompt_cache_breakpoint"),
    "citations": ("^annotations",),
    "content": ("content",),
}


def places(body: JsonObject, seal: Seal) -> Places:
    conversation = Conversation(seal)
    words = {hub: here for hub, here in WORDS.items() if hub not in body}  # an unknown field is told as it was sent
    found = {
        **words,
        "system": "messages[0]",
        **trace(conversation, conversation.add, fields.objects(body, "messages"), INSIDE),
    }
    if body.get("top_logprobs") is None:
        found["top_logprobs"] = "logprobs"
    if body.get("max_completion_tokens") is not None:
        found["max_tokens"] = "max_completion_tokens"
    found |= _thinking(body)
    if body.get("tools") is None and body.get("function_call") is not None:
        found["tool_choice"] = "function_call"
    return found | _tools(body)


def _thinking(body: JsonObject) -> dict[str, str]:
    """By OpenRouter's `reasoning`, where nothing else asks."""
    if not isinstance(body.get("reasoning"), dict):
        return {}
    effort = {"reasoning_effort": "reasoning.effort"} if body.get("reasoning_effort") is None else {}
    if body.get("thinking") is not None:
        return effort
    return {**effort, "thinking": "reasoning", "thinking.budget_tokens": "reasoning.max_tokens"}


def _tools(body: JsonObject) -> dict[str, str]:
    found: dict[str, str] = {}
    number = 0
    for here, tool in fields.objects(body, "tools"):
        inner = f".{tool['type']}" if tool.get("type") in ("function", "custom") else ""
        found |= tool_fields(
            f"tools[{number}]", here, inner or (".function" if "function" in tool else ""), "parameters"
        )
        number += 1
    for here, _ in fields.objects(body, "functions"):
        found |= tool_fields(f"tools[{number}]", here, "", "parameters")
        number += 1
    return {**found, f"tools[{number}]": "web_search_options"}
