"""The rest of a caller's body: every parameter beside messages and tools."""

from __future__ import annotations

from typing import Any

from interchange.dataclass import replace
from interchange.hub import request as r
from interchange.protocols.faces import JsonObject
from interchange.protocols.openai import fields
from interchange.protocols.parameters import names

from ..words import ROWS
from .messages import read_cache

READ_ELSEWHERE = frozenset(
    {"model", "messages", "tools", "functions", "tool_choice", "function_call", "web_search_options", "stream"}
    | {"stream_options", "max_tokens", "max_completion_tokens", "stop", "modalities", "response_format"}
    | {"mcp_servers", "reasoning_effort", "thinking", "reasoning", "cache_control"}
)
KNOWN = READ_ELSEWHERE | names(ROWS)


def read_parameters(body: JsonObject) -> dict[str, Any]:
    """Arguments of `hub.request.Request`. Null means absent, as it does for OpenAI."""
    found = fields.parameters(body, ROWS)
    limit = fields.integer(body, "max_completion_tokens", 1)
    found["max_tokens"] = fields.integer(body, "max_tokens", 1) if limit is None else limit
    found["stop"] = (body["stop"],) if isinstance(body.get("stop"), str) else fields.texts(body, "stop")
    found["modalities"] = fields.texts(body, "modalities")
    found["reasoning"] = read_reasoning(body)
    found["output_format"] = read_format(body)
    found["cache"] = read_cache({"cache_control": body.get("cache_control")})
    found["stream"] = bool(fields.boolean(body, "stream"))
    options = fields.mapping(body, "stream_options") or {}
    found["include_usage"] = fields.boolean(options, "include_usage", "stream_options.include_usage")
    found["extra"] = {name: value for name, value in body.items() if name not in KNOWN and value is not None}
    rest = {name: value for name, value in options.items() if name != "include_usage"}
    if rest:
        found["extra"]["stream_options"] = rest
    return found


def read_reasoning(body: JsonObject) -> r.Reasoning | None:
    """`reasoning_effort`, and what compatible servers take beside it: `thinking` (`{type, budget_tokens}`) and
    OpenRouter's `reasoning` (`{effort, max_tokens, enabled, exclude}`)."""
    effort = fields.text(body, "reasoning_effort")
    thinking = fields.mapping(body, "thinking")
    reasoning = fields.mapping(body, "reasoning")
    if effort is None and thinking is None and reasoning is None:
        return None
    mode: r.ThinkingMode | None = None
    budget: int | None = None
    display: str | None = None
    if thinking is not None:
        word = fields.needed_text(thinking, "type", "thinking.type")
        if word not in [str(known) for known in r.ThinkingMode]:
            raise fields.unsupported("thinking.type", word, [str(known) for known in r.ThinkingMode])
        mode = r.ThinkingMode(word)
        budget = fields.integer(thinking, "budget_tokens", 0, "thinking.budget_tokens")
        display = fields.text(thinking, "display", "thinking.display")
    if reasoning is not None:
        effort = effort or fields.text(reasoning, "effort", "reasoning.effort")
        budget = budget or fields.integer(reasoning, "max_tokens", 0, "reasoning.max_tokens")
        enabled = fields.boolean(reasoning, "enabled", "reasoning.enabled")
        if enabled is not None and mode is None:
            mode = r.ThinkingMode.ADAPTIVE if enabled else r.ThinkingMode.DISABLED
        if fields.boolean(reasoning, "exclude", "reasoning.exclude"):
            display = "omitted"
    if mode is None and budget is not None:
        mode = r.ThinkingMode.ENABLED
    found = r.Reasoning(mode, effort, budget, display, fields.text(reasoning or {}, "summary", "reasoning.summary"))
    if found == r.Reasoning():
        return None
    off = mode is r.ThinkingMode.DISABLED or effort == "none"
    return replace(found, shown=not off and display is None)


def read_format(body: JsonObject) -> r.OutputFormat | None:
    raw = fields.mapping(body, "response_format")
    if raw is None:
        return None
    word = fields.needed_text(raw, "type", "response_format.type")
    kinds = [str(kind) for kind in r.OutputKind]
    if word not in kinds:
        raise fields.unsupported("response_format.type", word, kinds)
    if word != r.OutputKind.SCHEMA:
        return r.OutputFormat(r.OutputKind(word))
    path = "response_format.json_schema"
    inner = fields.needed_mapping(raw, "json_schema", path)
    return r.OutputFormat(
        r.OutputKind.SCHEMA,
        schema=fields.mapping(inner, "schema", f"{path}.schema"),
        name=fields.needed_text(inner, "name", f"{path}.name"),
        description=fields.text(inner, "description", f"{path}.description"),
        strict=fields.boolean(inner, "strict", f"{path}.strict"),
    )
