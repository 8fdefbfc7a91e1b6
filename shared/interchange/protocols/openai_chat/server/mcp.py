"""MCP in chat completions, which have no word for it: an extension of the gateway.

    request  "mcp_servers": [{"type": "url", "url", "name", "authorization_token", "tool_configuration",
                              "default_config", "configs"}]
             as in Messages; the last two are those of a toolset there
    message  "mcp_calls": [{"id", "server_name", "name", "arguments", "output", "is_error",
                            "content_offset", "reasoning_offset"}]

In a stream the calls are merged by `index`, as `tool_calls` are. A message that is sent back brings its calls along. A
call stands behind so many characters of `content` and entries of `reasoning_details`: a message has no other order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from interchange.dataclass import dataclass, replace
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
        for name in ("default_config", "configs"):
            fields.mapping(server, name, f"{path}.{name}")
        found.append(server)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Past:
    """A call of the history with its result; `place` is where it stands: (characters, entries of reasoning)."""

    call: b.ServerToolUse
    result: b.ServerToolResult | None
    place: tuple[int, int] | None

    def blocks(self) -> Iterator[b.Block]:
        yield self.call
        if self.result is not None:
            yield self.result


def read_calls(message: JsonObject, path: str) -> list[Past]:
    """An assistant's calls, and their results."""
    return [_past(here, call) for here, call in fields.objects(message, FIELD, f"{path}.{FIELD}")]


def _past(here: str, call: JsonObject) -> Past:
    identity = fields.needed_text(call, "id", f"{here}.id")
    name = fields.needed_text(call, "name", f"{here}.name")
    server = fields.text(call, "server_name", f"{here}.server_name")
    arguments = fields.text(call, "arguments", f"{here}.arguments") or ""
    output = fields.text(call, "output", f"{here}.output")
    failed = call.get("is_error") is True
    result = None if output is None else b.ServerToolResult(identity, CALL, GATEWAY, {}, (b.Text(output),), failed)
    said, thought = (fields.integer(call, name, 0, f"{here}.{name}") for name in ("content_offset", "reasoning_offset"))
    place = None if said is None else (said, thought or 0)
    return Past(b.ServerToolUse(identity, name, arguments, CALL, GATEWAY, {}, server), result, place)


def in_place(past: Iterable[Past], thoughts: Iterable[b.Block], said: b.Text | None) -> Iterator[b.Block]:
    """The calls, and what was thought and said before, between and after them, in the order in which it was."""
    thought, text, begun = list(thoughts), said.text if said is not None else "", 0
    taken = 0
    for one in past:
        end, count = one.place or (begun, taken)
        yield from thought[taken:count]
        taken = max(taken, count)
        if end > begun and said is not None and begun < len(text):
            yield b.Text(text[begun:end])
        begun = max(begun, end)
        yield from one.blocks()
    yield from thought[taken:]
    if said is not None and begun < len(text):
        yield replace(said, text=text[begun:])


def is_call(block: b.Block) -> bool:
    return isinstance(block, b.ServerToolUse) and block.kind == CALL


def is_result(block: b.Block) -> bool:
    return isinstance(block, b.ServerToolResult) and block.kind == CALL


def write_call(block: b.ServerToolUse, arguments: str, place: tuple[int, int]) -> JsonObject:
    told = {"id": block.id, "server_name": block.server or "", "name": block.name, "arguments": arguments}
    return {**told, "content_offset": place[0], "reasoning_offset": place[1]}


def write_result(block: b.ServerToolResult) -> JsonObject:
    text = "".join(part.text for part in block.content if isinstance(part, b.Text))
    return {"output": text, "is_error": block.is_error}


def write_calls(blocks: Iterable[b.Block]) -> list[JsonObject]:
    """A whole message's; a call whose result never came has null for it."""
    return list(_merged(blocks).values())


def _merged(blocks: Iterable[b.Block]) -> dict[str, JsonObject]:
    found: dict[str, JsonObject] = {}
    length = thoughts = 0
    for block in blocks:
        match block:
            case b.Text(text):
                length += len(text)
            case b.Thinking() | b.RedactedThinking():
                thoughts += 1
            case b.ServerToolUse(kind="mcp"):
                told = write_call(block, block.arguments or "{}", (length, thoughts))
                found[block.id] = {**told, "output": None, "is_error": False}
            case b.ServerToolResult(kind="mcp", tool_use_id=identity) if identity in found:
                found[identity] |= write_result(block)
            case _:
                pass  # neither is a call nor stands in the order of one
    return found
