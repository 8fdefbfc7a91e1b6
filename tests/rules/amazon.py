"""Amazon's rules for Converse, beyond its service model."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.rules.every import ROOTS, Json, Traits, parts

TITLE = re.compile(r"(?!.*\s\s)[a-zA-Z0-9\s\-()\[\]]{1,200}")
"""API_runtime_DocumentBlock: alphanumeric, single whitespace, hyphens, parentheses, square brackets."""
CLAUDE, NOVA = "anthropic.", "amazon.nova"


def turns(body: Json, traits: Traits) -> Iterator[str]:
    """Recorded ValidationExceptions."""
    before, waiting = "assistant", set[str]()
    for number, turn in enumerate(body["messages"]):
        if turn["role"] == before:
            yield "A conversation must start with a user message and alternate between user and assistant roles."
        before = turn["role"]
        if not turn["content"]:
            yield "The content field in the Message object is empty."
        if any("text" in block and not block["text"].strip() for block in turn["content"]):
            yield "The text field in the ContentBlock object is blank."
        results = [block["toolResult"]["toolUseId"] for block in turn["content"] if "toolResult" in block]
        if waiting - set(results):
            yield _unanswered(number, waiting - set(results))
        if set(results) - waiting:
            yield "The number of toolResult blocks exceeds the number of toolUse blocks of previous turn."
        calls = [block["toolUse"]["toolUseId"] for block in turn["content"] if "toolUse" in block]
        if len(calls) != len(set(calls)) or len(results) != len(set(results)):
            yield "toolUse ids must be unique"
        waiting = set(calls)
        if any("document" in block for block in turn["content"]) and not any("text" in b for b in turn["content"]):
            yield "A document block needs a text block beside it"
    if waiting:
        yield _unanswered(len(body["messages"]), waiting)
    if not body["messages"]:
        yield "A conversation must start with a user message."
    used = any("toolUse" in part or "toolResult" in part for part in parts(body["messages"]))
    if used and not body.get("toolConfig"):
        yield "The toolConfig field must be defined when using toolUse and toolResult content blocks."


def _unanswered(number: int, missing: set[str]) -> str:
    ids = ", ".join(sorted(missing))
    return f"Expected toolResult blocks at messages.{number}.content for the following Ids: {ids}"


def tools(body: Json, traits: Traits) -> Iterator[str]:
    """API_runtime_ToolSpecification; nova/latest/userguide/prompting-tool-troubleshooting: the root of a schema."""
    named = [tool["toolSpec"] for tool in (body.get("toolConfig") or {}).get("tools", ()) if "toolSpec" in tool]
    names = [tool["name"] for tool in named]
    if len(names) != len(set(names)):
        yield "The toolConfig field contains duplicate tool names."
    for tool in named:
        schema = tool["inputSchema"]["json"]
        if schema.get("type") != "object" or any(name in schema for name in ROOTS):
            yield f"toolConfig: {tool['name']}: inputSchema.json.type must be one of the following: object."
    chosen = ((body.get("toolConfig") or {}).get("toolChoice") or {}).get("tool", {}).get("name")
    if chosen is not None and chosen not in names:
        yield "toolChoice names no tool"


def media(body: Json, _traits: Traits) -> Iterator[str]:
    for part in parts(body["messages"]):
        name = (part.get("document") or {}).get("name")
        if name is not None and not TITLE.fullmatch(name):
            yield f"The document file name {name!r} can only contain alphanumeric characters, whitespace, hyphens, ..."
    named = [part["document"]["name"] for part in parts(body["messages"]) if isinstance(part.get("document"), dict)]
    if len(named) != len(set(named)):
        yield "Duplicate document names"


def parameters(body: Json, traits: Traits) -> Iterator[str]:
    """The model's own fields: of Claude those of Messages, of Nova `inferenceConfig` alone
    (nova/latest/userguide/complete-request-schema; topK: nova2-userguide/request-response-schema), of Llama none."""
    more, model = body.get("additionalModelRequestFields") or {}, str(traits.get("model"))
    asked = body.get("inferenceConfig") or {}
    known: set[str] = set()
    if CLAUDE in model:
        known = {"thinking", "top_k", "output_config", "anthropic_beta", "tool_choice"}
    elif NOVA in model:
        known = {"inferenceConfig", "reasoningConfig"}
    yield from (f"extraneous key [{name}] is not permitted" for name in more if name not in known)
    if (more.get("inferenceConfig") or {}).get("topK", 0) > 128:
        yield "inferenceConfig.topK: must be at most 128"
    if traits.get("sampling") == "one" and "temperature" in asked and "topP" in asked:
        yield "`temperature` and `top_p` cannot both be specified for this model"
    if traits.get("sampling") is False and ("temperature" in asked or "topP" in asked or "top_k" in more):
        yield "`temperature` is deprecated for this model"
    thinking = more.get("thinking") or {}
    if thinking.get("type") == "enabled" and not 1024 <= thinking["budget_tokens"] < asked.get("maxTokens", 10**9):
        yield "thinking.budget_tokens: at least 1024 and less than max_tokens"
    if thinking.get("type") in ("enabled", "adaptive"):
        choice = (body.get("toolConfig") or {}).get("toolChoice") or {}
        if "any" in choice or "tool" in choice:
            yield "Thinking may not be enabled when tool_choice forces tool use."
        if "top_k" in more or asked.get("temperature", 1) != 1:
            yield "`temperature` may only be set to 1 when thinking is enabled"
    if CLAUDE not in model and any("reasoningContent" in part for part in parts(body["messages"])):
        yield "This model doesn't support the reasoningContent field. Remove reasoningContent and try again."
    if not traits.get("cache") and any("cachePoint" in part for part in parts(body)):
        yield "You invoked an unsupported model or your request did not allow prompt caching."
    if sum("cachePoint" in part for part in parts(body)) > 4:
        yield "A maximum of 4 cache points may be provided"
    last = body["messages"][-1] if body["messages"] else {"role": "user"}
    if traits.get("prefill") is False and last["role"] == "assistant":
        yield "This model does not support assistant message prefill"
