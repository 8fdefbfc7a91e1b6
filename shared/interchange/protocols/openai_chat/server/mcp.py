"""MCP in chat completions, which have no word for it: an extension of the gateway.

    request  "mcp_servers": [{"type": "url", "url", "name", "authorization_token", "tool_configuration"}]
             as in Messages
    message  "mcp_calls": [{"id", "server_name", "name", "arguments", "output", "is_error"}]

In a stream the calls are merged by `index`, as `tool_calls` are. A message that is sent back brings its calls along.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from interchange.hub import blocks as b
from interchange.hub.mcp import CALL, GATEWAY
from interchange.protocols.faces import JsonObject
from interchange.protocols.openai import fields

FIELD = "mcp_calls"


def read_servers(body: JsonObject) -> tuple[JsonObject, ...]:
    found = []
    for path, server in fields.objects(body, "mcp_servers"):
        for name in ("type", "url", "name", "authorization_token"):
            fields.text(server, name, f"{path}.{name}")
        rules = fields.mapping(server, "tool_configuration", f"{path}.tool_configuration") or {}
        fields.texts(rules, "allowed_tools", f"{path}.tool_configuration.allowed_tools")
        found.append(server)
    return tuple(found)


def read_calls(message: JsonObject, path: str) -> tuple[list[b.Block], list[b.Block]]:
    """An assistant's calls, and their results."""
    calls: list[b.Block] = []
    results: list[b.Block] = []
    for here, call in fields.objects(message, FIELD, f"{path}.{FIELD}"):
        identity = fields.needed_text(call, "id", f"{here}.id")
        name = fields.needed_text(call, "name", f"{here}.name")
        server = fields.text(call, "server_name", f"{here}.server_name")
        arguments = fields.text(call, "arguments", f"{here}.arguments") or ""
        calls.append(b.ServerToolUse(identity, name, arguments, CALL, GATEWAY, {}, server))
        output = fields.text(call, "output", f"{here}.output")
        if output is not None:
            failed = call.get("is_error") is True
            results.append(b.ServerToolResult(identity, CALL, GATEWAY, {}, (b.Text(output),), failed))
    return calls, results


def is_call(block: b.Block) -> bool:
    return isinstance(block, b.ServerToolUse) and block.kind == CALL


def is_result(block: b.Block) -> bool:
    return isinstance(block, b.ServerToolResult) and block.kind == CALL


def write_call(block: b.ServerToolUse, arguments: str) -> JsonObject:
    return {"id": block.id, "server_name": block.server or "", "name": block.name, "arguments": arguments}


def write_result(block: b.ServerToolResult) -> JsonObject:
    text = "".join(part.text for part in block.content if isinstance(part, b.Text))
    return {"output": text, "is_error": block.is_error}


def write_calls(blocks: Iterable[b.Block]) -> list[JsonObject]:
    """A whole message's; a call whose result never came has null for it."""
    return list(_merged(blocks).values())


def _merged(blocks: Iterable[b.Block]) -> dict[str, JsonObject]:
    found: dict[str, JsonObject] = {}
    for block in _of_servers(blocks):
        match block:
            case b.ServerToolUse():
                found[block.id] = {**write_call(block, block.arguments or "{}"), "output": None, "is_error": False}
            case b.ServerToolResult(tool_use_id=identity) if identity in found:
                found[identity] |= write_result(block)
            case _:
                pass  # the result of another's call
    return found


def _of_servers(blocks: Iterable[b.Block]) -> Iterator[b.Block]:
    return (block for block in blocks if is_call(block) or is_result(block))
