"""OpenAI's and xAI's rules for chat completions and Responses, beyond their types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.rules import schemas as decoders
from tests.rules.every import Json, Traits, functions, parts

PERSON = re.compile(r"[^\s<|\\/>]{1,64}")
"""A message's `name`: the API's own 400."""
CHAT_OF_XAI = frozenset({
    "messages", "model", "deferred", "frequency_penalty", "logit_bias", "logprobs", "max_completion_tokens",
    "max_tokens", "n", "parallel_tool_calls", "presence_penalty", "reasoning_effort", "response_format",
    "search_parameters", "seed", "stop", "stream", "stream_options", "temperature", "tool_choice", "tools",
    "top_logprobs", "top_p", "user",
})  # fmt: skip
RESPONSES_OF_XAI = frozenset({
    "background", "include", "input", "instructions", "logprobs", "max_output_tokens", "max_turns", "model",
    "parallel_tool_calls", "previous_response_id", "prompt_cache_key", "reasoning", "search_parameters", "store",
    "stream", "temperature", "text", "tool_choice", "tools", "top_logprobs", "top_p", "truncation", "user",
    "context_management",
})  # fmt: skip
"""https://docs.x.ai/docs/api-reference#chat-completions, #create-new-response"""
PICTURES_OF_XAI = re.compile(r"data:image/(jpeg|jpg|png|webp|gif);|https?:")


def strict(body: Json, _traits: Traits) -> Iterator[str]:
    for tool, schema in functions(body):
        if tool.get("strict") is True:
            yield from decoders.openai(schema)
    form = (body.get("response_format") or {}).get("json_schema") or (body.get("text") or {}).get("format") or {}
    if form.get("strict") is True and isinstance(form.get("schema"), dict):
        yield from decoders.openai(form["schema"])


def schemas(body: Json, _traits: Traits) -> Iterator[str]:
    """openai-python#1804, microsoft/vscode#248118: "object schema missing properties", "array schema missing items"."""
    for tool, schema in functions(body):
        if schema.get("type") == "object" and "properties" not in schema:
            yield f"Invalid schema for function {tool.get('name')!r}: object schema missing properties"
        for part in parts(schema):
            if part.get("type") == "array" and "items" not in part and "prefixItems" not in part:
                yield f"Invalid schema for function {tool.get('name')!r}: array schema missing items"


def turns(body: Json, _traits: Traits) -> Iterator[str]:
    """Recorded: "An assistant message with 'tool_calls' must be followed by tool messages ..."."""
    waiting: set[str] = set()
    for message in body.get("messages") or ():
        if message["role"] == "tool":
            if message["tool_call_id"] not in waiting:
                yield "messages with role 'tool' must be a response to a preceding message with 'tool_calls'"
            waiting.discard(message["tool_call_id"])
            continue
        if waiting:
            yield _unanswered(waiting)
        calls = message.get("tool_calls")
        waiting = {call["id"] for call in calls or ()}
        if len(waiting) != len(calls or ()):
            yield "Duplicate value for 'tool_call_id'"
        if calls == []:
            yield "messages.tool_calls: [] is too short"
        if any(len(identity) > 40 for identity in waiting):
            yield "messages.tool_calls.id: string too long, maximum 40"
        if message["role"] == "assistant" and not calls and message.get("content") is None and not (
            message.get("refusal") or message.get("audio")
        ):  # fmt: skip
            yield "messages.content: expected a string, got null"
        if message.get("content") == []:
            yield "messages.content: [] is too short"
        if "name" in message and not PERSON.fullmatch(message["name"]):
            yield "messages.name: string does not match pattern"
    if waiting:
        yield _unanswered(waiting)


def _unanswered(waiting: set[str]) -> str:
    """openai/codex#7051"""
    return (
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
        f"The following tool_call_ids did not have response messages: {', '.join(sorted(waiting))}"
    )


