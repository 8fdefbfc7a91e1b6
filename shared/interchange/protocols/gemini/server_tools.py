"""Parts that the vendor's own tools leave in an answer: code execution, searches, MCP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from interchange.hub import blocks as b
from interchange.wire import codec

from .tally import Tally
from .vocabulary import PROTOCOL, TOOL_TYPE


def read_part(part: Mapping[str, Any], tally: Tally) -> Iterator[b.Block]:
    """The block of a part that is neither text, media nor a function call; the part itself stays in `raw`, with its
    signature, because it has to go back as it came."""
    match part:
        case {"executableCode": dict() as code}:
            arguments = codec.dumps_text({key: code[key] for key in ("code", "language") if key in code})
            identity = tally.call_id(code)
            tally.count("code_execution")
            tally.last_code = identity
            yield b.ServerToolUse(identity, "code_execution", arguments, "code_execution", PROTOCOL, part)
        case {"codeExecutionResult": dict() as result}:
            yield b.ServerToolResult(result.get("id") or tally.last_code, "code_execution", PROTOCOL, part)
        case {"toolCall": dict() as call}:
            yield _tool_call(part, call, tally)
        case {"toolResponse": dict() as answer}:
            yield b.ServerToolResult(str(answer.get("id", "")), _kind(answer), PROTOCOL, part)
        case _:
            yield b.Opaque(PROTOCOL, part)


def _tool_call(part: Mapping[str, Any], call: Mapping[str, Any], tally: Tally) -> b.ServerToolUse:
    kind = _kind(call)
    arguments = call.get("args") or {}
    if kind == "web_search":
        tally.searched(arguments.get("queries"))  # counted by query, as groundingMetadata counts them
    elif kind != "web_fetch":
        tally.count(kind)
    name = kind if kind != "other" else str(call.get("toolType", "other")).lower()
    return b.ServerToolUse(tally.call_id(call), name, codec.dumps_text(arguments), kind, PROTOCOL, part)


def _kind(call: Mapping[str, Any]) -> str:
    return TOOL_TYPE.get(str(call.get("toolType")), "other")


def read_mcp_call(part: Mapping[str, Any], tally: Tally) -> b.ServerToolUse:
    call = part["functionCall"]
    tally.count("mcp")
    arguments = codec.dumps_text(call.get("args") or {})
    return b.ServerToolUse(tally.call_id(call), str(call["name"]), arguments, "mcp", PROTOCOL, part)


def shell(block: b.ToolUse | b.ServerToolUse) -> b.Block:
    return replace(block, arguments="")
