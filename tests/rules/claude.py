"""Anthropic's rules for a Messages request, beyond its types."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.rules import schemas
from tests.rules.every import Json, Traits, functions, parts

KEY = re.compile(r"[a-zA-Z0-9_.-]{1,64}")


def strict(body: Json, _traits: Traits) -> Iterator[str]:
    held = [schema for tool, schema in functions(body) if tool.get("strict") is True]
    for schema in held:
        yield from schemas.claude(schema)
    form = (body.get("output_config") or {}).get("format") or {}
    if isinstance(form.get("schema"), dict):
        yield from schemas.claude(form["schema"])
    yield from schemas.within_claude(held, form.get("schema"))


def keys(body: Json, _traits: Traits) -> Iterator[str]:
    """anthropics/claude-code#4886: "Property keys should match pattern '^[a-zA-Z0-9_.-]{1,64}$'"."""
    for tool, schema in functions(body):
        for name in schema.get("properties") or ():
            if not KEY.fullmatch(name):
                yield f"tools: {tool.get('name')}: property keys should match pattern {KEY.pattern!r}: {name!r}"


def turns(body: Json, traits: Traits) -> Iterator[str]:
    """can1357/oh-my-pi#2055 (ids), anthropics/claude-code#8763 (results), the API's 400s for empty text."""
    ids = [part["id"] for part in parts(body["messages"]) if part.get("type") == "tool_use"]
    if len(ids) != len(set(ids)):
        yield "messages: `tool_use` ids must be unique"
    waiting: list[str] = []
    for number, turn in enumerate(body["messages"]):
        blocks = turn["content"] if isinstance(turn["content"], list) else [{"type": "text", "text": turn["content"]}]
        if not blocks:
            yield "messages: all messages must have non-empty content"
        results = [block["tool_use_id"] for block in blocks if block.get("type") == "tool_result"]
        if missing := [one for one in waiting if one not in results]:
            yield _unanswered(number - 1, missing)
        for one in results:
            if one not in waiting:
                yield _unexpected(number, one)
        if len(results) != len(set(results)):
            yield "each tool_use must have a single result"
        if results and any(block.get("type") != "tool_result" for block in blocks[: len(results)]):
            yield "tool_result blocks must come first in the content of the message"
        waiting = [block["id"] for block in blocks if block.get("type") == "tool_use"]
        yield from ("text content blocks must be non-empty" for block in blocks
                    if block.get("type") == "text" and not block["text"].strip())  # fmt: skip
    if waiting:
        yield _unanswered(len(body["messages"]) - 1, waiting)
    last = body["messages"][-1] if body["messages"] else {"role": "user", "content": ""}
    if last["role"] == "assistant" and not waiting:
        if traits.get("prefill") is False:
            yield "This model does not support assistant message prefill"
        text = last["content"] if isinstance(last["content"], str) else last["content"][-1].get("text", "")
        if text != text.rstrip():
            yield "final assistant content cannot end with trailing whitespace"


def _unanswered(number: int, missing: list[str]) -> str:
    """BerriAI/litellm#16525"""
    return (
        f"messages.{number}: `tool_use` ids were found without `tool_result` blocks immediately after: "
        + ", ".join(missing)
        + ". Each `tool_use` block must have a corresponding `tool_result` block in the next message."
    )


def _unexpected(number: int, identity: str) -> str:
    """anthropics/claude-code#558"""
    return (
        f"messages.{number}.content.0: unexpected `tool_use_id` found in `tool_result` blocks: {identity}. "
        "Each `tool_result` block must have a corresponding `tool_use` block in the previous message."
    )


def texts(body: Json, _traits: Traits) -> Iterator[str]:
    """The API's 400s for what holds nothing: "system: text content blocks must be non-empty", "cache_control cannot be
    set for empty text blocks", "stop_sequences: each stop sequence must contain non-whitespace"."""
    system = body.get("system")
    if isinstance(system, list) and any(not block["text"].strip() for block in system):
        yield "system: text content blocks must be non-empty"
    if any(not word.strip() for word in body.get("stop_sequences") or ()):
        yield "stop_sequences: each stop sequence must contain non-whitespace"
    for part in parts(body["messages"]):
        inner = part.get("content") if part.get("type") == "tool_result" else None
        if isinstance(inner, list) and any(one.get("type") == "text" and not one["text"] for one in inner):
            yield "tool_result: text content blocks must be non-empty"


def parameters(body: Json, traits: Traits) -> Iterator[str]:
    """docs.anthropic.com (migrating to Claude 4.5), prompt caching (4)."""
    if traits.get("sampling") == "one" and "temperature" in body and "top_p" in body:
        yield "`temperature` and `top_p` cannot both be specified for this model"
    if traits.get("sampling") is False and any(name in body for name in ("temperature", "top_p", "top_k")):
        yield "`temperature` is deprecated for this model"
    if sum("cache_control" in part for part in parts(body)) > 4:
        yield "A maximum of 4 blocks with cache_control may be provided"
    if body.get("tool_choice") and not body.get("tools"):
        yield "tool_choice may only be specified while providing tools"
    named = (body.get("tool_choice") or {}).get("name")
    if named is not None and named not in [tool.get("name") for tool in body.get("tools") or ()]:
        yield f"tool_choice: Tool '{named}' not found in provided tools"
    if not body.get("tools") and any(part.get("type") == "tool_use" for part in parts(body["messages"])):
        yield "Requests which include `tool_use` or `tool_result` blocks must define tools"


def thinking(body: Json, traits: Traits) -> Iterator[str]:
    """docs.anthropic.com, extended thinking: feature compatibility; adaptive thinking: where a budget is refused."""
    asked = body.get("thinking") or {}
    if asked.get("type") not in ("enabled", "adaptive"):
        return
    if asked["type"] == "enabled":
        if asked["budget_tokens"] < 1024:
            yield "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"
        if asked["budget_tokens"] >= body["max_tokens"]:
            yield "`max_tokens` must be greater than `thinking.budget_tokens`"
    if asked["type"] == "adaptive" and traits.get("thinking") != "adaptive":
        yield "adaptive thinking is not supported on this model"
    if traits.get("thinking") is None:
        yield "thinking is not supported on this model"
    if (body.get("tool_choice") or {}).get("type") in ("any", "tool"):
        yield "Thinking may not be enabled when tool_choice forces tool use."
    if body.get("temperature") not in (None, 1) or "top_k" in body:
        yield "`temperature` may only be set to 1 when thinking is enabled"
    if not 0.95 <= body.get("top_p", 1) <= 1:
        yield "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled"
    turns = body["messages"]
    last = next((turn for turn in reversed(turns) if turn["role"] == "assistant"), None)
    if last is not None and isinstance(last["content"], list):
        called = any(block["type"] == "tool_use" for block in last["content"])
        begun = last["content"][0]["type"] in ("thinking", "redacted_thinking")
        if called and not begun and asked["type"] == "enabled" and turns[-1]["role"] == "user":
            yield "Expected `thinking` or `redacted_thinking`, but found another block"
    if turns[-1]["role"] == "assistant" and asked["type"] == "enabled":
        yield "a final `assistant` message must start with a thinking block"
