"""A body of POST /v1/messages (or /count_tokens), wire -> hub."""

from __future__ import annotations

from typing import Any

from interchange.continuity.seal import Seal
from interchange.hub import blocks as b
from interchange.hub.request import (
    OutputFormat,
    OutputKind,
    Reasoning,
    Request,
    ThinkingMode,
)

from ..words import PROTOCOL, Json
from . import fields as check
from .answer import read_shown
from .fields import ROOT, Place
from .messages import ContentReader
from .tools import read_server, read_tool_choice, read_tools

ROLES = {"user": b.Role.USER, "assistant": b.Role.ASSISTANT, "system": b.Role.SYSTEM}
KNOWN = frozenset({
    "model", "messages", "system", "tools", "tool_choice", "max_tokens", "temperature", "top_p", "top_k",
    "stop_sequences", "thinking", "output_config", "output_format", "service_tier", "metadata", "cache_control",
    "mcp_servers", "stream",
})  # fmt: skip
"""Fields that the hub has a place for; the others go to `extra`."""
THINKING = {mode.value: mode for mode in ThinkingMode}


def read_request(body: Json, seal: Seal, *, counting: bool = False) -> Request:
    """Raises RequestError naming the field. `counting`: max_tokens is not asked for."""
    reader = ContentReader(seal)
    model = check.text(body, "model", ROOT)
    max_tokens = check.optional_integer(body, "max_tokens", ROOT)
    if max_tokens is None and not counting:
        raise ROOT.key("max_tokens").wrong("Field required")
    extra = {name: value for name, value in body.items() if name not in KNOWN and value is not None}
    messages = _messages(body, seal)
    system = reader.content(body, "system", ROOT)
    choice, parallel = read_tool_choice(body)
    reasoning, output = _reasoning(body, extra), _output_format(body)
    metadata = check.optional_mapping(body, "metadata", ROOT) or {}
    extra.update({f"metadata.{name}": value for name, value in metadata.items() if name != "user_id"})
    return Request(
        model=model,
        messages=messages,
        system=system,
        tools=tuple(
            tool for raw, place in check.objects(body, "tools", ROOT) for tool in read_tools(raw, place, reader)
        ),
        tool_choice=choice,
        parallel_tool_calls=parallel,
        max_tokens=max_tokens,
        temperature=check.optional_share(body, "temperature", ROOT),
        top_p=check.optional_share(body, "top_p", ROOT),
        top_k=check.optional_integer(body, "top_k", ROOT),
        stop=check.texts(body, "stop_sequences", ROOT),
        reasoning=reasoning,
        output_format=output,
        service_tier=check.optional_text(body, "service_tier", ROOT),
        user=check.optional_text(metadata, "user_id", ROOT.key("metadata")),
        cache=reader.cache(body, ROOT),
        mcp_servers=tuple(read_server(raw, place) for raw, place in check.objects(body, "mcp_servers", ROOT)),
        stream=bool(check.optional_flag(body, "stream", ROOT)),
        protocol=PROTOCOL,
        extra={**extra, **reader.extra},
    )


def _messages(body: Json, seal: Seal) -> tuple[b.Message, ...]:
    if body.get("messages") is None:
        raise ROOT.key("messages").wrong("Field required")
    found = check.objects(body, "messages", ROOT)
    if not found:
        raise ROOT.key("messages").wrong("at least one message is required")
    return tuple(_message(raw, place, seal) for raw, place in found)


def _message(raw: Json, place: Place, seal: Seal) -> b.Message:
    role = check.text(raw, "role", place)
    if role not in ROLES:
        raise place.key("role").wrong("Input should be 'user', 'assistant' or 'system'")
    reader = ContentReader(seal, place.path)
    if raw.get("content") is None and role != "system":  # a system message may carry settings only
        raise place.key("content").wrong("Field required")
    content = reader.content(raw, "content", place)
    if role == "assistant":
        content = tuple(read_shown(block) for block in content)
    rest = {name: value for name, value in raw.items() if name not in ("role", "content") and value is not None}
    return b.Message(ROLES[role], content, extra={**rest, **reader.extra} or None)


def _reasoning(body: Json, extra: Json) -> Reasoning | None:
    """From `thinking` and `output_config.effort`. What is unknown of either is left in `extra`."""
    thinking = check.optional_mapping(body, "thinking", ROOT)
    config = check.optional_mapping(body, "output_config", ROOT) or {}
    here = ROOT.key("output_config")
    effort = check.optional_text(config, "effort", here)
    extra.update({f"output_config.{name}": value for name, value in config.items()
                  if name not in ("effort", "format") and value is not None})  # fmt: skip
    if thinking is None:
        return Reasoning(effort=effort) if effort is not None else None
    place = ROOT.key("thinking")
    kind = check.text(thinking, "type", place)
    if kind not in THINKING:
        extra["thinking"] = thinking
        return Reasoning(effort=effort) if effort is not None else None
    place = place.tag(kind)
    budget = check.optional_integer(thinking, "budget_tokens", place, 1024 if kind == "enabled" else 0)
    if kind == "enabled" and budget is None:
        raise place.key("budget_tokens").wrong("Field required")
    return Reasoning(THINKING[kind], effort, budget, check.optional_text(thinking, "display", place))


def _output_format(body: Json) -> OutputFormat | None:
    """From `output_config.format`, or its beta predecessor `output_format`."""
    config: Any = body.get("output_config") or {}
    for holder, name, place in ((config, "format", ROOT.key("output_config")), (body, "output_format", ROOT)):
        raw = check.optional_mapping(holder, name, place)
        if raw is None:
            continue
        here = place.key(name)
        if check.text(raw, "type", here) != "json_schema":
            raise here.key("type").wrong("Input should be 'json_schema'")
        return OutputFormat(OutputKind.SCHEMA, check.mapping(raw, "schema", here))
    return None