def items(body: Json, _traits: Traits) -> Iterator[str]:
    """Recorded: "No tool output found for function call call_...", and the other way about."""
    given: list[Any] = (
        [item for item in body["input"] if isinstance(item, dict)] if isinstance(body["input"], list) else []
    )
    calls = [item["call_id"] for item in given if item.get("type") in ("function_call", "custom_tool_call")]
    outputs = [item.get("call_id") for item in given if str(item.get("type")).endswith("_call_output")]
    yield from (f"No tool output found for function call {identity}." for identity in calls if identity not in outputs)
    for item in given:
        if item.get("type") in ("function_call_output", "custom_tool_call_output") and item["call_id"] not in calls:
            yield f"No tool call found for function call output with call_id {item['call_id']}."
        if "id" in item and len(item["id"]) > 64:
            yield "input.id: string too long, maximum 64"
    if any(len(identity) > 64 for identity in calls):
        yield "input.call_id: string too long, maximum 64"
    if len(calls) != len(set(calls)):
        yield "Duplicate item found with call_id"
    ids = [item["id"] for item in given if item.get("id")]
    if len(ids) != len(set(ids)):
        yield "Duplicate item found with id"


def parameters(body: Json, traits: Traits) -> Iterator[str]:
    """platform.openai.com/docs/api-reference/chat/create and .../guides/reasoning; docs.x.ai (reasoning models)."""
    stop = body.get("stop")
    if isinstance(stop, list) and len(stop) > traits.get("max_stops", 4):
        yield "'stop': array too long, at most 4"
    if traits.get("stop") is False and stop:
        yield "Unsupported parameter: 'stop' is not supported with this model."
    for name in traits.get("unsupported", ()):
        if body.get(name) not in (None, 0):
            yield f"Unsupported parameter: {name!r} is not supported with this model."
    if traits.get("sampling") is False and any(body.get(name) not in (None, 1) for name in ("temperature", "top_p")):
        yield "Unsupported value: 'temperature' does not support that value with this model."
    for name in ("user", "safety_identifier", "prompt_cache_key"):
        if len(body.get(name) or "") > 64:
            yield f"{name!r}: string too long, at most 64"
    for name in ("parallel_tool_calls", "tool_choice"):
        if body.get(name) is not None and not body.get("tools") and body[name] != "none":
            yield f"{name!r} is only allowed when 'tools' are specified"
    if body.get("tools") == []:
        yield "[] is too short - 'tools'"
    if len(body.get("tools") or ()) > 128:
        yield "'tools': array too long, at most 128"
    chosen = body.get("tool_choice")
    name = (chosen.get("function") or chosen).get("name") if isinstance(chosen, dict) else None
    if name is not None and name not in [tool.get("function", tool).get("name") for tool in body.get("tools") or ()]:
        yield f"Tool choice {name!r} not found in 'tools' parameter."
    if body.get("top_logprobs") is not None and "messages" in body and not body.get("logprobs"):
        yield "'top_logprobs' requires 'logprobs' to be true"


def efforts(body: Json, traits: Traits) -> Iterator[str]:
    """Per model: platform.openai.com/docs/guides/reasoning, docs.x.ai/docs/guides/reasoning."""
    asked = body.get("reasoning_effort") or (body.get("reasoning") or {}).get("effort")
    if asked is None:
        return
    words = (traits.get("reasoning") or {}).get("efforts")
    if words is None:
        yield "Unsupported parameter: 'reasoning_effort' is not supported with this model."
    elif asked not in words:
        yield f"Unsupported value: 'reasoning_effort' does not support {asked!r} with this model."


def json_word(body: Json, _traits: Traits) -> Iterator[str]:
    """openai-python#1160: "'messages' must contain the word 'json' in some form"."""
    kinds = (body.get("response_format") or {}, (body.get("text") or {}).get("format") or {})
    said = str([body.get(name) for name in ("messages", "input", "instructions")]).lower()
    if any(kind.get("type") == "json_object" for kind in kinds) and "json" not in said:
        yield "'messages' must contain the word 'json' in some form, to use 'json_object'"


def of_xai(body: Json, _traits: Traits) -> Iterator[str]:
    """docs.x.ai: fields of the request, and media of image understanding."""
    known = CHAT_OF_XAI if "messages" in body else RESPONSES_OF_XAI
    yield from (f"Argument not supported: {name}" for name in body if name not in known)
    for part in parts(body):
        url = part.get("image_url")
        url = url.get("url") if isinstance(url, dict) else url
        if isinstance(url, str) and not PICTURES_OF_XAI.match(url):
            yield f"Unsupported image: {url[:40]}"
        if part.get("type") in ("file", "input_audio"):
            yield f"Content type {part['type']} is not supported"
