"""Blocks of an answer, wire -> hub. Nothing is refused here: what is unknown is kept whole.

Tool arguments: text in the hub, an object on this wire.

What a model wrote that is no JSON object is carried whole under one key, and taken out of it again when it comes back
in a history. So nothing is lost, and the caller's tool sees arguments that fail its schema instead of none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.hub import blocks as b
from interchange.wire import codec

from .words import PROTOCOL, SERVER_TOOL_NAME, Json

RESULT = "_tool_result"
CALLS = ("tool_use", "server_tool_use", "mcp_tool_use")


def read_answer_block(raw: Json) -> b.Block:
    """A whole block."""
    match raw.get("type"):
        case "text":
            citations = tuple(read_citation(item) for item in raw.get("citations") or ())
            return b.Text(str(raw.get("text") or ""), citations)
        case "thinking":
            return b.Thinking(str(raw.get("thinking") or ""), read_state(raw.get("signature")))
        case "redacted_thinking":
            return b.RedactedThinking(b.Continuation(PROTOCOL, str(raw.get("data") or "")))
        case "tool_use":
            return b.ToolUse(str(raw["id"]), str(raw["name"]), read_arguments(raw.get("input") or {}))
        case "server_tool_use" | "mcp_tool_use":
            return read_server_call(raw, read_arguments(raw.get("input") or {}))
        case str() as kind if kind.endswith(RESULT) and kind != "tool_result":
            return read_server_result(raw)
        case _:
            return b.Opaque(PROTOCOL, raw)


def read_state(signature: Any) -> b.Continuation | None:
    """No signature, or an empty one, is no state."""
    return b.Continuation(PROTOCOL, str(signature)) if signature else None


def read_server_call(raw: Mapping[str, Any], arguments: str) -> b.ServerToolUse:
    """`raw` is kept without its input, which is `arguments`: a stream gives it in pieces."""
    name = str(raw.get("name"))
    mcp = raw.get("type") == "mcp_tool_use"
    kept = {key: value for key, value in raw.items() if key != "input"}
    return b.ServerToolUse(
        id=str(raw.get("id")),
        name=name,
        arguments=arguments,
        kind="mcp" if mcp else SERVER_TOOL_NAME.get(name, "other"),
        protocol=PROTOCOL,
        raw=kept,
        server=raw.get("server_name") if mcp else None,
    )


def read_server_result(raw: Mapping[str, Any]) -> b.ServerToolResult:
    kind = SERVER_TOOL_NAME.get(str(raw["type"]).removesuffix(RESULT), "other")
    content = raw.get("content") if kind == "mcp" else None
    return b.ServerToolResult(
        tool_use_id=str(raw.get("tool_use_id")),
        kind=kind,
        protocol=PROTOCOL,
        raw=raw,
        content=tuple(b.Text(text) for text in _texts(content)),
        is_error=bool(raw.get("is_error")),
    )


def _texts(content: Any) -> list[str]:
    """Texts of what an MCP tool gave: a string, or text blocks."""
    if isinstance(content, str):
        return [content]
    parts = content if isinstance(content, list) else []
    return [str(part["text"]) for part in parts if isinstance(part, Mapping) and "text" in part]


def read_citation(raw: Mapping[str, Any]) -> b.Citation:
    """`start`/`end` are offsets into the answer, which this format does not give: its own are into the source."""
    return b.Citation(
        protocol=PROTOCOL,
        raw=raw,
        url=raw.get("url") or (raw.get("source") if raw.get("type") == "search_result_location" else None),
        title=raw.get("title") or raw.get("document_title"),
        cited_text=raw.get("cited_text"),
    )


MALFORMED = "_malformed_arguments"
FREE_FORM = "input"
"""Where the text of a free-form (custom) tool goes."""


def read_arguments(value: dict[str, Any]) -> str:
    """The text of an `input` object."""
    if len(value) == 1 and isinstance(value.get(MALFORMED), str):
        return str(value[MALFORMED])
    return codec.dumps_text(value)


def parse(text: str) -> dict[str, Any] | None:
    """The object, {} for no text at all, None for anything else."""
    if not text.strip():
        return {}
    try:
        value = codec.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def write_arguments(text: str, kind: str = "function") -> dict[str, Any]:
    """The `input` object for any text."""
    if kind == "custom":
        return {FREE_FORM: text}
    value = parse(text)
    return {MALFORMED: text} if value is None else value
